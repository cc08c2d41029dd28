"""Alipay as a `PaymentProvider`: fen in, values out, every answer typed."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import rsa

from county import clock, money
from county.config import Settings
from county.errors import BadInput
from county.payments import keys, parsers
from county.payments.alipay import signature
from county.payments.alipay.transport import AnswerLost, NothingSent, download
from county.payments.gateway import (
    Account,
    Bill,
    CallRefused,
    CallUnknown,
    Done,
    Effect,
    Limits,
    NotFound,
    SplitFacts,
    SplitLine,
)
from county.payments.types import (
    Confirmation,
    Notice,
    NoticeRefused,
    Payment,
    PaymentGroup,
    Refund,
    RoyaltyBack,
    Split,
    SplitPart,
    TradeFacts,
    TradeStatus,
    Transfer,
)

if TYPE_CHECKING:
    from county.payments.alipay.client import GatewayClient

TIMEOUT_S = 15.0
# Source: Alipay's notes on 商家分账, 直付通 and 合并支付, 2025; a contract may change the cap.
LIMITS = Limits(
    split_cap_bp=3_000,
    sync_receivers=5,
    sync_requests=50,
    async_receivers=50,
    async_requests=300,
    freeze_days=30,
    settle_days_most=365,
    subject_characters=256,
    number_characters=64,
    has_merge_payment=True,
    has_sub_merchants=True,
    # An ordinary contract's 0.6 %; used to judge the bill, never to compute a fee.
    fee_bp=60,
)
# Alipay says of these itself that the call may have taken effect.
_UNKNOWN = ("ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "ACQ.TRADE_SETTLE_ERROR", "aop.ACQ.SYSTEM_ERROR")
_REFUSALS = ("40001", "40002", "40003", "40004", "40006")
_NO_TRADE = ("ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST")
_SPLIT_STATES = {"PROCESSING": "processing", "SUCCESS": "done", "FAIL": "failed"}


class Alipay:
    """Alipay for one app and one account."""

    def __init__(
        self,
        *,
        address: str,
        account: Account,
        private_key: rsa.RSAPrivateKey,
        alipay_key: rsa.RSAPublicKey,
        notify_url: str,
        return_url: str,
        timeout_s: float = TIMEOUT_S,
        limits: Limits = LIMITS,
    ) -> None:
        self.address, self._account, self._limits = address, account, limits
        self.private_key, self.alipay_key = private_key, alipay_key
        self.notify_url, self.return_url, self.timeout_s = notify_url, return_url, timeout_s

    @classmethod
    def from_settings(cls, settings: Settings, *, timeout_s: float = TIMEOUT_S) -> "Alipay":
        """Make the adapter from the settings; makes the demo's keys when they are missing."""
        if settings.uses_simulator:
            keys.make_demo_keys(settings)
        return cls(
            address=settings.alipay_gateway,
            account=Account(app_id=settings.alipay_app_id, seller_id=settings.alipay_seller_id),
            private_key=keys.read_private_key(settings.alipay_private_key_file),
            alipay_key=keys.read_public_key(settings.alipay_public_key_file),
            notify_url=f"{settings.public_url}/pay/alipay/notify",
            return_url=f"{settings.public_url}/pay/alipay/return",
            timeout_s=timeout_s,
        )

    @property
    def account(self) -> Account:
        """Who we are at Alipay."""
        return self._account

    @property
    def limits(self) -> Limits:
        """What Alipay allows."""
        return self._limits

    @cached_property
    def client(self) -> "GatewayClient":
        """Make the client; this imports the SDK."""
        from county.payments.alipay.client import GatewayClient

        return GatewayClient(
            address=self.address,
            app_id=self._account.app_id,
            private_key=self.private_key,
            alipay_key=self.alipay_key,
            timeout_s=self.timeout_s,
        )

    def page_pay(self, group: PaymentGroup, *, mobile: bool) -> str:
        """Sign the address of the cashier: plain for one payment, a merge payment for several."""
        awaiting = group.awaiting
        until = group.expires_at.astimezone(clock.COUNTY_ZONE).strftime("%Y-%m-%d %H:%M:%S")
        if len(awaiting) == 1:
            name = "AlipayTradeWapPay" if mobile else "AlipayTradePagePay"
            product = "QUICK_WAP_WAY" if mobile else "FAST_INSTANT_TRADE_PAY"
            content = {**self._order(awaiting[0], product), "time_expire": until}
        else:
            name = "AlipayTradePageMergePay"
            minutes = max(1, int((group.expires_at - clock.now()).total_seconds()) // 60)
            content = {
                # Another set of orders is another merge payment, so the number says which orders.
                "out_merge_no": f"{group.group_no}_{len(awaiting)}",
                "order_details": [self._merged(one) for one in awaiting],
                "timeout_express": f"{minutes}m",
            }
        request = _request(name, content)
        request.notify_url, request.return_url = self.notify_url, self.return_url
        return self.client.page_address(request)

    def _order(self, payment: Payment, product: str) -> dict[str, Any]:
        payee = payment.payee
        order: dict[str, Any] = {
            "out_trade_no": payment.out_trade_no,
            "total_amount": money.format_yuan(payment.fen),
            "subject": _subject(payment.subject, most=self._limits.subject_characters),
            "product_code": product,
        }
        if payee.seller_id:
            order["seller_id"] = payee.seller_id
        if payee.sub_merchant_id:
            order["sub_merchant"] = {"merchant_id": payee.sub_merchant_id}
            order["settle_info"] = {
                "settle_detail_infos": [
                    {"trans_in_type": "defaultSettle", "amount": money.format_yuan(payment.fen)}
                ],
                "settle_period_time": f"{payee.settle_days}d",
            }
        elif payee.holds_for_split:
            order["extend_params"] = {"royalty_freeze": "true"}
        return order

    def _merged(self, payment: Payment) -> dict[str, Any]:
        return {**self._order(payment, "FAST_INSTANT_TRADE_PAY"), "app_id": self._account.app_id}

    def read_notice(self, body: bytes) -> Notice:
        """Read a notice: the raw form, then the signature over it, then its facts."""
        fields = parsers.read_fields(body)
        if fields.get("sign_type") != "RSA2":
            raise NoticeRefused(why="its signature is not of the type RSA2")
        if not signature.is_right(self.alipay_key, parsers.signed_text(fields), fields.get("sign", "")):
            raise NoticeRefused(why="its signature is wrong")
        return parsers.read_notice(fields)

    def query(self, *, out_trade_no: str) -> TradeFacts | NotFound | CallRefused | CallUnknown:
        """Ask about a trade by our number."""
        answer = self._call("AlipayTradeQuery", {"out_trade_no": out_trade_no})
        if not isinstance(answer, dict):
            return _not_found(answer, *_NO_TRADE)
        try:
            paid = answer.get("send_pay_date")
            return TradeFacts(
                trade_no=str(answer["trade_no"]),
                out_trade_no=str(answer["out_trade_no"]),
                status=TradeStatus(answer["trade_status"]),
                total_fen=money.parse_yuan(answer["total_amount"]),
                paid_at=parsers.read_time(paid) if paid else None,
                buyer=str(answer.get("buyer_user_id") or answer.get("buyer_open_id") or ""),
            )
        except (KeyError, ValueError) as error:
            return CallUnknown(f"the answer cannot be read: {error}")

    def close(self, *, out_trade_no: str) -> Effect:
        """Close an unpaid trade; one that nobody began, or that is closed, is closed."""
        answer = self._call("AlipayTradeClose", {"out_trade_no": out_trade_no})
        if isinstance(answer, CallRefused) and answer.code in (*_NO_TRADE, "ACQ.TRADE_HAS_CLOSE"):
            return Done()
        return _done(answer, "trade_no")

    def refund(self, *, trade_no: str, request_no: str, refund: Refund) -> Effect:
        """Pay back a part or all of a trade; the same number pays back once."""
        content: dict[str, Any] = {
            "trade_no": trade_no,
            "out_request_no": request_no,
            "refund_amount": money.format_yuan(refund.fen),
            "refund_reason": refund.reason[:256],
        }
        if refund.back:
            content["refund_royalty_parameters"] = [_back(one) for one in refund.back]
        return _done(self._call("AlipayTradeRefund", content), "trade_no")

    def query_refund(self, *, trade_no: str, request_no: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Ask whether a refund took effect."""
        content = {"trade_no": trade_no, "out_request_no": request_no}
        answer = self._call("AlipayTradeFastpayRefundQuery", content)
        if not isinstance(answer, dict):
            return _not_found(answer, *_NO_TRADE)
        if answer.get("refund_status") == "REFUND_SUCCESS":
            return Done(reference=str(answer.get("trade_no", "")))
        # Alipay answers success without any fact for a number it has not seen.
        return NotFound() if not answer.get("refund_status") else CallUnknown("the refund is being processed")

    def split(self, *, trade_no: str, request_no: str, split: Split) -> Effect:
        """Split a trade's money among bound receivers."""
        content: dict[str, Any] = {"trade_no": trade_no, "out_request_no": request_no}
        if split.parts:
            content["royalty_parameters"] = [_part(one) for one in split.parts]
            content["royalty_mode"] = "async" if split.is_async else "sync"
        if split.finishes:
            content["extend_params"] = {"royalty_finish": "true"}
        return _done(self._call("AlipayTradeOrderSettle", content), "settle_no")

    def unfreeze(self, *, trade_no: str, request_no: str) -> Effect:
        """Finish splitting: what is still frozen becomes the payee's."""
        return self.split(trade_no=trade_no, request_no=request_no, split=Split(parts=(), finishes=True))

    def query_split(
        self, *, trade_no: str, request_no: str
    ) -> SplitFacts | NotFound | CallRefused | CallUnknown:
        """Ask what became of a split, receiver by receiver."""
        content = {"trade_no": trade_no, "out_request_no": request_no}
        answer = self._call("AlipayTradeOrderSettleQuery", content)
        if not isinstance(answer, dict):
            return _not_found(answer, *_NO_TRADE, "ACQ.SETTLE_NOT_EXIST")
        try:
            lines = tuple(
                SplitLine(
                    part=SplitPart(account=str(one["trans_in"]), fen=money.parse_yuan(one["amount"])),
                    state=_SPLIT_STATES[one["state"]],
                    error=str(one.get("error_code") or ""),
                )
                for one in answer.get("royalty_detail_list", [])
            )
        except (KeyError, ValueError) as error:
            return CallUnknown(f"the answer cannot be read: {error}")
        return SplitFacts(request_no=request_no, lines=lines)

    def executed_splits(
        self, *, out_trade_no: str
    ) -> tuple[SplitPart, ...] | NotFound | CallRefused | CallUnknown:
        """List every part of a trade that was split, whoever asked for it."""
        content = {"out_trade_no": out_trade_no, "query_options": ["trade_settle_info"]}
        answer = self._call("AlipayTradeQuery", content)
        if not isinstance(answer, dict):
            return _not_found(answer, *_NO_TRADE)
        try:
            details = (answer.get("trade_settle_info") or {}).get("trade_settle_detail_list") or []
            return tuple(
                SplitPart(account=str(one["trans_in"]), fen=money.parse_yuan(one["amount"]))
                for one in details
                if one.get("operation_type") == "transfer"
            )
        except (KeyError, ValueError) as error:
            return CallUnknown(f"the answer cannot be read: {error}")

    def confirm(self, *, trade_no: str, request_no: str, confirmation: Confirmation) -> Effect:
        """Settle a sub-merchant's trade."""
        content: dict[str, Any] = {
            "trade_no": trade_no,
            "out_request_no": request_no,
            "settle_info": {
                "settle_detail_infos": [
                    {"trans_in_type": "defaultSettle", "amount": money.format_yuan(confirmation.fen)}
                ]
            },
        }
        if confirmation.holds_for_split:
            content["extend_params"] = {"royalty_freeze": "true"}
        return _done(self._call("AlipayTradeSettleConfirm", content), "trade_no")

    def transfer(self, *, request_no: str, transfer: Transfer) -> Effect:
        """Pay from our account to another."""
        content = {
            "out_biz_no": request_no,
            "trans_amount": money.format_yuan(transfer.fen),
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
            "order_title": transfer.title[:128],
            "payee_info": {
                "identity": transfer.account,
                "identity_type": "ALIPAY_USER_ID",
                "name": transfer.name,
            },
        }
        return _done(self._call("AlipayFundTransUniTransfer", content), "order_id")

    def query_transfer(self, *, request_no: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Ask whether a transfer took effect."""
        content = {
            "out_biz_no": request_no,
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
        }
        answer = self._call("AlipayFundTransCommonQuery", content)
        if not isinstance(answer, dict):
            return _not_found(answer, "ORDER_NOT_EXIST")
        if answer.get("status") == "SUCCESS":
            return Done(reference=str(answer.get("order_id", "")))
        return CallUnknown(f"the transfer is {answer.get('status')}")

    def bind_receivers(self, *, request_no: str, receivers: dict[str, str]) -> Effect:
        """Allow accounts to receive splits."""
        listed = [{"type": "userId", "account": account, "name": name} for account, name in receivers.items()]
        content = {"out_request_no": request_no, "receiver_list": listed}
        return _done(self._call("AlipayTradeRoyaltyRelationBind", content), "result_code")

    def create_sub_merchant(self, *, external_id: str, name: str) -> Effect:
        """Apply for a sub-merchant with its name and our number for it; papers are added at Alipay."""
        content = {
            "external_id": external_id,
            "name": name,
            "alias_name": name,
            "service": ["电脑支付", "wap支付"],
        }
        return _done(self._call("AntMerchantExpandIndirectZftSimplecreate", content), "order_id")

    def find_sub_merchant(self, *, external_id: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Find a sub-merchant's number at Alipay by our number for it."""
        answer = self._call("AntMerchantExpandIndirectZftorderQuery", {"external_id": external_id})
        if not isinstance(answer, dict):
            return answer
        for one in answer.get("orders") or []:
            if one.get("smid"):
                return Done(reference=str(one["smid"]))
        return NotFound()

    def bill(self, *, on: date) -> Bill | NotFound | CallRefused | CallUnknown:
        """Fetch and read the trade bill of a day that is over."""
        content = {"bill_type": "trade", "bill_date": on.isoformat()}
        answer = self._call("AlipayDataDataserviceBillDownloadurlQuery", content)
        if not isinstance(answer, dict):
            return _not_found(answer, "isp.bill_not_exist")
        try:
            packed = download(str(answer.get("bill_download_url", "")), timeout_s=self.timeout_s)
            return parsers.read_bill(packed, on=on)
        except AnswerLost as error:
            return CallUnknown(str(error))
        except BadInput as error:
            return CallUnknown(f"the bill cannot be used: {error}")

    def _call(self, name: str, content: Mapping[str, Any]) -> dict[str, Any] | CallRefused | CallUnknown:
        """Send one request; gives the node of a success, else why not."""
        try:
            reply = self.client.execute(_request(name, content))
        except NothingSent as error:
            # Nothing can have happened, but to the caller it is the same: ask later, send the number again.
            return CallUnknown(f"not reached: {error}")
        except AnswerLost as error:
            return CallUnknown(str(error))
        node = reply.node
        code, sub_code = str(node.get("code", "")), str(node.get("sub_code") or "")
        if not reply.is_signed:
            # So Alipay answers when our key or app is wrong: mend the settings, then the same number again.
            return CallUnknown(f"without signature: {code} {sub_code}".strip())
        if code == "10000":
            return node
        if code not in _REFUSALS or sub_code in _UNKNOWN:
            return CallUnknown(f"{code} {sub_code}".strip())
        return CallRefused(sub_code or code, str(node.get("sub_msg") or node.get("msg") or ""))


def _request(name: str, content: Mapping[str, Any]) -> Any:
    """Make the SDK's request object; only the modules of this operation are imported."""
    model = getattr(import_module(f"alipay.aop.api.domain.{name}Model"), f"{name}Model")
    request = getattr(import_module(f"alipay.aop.api.request.{name}Request"), f"{name}Request")
    return request(biz_model=model.from_alipay_dict(dict(content)))


# Alipay's note on `subject`: no special characters such as / = &. Their full-width twins read the same.
_WIDE = str.maketrans("/=&", "／＝＆")


def _subject(text: str, *, most: int) -> str:
    return "".join(one if one.isprintable() else " " for one in text.translate(_WIDE))[:most]


def _done(answer: dict[str, Any] | CallRefused | CallUnknown, reference: str) -> Effect:
    return Done(reference=str(answer.get(reference) or "")) if isinstance(answer, dict) else answer


def _not_found(answer: CallRefused | CallUnknown, *codes: str) -> NotFound | CallRefused | CallUnknown:
    return NotFound() if isinstance(answer, CallRefused) and answer.code in codes else answer


def _back(back: RoyaltyBack) -> dict[str, Any]:
    return {
        "royalty_type": "transfer",
        "trans_out": back.account,
        "trans_out_type": "userId",
        "amount": money.format_yuan(back.fen),
    }


def _part(part: SplitPart) -> dict[str, Any]:
    asked = {
        "royalty_type": "transfer",
        "trans_in": part.account,
        "trans_in_type": "userId",
        "amount": money.format_yuan(part.fen),
    }
    return {
        **asked,
        **({"royalty_scene": part.scene} if part.scene else {}),
        **({"desc": part.note} if part.note else {}),
    }
