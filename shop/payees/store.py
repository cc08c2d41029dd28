"""Queries on accounts of people and of couriers."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from shop.payees.tables import PayeeAccountRow
from shop.payees.types import AccountKind, AccountState


def list_rows(
    db: Session,
    *,
    account_ids: Collection[UUID] | None = None,
    payee_ids: Collection[UUID] | None = None,
    kind: AccountKind | None = None,
    states: Sequence[AccountState] = (),
) -> list[PayeeAccountRow]:
    """List accounts, newest first; `payee_ids` are those of people or of carriers."""
    query = select(PayeeAccountRow).order_by(PayeeAccountRow.proposed_at.desc(), PayeeAccountRow.id)
    if account_ids is not None:
        query = query.where(PayeeAccountRow.id.in_(account_ids))
    if payee_ids is not None:
        query = query.where(
            or_(PayeeAccountRow.person_id.in_(payee_ids), PayeeAccountRow.carrier_id.in_(payee_ids))
        )
    if kind is not None:
        query = query.where(PayeeAccountRow.kind == kind)
    if states:
        query = query.where(PayeeAccountRow.state.in_(states))
    return list(db.scalars(query))


def find_row(db: Session, *, account_id: UUID, lock: bool = False) -> PayeeAccountRow | None:
    """Find an account by id."""
    return db.get(PayeeAccountRow, account_id, with_for_update=lock or None, populate_existing=True)


def move_row(
    db: Session, *, row: PayeeAccountRow, state: AccountState, values: dict[str, Any] | None = None
) -> bool:
    """Set an account's state if nobody moved it since it was read."""
    moved = db.execute(
        update(PayeeAccountRow)
        .where(PayeeAccountRow.id == row.id, PayeeAccountRow.version == row.version)
        .values(state=state, version=row.version + 1, **(values or {}))
    )
    return changed_rows(moved) == 1
