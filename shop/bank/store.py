"""Queries on booked lines of the bank's statement."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from shop.bank.tables import BankLineRow
from shop.bank.types import LineKind


def find(db: Session, *, line_id: UUID) -> BankLineRow | None:
    """Find one by id, as it is now."""
    query = select(BankLineRow).where(BankLineRow.id == line_id)
    return db.scalar(query.execution_options(populate_existing=True))


def find_in_force(db: Session, *, reference: str) -> BankLineRow | None:
    """Find the one that a reference stands for."""
    query = select(BankLineRow).where(BankLineRow.reference == reference, BankLineRow.reversed_at.is_(None))
    return db.scalar(query)


def count(db: Session, *, kind: LineKind, reference: str) -> int:
    """Count all of a kind that were ever booked under a reference."""
    query = select(func.count()).where(BankLineRow.kind == kind, BankLineRow.reference == reference)
    return db.scalar(query) or 0


def list_by_id(db: Session, *, line_ids: Collection[UUID]) -> list[BankLineRow]:
    """List those with these ids, as they are now."""
    query = select(BankLineRow).where(BankLineRow.id.in_(line_ids))
    return list(db.scalars(query.execution_options(populate_existing=True)))


def list_newest(db: Session, *, limit: int) -> list[BankLineRow]:
    """List them, newest first."""
    query = select(BankLineRow).order_by(BankLineRow.booked_at.desc(), BankLineRow.entry_key)
    return list(db.scalars(query.limit(limit).execution_options(populate_existing=True)))


def mark_reversed(db: Session, *, line_id: UUID, by: UUID, reason: str, now: datetime) -> bool:
    """Mark one as taken back; False when it was before."""
    marked = db.execute(
        update(BankLineRow)
        .where(BankLineRow.id == line_id, BankLineRow.reversed_at.is_(None))
        .values(reversed_by=by, reversed_at=now, reverse_reason=reason)
    )
    return changed_rows(marked) == 1
