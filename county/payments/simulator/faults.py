"""Faults on purpose: asked for one by one, or drawn from a seed."""

import random
import sqlite3
from dataclasses import dataclass

from county.payments.simulator.database import put_setting, setting

GATEWAY_KINDS = ("dropped", "effect_timeout", "bad_gateway", "slow", "system_error")
NOTICE_KINDS = (
    "notice_doubled",
    "notice_reordered",
    "notice_before_return",
    "notice_after_close",
    "wrong_amount",
    "wrong_key",
    "second_trade",
)
BILL_KINDS = ("bill_row_missing", "bill_row_extra")
KINDS = GATEWAY_KINDS + NOTICE_KINDS + BILL_KINDS
# Seconds that a fault waits when nobody says otherwise: longer than any client waits, or just noticeable.
WAITS_S = {"effect_timeout": 20.0, "slow": 2.0}


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call."""

    kind: str
    seconds: float


def ask(
    db: sqlite3.Connection, kind: str, *, method: str, out_trade_no: str, times: int, seconds: float | None
) -> None:
    """Have the next `times` matching steps go wrong; empty `method` and `out_trade_no` match all."""
    wait_s = WAITS_S.get(kind, 0.0) if seconds is None else seconds
    db.execute(
        "INSERT INTO fault (kind, method, out_trade_no, times, seconds) VALUES (?, ?, ?, ?, ?)",
        (kind, method, out_trade_no, times, str(wait_s)),
    )


def sow(db: sqlite3.Connection, *, seed: str, rate_bp: int, kinds: tuple[str, ...]) -> None:
    """Let faults of these kinds be drawn from a seed from now on, each step with this chance."""
    for name, value in (
        ("seed", seed),
        ("rate_bp", str(rate_bp)),
        ("kinds", ",".join(kinds)),
        ("drawn", "0"),
    ):
        put_setting(db, f"fault_{name}", value)


def clear(db: sqlite3.Connection) -> None:
    """Forget every fault."""
    db.execute("DELETE FROM fault")
    db.execute("DELETE FROM setting WHERE name LIKE 'fault_%'")


def take(db: sqlite3.Connection, kind: str, *, method: str = "", out_trade_no: str = "") -> Fault | None:
    """Take a fault of this kind if one is due for this step, and use it up."""
    row = db.execute(
        "SELECT id, seconds FROM fault WHERE kind = ? AND method IN ('', ?) AND out_trade_no IN ('', ?)"
        " AND times > 0 ORDER BY id LIMIT 1",
        (kind, method, out_trade_no),
    ).fetchone()
    if row is not None:
        db.execute("UPDATE fault SET times = times - 1 WHERE id = ?", (row["id"],))
        return Fault(kind, float(row["seconds"]))
    seed = setting(db, "fault_seed", "")
    if not seed or kind not in setting(db, "fault_kinds", "").split(","):
        return None
    drawn = int(setting(db, "fault_drawn", "0")) + 1
    put_setting(db, "fault_drawn", str(drawn))
    # The draw must be the same in every run of a seed, so it is a function of seed and counter alone.
    chance = random.Random(f"{seed}:{drawn}").randrange(10_000)  # nosec B311
    if chance >= int(setting(db, "fault_rate_bp", "0")):
        return None
    return Fault(kind, WAITS_S.get(kind, 0.0))


def take_gateway(db: sqlite3.Connection, *, method: str, out_trade_no: str) -> Fault | None:
    """Take the fault, if any, that this gateway call meets."""
    for kind in GATEWAY_KINDS:
        fault = take(db, kind, method=method, out_trade_no=out_trade_no)
        if fault is not None:
            return fault
    return None


def waiting(db: sqlite3.Connection) -> list[dict[str, object]]:
    """List the faults asked for that have not all happened yet."""
    return [dict(row) for row in db.execute("SELECT * FROM fault WHERE times > 0 ORDER BY id")]
