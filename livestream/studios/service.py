"""Use cases of studios: adding one, listing them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.ids import new_id
from livestream.studios.tables import StudioRow


@dataclass(frozen=True)
class Studio:
    """A studio."""

    id: UUID
    name: str
    is_cold: bool


def add_studio(db: Session, *, name: str, is_cold: bool, actor: Actor, now: datetime) -> Studio:
    """Add a studio."""
    row = StudioRow(id=new_id(), name=name, is_cold=is_cold)
    db.add(row)
    db.flush()
    audit.record(
        db, actor=actor, action="studio.added", object=("studio", name), after={"cold": is_cold}, now=now
    )
    return Studio(row.id, row.name, row.is_cold)


def get_studio(db: Session, *, studio_id: UUID) -> Studio:
    """Give a studio."""
    row = db.get(StudioRow, studio_id)
    if row is None:
        raise NotFound(what="studio")
    return Studio(row.id, row.name, row.is_cold)


def list_studios(db: Session) -> list[Studio]:
    """List all studios by name."""
    rows = db.scalars(select(StudioRow).order_by(StudioRow.name))
    return [Studio(row.id, row.name, row.is_cold) for row in rows]
