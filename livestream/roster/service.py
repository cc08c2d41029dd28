"""Use cases of the roster: adding streamers, saying when they can go on air."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.clock import county_day
from county.database import changed_rows
from county.errors import NotFound
from county.ids import new_id
from county.people import service as people
from livestream.roster.tables import AvailabilityRow, StreamerRow
from livestream.roster.types import Availability, BadSpan, Level, SpanTaken, Streamer, TooYoung

MOST_SPAN = timedelta(hours=24)


def add_streamer(
    db: Session,
    *,
    person_id: UUID,
    level: Level,
    born_on: date,
    certified_until: date,
    actor: Actor,
    now: datetime,
    guardian_paper: str = "",
) -> Streamer:
    """Put a person on the roster.

    Refuses: `TooYoung` under 16, or under 18 without the guardian's paper.
    """
    age = _age(born_on, county_day(now))
    if age < 16 or (age < 18 and not guardian_paper):
        raise TooYoung()
    row = StreamerRow(
        person_id=person_id,
        level=level,
        born_on=born_on,
        guardian_paper=guardian_paper,
        certified_until=certified_until,
    )
    db.add(row)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="streamer.certified",
        object=("person", str(person_id)),
        after={"level": level.value, "until": certified_until.isoformat()},
        now=now,
    )
    return _streamer(row, people.get_person(db, person_id=person_id).name)


def get_streamer(db: Session, *, person_id: UUID) -> Streamer:
    """Give a streamer."""
    row = db.get(StreamerRow, person_id)
    if row is None:
        raise NotFound(what="streamer")
    return _streamer(row, people.get_person(db, person_id=person_id).name)


def list_streamers(db: Session) -> list[Streamer]:
    """List all streamers by name."""
    rows = list(db.scalars(select(StreamerRow)))
    names = people.names_of(db, ids=[row.person_id for row in rows])
    return sorted(
        (_streamer(row, names[row.person_id]) for row in rows), key=lambda each: (each.name, each.person_id)
    )


def offer_time(
    db: Session, *, streamer_id: UUID, start_at: datetime, end_at: datetime, actor: Actor, now: datetime
) -> UUID:
    """Say that a streamer can go on air in [start_at, end_at).

    Refuses: `BadSpan`; `SpanTaken` when the database finds an overlap.
    """
    if not start_at < end_at <= start_at + MOST_SPAN:
        raise BadSpan()
    row = AvailabilityRow(id=new_id(), streamer_id=streamer_id, start_at=start_at, end_at=end_at)
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise SpanTaken() from None
    audit.record(
        db,
        actor=actor,
        action="availability.offered",
        object=("person", str(streamer_id)),
        after={"start_at": start_at.isoformat(), "end_at": end_at.isoformat()},
        now=now,
    )
    return row.id


def withdraw_time(
    db: Session, *, availability_id: UUID, streamer_id: UUID, actor: Actor, now: datetime
) -> None:
    """Take a span back; only the streamer's own."""
    gone = db.execute(
        delete(AvailabilityRow).where(
            AvailabilityRow.id == availability_id, AvailabilityRow.streamer_id == streamer_id
        )
    )
    if changed_rows(gone) != 1:
        raise NotFound(what="time")
    audit.record(
        db, actor=actor, action="availability.withdrawn", object=("person", str(streamer_id)), now=now
    )


def list_availability(
    db: Session, *, streamer_id: UUID, from_at: datetime, to_at: datetime
) -> list[Availability]:
    """List a streamer's spans that touch [from_at, to_at), in order."""
    query = (
        select(AvailabilityRow)
        .where(
            AvailabilityRow.streamer_id == streamer_id,
            AvailabilityRow.start_at < to_at,
            AvailabilityRow.end_at > from_at,
        )
        .order_by(AvailabilityRow.start_at)
    )
    return [Availability(row.id, row.start_at, row.end_at) for row in db.scalars(query)]


def _age(born_on: date, on: date) -> int:
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def _streamer(row: StreamerRow, name: str) -> Streamer:
    return Streamer(row.person_id, name, row.level, row.born_on, row.certified_until)
