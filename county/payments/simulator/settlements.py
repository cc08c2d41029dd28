"""Splits and settlements: who may receive, how much of a trade, confirmation, unfreezing."""

import json
import re
import sqlite3
from typing import Any

from county.payments.simulator import books, trades
from county.payments.simulator.call import TERMS, Call, new_no
from county.payments.simulator.orders import read_out_no
from county.payments.simulator.wire import (
    ACCOUNT,
    business,
    invalid,
    local_time,
    read_fen,
    read_object,
    read_objects,
    read_text,
    yuan,
)

Node = dict[str, Any]


def bind(call: Call) -> Node:
    """Answer `alipay.trade.royalty.relation.bind`."""
    for account, name in _receivers(call):
        call.db.execute(
            "INSERT INTO relation VALUES (?, ?, ?)"
            " ON CONFLICT (app_id, account) DO UPDATE SET name = excluded.name",
            (call.app_id, account, name),
        )
    return {"result_code": "SUCCESS"}


def unbind(call: Call) -> Node:
    """Answer `alipay.trade.royalty.relation.unbind`."""
    for account, _ in _receivers(call):
        call.db.execute("DELETE FROM relation WHERE app_id = ? AND account = ?", (call.app_id, account))
    return {"result_code": "SUCCESS"}


def list_bound(call: Call) -> Node:
    """Answer `alipay.trade.royalty.relation.batchquery`, all on one page."""
    rows = call.db.execute(
        "SELECT * FROM relation WHERE app_id = ? ORDER BY account", (call.app_id,)
    ).fetchall()
    receivers = [{"account": row["account"], "type": "userId", "name": row["name"]} for row in rows]
    return {
        "result_code": "SUCCESS",
        "receiver_list": receivers,
        "total_page_num": 1,
        "total_record_num": len(receivers),
        "current_page_num": 1,
        "current_page_size": len(receivers),
    }


def _receivers(call: Call) -> list[tuple[str, str]]:
    read_out_no(call.content, "out_request_no")
    found = []
    for one in read_objects(call.content, "receiver_list"):
        if one.get("type") != "userId":
            raise business("ACQ.INVALID_RECEIVER_TYPE", "分账收款方类型参数非法")
        account = read_text(one, "account", most=64)
        if not ACCOUNT.fullmatch(account):
            raise business("ACQ.USER_NOT_EXIST", "分账接收方不存在")
        found.append((account, read_text(one, "name", most=100, needed=False)))
    if not found:
        raise business("ACQ.RECEIVER_LIST_EMPTY", "分账收款方列表为空")
    return found


def settle(call: Call) -> Node:
    """Answer `alipay.trade.order.settle`: split a part of a trade, or finish and unfreeze the rest."""
    request_no = read_out_no(call.content, "out_request_no")
    trade = trades.find(call)
    mode = call.content.get("royalty_mode") or "sync"
    if mode not in ("sync", "async"):
        raise invalid("：royalty_mode")
    finishes = str(read_object(call.content, "extend_params").get("royalty_finish") or "").lower() == "true"
    lines = _lines(call, trade)
    asked = json.dumps([lines, mode, finishes])
    done = call.db.execute(
        "SELECT * FROM settle WHERE trade_no = ? AND out_request_no = ?", (trade["trade_no"], request_no)
    ).fetchone()
    if done is not None:
        if done["asked"] != asked:
            raise business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
        return {"trade_no": trade["trade_no"], "settle_no": done["settle_no"]}
    _check(call, trade, lines, mode, finishes)
    settle_no = new_no(call.now_s, "002530")
    call.db.execute(
        "INSERT INTO settle VALUES (?, ?, ?, ?, ?, ?, ?)",
        (settle_no, trade["trade_no"], request_no, mode, asked, int(finishes), call.now_s),
    )
    due_at_s = call.now_s + (TERMS.async_delay_s if mode == "async" else 0)
    for account, fen, scene in lines:
        call.db.execute(
            "INSERT INTO royalty (settle_no, trade_no, account, fen, scene, state, due_at_s)"
            " VALUES (?, ?, ?, ?, ?, 'PROCESSING', ?)",
            (settle_no, trade["trade_no"], account, fen, scene, due_at_s),
        )
    if mode == "sync":
        for row in call.db.execute("SELECT * FROM royalty WHERE settle_no = ?", (settle_no,)).fetchall():
            _check_bound(call.db, call.app_id, trade, row["account"])
            _execute(call.db, row, call.now_s)
    if finishes and not (mode == "async" and lines):
        unfreeze(call.db, trade["trade_no"], call.now_s)
    return {"trade_no": trade["trade_no"], "settle_no": settle_no}


def _lines(call: Call, trade: sqlite3.Row) -> list[tuple[str, int, str]]:
    lines = []
    for one in read_objects(call.content, "royalty_parameters"):
        account = read_text(one, "trans_in", most=64)
        if not ACCOUNT.fullmatch(account):
            raise business("ACQ.USER_NOT_EXIST", "分账接收方不存在")
        if one.get("amount") is not None:
            fen = read_fen(one["amount"], "：royalty_parameters.amount")
        else:
            percent = str(one.get("amount_percentage") or "")
            if not re.fullmatch(r"[1-9]\d?|100", percent):
                raise invalid("：royalty_parameters.amount_percentage")
            fen = trade["total_fen"] * int(percent) // 100
            if fen == 0:
                raise invalid("：royalty_parameters.amount_percentage")
        lines.append((account, fen, read_text(one, "royalty_scene", most=64, needed=False)))
    return lines


def _check(
    call: Call, trade: sqlite3.Row, lines: list[tuple[str, int, str]], mode: str, finishes: bool
) -> None:
    if not lines and not finishes:
        raise invalid("：royalty_parameters")
    if trade["status"] not in ("TRADE_SUCCESS", "TRADE_FINISHED"):
        raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    # A sub-merchant's money must have been settled to it before it can be split.
    if trade["sub_merchant"] and trade["confirmed_at_s"] is None:
        raise business("ACQ.ILLEGAL_SETTLE_STATE", "结算单状态不允许分账，前置动作未完成")
    most = TERMS.sync_receivers if mode == "sync" else TERMS.async_receivers
    if len(lines) > most:
        raise invalid(f"：royalty_parameters最多{most}个")
    before = call.db.execute("SELECT mode FROM settle WHERE trade_no = ?", (trade["trade_no"],)).fetchall()
    if lines and any(row["mode"] != mode for row in before):
        raise invalid("：同一笔交易不能混用同步分账和异步分账")
    if len(before) >= (TERMS.sync_requests if mode == "sync" else TERMS.async_requests):
        raise business("ACQ.ALLOC_TIMES_LIMIT", "分账次数超限")
    split_fen = _split_fen(call.db, trade["trade_no"]) + sum(fen for _, fen, _ in lines)
    cap_fen = trade["total_fen"] * TERMS.split_cap_bp // 10_000
    if split_fen > min(cap_fen, trade["total_fen"] - trade["refunded_fen"]):
        raise business("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", "分账金额超过最大可分账金额")
    if mode == "sync":
        for account, _, _ in lines:
            _check_bound(call.db, call.app_id, trade, account)


def _check_bound(db: sqlite3.Connection, app_id: str, trade: sqlite3.Row, account: str) -> None:
    if trade["sub_merchant"] and account == trade["seller_id"]:
        return  # The platform itself is a receiver of its sub-merchants without being bound.
    if (
        db.execute("SELECT 1 FROM relation WHERE app_id = ? AND account = ?", (app_id, account)).fetchone()
        is None
    ):
        raise business("ACQ.ROYALTY_RECEIVER_INVALID", "收入方不在分账关系内")


def _split_fen(db: sqlite3.Connection, trade_no: str) -> int:
    """Sum what is split or about to be, less what came back."""
    row = db.execute(
        "SELECT coalesce(sum(fen - back_fen), 0) FROM royalty WHERE trade_no = ? AND state <> 'FAIL'",
        (trade_no,),
    ).fetchone()
    return int(row[0])


def _execute(db: sqlite3.Connection, row: sqlite3.Row, now_s: int) -> None:
    trade = trades.get(db, row["trade_no"])
    owner, left_fen = trades.payee(trade), row["fen"]
    step = books.Step("split", trade["trade_no"], now_s)
    from_frozen_fen = min(left_fen, trade["frozen_fen"])
    try:
        books.move(db, step, f"{owner}:frozen", f"user:{row['account']}:available", from_frozen_fen)
        books.move(
            db, step, f"{owner}:available", f"user:{row['account']}:available", left_fen - from_frozen_fen
        )
    except books.NotEnough:
        raise business("ACQ.TXN_RESULTACCOUNT_BALANCE_NOT_ENOUGH", "支付宝账户余额不足") from None
    db.execute(
        "UPDATE trade SET frozen_fen = frozen_fen - ? WHERE trade_no = ?",
        (from_frozen_fen, trade["trade_no"]),
    )
    db.execute("UPDATE royalty SET state = 'SUCCESS', done_at_s = ? WHERE id = ?", (now_s, row["id"]))


def execute_due(db: sqlite3.Connection, now_s: int) -> None:
    """Execute the asynchronous splits whose time has come; each receiver succeeds or fails alone."""
    rows = db.execute(
        "SELECT * FROM royalty WHERE state = 'PROCESSING' AND due_at_s <= ? ORDER BY due_at_s, id", (now_s,)
    ).fetchall()
    for row in rows:
        trade = trades.get(db, row["trade_no"])
        db.execute("SAVEPOINT one_split")
        try:
            _check_bound(db, trade["app_id"], trade, row["account"])
            _execute(db, row, row["due_at_s"])
        except Exception as error:
            sub_code = getattr(error, "sub_code", None)
            if sub_code is None:
                raise
            db.execute("ROLLBACK TO one_split")
            db.execute(
                "UPDATE royalty SET state = 'FAIL', error = ?, done_at_s = ? WHERE id = ?",
                (sub_code, row["due_at_s"], row["id"]),
            )
        db.execute("RELEASE one_split")
    for settle_no in {row["settle_no"] for row in rows}:
        asked = db.execute("SELECT * FROM settle WHERE settle_no = ?", (settle_no,)).fetchone()
        if asked["finishes"]:
            unfreeze(db, asked["trade_no"], now_s)


def query_settle(call: Call) -> Node:
    """Answer `alipay.trade.order.settle.query`."""
    settle_no = read_text(call.content, "settle_no", most=64, needed=False)
    if settle_no:
        where, values = "settle_no = ?", [settle_no]
    else:
        where = "trade_no = ? AND out_request_no = ?"
        values = [trades.find(call)["trade_no"], read_text(call.content, "out_request_no", most=64)]
    done = call.db.execute(f"SELECT * FROM settle WHERE {where}", values).fetchone()
    if done is None:
        raise business("ACQ.SETTLE_NOT_EXIST", "分账单不存在")
    trade = trades.get(call.db, done["trade_no"])
    if trade["app_id"] != call.app_id:
        raise business("ACQ.SETTLE_NOT_EXIST", "分账单不存在")
    rows = call.db.execute("SELECT * FROM royalty WHERE settle_no = ? ORDER BY id", (done["settle_no"],))
    return {
        "out_request_no": done["out_request_no"],
        "operation_dt": local_time(done["at_s"]),
        "royalty_detail_list": [_detail(trade, row) for row in rows],
    }


def _detail(trade: sqlite3.Row, row: sqlite3.Row) -> Node:
    detail = {
        "operation_type": "transfer",
        "detail_id": f"{row['settle_no']}{row['id']:04d}",
        "trans_out": trade["sub_merchant"] or trade["seller_id"],
        "trans_in": row["account"],
        "amount": yuan(row["fen"]),
        "state": row["state"],
    }
    if row["done_at_s"] is not None:
        detail["execute_dt"] = local_time(row["done_at_s"])
    if row["error"]:
        detail["error_code"] = row["error"]
    return detail


def query_unsettled(call: Call) -> Node:
    """Answer `alipay.trade.order.onsettle.query`: what may still be split of a trade."""
    trade = trades.find(call)
    cap_fen = trade["total_fen"] * TERMS.split_cap_bp // 10_000
    left_fen = min(cap_fen, trade["total_fen"] - trade["refunded_fen"]) - _split_fen(
        call.db, trade["trade_no"]
    )
    return {"unsettled_amount": yuan(max(left_fen, 0))}


def unfreeze(db: sqlite3.Connection, trade_no: str, now_s: int) -> None:
    """Give the payee what is still frozen for splits."""
    trade = trades.get(db, trade_no)
    owner = trades.payee(trade)
    step = books.Step("unfreeze", trade_no, now_s)
    books.move(db, step, f"{owner}:frozen", f"{owner}:available", trade["frozen_fen"])
    db.execute("UPDATE trade SET frozen_fen = 0, unfreezes_at_s = NULL WHERE trade_no = ?", (trade_no,))


def confirm(call: Call) -> Node:
    """Answer `alipay.trade.settle.confirm`: a sub-merchant's pending money becomes its own."""
    request_no = read_out_no(call.content, "out_request_no")
    trade = trades.find(call)
    details = read_objects(read_object(call.content, "settle_info"), "settle_detail_infos")
    fen = sum(read_fen(one.get("amount"), "：settle_detail_infos.amount") for one in details)
    done = call.db.execute(
        "SELECT * FROM confirmation WHERE trade_no = ? AND out_request_no = ?",
        (trade["trade_no"], request_no),
    ).fetchone()
    if done is not None:
        if done["fen"] != fen:
            raise business("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
        return _confirmed(trade, request_no, fen)
    if not trade["sub_merchant"]:
        raise business("ACQ.TRADE_NOT_ALLOW_SETTLE", "非直付通交易不支持确认结算")
    if trade["status"] != "TRADE_SUCCESS" or trade["confirmed_at_s"] is not None:
        raise business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    if fen != trade["total_fen"] - trade["refunded_fen"]:
        raise business("ACQ.SETTLE_AMOUNT_ERROR", "结算金额与交易剩余金额不一致")
    freezes = str(read_object(call.content, "extend_params").get("royalty_freeze") or "").lower() == "true"
    release_pending(call.db, trade, call.now_s, freezes=freezes)
    call.db.execute(
        "INSERT INTO confirmation VALUES (?, ?, ?, ?)", (trade["trade_no"], request_no, fen, call.now_s)
    )
    return _confirmed(trade, request_no, fen)


def _confirmed(trade: sqlite3.Row, request_no: str, fen: int) -> Node:
    return {"trade_no": trade["trade_no"], "out_request_no": request_no, "settle_amount": yuan(fen)}


def release_pending(db: sqlite3.Connection, trade: sqlite3.Row, now_s: int, *, freezes: bool) -> None:
    """Settle a sub-merchant's trade: pending money becomes available, or frozen until it is split."""
    owner, fen = trades.payee(trade), trade["pending_fen"]
    rest = "frozen" if freezes else "available"
    step = books.Step("settle", trade["trade_no"], now_s)
    books.move(db, step, f"{owner}:pending", f"{owner}:{rest}", fen)
    db.execute(
        "UPDATE trade SET pending_fen = 0, frozen_fen = ?, confirmed_at_s = ?, unfreezes_at_s = ?"
        " WHERE trade_no = ?",
        (fen if freezes else 0, now_s, now_s + TERMS.freeze_s if freezes else None, trade["trade_no"]),
    )
