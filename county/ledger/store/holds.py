"""Queries on holds and closed periods; what a hold may take is decided in the statement that takes it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, bindparam, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from county import database
from county.ledger.rules import kind_of
from county.ledger.tables import ACCOUNTS, ENTRIES, HOLDS, PERIODS, POSTINGS
from county.ledger.types import Book, Cause, Hold, HoldState, Period

_ACCOUNT = ACCOUNTS.c
_HOLD = HOLDS.c
_PERIOD = PERIODS.c
_COLUMNS = (
    "id",
    "key",
    "account_id",
    "fen",
    "cause_kind",
    "cause_ref",
    "state",
    "expires_at",
    "held_at",
)
_POSTED = (
    select(func.coalesce(func.sum(POSTINGS.c.fen), 0))
    .where(POSTINGS.c.account_id == bindparam("account_id"))
    .scalar_subquery()
)
_SPOKEN_FOR = (
    select(func.coalesce(func.sum(_HOLD.fen), 0))
    .where(
        _HOLD.account_id == bindparam("account_id"),
        _HOLD.state == HoldState.HELD,
        _HOLD.expires_at > bindparam("held_at"),
    )
    .scalar_subquery()
)
_AVAILABLE = _POSTED * bindparam("sign") - _SPOKEN_FOR
_VALUES = select(
    *(bindparam(name, type_=_HOLD[name].type).label(name) for name in _COLUMNS if name != "state"),
    literal(HoldState.HELD, _HOLD.state.type).label("state"),
).where(bindparam("fen") <= _AVAILABLE)
_INTO = [name for name in _COLUMNS if name != "state"] + ["state"]
_ADD = {
    "sqlite": insert(HOLDS).from_select(_INTO, _VALUES),
    "postgresql": postgresql.insert(HOLDS)
    .from_select(_INTO, _VALUES)
    .on_conflict_do_nothing(index_elements=["key"]),
}


def available_fen(db: Session, *, account_id: int, code: str, now: datetime) -> int:
    """Give what an account holds on its usual side, less what is spoken for at `now`."""
    parameters = {"account_id": account_id, "sign": kind_of(code).normal_sign, "held_at": now}
    return int(db.execute(select(_AVAILABLE), parameters).scalar_one())


def add_hold(db: Session, *, code: str, values: Mapping[str, Any]) -> bool:
    """Write a hold if the account has enough available; on PostgreSQL holds of one account queue up."""
    if database.is_postgresql(db):
        db.execute(
            select(_ACCOUNT.id).where(_ACCOUNT.id == values["account_id"]).with_for_update(key_share=True)
        )
    result = db.execute(_ADD[db.get_bind().dialect.name], {**values, "sign": kind_of(code).normal_sign})
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def find_hold(db: Session, *, key: str) -> Hold | None:
    """Find a hold by its key."""
    statement = (
        select(HOLDS, _ACCOUNT.book, _ACCOUNT.code)
        .join(ACCOUNTS, _ACCOUNT.id == _HOLD.account_id)
        .where(_HOLD.key == key)
    )
    row = db.execute(statement).first()
    if row is None:
        return None
    return Hold(
        id=row.id,
        key=row.key,
        book=row.book,
        account=row.code,
        fen=row.fen,
        cause=Cause(kind=row.cause_kind, ref=row.cause_ref),
        state=row.state,
        expires_at=row.expires_at,
        held_at=row.held_at,
        captured_by=row.captured_by,
    )


def close_hold(
    db: Session,
    *,
    key: str,
    state: HoldState,
    captured_by: UUID | None = None,
    in_force_at: datetime | None = None,
) -> bool:
    """Close a hold that is held – and, when `in_force_at` is given, has not expired by then."""
    statement = update(HOLDS).where(_HOLD.key == key, _HOLD.state == HoldState.HELD)
    if in_force_at is not None:
        statement = statement.where(_HOLD.expires_at > in_force_at)
    result = db.execute(statement.values(state=state, captured_by=captured_by))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def closed_until(db: Session, *, book: Book) -> date | None:
    """Give the first day that is not in a closed period."""
    day: date | None = db.scalar(select(func.max(_PERIOD.ends_on)).where(_PERIOD.book == book))
    return day


def first_day(db: Session, *, book: Book) -> date | None:
    """Give the effective day of the book's first entry."""
    day: date | None = db.scalar(select(func.min(ENTRIES.c.effective_on)).where(ENTRIES.c.book == book))
    return day


def add_period(db: Session, period: Period) -> None:
    """Write a closed period."""
    db.execute(insert(PERIODS).values(**vars(period)))


def list_periods(db: Session, *, book: Book) -> list[Period]:
    """List the closed periods of a book in order."""
    rows = db.execute(select(PERIODS).where(_PERIOD.book == book).order_by(_PERIOD.starts_on))
    return [Period(**row._mapping) for row in rows]
