"""Use cases of sessions: asking for one, confirming it without double booking, holding and ending it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.clock import county_day
from county.errors import N_, NotFound, Stale
from livestream.roster import service as roster
from livestream.sessions import rules, store
from livestream.sessions.tables import SessionProductRow, SessionRow
from livestream.sessions.types import (
    BadSession,
    FreeSlot,
    LiveSession,
    NotAvailable,
    SessionClash,
    SessionEvent,
    SessionState,
)
from livestream.studios import service as studios
from shop.catalogue import service as catalogue

BOOKED = (SessionState.CONFIRMED, SessionState.LIVE)
ALTERNATIVES = 3
STEP = timedelta(minutes=30)
LOOK_AROUND = timedelta(hours=24)


def request_session(
    db: Session,
    *,
    farmer_id: UUID,
    title: str,
    product_ids: Sequence[UUID],
    start_at: datetime,
    end_at: datetime,
    actor: Actor,
    now: datetime,
) -> LiveSession:
    """Ask for live hours for a farmer's own products.

    Refuses: `BadSession`; `NotFound` for a product that is not the farmer's.
    """
    chosen = list(dict.fromkeys(product_ids))
    rules.require_bookable(start_at=start_at, end_at=end_at, products=len(chosen), now=now)
    for product_id in chosen:
        catalogue.get_grower_product(db, product_id=product_id, grower_id=farmer_id)
    row = SessionRow(
        id=ids.new_id(),
        number=ids.new_number("ZB"),
        title=title,
        farmer_id=farmer_id,
        start_at=start_at,
        end_at=end_at,
        state=SessionState.REQUESTED,
        requested_at=now,
        version=1,
    )
    db.add(row)
    db.flush()
    for position, product_id in enumerate(chosen):
        db.add(
            SessionProductRow(session_id=row.id, product_id=product_id, position=position, commission_bp=0)
        )
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="session.requested",
        object=("session", row.number),
        after={"start_at": start_at.isoformat(), "products": len(chosen)},
        now=now,
    )
    return store.to_sessions(db, [row])[0]


def confirm_session(
    db: Session,
    *,
    session_id: UUID,
    streamer_id: UUID,
    studio_id: UUID,
    start_at: datetime,
    end_at: datetime,
    commission_bp: int,
    actor: Actor,
    now: datetime,
) -> LiveSession:
    """Give a requested session its streamer, studio, hours and commission.

    Refuses: `SessionClash` when the database finds streamer or studio booked, `NotAvailable`, `BadSession`,
    `SplitNeverFits` when a shown product could not be sold with this commission, `IllegalMove`, `Stale`.
    """
    session = get_session(db, session_id=session_id)
    after = rules.move(session.state, SessionEvent.CONFIRM)
    rules.require_bookable(start_at=start_at, end_at=end_at, products=len(session.products), now=now)
    if not 0 <= commission_bp <= 5000:
        raise BadSession(why=N_("the commission must lie between 0 and 50 %."))
    shown = [each.product_id for each in session.products]
    catalogue.require_fit(db, product_ids=shown, commission_bp=commission_bp, now=now)
    _require_ready(db, streamer_id=streamer_id, studio_id=studio_id, start_at=start_at, end_at=end_at)
    values: dict[str, Any] = {
        "streamer_id": streamer_id,
        "studio_id": studio_id,
        "start_at": start_at,
        "end_at": end_at,
    }
    try:
        with db.begin_nested():
            moved = store.move_row(
                db, session_id=session.id, version=session.version, state=after, values=values
            )
    except IntegrityError:
        raise SessionClash() from None
    if not moved:
        raise Stale(what=session.title)
    store.promise_commission(db, session_id=session.id, commission_bp=commission_bp)
    audit.record(
        db,
        actor=actor,
        action="session.confirm",
        object=("session", session.session_no),
        before={"state": session.state.value},
        after={
            "state": after.value,
            "streamer": str(streamer_id),
            "studio": str(studio_id),
            "start_at": start_at.isoformat(),
            "commission_bp": commission_bp,
        },
        now=now,
    )
    return get_session(db, session_id=session_id)


def _require_ready(
    db: Session, *, streamer_id: UUID, studio_id: UUID, start_at: datetime, end_at: datetime
) -> None:
    streamer = roster.get_streamer(db, person_id=streamer_id)
    studios.get_studio(db, studio_id=studio_id)
    spans = roster.list_availability(db, streamer_id=streamer_id, from_at=start_at, to_at=end_at)
    is_certified = streamer.certified_until >= county_day(end_at)
    if not is_certified or not any(each.start_at <= start_at and end_at <= each.end_at for each in spans):
        raise NotAvailable(streamer=streamer.name)


def begin_session(db: Session, *, session_id: UUID, streamer_id: UUID, actor: Actor, now: datetime) -> None:
    """Go on air, as the streamer of the session."""
    _step(db, session=_own(db, session_id, streamer_id), event=SessionEvent.BEGIN, actor=actor, now=now)


def end_session(db: Session, *, session_id: UUID, streamer_id: UUID, actor: Actor, now: datetime) -> None:
    """Go off air, as the streamer of the session."""
    _step(db, session=_own(db, session_id, streamer_id), event=SessionEvent.END, actor=actor, now=now)


def cancel_session(db: Session, *, session_id: UUID, actor: Actor, now: datetime) -> None:
    """Cancel a session that was not on air yet; its streamer and studio are free again."""
    _step(db, session=get_session(db, session_id=session_id), event=SessionEvent.CANCEL, actor=actor, now=now)


def _own(db: Session, session_id: UUID, streamer_id: UUID) -> LiveSession:
    session = get_session(db, session_id=session_id)
    if session.streamer_id != streamer_id:
        raise NotFound(what="session")
    return session


def _step(db: Session, *, session: LiveSession, event: SessionEvent, actor: Actor, now: datetime) -> None:
    after = rules.move(session.state, event)
    if not store.move_row(db, session_id=session.id, version=session.version, state=after, values={}):
        raise Stale(what=session.title)
    audit.record(
        db,
        actor=actor,
        action=f"session.{event.value}",
        object=("session", session.session_no),
        before={"state": session.state.value},
        after={"state": after.value},
        now=now,
    )


def get_session(db: Session, *, session_id: UUID) -> LiveSession:
    """Give a session by id."""
    row = db.get(SessionRow, session_id, populate_existing=True)
    if row is None:
        raise NotFound(what="session")
    return store.to_sessions(db, [row])[0]


def sessions_of(db: Session, *, ids: Collection[UUID]) -> dict[UUID, LiveSession]:
    """Give several sessions, by id; unknown ids are absent."""
    found = store.to_sessions(db, store.list_by_ids(db, ids=ids)) if ids else []
    return {session.id: session for session in found}


def list_sessions(
    db: Session,
    *,
    farmer_id: UUID | None = None,
    streamer_id: UUID | None = None,
    states: Sequence[SessionState] = (),
    from_at: datetime | None = None,
    to_at: datetime | None = None,
) -> list[LiveSession]:
    """List sessions by their start, of a farmer, a streamer or a span when given."""
    rows = store.list_rows(
        db, farmer_id=farmer_id, streamer_id=streamer_id, states=states, from_at=from_at, to_at=to_at
    )
    return store.to_sessions(db, rows)


def free_slots(db: Session, *, start_at: datetime, end_at: datetime, now: datetime) -> list[FreeSlot]:
    """Offer up to three spans of the same length near the wish in which somebody and a studio are free.

    Gives: the nearest first; an offer is no booking, the database still decides.
    """
    length = end_at - start_at
    booked = store.list_rows(db, states=BOOKED, from_at=start_at - LOOK_AROUND, to_at=end_at + LOOK_AROUND)
    offers: list[FreeSlot] = []
    steps = int(LOOK_AROUND / STEP)
    for shift in sorted(range(-steps, steps + 1), key=lambda each: (abs(each), each)):
        begin = start_at + shift * STEP
        end = begin + length
        if begin <= now:
            continue
        busy = [row for row in booked if row.start_at < end and begin < row.end_at]
        studio = next(
            (each for each in studios.list_studios(db) if all(row.studio_id != each.id for row in busy)), None
        )
        streamer_id = _free_streamer(db, busy=[row.streamer_id for row in busy], begin=begin, end=end)
        if studio is not None and streamer_id is not None:
            offers.append(FreeSlot(streamer_id, studio.id, begin, end))
        if len(offers) == ALTERNATIVES:
            break
    return offers


def _free_streamer(
    db: Session, *, busy: Sequence[UUID | None], begin: datetime, end: datetime
) -> UUID | None:
    for streamer in roster.list_streamers(db):
        if streamer.person_id in busy or streamer.certified_until < county_day(end):
            continue
        spans = roster.list_availability(db, streamer_id=streamer.person_id, from_at=begin, to_at=end)
        if any(each.start_at <= begin and end <= each.end_at for each in spans):
            return streamer.person_id
    return None
