"""Queries on sessions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from livestream.sessions.tables import SessionProductRow, SessionRow
from livestream.sessions.types import LiveSession, SessionId, SessionProduct, SessionState


def list_rows(
    db: Session,
    *,
    farmer_id: UUID | None = None,
    streamer_id: UUID | None = None,
    studio_id: UUID | None = None,
    states: Sequence[SessionState] = (),
    from_at: datetime | None = None,
    to_at: datetime | None = None,
) -> list[SessionRow]:
    """List session rows by their start."""
    query = select(SessionRow).order_by(SessionRow.start_at, SessionRow.id)
    if farmer_id is not None:
        query = query.where(SessionRow.farmer_id == farmer_id)
    if streamer_id is not None:
        query = query.where(SessionRow.streamer_id == streamer_id)
    if studio_id is not None:
        query = query.where(SessionRow.studio_id == studio_id)
    if states:
        query = query.where(SessionRow.state.in_(states))
    if from_at is not None:
        query = query.where(SessionRow.end_at > from_at)
    if to_at is not None:
        query = query.where(SessionRow.start_at < to_at)
    return list(db.scalars(query))


def list_by_ids(db: Session, *, ids: Collection[UUID]) -> list[SessionRow]:
    """List the sessions of these ids."""
    query = select(SessionRow).where(SessionRow.id.in_(ids)).order_by(SessionRow.id)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def move_row(
    db: Session, *, session_id: UUID, version: int, state: SessionState, values: dict[str, Any]
) -> bool:
    """Set a session's state if nobody moved it since `version`."""
    moved = db.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.version == version)
        .values(state=state, version=version + 1, **values)
    )
    return changed_rows(moved) == 1


def to_sessions(db: Session, rows: Sequence[SessionRow]) -> list[LiveSession]:
    """Give sessions with their products."""
    products: dict[UUID, list[SessionProduct]] = {row.id: [] for row in rows}
    query = select(SessionProductRow).where(SessionProductRow.session_id.in_(products))
    for each in db.scalars(query.order_by(SessionProductRow.position)):
        products[each.session_id].append(SessionProduct(each.product_id, each.position, each.commission_bp))
    return [
        LiveSession(
            id=SessionId(row.id),
            session_no=row.number,
            title=row.title,
            farmer_id=row.farmer_id,
            streamer_id=row.streamer_id,
            studio_id=row.studio_id,
            start_at=row.start_at,
            end_at=row.end_at,
            state=row.state,
            products=tuple(products[row.id]),
            requested_at=row.requested_at,
            version=row.version,
        )
        for row in rows
    ]


def promise_commission(db: Session, *, session_id: UUID, commission_bp: int) -> None:
    """Fix what the streamer earns on every product of a session."""
    db.execute(
        update(SessionProductRow)
        .where(SessionProductRow.session_id == session_id)
        .values(commission_bp=commission_bp)
    )
