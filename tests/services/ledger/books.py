"""Small steps shared by the ledger's tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from county import database
from county.ledger import service
from county.ledger.types import Cause, Entry, Posting

NOW = datetime(2026, 10, 5, 8, 0, 0, 123456, tzinfo=UTC)
ORDER = Cause(kind="order", ref="20261005")
# The worked example: 68.50 goods and 8.00 freight; streamer, association and grower get their shares.
SALE = (
    Posting("cash:alipay", 7650),
    Posting("payable:streamer:s1", -685),
    Posting("income:association", -343),
    Posting("payable:farmer:f1", -5822),
    Posting("income:freight", -800),
)


def post(key: str = "pay:1", postings: Sequence[Posting] = SALE, **more: Any) -> Entry:
    """Book one entry in a transaction of its own."""
    with database.transaction() as db:
        return service.post(db, **{"key": key, "cause": ORDER, "postings": postings, "now": NOW, **more})


def balance(account: str, **more: Any) -> int:
    """Read one balance."""
    with database.reading() as db:
        return service.balance(db, account=account, **more)


def faults(**more: Any) -> list[str]:
    """Check the chain."""
    with database.reading() as db:
        return service.verify_chain(db, **more)


def count(table: str) -> int:
    """Count the rows of a table."""
    with database.reading() as db:
        return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def execute(*statements: str) -> None:
    """Run raw statements in one transaction."""
    with database.transaction() as db:
        for statement in statements:
            db.execute(text(statement))


def without_guards(*statements: str) -> None:
    """Change the past the way somebody with full rights over the database could."""
    with database.transaction() as db:
        if database.is_postgresql(db):
            db.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            found = db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in found:
                db.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            db.execute(text(statement))
