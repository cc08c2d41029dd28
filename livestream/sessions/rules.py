"""Decisions about sessions: the table of moves, what a session must be."""

from datetime import datetime, timedelta

from county.errors import N_, IllegalMove
from livestream.sessions.types import BadSession, SessionEvent, SessionState

S, E = SessionState, SessionEvent
MOVES: dict[tuple[SessionState, SessionEvent], SessionState] = {
    (S.REQUESTED, E.CONFIRM): S.CONFIRMED,
    (S.REQUESTED, E.CANCEL): S.CANCELLED,
    (S.CONFIRMED, E.BEGIN): S.LIVE,
    (S.CONFIRMED, E.CANCEL): S.CANCELLED,
    (S.LIVE, E.END): S.ENDED,
}
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=8)
PRODUCTS_MAX = 30


def move(state: SessionState, event: SessionEvent) -> SessionState:
    """Give the state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="session", state=state.value, event=event.value) from None


def require_bookable(*, start_at: datetime, end_at: datetime, products: int, now: datetime) -> None:
    """Refuse a session that lies in the past, is too short or too long, or shows nothing."""
    if start_at <= now:
        raise BadSession(why=N_("it lies in the past."))
    if not SHORTEST <= end_at - start_at <= LONGEST:
        raise BadSession(why=N_("it must last between 15 minutes and 8 hours."))
    if not 1 <= products <= PRODUCTS_MAX:
        raise BadSession(why=N_("it must show 1 to 30 products."))
