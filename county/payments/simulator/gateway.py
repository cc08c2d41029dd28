"""`/gateway.do`: checks a request as Alipay does, does what it asks in one transaction, signs the reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from county.payments.simulator import accounts, bills, faults, notices, orders, settlements, signing, trades
from county.payments.simulator.call import Call
from county.payments.simulator.database import Database
from county.payments.simulator.passage import SimulatorClock, pass_time
from county.payments.simulator.wire import (
    GatewayError,
    charset_of,
    encode,
    make_reply,
    read_content,
    read_local_time,
    read_params,
)

PAGES: Mapping[str, Callable[[Call], str]] = {
    "alipay.trade.page.pay": orders.page_pay,
    "alipay.trade.wap.pay": orders.page_pay,
    "alipay.trade.page.merge.pay": orders.merge_pay,
    "alipay.trade.wap.merge.pay": orders.merge_pay,
}
OPERATIONS: Mapping[str, Callable[[Call], dict[str, Any]]] = {
    "alipay.trade.query": trades.query,
    "alipay.trade.close": trades.close,
    "alipay.trade.cancel": trades.cancel,
    "alipay.trade.refund": trades.refund,
    "alipay.trade.fastpay.refund.query": trades.query_refund,
    "alipay.trade.precreate": orders.precreate,
    "alipay.trade.merge.precreate": orders.merge_precreate,
    "alipay.trade.royalty.relation.bind": settlements.bind,
    "alipay.trade.royalty.relation.unbind": settlements.unbind,
    "alipay.trade.royalty.relation.batchquery": settlements.list_bound,
    "alipay.trade.order.settle": settlements.settle,
    "alipay.trade.order.settle.query": settlements.query_settle,
    "alipay.trade.order.onsettle.query": settlements.query_unsettled,
    "alipay.trade.settle.confirm": settlements.confirm,
    "alipay.fund.trans.uni.transfer": accounts.transfer,
    "alipay.fund.trans.common.query": accounts.query_transfer,
    "alipay.data.dataservice.bill.downloadurl.query": bills.make,
    "ant.merchant.expand.indirect.zft.create": accounts.create_sub_merchant,
    "ant.merchant.expand.indirect.zft.simplecreate": accounts.create_sub_merchant,
    "ant.merchant.expand.indirect.zftorder.query": accounts.query_sub_merchant,
}
NEEDED = ("app_id", "method", "sign", "sign_type", "timestamp", "version")


@dataclass(frozen=True)
class App:
    """The one merchant application that this Alipay knows."""

    app_id: str
    seller_id: str
    public_key: rsa.RSAPublicKey


@dataclass(frozen=True)
class Answer:
    """What goes back to the caller: a body, or the token of a cashier visit to be redirected to."""

    body: bytes = b""
    charset: str = "utf-8"
    visit: str = ""
    error: GatewayError | None = None
    fault: faults.Fault | None = None
    is_page: bool = False


class Gateway:
    """Answers gateway requests."""

    def __init__(self, database: Database, clock: SimulatorClock, app: App, key: rsa.RSAPrivateKey) -> None:
        self.database, self.clock, self.app, self.key = database, clock, app, key

    def answer(self, query: str, body: bytes, base_url: str) -> Answer:
        """Answer one request given by its query string and form body."""
        try:
            params = read_params(query, body)
        except GatewayError as error:
            return Answer(body=make_reply("", error.node()).body(None, "utf-8"), error=error)
        charset, method = charset_of(params), params.get("method", "")
        known = method in OPERATIONS or method in PAGES
        try:
            self._verify(params, charset)
        except GatewayError as error:
            # Alipay does not sign what it tells a caller whose signature it could not check.
            reply = make_reply(method if known else "", error.node())
            return Answer(
                body=reply.body(None, charset), charset=charset, error=error, is_page=method in PAGES
            )
        fault: faults.Fault | None = None
        try:
            if not known:
                raise GatewayError("40002", "isv.invalid-method", "不存在的方法名")
            content = read_content(params)
            fault = self._fault(method, content)
            if fault is not None and fault.kind in ("dropped", "bad_gateway"):
                return Answer(charset=charset, fault=fault)
            if fault is not None and fault.kind == "system_error":
                raise GatewayError("20000", "isp.unknow-error", "系统繁忙")
            return self._do(method, params, content, base_url, charset, fault)
        except GatewayError as error:
            return self._signed(method if known else "", error.node(), charset, error=error, fault=fault)

    def _do(
        self,
        method: str,
        params: Mapping[str, str],
        content: Mapping[str, Any],
        base_url: str,
        charset: str,
        fault: faults.Fault | None,
    ) -> Answer:
        now_s = self.clock.now_s()
        # Time passes in a transaction of its own: a refused call must not undo it.
        with self.database.transaction() as db:
            pass_time(db, now_s)
            if method == "alipay.trade.close":
                notices.release_after_close(db, str(content.get("out_trade_no", "")), now_s)
        with self.database.transaction() as db:
            call = Call(
                db=db,
                now_s=now_s,
                app_id=self.app.app_id,
                seller_id=self.app.seller_id,
                method=method,
                params=params,
                content=content,
                base_url=base_url,
            )
            if method in PAGES:
                return Answer(visit=PAGES[method](call), charset=charset, fault=fault)
            node = OPERATIONS[method](call)
        return self._signed(method, {"code": "10000", "msg": "Success", **node}, charset, fault=fault)

    def _fault(self, method: str, content: Mapping[str, Any]) -> faults.Fault | None:
        with self.database.transaction() as db:
            return faults.take_gateway(db, method=method, out_trade_no=str(content.get("out_trade_no", "")))

    def _signed(
        self,
        method: str,
        node: Mapping[str, Any],
        charset: str,
        *,
        error: GatewayError | None = None,
        fault: faults.Fault | None = None,
    ) -> Answer:
        reply = make_reply(method, node)
        signature = signing.sign(self.key, encode(reply.text, charset))
        return Answer(
            body=reply.body(signature, charset),
            charset=charset,
            error=error,
            fault=fault,
            is_page=method in PAGES,
        )

    def _verify(self, params: Mapping[str, str], charset: str) -> None:
        for name in NEEDED:
            if not params.get(name):
                word = {"sign": "signature", "sign_type": "signature-type"}.get(name, name.replace("_", "-"))
                raise GatewayError("40001", f"isv.missing-{word}", f"缺少{name}参数")
        if params["app_id"] != self.app.app_id:
            raise GatewayError("40002", "isv.invalid-app-id", "无效的AppID参数")
        if params["sign_type"] != "RSA2":
            raise GatewayError("40002", "isv.invalid-signature-type", "无效的签名类型")
        if params.get("format", "json").lower() != "json":
            raise GatewayError("40002", "isv.invalid-format", "无效的数据格式")
        if params["version"] != "1.0":
            raise GatewayError("40002", "isv.invalid-version", "无效的版本")
        text = signing.request_text(params).encode(charset)
        if not signing.is_signed(self.app.public_key, text, params["sign"]):
            raise GatewayError("40002", "isv.invalid-signature", "验签出错")
        try:
            read_local_time(params["timestamp"], "")
        except GatewayError:
            raise GatewayError("40002", "isv.invalid-timestamp", "非法的时间戳参数") from None
