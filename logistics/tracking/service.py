"""Use cases of tracking: recording what happened, letting the parcel follow, telling its way."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from county import database, ids
from county.audit.types import Actor
from logistics.parcels import service as parcels
from logistics.parcels.types import ParcelState
from logistics.tracking import rules
from logistics.tracking.tables import TrackingEventRow
from logistics.tracking.types import EventKind, Source, TrackingEvent


def record_event(
    db: Session,
    *,
    parcel_no: str,
    kind: EventKind,
    at: datetime,
    where: str,
    source: Source,
    actor: Actor,
    now: datetime,
) -> ParcelState:
    """Record what happened to a parcel and let it follow; telling the same twice changes nothing.

    Gives: the parcel's state after all its events.
    Refuses: `NotFound` for an unknown parcel.
    """
    parcel = parcels.get_parcel_locked(db, parcel_no=parcel_no)
    values = {
        "id": ids.new_id(),
        "parcel_no": parcel_no,
        "kind": kind,
        "at": at,
        "place": where,
        "source": source,
        "recorded_at": now,
    }
    if not database.insert_once(db, TrackingEventRow, values):
        return parcel.state
    state = rules.state_after((event.at, event.kind) for event in list_events(db, parcel_no=parcel_no))
    parcels.move_parcel(db, parcel=parcel, state=state, moved_at=at, actor=actor, now=now)
    return state


def list_events(db: Session, *, parcel_no: str) -> list[TrackingEvent]:
    """List what happened to a parcel, newest first."""
    query = (
        select(TrackingEventRow)
        .where(TrackingEventRow.parcel_no == parcel_no)
        .order_by(TrackingEventRow.at.desc(), TrackingEventRow.recorded_at.desc(), TrackingEventRow.id)
    )
    return [
        TrackingEvent(
            parcel_no=row.parcel_no,
            kind=row.kind,
            at=row.at,
            where=row.place,
            source=row.source,
            recorded_at=row.recorded_at,
        )
        for row in db.scalars(query)
    ]
