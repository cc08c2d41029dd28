"""Accounts beside trades: transfers out of the merchant's money, and sub-merchants."""

from typing import Any

from county.payments.simulator import books
from county.payments.simulator.call import Call, new_no
from county.payments.simulator.orders import read_out_no
from county.payments.simulator.wire import (
    ACCOUNT,
    business,
    local_time,
    read_fen,
    read_object,
    read_text,
    yuan,
)

Node = dict[str, Any]


def transfer(call: Call) -> Node:
    """Answer `alipay.fund.trans.uni.transfer`: the merchant's money to an account or a bank card."""
    out_biz_no = read_out_no(call.content, "out_biz_no")
    fen = read_fen(call.content.get("trans_amount"), "：trans_amount")
    info = read_object(call.content, "payee_info")
    kind, identity = info.get("identity_type"), read_text(info, "identity", most=64)
    if kind not in ("ALIPAY_USER_ID", "BANKCARDACCOUNT"):
        raise business("INVALID_PARAMETER", "收款方账户类型有误")
    if kind == "ALIPAY_USER_ID" and not ACCOUNT.fullmatch(identity):
        raise business("PAYEE_NOT_EXIST", "收款账号不存在")
    payee = f"user:{identity}:available" if kind == "ALIPAY_USER_ID" else f"bank:{identity}"
    done = call.db.execute(
        "SELECT * FROM transfer WHERE app_id = ? AND out_biz_no = ?", (call.app_id, out_biz_no)
    ).fetchone()
    if done is not None:
        if (done["fen"], done["payee"]) != (fen, payee):
            raise business("REQUEST_PROCESSED_DISCORDANT", "同一外部单号请求信息不一致")
        return _transferred(out_biz_no, done["order_id"], done["at_s"])
    try:
        step = books.Step("transfer", out_biz_no, call.now_s)
        books.move(call.db, step, f"user:{call.seller_id}:available", payee, fen)
    except books.NotEnough:
        raise business("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足") from None
    order_id = new_no(call.now_s, "110070")
    call.db.execute(
        "INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?)",
        (call.app_id, out_biz_no, order_id, payee, fen, call.now_s),
    )
    return _transferred(out_biz_no, order_id, call.now_s)


def _transferred(out_biz_no: str, order_id: str, at_s: int) -> Node:
    return {
        "out_biz_no": out_biz_no,
        "order_id": order_id,
        "pay_fund_order_id": order_id,
        "status": "SUCCESS",
        "trans_date": local_time(at_s),
    }


def query_transfer(call: Call) -> Node:
    """Answer `alipay.fund.trans.common.query`."""
    out_biz_no = read_out_no(call.content, "out_biz_no")
    done = call.db.execute(
        "SELECT * FROM transfer WHERE app_id = ? AND out_biz_no = ?", (call.app_id, out_biz_no)
    ).fetchone()
    if done is None:
        raise business("ORDER_NOT_EXIST", "转账订单不存在")
    node = _transferred(out_biz_no, done["order_id"], done["at_s"])
    return {**node, "trans_amount": yuan(done["fen"]), "pay_date": local_time(done["at_s"])}


def create_sub_merchant(call: Call) -> Node:
    """Answer `ant.merchant.expand.indirect.zft.create` and `…simplecreate`; this Alipay agrees at once."""
    external_id = read_out_no(call.content, "external_id")
    name = read_text(call.content, "name", most=128)
    known = call.db.execute(
        "SELECT * FROM sub_merchant WHERE app_id = ? AND external_id = ?", (call.app_id, external_id)
    ).fetchone()
    if known is not None:
        return {"order_id": known["order_id"], "smid": known["smid"]}
    count = call.db.execute("SELECT count(*) FROM sub_merchant").fetchone()[0]
    smid, order_id = f"2088{600_000_000_000 + count + 1}", new_no(call.now_s, "500001")
    call.db.execute(
        "INSERT INTO sub_merchant VALUES (?, ?, ?, ?, ?, ?)",
        (smid, call.app_id, external_id, name, order_id, call.now_s),
    )
    return {"order_id": order_id, "smid": smid}


def query_sub_merchant(call: Call) -> Node:
    """Answer `ant.merchant.expand.indirect.zftorder.query` with the number of the new sub-merchant."""
    order_id = read_text(call.content, "order_id", most=64, needed=False)
    external_id = read_text(call.content, "external_id", most=64, needed=False)
    rows = call.db.execute(
        "SELECT * FROM sub_merchant WHERE app_id = ? AND (order_id = ? OR external_id = ?)",
        (call.app_id, order_id, external_id),
    ).fetchall()
    orders = [
        {
            "order_id": row["order_id"],
            "external_id": row["external_id"],
            "merchant_name": row["name"],
            "smid": row["smid"],
            "status": "99",
            "apply_time": local_time(row["at_s"]),
        }
        for row in rows
    ]
    return {"orders": orders}
