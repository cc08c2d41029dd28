"""Queries on settlements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from county import database
from shop.payouts.tables import SettlementPartRow, SettlementRow
from shop.payouts.types import Settlement, SettlementPart, SettlementState


def add(db: Session, *, order_no: str, now: datetime) -> bool:
    """Begin the settlement of an order; False when it was begun before."""
    values = {
        "order_no": order_no,
        "state": SettlementState.CONFIRMING,
        "stuck": "",
        "tries": 1,
        "begun_at": now,
        "changed_at": now,
    }
    return database.insert_once(db, SettlementRow, values)


def find(db: Session, *, order_no: str) -> Settlement | None:
    """Find the settlement of an order."""
    query = select(SettlementRow).where(SettlementRow.order_no == order_no)
    row = db.scalar(query.execution_options(populate_existing=True))
    return None if row is None else _settlement(row)


def change(db: Session, settlement: Settlement, *, now: datetime, **values: Any) -> bool:
    """Change a settlement, unless somebody did since it was read."""
    done = db.execute(
        update(SettlementRow)
        .where(
            SettlementRow.order_no == settlement.order_no,
            SettlementRow.state == settlement.state,
            SettlementRow.stuck == settlement.stuck,
            SettlementRow.tries == settlement.tries,
        )
        .values(changed_at=now, **values)
    )
    return database.changed_rows(done) == 1


def list_unsettled(db: Session, *, after: str = "", limit: int = 100) -> list[Settlement]:
    """List the settlements that are not at their end, by order number."""
    query = (
        select(SettlementRow)
        .where(SettlementRow.state != SettlementState.SETTLED, SettlementRow.order_no > after)
        .order_by(SettlementRow.order_no)
        .limit(limit)
    )
    return [_settlement(row) for row in db.scalars(query)]


def list_stuck(db: Session, *, limit: int) -> list[Settlement]:
    """List the settlements that a person has to look at, the longest waiting first."""
    query = (
        select(SettlementRow)
        .where(SettlementRow.stuck != "")
        .order_by(SettlementRow.changed_at, SettlementRow.order_no)
        .limit(limit)
    )
    return [_settlement(row) for row in db.scalars(query)]


def count_stuck(db: Session) -> int:
    """Count the settlements that a person has to look at."""
    return db.scalar(select(func.count()).where(SettlementRow.stuck != "")) or 0


def add_parts(db: Session, *, order_no: str, attempt: int, parts: Sequence[SettlementPart]) -> None:
    """Write what an attempt to split an order gives to whom."""
    for part in parts:
        db.add(
            SettlementPartRow(
                order_no=order_no,
                attempt=attempt,
                position=part.position,
                account=part.account,
                fen=part.fen,
            )
        )
    db.flush()


def list_parts(db: Session, *, order_no: str, attempt: int) -> list[SettlementPart]:
    """List what an attempt to split an order gave to whom."""
    query = (
        select(SettlementPartRow)
        .where(SettlementPartRow.order_no == order_no, SettlementPartRow.attempt == attempt)
        .order_by(SettlementPartRow.position)
    )
    return [SettlementPart(row.position, row.account, row.fen) for row in db.scalars(query)]


def _settlement(row: SettlementRow) -> Settlement:
    return Settlement(row.order_no, row.state, row.stuck, row.tries, row.begun_at, row.changed_at)
