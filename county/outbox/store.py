"""Queries on announced events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from county.database import Base
from county.outbox.tables import EventRow
from county.outbox.types import Announcement

_EVENT = EventRow.__table__.c
EventValues = dict[str, Any]


def add_event(
    db: Session, *, event_id: UUID, event: str, facts: Mapping[str, Any], announced_at: datetime
) -> None:
    """Write an announced event."""
    add_events(db, [event_values(event_id, event, facts, announced_at)])


def event_values(event_id: UUID, event: str, facts: Mapping[str, Any], announced_at: datetime) -> EventValues:
    """Make the row of an event."""
    return {"id": event_id, "event": event, "facts": dict(facts), "announced_at": announced_at}


def add_events(db: Session, rows: Sequence[EventValues]) -> None:
    """Write announced events."""
    db.execute(insert(Base.metadata.tables["county_event"]), list(rows))


def find_event(db: Session, *, event_id: UUID) -> Announcement | None:
    """Find an announced event by its id."""
    row = db.execute(select(EventRow.__table__).where(_EVENT.id == event_id)).first()
    return None if row is None else Announcement(**row._mapping)


def list_events(db: Session, *, event: str | None, limit: int) -> list[Announcement]:
    """List announced events, the newest in front."""
    statement = select(EventRow.__table__).order_by(_EVENT.announced_at.desc(), _EVENT.id).limit(limit)
    if event is not None:
        statement = statement.where(_EVENT.event == event)
    return [Announcement(**row._mapping) for row in db.execute(statement)]
