"""Trades: made at the cashier, paid, closed, refunded, finished; every fen moves through the books."""

import json
import sqlite3
from typing import Any

from county.payments.simulator import books, notices
from county.payments.simulator.call import TERMS, Call, new_no
from county.payments.simulator.wire import (
    business,
    invalid,
    local_time,
    read_fen,
    read_objects,
    read_text,
    yuan,
)

Node = dict[str, Any]


def payee(trade: sqlite3.Row) -> str:
    """Name the owner of a trade's money in the books."""
    return f"sub:{trade['sub_merchant']}" if trade["sub_merchant"] else f"user:{trade['seller_id']}"


def find(call: Call) -> sqlite3.Row:
    """Find the trade that a call names by `trade_no` or `out_trade_no`; the former wins."""
    trade_no = read_text(call.content, "trade_no", most=64, needed=False)
    out_trade_no = read_text(call.content, "out_trade_no", most=64, needed=False)
    if not trade_no and not out_trade_no:
        raise invalid("：trade_no和out_trade_no不能同时为空")
    if trade_no:
        where, value = "trade_no = ?", trade_no
    else:
        where, value = "out_trade_no = ?", out_trade_no
    trade: sqlite3.Row | None = call.db.execute(
        f"SELECT * FROM trade WHERE app_id = ? AND {where} ORDER BY again LIMIT 1",
        (call.app_id, value),
    ).fetchone()
    if trade is None:
        raise business("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return trade


def get(db: sqlite3.Connection, trade_no: str) -> sqlite3.Row:
    """Read a trade that is known to exist."""
    row: sqlite3.Row = db.execute("SELECT * FROM trade WHERE trade_no = ?", (trade_no,)).fetchone()
    return row


def make(db: sqlite3.Connection, order: dict[str, Any], *, now_s: int, again: int = 0) -> sqlite3.Row:
    """Make the trade of an order, or find the one that waits for payment already.

    Refuses: an order that is paid or closed, or one known with another amount.
    """
    known: sqlite3.Row | None = db.execute(
        "SELECT * FROM trade WHERE seller_id = ? AND out_trade_no = ? AND again = ?",
        (order["seller_id"], order["out_trade_no"], again),
    ).fetchone()
    if known is not None:
        if known["status"] in ("TRADE_SUCCESS", "TRADE_FINISHED"):
            raise business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
        if known["status"] == "TRADE_CLOSED":
            raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
        if known["total_fen"] != order["total_fen"]:
            raise business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        return known
    trade_no = new_no(now_s, "220014")
    row = {**order, "trade_no": trade_no, "again": again, "status": "WAIT_BUYER_PAY", "created_at_s": now_s}
    columns = ", ".join(row)
    places = ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT INTO trade ({columns}) VALUES ({places})", row)
    return get(db, trade_no)


def pay(db: sqlite3.Connection, trade_no: str, *, buyer_id: str, now_s: int) -> None:
    """Take a buyer's money for one trade; raises `NotEnough` when the buyer has too little."""
    trade = get(db, trade_no)
    if trade["status"] != "WAIT_BUYER_PAY" or trade["expires_at_s"] <= now_s:
        raise business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    total_fen = trade["total_fen"]
    fee_fen = (total_fen * TERMS.fee_bp + 5_000) // 10_000
    rest = "pending" if trade["sub_merchant"] else "frozen" if trade["freezes"] else "available"
    place = f"{payee(trade)}:{rest}"
    books.move(db, books.Step("pay", trade_no, now_s), f"buyer:{buyer_id}", place, total_fen)
    books.move(db, books.Step("fee", trade_no, now_s), place, books.FEES, fee_fen)
    db.execute(
        "UPDATE trade SET status = 'TRADE_SUCCESS', buyer_id = ?, paid_at_s = ?, fee_fen = ?,"
        " pending_fen = ?, frozen_fen = ?, unfreezes_at_s = ?, finishes_at_s = ? WHERE trade_no = ?",
        (
            buyer_id,
            now_s,
            fee_fen,
            total_fen - fee_fen if rest == "pending" else 0,
            total_fen - fee_fen if rest == "frozen" else 0,
            now_s + TERMS.freeze_s if rest == "frozen" else None,
            now_s + TERMS.refund_window_s,
            trade_no,
        ),
    )
    notices.write(db, get(db, trade_no), now_s)


def query(call: Call) -> Node:
    """Answer `alipay.trade.query`."""
    trade = find(call)
    node: Node = {
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "trade_status": trade["status"],
        "total_amount": yuan(trade["total_fen"]),
        "point_amount": "0.00",
        "invoice_amount": yuan(trade["total_fen"] if trade["paid_at_s"] else 0),
        "receipt_amount": yuan(trade["total_fen"] if trade["paid_at_s"] else 0),
        "buyer_pay_amount": yuan(trade["total_fen"] if trade["paid_at_s"] else 0),
    }
    buyer = books.buyer(trade["buyer_id"])
    if buyer:
        node["buyer_user_id"] = buyer.user_id
        node["buyer_logon_id"] = buyer.logon_id
        node["send_pay_date"] = local_time(trade["paid_at_s"])
        node["fund_bill_list"] = [{"amount": yuan(trade["total_fen"]), "fund_channel": "ALIPAYACCOUNT"}]
    if trade["sub_merchant"]:
        node["alipay_sub_merchant_id"] = trade["sub_merchant"]
    if trade["passback_params"]:
        node["passback_params"] = trade["passback_params"]
    if "trade_settle_info" in (call.content.get("query_options") or []):
        node["trade_settle_info"] = _settle_info(call.db, trade)
    return node


def _settle_info(db: sqlite3.Connection, trade: sqlite3.Row) -> Node:
    rows = db.execute(
        "SELECT * FROM royalty WHERE trade_no = ? AND state = 'SUCCESS' ORDER BY id", (trade["trade_no"],)
    )
    details = [
        {
            "operation_type": "transfer",
            "operation_serial_no": f"{row['settle_no']}{row['id']:04d}",
            "operation_dt": local_time(row["done_at_s"]),
            "trans_out": trade["sub_merchant"] or trade["seller_id"],
            "trans_in": row["account"],
            "amount": yuan(row["fen"]),
        }
        for row in rows
    ]
    return {"trade_settle_detail_list": details, "trade_unsettled_amount": yuan(trade["pending_fen"])}


def close(call: Call) -> Node:
    """Answer `alipay.trade.close`."""
    trade = find(call)
    if trade["status"] != "WAIT_BUYER_PAY":
        code = (
            "ACQ.TRADE_HAS_CLOSE" if trade["status"] == "TRADE_CLOSED" else "ACQ.REASON_TRADE_STATUS_INVALID"
        )
        raise business(code, "交易已经关闭" if trade["status"] == "TRADE_CLOSED" else "交易状态不合法")
    mark_closed(call.db, trade["trade_no"], call.now_s)
    return {"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"]}


def mark_closed(db: sqlite3.Connection, trade_no: str, at_s: int) -> None:
    """Close a trade that nobody paid."""
    db.execute(
        "UPDATE trade SET status = 'TRADE_CLOSED', closed_at_s = ? WHERE trade_no = ?", (at_s, trade_no)
    )


def cancel(call: Call) -> Node:
    """Answer `alipay.trade.cancel`: close an unpaid trade, pay a paid one back; unknown ones succeed too."""
    try:
        trade = find(call)
    except Exception as error:
        if getattr(error, "sub_code", "") != "ACQ.TRADE_NOT_EXIST":
            raise
        return {"out_trade_no": call.content.get("out_trade_no", ""), "retry_flag": "N"}
    node: Node = {"trade_no": trade["trade_no"], "out_trade_no": trade["out_trade_no"], "retry_flag": "N"}
    if trade["status"] == "WAIT_BUYER_PAY":
        mark_closed(call.db, trade["trade_no"], call.now_s)
        return {**node, "action": "close"}
    if trade["status"] == "TRADE_SUCCESS":
        left_fen = trade["total_fen"] - trade["refunded_fen"]
        give_back(call.db, trade, fen=left_fen, request_no="cancel", reason="撤销", back=[], now_s=call.now_s)
        return {**node, "action": "refund"}
    if trade["status"] == "TRADE_FINISHED":
        raise business("ACQ.TRADE_HAS_FINISHED", "交易已经完结")
    return node


def refund(call: Call) -> Node:
    """Answer `alipay.trade.refund`; the same request number pays back once."""
    trade = find(call)
    fen = read_fen(call.content.get("refund_amount"), "：refund_amount")
    request_no = read_text(call.content, "out_request_no", most=64, needed=False)
    if not request_no:
        if fen != trade["total_fen"]:
            raise invalid("：部分退款时out_request_no必传")
        request_no = trade["out_trade_no"]
    done = call.db.execute(
        "SELECT * FROM refund WHERE trade_no = ? AND out_request_no = ?", (trade["trade_no"], request_no)
    ).fetchone()
    if done is not None:
        if done["fen"] != fen:
            raise business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
        return _refunded(call.db, trade["trade_no"], fen, "N", done["at_s"])
    if trade["status"] == "TRADE_FINISHED":
        raise business("ACQ.TRADE_HAS_FINISHED", "交易已完结")
    if trade["refunded_fen"] + fen > trade["total_fen"]:
        raise business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    if trade["status"] != "TRADE_SUCCESS":
        raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    give_back(
        call.db,
        trade,
        fen=fen,
        request_no=request_no,
        reason=read_text(call.content, "refund_reason", most=256, needed=False),
        back=_royalties_back(call),
        now_s=call.now_s,
    )
    return _refunded(call.db, trade["trade_no"], fen, "Y", call.now_s)


def _refunded(db: sqlite3.Connection, trade_no: str, fen: int, change: str, at_s: int) -> Node:
    trade = get(db, trade_no)
    buyer = books.buyer(trade["buyer_id"])
    return {
        "trade_no": trade_no,
        "out_trade_no": trade["out_trade_no"],
        "buyer_logon_id": buyer.logon_id if buyer else "",
        "buyer_user_id": trade["buyer_id"],
        "fund_change": change,
        "refund_fee": yuan(trade["refunded_fen"]),
        "send_back_fee": yuan(fen),
        "gmt_refund_pay": local_time(at_s),
    }


def _royalties_back(call: Call) -> list[tuple[str, int]]:
    back = []
    for one in read_objects(call.content, "refund_royalty_parameters"):
        account = read_text(one, "trans_out", most=64)
        back.append((account, read_fen(one.get("amount"), "：refund_royalty_parameters.amount")))
    return back


def give_back(
    db: sqlite3.Connection,
    trade: sqlite3.Row,
    *,
    fen: int,
    request_no: str,
    reason: str,
    back: list[tuple[str, int]],
    now_s: int,
) -> None:
    """Pay a part of a trade back to its buyer, with the royalties that are said to return.

    What does not return from the receivers is borne by the payee alone; when its money is short the
    refund is refused as a whole.
    """
    trade_no, owner = trade["trade_no"], payee(trade)
    step = books.Step("refund", trade_no, now_s)
    try:
        for account, part_fen in back:
            _take_royalty_back(db, trade, account, part_fen)
            books.move(db, step, f"user:{account}:available", f"{owner}:available", part_fen)
        refunded_fen = trade["refunded_fen"] + fen
        fee_back_fen = trade["fee_fen"] * refunded_fen // trade["total_fen"] - trade["fee_back_fen"]
        books.move(db, step, books.FEES, f"{owner}:available", fee_back_fen)
        left_fen = fen
        for rest in ("pending", "frozen"):
            part_fen = min(left_fen, trade[f"{rest}_fen"])
            books.move(db, step, f"{owner}:{rest}", f"buyer:{trade['buyer_id']}", part_fen)
            db.execute(
                f"UPDATE trade SET {rest}_fen = {rest}_fen - ? WHERE trade_no = ?",
                (part_fen, trade_no),
            )
            left_fen -= part_fen
        books.move(db, step, f"{owner}:available", f"buyer:{trade['buyer_id']}", left_fen)
    except books.NotEnough as error:
        raise business("ACQ.SELLER_BALANCE_NOT_ENOUGH", f"卖家余额不足（{error}）") from None
    is_full = refunded_fen == trade["total_fen"]
    db.execute(
        "INSERT INTO refund VALUES (?, ?, ?, ?, ?, ?, ?)",
        (trade_no, request_no, fen, reason, json.dumps(back), fee_back_fen, now_s),
    )
    db.execute(
        "UPDATE trade SET refunded_fen = ?, fee_back_fen = fee_back_fen + ?, status = ?, closed_at_s = ?"
        " WHERE trade_no = ?",
        (
            refunded_fen,
            fee_back_fen,
            "TRADE_CLOSED" if is_full else "TRADE_SUCCESS",
            now_s if is_full else None,
            trade_no,
        ),
    )
    notices.write(db, get(db, trade_no), now_s, refund_no=request_no)


def _take_royalty_back(db: sqlite3.Connection, trade: sqlite3.Row, account: str, fen: int) -> None:
    rows = db.execute(
        "SELECT id, fen - back_fen AS left_fen FROM royalty WHERE trade_no = ? AND account = ?"
        " AND state = 'SUCCESS' ORDER BY id",
        (trade["trade_no"], account),
    ).fetchall()
    if sum(row["left_fen"] for row in rows) < fen:
        raise business("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "退分账金额超限")
    for row in rows:
        part_fen = min(fen, row["left_fen"])
        db.execute("UPDATE royalty SET back_fen = back_fen + ? WHERE id = ?", (part_fen, row["id"]))
        fen -= part_fen


def query_refund(call: Call) -> Node:
    """Answer `alipay.trade.fastpay.refund.query`; an unknown request number gives a success without facts."""
    try:
        trade = find(call)
    except Exception as error:
        if getattr(error, "sub_code", "") == "ACQ.TRADE_NOT_EXIST":
            raise business("TRADE_NOT_EXIST", "查询退款的交易不存在") from None
        raise
    request_no = read_text(call.content, "out_request_no", most=64)
    row = call.db.execute(
        "SELECT * FROM refund WHERE trade_no = ? AND out_request_no = ?", (trade["trade_no"], request_no)
    ).fetchone()
    if row is None:
        return {}
    node: Node = {
        "trade_no": trade["trade_no"],
        "out_trade_no": trade["out_trade_no"],
        "out_request_no": request_no,
        "refund_reason": row["reason"],
        "total_amount": yuan(trade["total_fen"]),
        "refund_amount": yuan(row["fen"]),
        "refund_status": "REFUND_SUCCESS",
        "send_back_fee": yuan(row["fen"]),
    }
    options = call.content.get("query_options") or []
    if "gmt_refund_pay" in options:
        node["gmt_refund_pay"] = local_time(row["at_s"])
    if "refund_royaltys" in options or "refund_detail_item_list" in options:
        node["refund_royaltys"] = [
            {
                "refund_amount": yuan(fen),
                "royalty_type": "transfer",
                "result_code": "SUCCESS",
                "trans_out": account,
                "trans_in": trade["sub_merchant"] or trade["seller_id"],
            }
            for account, fen in json.loads(row["royalties"])
        ]
    return node
