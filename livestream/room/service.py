"""Use cases of the room: publishing events, reading them, pinning a product, going on and off air."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from county import database
from county.audit.types import Actor
from county.errors import IllegalMove, NotFound
from livestream.room.tables import LiveCounterRow, LiveEventRow
from livestream.room.types import LiveEvent, LiveKind
from livestream.sessions import service as sessions
from livestream.sessions.types import LiveSession, SessionState
from shop.catalogue import service as catalogue
from shop.catalogue.types import Product

BATCH = 500


def publish(db: Session, *, session_id: UUID, kind: LiveKind, state: Mapping[str, Any], now: datetime) -> int:
    """Write the next event of a session; it leaves for the viewers after the commit.

    Takes: `state`, the whole new state of what changed, plain JSON values.
    Gives: its number, one more than the session's last.
    """
    database.insert_once(db, LiveCounterRow, {"session_id": session_id, "last": 0})
    number = db.scalar(
        update(LiveCounterRow)
        .where(LiveCounterRow.session_id == session_id)
        .values(last=LiveCounterRow.last + 1)
        .returning(LiveCounterRow.last)
    )
    assert number is not None
    number = int(number)
    db.add(LiveEventRow(session_id=session_id, number=number, kind=kind, state=dict(state), sent_at=now))
    db.flush()
    return number


def list_events(db: Session, *, session_id: UUID, after: int, limit: int = BATCH) -> list[LiveEvent]:
    """List a session's events after a number, in order."""
    query = (
        select(LiveEventRow)
        .where(LiveEventRow.session_id == session_id, LiveEventRow.number > after)
        .order_by(LiveEventRow.number)
        .limit(limit)
    )
    return [_event(row) for row in db.scalars(query)]


def last_numbers(db: Session, *, session_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Give the number of the last event of each of these sessions."""
    query = select(LiveCounterRow).where(LiveCounterRow.session_id.in_(session_ids))
    return {row.session_id: row.last for row in db.scalars(query)}


def present_state(db: Session, *, session_id: UUID) -> list[LiveEvent]:
    """Give the last event of each kind, in order: what a viewer who comes now has to know."""
    newest = select(func.max(LiveEventRow.number)).where(LiveEventRow.session_id == session_id)
    query = (
        select(LiveEventRow)
        .where(
            LiveEventRow.session_id == session_id,
            LiveEventRow.number.in_(newest.group_by(LiveEventRow.kind)),
        )
        .order_by(LiveEventRow.number)
    )
    return [_event(row) for row in db.scalars(query)]


def pinned_product(db: Session, *, session_id: UUID) -> UUID | None:
    """Find which product is shown right now."""
    query = (
        select(LiveEventRow.state)
        .where(LiveEventRow.session_id == session_id, LiveEventRow.kind == LiveKind.PIN)
        .order_by(LiveEventRow.number.desc())
        .limit(1)
    )
    state = db.scalar(query)
    return UUID(state["product_id"]) if state else None


def begin(db: Session, *, session_id: UUID, streamer_id: UUID, actor: Actor, now: datetime) -> None:
    """Go on air."""
    sessions.begin_session(db, session_id=session_id, streamer_id=streamer_id, actor=actor, now=now)
    publish(db, session_id=session_id, kind=LiveKind.NOTICE, state={"text": "", "on_air": True}, now=now)


def end(db: Session, *, session_id: UUID, streamer_id: UUID, actor: Actor, now: datetime) -> None:
    """Go off air."""
    sessions.end_session(db, session_id=session_id, streamer_id=streamer_id, actor=actor, now=now)
    publish(db, session_id=session_id, kind=LiveKind.END, state={}, now=now)


def pin(db: Session, *, session_id: UUID, streamer_id: UUID, product_id: UUID, now: datetime) -> int:
    """Show a product of the session, with the price and stock that the database holds now."""
    session = _open_session(db, session_id=session_id, streamer_id=streamer_id, event="pin")
    found = catalogue.list_by_ids(db, product_ids=[each.product_id for each in session.products])
    product = next((each for each in found if each.product_id == product_id), None)
    if product is None:
        raise NotFound(what="product")
    return publish(db, session_id=session_id, kind=LiveKind.PIN, state=shown(product), now=now)


def say(db: Session, *, session_id: UUID, streamer_id: UUID, text: str, now: datetime) -> int:
    """Show a sentence to all viewers."""
    _open_session(db, session_id=session_id, streamer_id=streamer_id, event="say")
    return publish(db, session_id=session_id, kind=LiveKind.NOTICE, state={"text": text}, now=now)


def own_session(db: Session, *, session_id: UUID, streamer_id: UUID) -> LiveSession:
    """Give a session through its streamer."""
    session = sessions.get_session(db, session_id=session_id)
    if session.streamer_id != streamer_id:
        raise NotFound(what="session")
    return session


def _open_session(db: Session, *, session_id: UUID, streamer_id: UUID, event: str) -> LiveSession:
    """Give a streamer's session that is on air or about to be; after its end nothing follows."""
    session = own_session(db, session_id=session_id, streamer_id=streamer_id)
    if session.state not in (SessionState.CONFIRMED, SessionState.LIVE):
        raise IllegalMove(what="session", state=session.state.value, event=event)
    return session


def shown(product: Product) -> dict[str, Any]:
    """Give what viewers see of a product: name, sizes, prices and stock as they are now."""
    return {
        "product_id": str(product.product_id),
        "title": product.title,
        "skus": [
            {
                "sku_id": str(sku.sku_id),
                "name": sku.name,
                "price_fen": sku.price_fen,
                "available": sku.available,
            }
            for sku in product.skus
        ],
    }


def _event(row: LiveEventRow) -> LiveEvent:
    return LiveEvent(row.session_id, row.number, row.kind, row.state, row.sent_at)
