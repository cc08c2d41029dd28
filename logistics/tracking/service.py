"""Use cases of tracking: recording what happened, letting the parcel follow, telling its way."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from county import database, ids
from county.audit import service as audit
from county.audit.types import Actor
from county.outbox import service as outbox
from logistics.parcels import service as parcels
from logistics.parcels.types import Parcel, ParcelState
from logistics.tracking import rules
from logistics.tracking.tables import TrackingEventRow, TrackingMistakeRow
from logistics.tracking.types import (
    Cause,
    EventKind,
    Mishap,
    MishapTakenBack,
    MishapTold,
    MistakeUnexplained,
    NothingToTakeBack,
    Reason,
    Source,
    TrackingEvent,
)


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
    reason: Reason = Reason.UNSAID,
    cause: Cause = Cause.UNSAID,
    note: str = "",
    picture_id: UUID | None = None,
) -> ParcelState:
    """Record what happened to a parcel and let it follow; telling the same twice changes nothing.

    Takes: `reason` and `cause` for `EventKind.ON_HOLD` alone; damage and loss of a parcel that carries an
    order are announced as `MishapTold`.
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
        "reason": reason,
        "cause": cause,
        "note": note,
        "picture_id": picture_id,
    }
    if not database.insert_once(db, TrackingEventRow, values):
        return parcel.state
    state = _let_follow(db, parcel=parcel, actor=actor, now=now)
    if reason is not Reason.UNSAID and parcel.order_ref:
        told = MishapTold(
            parcel_no=parcel_no, order_ref=parcel.order_ref, reason=reason, cause=cause, told_at=at
        )
        outbox.announce(db, told, now=now)
    return state


def take_back(
    db: Session, *, parcel_no: str, event_id: UUID, why: str, actor: Actor, now: datetime
) -> ParcelState:
    """Take back damage or loss that was told by mistake: the parcel is again where all else says it is.

    The event stays, marked; of a parcel that carries an order `MishapTakenBack` is announced.
    Gives: the parcel's state after what stands.
    Refuses: `NotFound` for an unknown parcel, `NothingToTakeBack`, `MistakeUnexplained`.
    """
    parcel = parcels.get_parcel_locked(db, parcel_no=parcel_no)
    if not 1 <= len(why) <= rules.MISTAKE_MAX:
        raise MistakeUnexplained(most=rules.MISTAKE_MAX)
    told = next((each for each in list_reports(db, parcel_no=parcel_no) if each.id == event_id), None)
    if told is None:
        raise NothingToTakeBack()
    db.add(TrackingMistakeRow(event_id=event_id, why=why, taken_back_at=now))
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="parcel.mishap_taken_back",
        object=("parcel", parcel_no),
        before={"reason": told.reason.value, "cause": told.cause.value, "told_at": told.at.isoformat()},
        now=now,
    )
    if parcel.order_ref:
        outbox.announce(db, MishapTakenBack(parcel_no, parcel.order_ref, told.reason), now=now)
    return _let_follow(db, parcel=parcel, actor=actor, now=now)


def _let_follow(db: Session, *, parcel: Parcel, actor: Actor, now: datetime) -> ParcelState:
    """Bring a parcel, which is locked, into the state that all which stands of its events says."""
    events = list_events(db, parcel_no=parcel.parcel_no)
    state, since_at = rules.state_after((event.at, event.kind) for event in events if not event.mistake)
    moved_at = since_at or parcel.taken_in_at
    parcels.move_parcel(db, parcel=parcel, state=state, moved_at=moved_at, actor=actor, now=now)
    return state


def find_mishap(db: Session, *, parcel_no: str) -> Mishap | None:
    """Find whether a parcel is damaged or lost by all that was told of it."""
    return rules.mishap_of(list_events(db, parcel_no=parcel_no))


def list_mishaps(db: Session, *, parcel_no: str) -> list[Mishap]:
    """List what stands of all that was told of a parcel: lost, damaged, both or neither."""
    return rules.mishaps_of(list_events(db, parcel_no=parcel_no))


def list_reports(db: Session, *, parcel_no: str) -> list[TrackingEvent]:
    """List the reports of damage and loss of a parcel that were not taken back, newest first."""
    events = list_events(db, parcel_no=parcel_no)
    return [each for each in events if each.reason is not Reason.UNSAID and not each.mistake]


def find_pictured(db: Session, *, picture_id: UUID) -> str | None:
    """Find the number of the parcel that a picture of damage shows."""
    return db.scalar(
        select(TrackingEventRow.parcel_no).where(TrackingEventRow.picture_id == picture_id).limit(1)
    )


def lying_at_station(db: Session, *, parcel_nos: Sequence[str]) -> set[str]:
    """Give those of these parcels of which the last sign is that they came to their station."""
    ways: dict[str, list[tuple[datetime, EventKind]]] = {}
    for begin in range(0, len(parcel_nos), 500):
        query = select(TrackingEventRow.parcel_no, TrackingEventRow.at, TrackingEventRow.kind).where(
            TrackingEventRow.parcel_no.in_(parcel_nos[begin : begin + 500])
        )
        for parcel_no, at, kind in db.execute(query):
            ways.setdefault(parcel_no, []).append((at, kind))
    return {number for number, way in ways.items() if rules.last_sign(way) is EventKind.ARRIVED_AT_STATION}


def first_seen(db: Session, *, parcel_nos: Sequence[str], kinds: Sequence[EventKind]) -> dict[str, datetime]:
    """Give when the first event of these kinds happened to each of these parcels, where there is one."""
    found: dict[str, datetime] = {}
    for begin in range(0, len(parcel_nos), 500):
        query = (
            select(TrackingEventRow.parcel_no, func.min(TrackingEventRow.at))
            .where(
                TrackingEventRow.parcel_no.in_(parcel_nos[begin : begin + 500]),
                TrackingEventRow.kind.in_(kinds),
            )
            .group_by(TrackingEventRow.parcel_no)
        )
        found |= dict(db.execute(query).all())
    return found


def count_parcels(
    db: Session, *, kinds: Sequence[EventKind], source: Source, from_at: datetime, to_at: datetime
) -> dict[EventKind, int]:
    """Count the parcels of which a source told events of these kinds within a span, by kind."""
    query = (
        select(TrackingEventRow.kind, func.count(TrackingEventRow.parcel_no.distinct()))
        .where(TrackingEventRow.kind.in_(kinds), TrackingEventRow.source == source)
        .where(TrackingEventRow.at >= from_at, TrackingEventRow.at < to_at)
        .group_by(TrackingEventRow.kind)
    )
    found = dict(db.execute(query).all())
    return {kind: found.get(kind, 0) for kind in kinds}


def list_events(db: Session, *, parcel_no: str) -> list[TrackingEvent]:
    """List what happened to a parcel, newest first."""
    query = (
        select(TrackingEventRow, TrackingMistakeRow.why)
        .outerjoin(TrackingMistakeRow, TrackingMistakeRow.event_id == TrackingEventRow.id)
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
            reason=row.reason,
            cause=row.cause,
            note=row.note,
            picture_id=row.picture_id,
            id=row.id,
            mistake=why or "",
        )
        for row, why in db.execute(query)
    ]
