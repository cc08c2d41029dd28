"""Decisions about statements: the table of moves, months as periods."""

import re
from datetime import date

from county.errors import IllegalMove
from logistics.settlements.types import BadPeriod, StatementEvent, StatementState

S, E = StatementState, StatementEvent
MOVES: dict[tuple[StatementState, StatementEvent], StatementState] = {
    (S.UPLOADED, E.RECONCILE): S.RECONCILED,
    (S.UPLOADED, E.FAIL): S.FAILED,
    (S.UPLOADED, E.REPLACE): S.UPLOADED,
    (S.RECONCILED, E.REPLACE): S.UPLOADED,
    (S.FAILED, E.REPLACE): S.UPLOADED,
    (S.RECONCILED, E.AGREE): S.AGREED,
}
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def move(state: StatementState, event: StatementEvent) -> StatementState:
    """Give the state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="statement", state=state.value, event=event.value) from None


def month_span(period: str) -> tuple[date, date]:
    """Give the first day of a month and the first day after it; refuses `BadPeriod`."""
    match = _MONTH.fullmatch(period)
    if match is None:
        raise BadPeriod()
    year, month = int(match[1]), int(match[2])
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
