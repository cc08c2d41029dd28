"""Decisions of lots: the table of moves, what a day and a note must be."""

from datetime import date, timedelta

from county.errors import N_, IllegalMove
from shop.lots.types import BadLot, LotEvent, LotState

MOVES: dict[tuple[LotState, LotEvent], LotState] = {
    (LotState.OPEN, LotEvent.CLOSE): LotState.CLOSED,
    (LotState.OPEN, LotEvent.STOP): LotState.STOPPED,
    (LotState.CLOSED, LotEvent.STOP): LotState.STOPPED,
}
NOTE_MAX = 200
# Cured pork and tea of the last years are still sold; what is older is a typing mistake.
OLDEST = timedelta(days=5 * 366)


def move(state: LotState, event: LotEvent) -> LotState:
    """Give the state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="lot", state=state.value, event=event.value) from None


def require_lot(*, made_on: date, note: str, today_on: date) -> None:
    """Refuse a day that has not come or is years ago, and a note that is too long."""
    if made_on > today_on:
        raise BadLot(why=N_("its day has not come yet."))
    if made_on < today_on - OLDEST:
        raise BadLot(why=N_("its day is more than five years ago."))
    if len(note) > NOTE_MAX:
        raise BadLot(why=N_("the note must have at most 200 characters."))
