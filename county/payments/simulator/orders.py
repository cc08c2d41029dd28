"""Orders as merchants send them: checked, then kept as a visit until the buyer reaches the cashier."""

import json
import re
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from county.payments.simulator import trades
from county.payments.simulator.call import TERMS, Call, new_no
from county.payments.simulator.wire import (
    ACCOUNT,
    GatewayError,
    business,
    invalid,
    read_fen,
    read_local_time,
    read_object,
    read_objects,
    read_span,
    read_text,
)

Node = dict[str, Any]
_OUT_NO = re.compile(r"[0-9A-Za-z_-]{1,64}")


def read_out_no(content: Mapping[str, Any], name: str) -> str:
    """Read a number that the merchant made."""
    number = read_text(content, name, most=64)
    if not _OUT_NO.fullmatch(number):
        raise invalid(f"：{name}")
    return number


def read_expiry(call: Call, content: Mapping[str, Any], longest_s: int) -> int:
    """Read until when an order can be paid, from `time_expire` or `timeout_express`."""
    until = read_text(content, "time_expire", most=32, needed=False)
    span = read_text(content, "timeout_express", most=8, needed=False)
    expires_at_s = call.now_s + longest_s
    if until:
        expires_at_s = read_local_time(until, "：time_expire")
    elif span:
        expires_at_s = call.now_s + read_span(span, "：timeout_express", call.now_s)
    if expires_at_s <= call.now_s:
        raise invalid("：time_expire")
    return min(expires_at_s, call.now_s + longest_s)


def read_order(call: Call, content: Mapping[str, Any], *, expires_at_s: int, merge_no: str = "") -> Node:
    """Read one order into the columns of the trade that it will become."""
    sub = read_object(content, "sub_merchant")
    smid = read_text(sub, "merchant_id", most=32, needed=False)
    if smid:
        known = call.db.execute(
            "SELECT 1 FROM sub_merchant WHERE smid = ? AND app_id = ?", (smid, call.app_id)
        ).fetchone()
        if known is None:
            raise business("ACQ.SUB_MERCHANT_NOT_EXIST", "二级商户不存在")
    settle = read_object(content, "settle_info")
    days = re.fullmatch(r"([1-9]\d{0,2})d", str(settle.get("settle_period_time") or f"{TERMS.settle_days}d"))
    if not days or not 1 <= int(days[1]) <= TERMS.settle_days:
        raise invalid("：settle_period_time")
    seller_id = read_text(content, "seller_id", most=28, needed=False) or call.seller_id
    if not ACCOUNT.fullmatch(seller_id):
        raise invalid("：seller_id")
    freezes = str(read_object(content, "extend_params").get("royalty_freeze") or "").lower() == "true"
    return {
        "app_id": call.app_id,
        "seller_id": seller_id,
        "out_trade_no": read_out_no(content, "out_trade_no"),
        "total_fen": read_fen(content.get("total_amount"), "：total_amount"),
        "subject": read_text(content, "subject", most=256),
        "body": read_text(content, "body", most=128, needed=False),
        "passback_params": read_text(content, "passback_params", most=512, needed=False),
        "notify_url": call.param("notify_url"),
        "charset": call.param("charset") or "utf-8",
        "merge_no": merge_no,
        "sub_merchant": smid,
        "settle_days": int(days[1]),
        "freezes": int(freezes),
        "expires_at_s": expires_at_s,
    }


def open_visit(call: Call, orders: list[Node], *, merge_no: str = "", expires_at_s: int) -> str:
    """Keep orders for a buyer who comes to the cashier; gives the token of the cashier's address."""
    for order in orders:
        _refuse_settled(call.db, order)
    token = secrets.token_urlsafe(24)
    call.db.execute(
        "INSERT INTO visit VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            token,
            call.method,
            json.dumps(orders),
            call.param("return_url"),
            call.param("notify_url"),
            call.param("charset") or "utf-8",
            merge_no,
            expires_at_s,
        ),
    )
    return token


def _refuse_settled(db: sqlite3.Connection, order: Node) -> None:
    known = db.execute(
        "SELECT status, total_fen FROM trade WHERE seller_id = ? AND out_trade_no = ? AND again = 0",
        (order["seller_id"], order["out_trade_no"]),
    ).fetchone()
    if known is None:
        return
    if known["status"] in ("TRADE_SUCCESS", "TRADE_FINISHED"):
        raise business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
    if known["status"] == "TRADE_CLOSED":
        raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    if known["total_fen"] != order["total_fen"]:
        raise business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")


def page_pay(call: Call) -> str:
    """Take `alipay.trade.page.pay` or `…wap.pay`; gives the cashier token."""
    expires_at_s = read_expiry(call, call.content, TERMS.page_lives_s)
    product = {"alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY", "alipay.trade.wap.pay": "QUICK_WAP_WAY"}[
        call.method
    ]
    if (call.content.get("product_code") or product) not in (product, "QUICK_WAP_PAY"):
        raise invalid("：product_code")
    order = read_order(call, call.content, expires_at_s=expires_at_s)
    return open_visit(call, [order], expires_at_s=expires_at_s)


def precreate(call: Call) -> Node:
    """Answer `alipay.trade.precreate` with a QR address; the trade comes to be when it is opened."""
    expires_at_s = read_expiry(call, call.content, TERMS.qr_lives_s)
    span = read_text(call.content, "qr_code_timeout_express", most=8, needed=False)
    if span:
        by_span_s = call.now_s + read_span(span, "：qr_code_timeout_express", call.now_s)
        expires_at_s = min(expires_at_s, by_span_s)
    order = read_order(call, call.content, expires_at_s=call.now_s + TERMS.page_lives_s)
    token = open_visit(call, [order], expires_at_s=expires_at_s)
    return {"out_trade_no": order["out_trade_no"], "qr_code": f"{call.base_url}/qr/{token}"}


def merge_precreate(call: Call) -> Node:
    """Answer `alipay.trade.merge.precreate`: several orders, one payment, all or nothing."""
    out_merge_no = read_out_no(call.content, "out_merge_no")
    expires_at_s = read_expiry(call, call.content, TERMS.page_lives_s)
    orders = _read_merged(call, out_merge_no, expires_at_s)
    known = call.db.execute(
        "SELECT * FROM merge WHERE app_id = ? AND out_merge_no = ?", (call.app_id, out_merge_no)
    ).fetchone()
    if known is None:
        pre_order_no = new_no(call.now_s, "220099")
        call.db.execute(
            "INSERT INTO merge VALUES (?, ?, ?, ?, ?, ?)",
            (
                pre_order_no,
                call.app_id,
                out_merge_no,
                json.dumps(orders),
                call.param("notify_url"),
                expires_at_s,
            ),
        )
    elif [_essence(one) for one in json.loads(known["orders"])] != [_essence(one) for one in orders]:
        raise business("ACQ.CONTEXT_INCONSISTENT", "合并支付单信息不一致")
    else:
        pre_order_no = known["pre_order_no"]
    results = [
        {"app_id": call.app_id, "out_trade_no": one["out_trade_no"], "success": True} for one in orders
    ]
    return {"out_merge_no": out_merge_no, "pre_order_no": pre_order_no, "order_detail_results": results}


def merge_pay(call: Call) -> str:
    """Take `alipay.trade.page.merge.pay` or `…wap.merge.pay`, with the orders or a number made before."""
    pre_order_no = read_text(call.content, "pre_order_no", most=64, needed=False)
    if not pre_order_no:
        out_merge_no = read_out_no(call.content, "out_merge_no")
        expires_at_s = read_expiry(call, call.content, TERMS.page_lives_s)
        return open_visit(
            call,
            _read_merged(call, out_merge_no, expires_at_s),
            merge_no=out_merge_no,
            expires_at_s=expires_at_s,
        )
    known = call.db.execute(
        "SELECT * FROM merge WHERE pre_order_no = ? AND app_id = ?", (pre_order_no, call.app_id)
    ).fetchone()
    if known is None or known["expires_at_s"] <= call.now_s:
        raise business("ACQ.PRE_ORDER_NOT_EXIST", "合并支付预创建单不存在或已过期")
    orders = json.loads(known["orders"])
    return open_visit(call, orders, merge_no=known["out_merge_no"], expires_at_s=known["expires_at_s"])


def _read_merged(call: Call, out_merge_no: str, expires_at_s: int) -> list[Node]:
    details = read_objects(call.content, "order_details")
    orders = [read_order(call, one, expires_at_s=expires_at_s, merge_no=out_merge_no) for one in details]
    numbers = {one["out_trade_no"] for one in orders}
    if not orders or len(numbers) != len(orders):
        raise invalid("：order_details")
    if any(one.get("app_id", call.app_id) != call.app_id for one in details):
        raise GatewayError("40006", "isv.insufficient-isv-permissions", "权限不足")
    return orders


def _essence(order: Mapping[str, Any]) -> tuple[Any, ...]:
    return order["seller_id"], order["out_trade_no"], order["total_fen"], order["sub_merchant"]


def reach(db: sqlite3.Connection, token: str, now_s: int) -> tuple[sqlite3.Row, list[sqlite3.Row]]:
    """Let a buyer reach the cashier: now the trades exist; gives the visit and its trades.

    Refuses: an unknown or outlived address, orders that cannot be paid any more.
    """
    visit: sqlite3.Row | None = db.execute("SELECT * FROM visit WHERE token = ?", (token,)).fetchone()
    if visit is None:
        raise business("ACQ.ACCESS_FORBIDDEN", "收银台地址无效")
    if visit["opened_at_s"] is None and visit["expires_at_s"] <= now_s:
        raise business("ACQ.TRADE_HAS_CLOSE", "二维码或收银台已过期")
    made = []
    for order in json.loads(visit["orders"]):
        trade = trades.make(db, order, now_s=now_s)
        if trade["merge_no"] != visit["merge_no"]:
            # The buyer now pays it in another way than was begun; notices say the way it was paid.
            db.execute(
                "UPDATE trade SET merge_no = ? WHERE trade_no = ?", (visit["merge_no"], trade["trade_no"])
            )
            trade = trades.get(db, trade["trade_no"])
        made.append(trade)
    db.execute("UPDATE visit SET opened_at_s = ? WHERE token = ? AND opened_at_s IS NULL", (now_s, token))
    return visit, made
