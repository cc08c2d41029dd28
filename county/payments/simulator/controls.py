"""`/simulator/…`: move the clock, ask for faults, read the books, send what is due."""

import re
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from county.payments.simulator import books, faults
from county.payments.simulator.cashier import desk
from county.payments.simulator.wire import local_time

controls = Blueprint("simulator", __name__, url_prefix="/simulator")


def _asked() -> dict[str, Any]:
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            abort(400)
        return body
    return dict(request.form)


def _whole(value: object, *, least: int, most: int) -> int:
    if (
        isinstance(value, bool)
        or not re.fullmatch(r"\d{1,12}", str(value))
        or not least <= int(str(value)) <= most
    ):
        abort(400)
    return int(str(value))


@controls.get("/")
def explain() -> Response:
    """Say what can be done here."""
    return jsonify(
        {
            "GET /simulator/clock": "the simulator's time",
            "POST /simulator/clock": {"seconds": "how far to move it forward"},
            "GET /simulator/faults": "kinds of faults, and those still to come",
            "POST /simulator/faults": [
                {"fault": "a kind", "method": "", "out_trade_no": "", "times": 1, "seconds": "0.5"},
                {"seed": "any text", "rate_bp": 500, "kinds": ["a kind"]},
            ],
            "DELETE /simulator/faults": "forget all faults",
            "GET /simulator/books": "every account and the total, which never changes",
            "GET /simulator/trades": "the latest trades",
            "GET /simulator/notices": "the latest notices and how they fared",
            "POST /simulator/deliver": "send every notice that is due now",
        }
    )


@controls.get("/clock")
def show_clock() -> Response:
    """Tell the simulator's time."""
    now_s = desk().clock.now_s()
    return jsonify(now_s=now_s, local=local_time(now_s))


@controls.post("/clock")
def move_clock() -> Response:
    """Move the clock forward by `seconds` and let happen what falls due."""
    seconds = _whole(_asked().get("seconds"), least=0, most=10 * 366 * 86_400)
    with desk().database.transaction() as db:
        now_s = desk().clock.move(db, seconds)
    desk().wake()
    return jsonify(now_s=now_s, local=local_time(now_s))


@controls.get("/faults")
def show_faults() -> Response:
    """List the kinds of faults and those still to come."""
    with desk().database.transaction() as db:
        return jsonify(kinds=faults.KINDS, waiting=faults.waiting(db))


@controls.post("/faults")
def ask_fault() -> Response:
    """Ask for one kind of fault, or sow faults by seed."""
    asked = _asked()
    with desk().database.transaction() as db:
        if "seed" in asked:
            kinds = asked.get("kinds") or list(faults.GATEWAY_KINDS + faults.NOTICE_KINDS)
            if not isinstance(kinds, list) or not set(kinds) <= set(faults.KINDS):
                abort(400)
            rate_bp = _whole(asked.get("rate_bp", 500), least=0, most=10_000)
            faults.sow(db, seed=str(asked["seed"]), rate_bp=rate_bp, kinds=tuple(kinds))
        else:
            if asked.get("fault") not in faults.KINDS:
                abort(400)
            seconds = asked.get("seconds")
            if seconds is not None and not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", str(seconds)):
                abort(400)
            faults.ask(
                db,
                asked["fault"],
                method=str(asked.get("method", "")),
                out_trade_no=str(asked.get("out_trade_no", "")),
                times=_whole(asked.get("times", 1), least=1, most=1_000_000),
                seconds=None if seconds is None else float(str(seconds)),
            )
        return jsonify(waiting=faults.waiting(db))


@controls.delete("/faults")
def clear_faults() -> Response:
    """Forget every fault that has not happened."""
    with desk().database.transaction() as db:
        faults.clear(db)
    return jsonify(waiting=[])


@controls.get("/books")
def show_books() -> Response:
    """Show every account of the simulator's books and their total, which never changes."""
    with desk().database.transaction() as db:
        return jsonify(accounts=books.balances(db), total_fen=books.total_fen(db))


@controls.get("/trades")
def show_trades() -> Response:
    """List the latest trades."""
    with desk().database.transaction() as db:
        rows = db.execute("SELECT * FROM trade ORDER BY created_at_s DESC, rowid DESC LIMIT 200").fetchall()
    return jsonify(trades=[dict(row) for row in rows])


@controls.get("/notices")
def show_notices() -> Response:
    """List the latest notices and how they fared."""
    with desk().database.transaction() as db:
        rows = db.execute("SELECT * FROM notice ORDER BY at_s DESC, rowid DESC LIMIT 200").fetchall()
    return jsonify(notices=[dict(row) for row in rows])


@controls.post("/deliver")
def deliver() -> Response:
    """Send every notice that is due now, and say what came back."""
    attempts = desk().sender.send_due()
    return jsonify(attempts=[vars(attempt) for attempt in attempts])
