"""The simulator's own SQLite file `simulator.db`: tables, one connection per thread, short transactions."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS account (
    code TEXT PRIMARY KEY, balance_fen INTEGER NOT NULL CHECK (balance_fen >= 0)
) STRICT;
CREATE TABLE IF NOT EXISTS movement (
    id INTEGER PRIMARY KEY, from_code TEXT NOT NULL REFERENCES account,
    to_code TEXT NOT NULL REFERENCES account,
    fen INTEGER NOT NULL CHECK (fen > 0), cause TEXT NOT NULL, trade_no TEXT NOT NULL, at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS movement_of_trade ON movement (trade_no);
CREATE TABLE IF NOT EXISTS visit (
    token TEXT PRIMARY KEY, method TEXT NOT NULL, orders TEXT NOT NULL, return_url TEXT NOT NULL,
    notify_url TEXT NOT NULL, charset TEXT NOT NULL, merge_no TEXT NOT NULL, expires_at_s INTEGER NOT NULL,
    opened_at_s INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS trade (
    trade_no TEXT PRIMARY KEY, app_id TEXT NOT NULL, seller_id TEXT NOT NULL, out_trade_no TEXT NOT NULL,
    again INTEGER NOT NULL DEFAULT 0, total_fen INTEGER NOT NULL CHECK (total_fen > 0), subject TEXT NOT NULL,
    body TEXT NOT NULL, passback_params TEXT NOT NULL, status TEXT NOT NULL CHECK (
        status IN ('WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_CLOSED', 'TRADE_FINISHED')),
    buyer_id TEXT NOT NULL DEFAULT '', notify_url TEXT NOT NULL, charset TEXT NOT NULL,
    merge_no TEXT NOT NULL,
    sub_merchant TEXT NOT NULL, settle_days INTEGER NOT NULL, freezes INTEGER NOT NULL,
    created_at_s INTEGER NOT NULL, expires_at_s INTEGER NOT NULL, paid_at_s INTEGER, closed_at_s INTEGER,
    confirmed_at_s INTEGER, unfreezes_at_s INTEGER, finishes_at_s INTEGER,
    pending_fen INTEGER NOT NULL DEFAULT 0 CHECK (pending_fen >= 0),
    frozen_fen INTEGER NOT NULL DEFAULT 0 CHECK (frozen_fen >= 0),
    refunded_fen INTEGER NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND total_fen),
    fee_fen INTEGER NOT NULL DEFAULT 0, fee_back_fen INTEGER NOT NULL DEFAULT 0,
    UNIQUE (seller_id, out_trade_no, again)
) STRICT;
CREATE INDEX IF NOT EXISTS trade_by_status ON trade (status, expires_at_s);
CREATE TABLE IF NOT EXISTS refund (
    trade_no TEXT NOT NULL REFERENCES trade, out_request_no TEXT NOT NULL, fen INTEGER NOT NULL,
    reason TEXT NOT NULL, royalties TEXT NOT NULL, fee_back_fen INTEGER NOT NULL, at_s INTEGER NOT NULL,
    PRIMARY KEY (trade_no, out_request_no)
) STRICT;
CREATE TABLE IF NOT EXISTS relation (
    app_id TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (app_id, account)
) STRICT;
CREATE TABLE IF NOT EXISTS settle (
    settle_no TEXT PRIMARY KEY, trade_no TEXT NOT NULL REFERENCES trade, out_request_no TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('sync', 'async')), asked TEXT NOT NULL, finishes INTEGER NOT NULL,
    at_s INTEGER NOT NULL, UNIQUE (trade_no, out_request_no)
) STRICT;
CREATE TABLE IF NOT EXISTS royalty (
    id INTEGER PRIMARY KEY, settle_no TEXT NOT NULL REFERENCES settle,
    trade_no TEXT NOT NULL REFERENCES trade, account TEXT NOT NULL, fen INTEGER NOT NULL CHECK (fen > 0),
    scene TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('PROCESSING', 'SUCCESS', 'FAIL')),
    error TEXT NOT NULL DEFAULT '', due_at_s INTEGER NOT NULL, done_at_s INTEGER,
    back_fen INTEGER NOT NULL DEFAULT 0 CHECK (back_fen BETWEEN 0 AND fen)
) STRICT;
CREATE INDEX IF NOT EXISTS royalty_of_trade ON royalty (trade_no);
CREATE TABLE IF NOT EXISTS confirmation (
    trade_no TEXT NOT NULL REFERENCES trade, out_request_no TEXT NOT NULL, fen INTEGER NOT NULL,
    at_s INTEGER NOT NULL, PRIMARY KEY (trade_no, out_request_no)
) STRICT;
CREATE TABLE IF NOT EXISTS merge (
    pre_order_no TEXT PRIMARY KEY, app_id TEXT NOT NULL, out_merge_no TEXT NOT NULL, orders TEXT NOT NULL,
    notify_url TEXT NOT NULL, expires_at_s INTEGER NOT NULL, UNIQUE (app_id, out_merge_no)
) STRICT;
CREATE TABLE IF NOT EXISTS sub_merchant (
    smid TEXT PRIMARY KEY, app_id TEXT NOT NULL, external_id TEXT NOT NULL, name TEXT NOT NULL,
    order_id TEXT NOT NULL UNIQUE, at_s INTEGER NOT NULL, UNIQUE (app_id, external_id)
) STRICT;
CREATE TABLE IF NOT EXISTS transfer (
    app_id TEXT NOT NULL, out_biz_no TEXT NOT NULL, order_id TEXT NOT NULL UNIQUE, payee TEXT NOT NULL,
    fen INTEGER NOT NULL, at_s INTEGER NOT NULL, PRIMARY KEY (app_id, out_biz_no)
) STRICT;
CREATE TABLE IF NOT EXISTS notice (
    notify_id TEXT PRIMARY KEY, trade_no TEXT NOT NULL, out_trade_no TEXT NOT NULL, url TEXT NOT NULL,
    params TEXT NOT NULL, charset TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at_s INTEGER,
    claimed_until_s INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL CHECK (
        state IN ('due', 'held_for_next', 'held_for_close', 'delivered', 'given_up')),
    spoilt TEXT NOT NULL DEFAULT '', copies INTEGER NOT NULL DEFAULT 1, last_answer TEXT NOT NULL DEFAULT '',
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS notice_due ON notice (state, next_at_s);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, method TEXT NOT NULL, out_trade_no TEXT NOT NULL,
    times INTEGER NOT NULL, seconds TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS bill (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL, expires_at_s INTEGER NOT NULL
) STRICT;
"""


class Database:
    """Opens `simulator.db` and hands out transactions."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._local = threading.local()
        # executescript would commit half-way; two processes that start at once must not see half a schema.
        with self.transaction() as db:
            for statement in SCHEMA.split(";\n"):
                if statement.strip():
                    db.execute(statement)

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            db.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                db.execute(f"PRAGMA {pragma}")
            self._local.db = db
        return db

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a writing transaction: commit at the end, roll back on any exception."""
        db = self._connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is not None:
            db.close()
            self._local.db = None


def setting(db: sqlite3.Connection, name: str, default: str) -> str:
    """Read one of the simulator's own settings."""
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return str(row["value"]) if row else default


def put_setting(db: sqlite3.Connection, name: str, value: str) -> None:
    """Write one of the simulator's own settings."""
    db.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
