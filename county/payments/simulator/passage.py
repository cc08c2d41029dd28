"""The passage of time: the simulator's own clock, and everything that happens by itself when it moves."""

import sqlite3

from county import clock
from county.payments.simulator import notices, settlements, trades
from county.payments.simulator.database import Database, put_setting, setting


class SimulatorClock:
    """The real clock plus an offset that lives in the database, so that it survives a restart."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as db:
            self._offset_s = int(setting(db, "clock_offset_s", "0"))

    def now_s(self) -> int:
        """Give the simulator's present, in whole seconds since 1970."""
        return int(clock.now().timestamp()) + self._offset_s

    def move(self, db: sqlite3.Connection, seconds: int) -> int:
        """Move the clock forward and let happen what falls due; gives the new time."""
        self._offset_s += seconds
        put_setting(db, "clock_offset_s", str(self._offset_s))
        pass_time(db, self.now_s())
        return self.now_s()


def pass_time(db: sqlite3.Connection, now_s: int) -> None:
    """Do what falls due by itself: expiry, late splits, settlement, unfreezing, the end of refunds."""
    for row in db.execute(
        "SELECT trade_no, expires_at_s FROM trade WHERE status = 'WAIT_BUYER_PAY' AND expires_at_s <= ?",
        (now_s,),
    ).fetchall():
        trades.mark_closed(db, row["trade_no"], row["expires_at_s"])
    settlements.execute_due(db, now_s)
    for trade in db.execute(
        "SELECT * FROM trade WHERE status = 'TRADE_SUCCESS' AND sub_merchant <> '' AND confirmed_at_s IS NULL"
        " AND paid_at_s + settle_days * 86400 <= ?",
        (now_s,),
    ).fetchall():
        settlements.release_pending(
            db, trade, trade["paid_at_s"] + trade["settle_days"] * 86_400, freezes=False
        )
    for trade in db.execute(
        "SELECT * FROM trade WHERE frozen_fen > 0 AND unfreezes_at_s <= ?", (now_s,)
    ).fetchall():
        settlements.unfreeze(db, trade["trade_no"], trade["unfreezes_at_s"])
    for trade in db.execute(
        "SELECT * FROM trade WHERE status = 'TRADE_SUCCESS' AND finishes_at_s <= ? ORDER BY finishes_at_s",
        (now_s,),
    ).fetchall():
        db.execute("UPDATE trade SET status = 'TRADE_FINISHED' WHERE trade_no = ?", (trade["trade_no"],))
        notices.write(db, trades.get(db, trade["trade_no"]), now_s)
