"""Queries on money that arrived in the bank account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from shop.withdrawals.tables import WithdrawalRow


def find(db: Session, *, withdrawal_id: UUID) -> WithdrawalRow | None:
    """Find one by id, as it is now."""
    query = select(WithdrawalRow).where(WithdrawalRow.id == withdrawal_id)
    return db.scalar(query.execution_options(populate_existing=True))


def find_in_force(db: Session, *, seller_id: UUID, reference: str) -> WithdrawalRow | None:
    """Find the one that a seller's reference stands for."""
    return db.scalar(
        select(WithdrawalRow).where(
            WithdrawalRow.seller_id == seller_id,
            WithdrawalRow.reference == reference,
            WithdrawalRow.reversed_at.is_(None),
        )
    )


def count(db: Session, *, seller_id: UUID, reference: str) -> int:
    """Count all that were ever booked under a seller's reference."""
    query = select(func.count()).where(
        WithdrawalRow.seller_id == seller_id, WithdrawalRow.reference == reference
    )
    return db.scalar(query) or 0


def list_newest(db: Session, *, limit: int) -> list[WithdrawalRow]:
    """List them, newest first."""
    query = select(WithdrawalRow).order_by(WithdrawalRow.booked_at.desc(), WithdrawalRow.entry_key)
    return list(db.scalars(query.limit(limit).execution_options(populate_existing=True)))


def mark_reversed(db: Session, *, withdrawal_id: UUID, by: UUID, reason: str, now: datetime) -> bool:
    """Mark one as taken back; False when it was before."""
    marked = db.execute(
        update(WithdrawalRow)
        .where(WithdrawalRow.id == withdrawal_id, WithdrawalRow.reversed_at.is_(None))
        .values(reversed_by=by, reversed_at=now, reverse_reason=reason)
    )
    return changed_rows(marked) == 1
