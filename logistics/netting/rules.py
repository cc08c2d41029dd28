"""Decisions of netting: the table of moves, adding up the days' shares, the balanced entry."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from county.errors import IllegalMove
from logistics.netting.types import PartyLine, PeriodEvent, PeriodState

S, E = PeriodState, PeriodEvent
MOVES: dict[tuple[PeriodState, PeriodEvent], PeriodState] = {
    (S.OPEN, E.RECONCILE): S.RECONCILED,
    (S.RECONCILED, E.RECONCILE): S.RECONCILED,
    (S.RECONCILED, E.CLOSE): S.CLOSED,
}
INCOME, EXPENSE = "income:joint-tours", "expense:linehaul"


def move(state: PeriodState, event: PeriodEvent) -> PeriodState:
    """Give the state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="period", state=state.value, event=event.value) from None


def add_up(
    shares: Iterable[PartyLine], *, agreed_fen: Mapping[str, int], claims_fen: Mapping[str, int] | None = None
) -> tuple[PartyLine, ...]:
    """Add the days' shares up per courier; set agreed charges and claims beside them, by courier name."""
    owed_fen = claims_fen or {}
    totals: dict[str, list[int]] = {name: [0, 0, 0] for name in (*agreed_fen, *owed_fen)}
    for share in shares:
        total = totals.setdefault(share.carrier, [0, 0, 0])
        total[0] += share.share_fen
        total[1] += share.alone_fen
        total[2] += share.parcels
    return tuple(
        PartyLine(name, share_fen, alone_fen, parcels, agreed_fen.get(name, 0), owed_fen.get(name, 0))
        for name, (share_fen, alone_fen, parcels) in sorted(totals.items())
        if parcels or share_fen or agreed_fen.get(name) or owed_fen.get(name)
    )


def receivable_account(carrier_id: UUID) -> str:
    """Name the account of what a courier owes us."""
    return f"receivable:courier:{carrier_id}"


def payable_account(carrier_id: UUID) -> str:
    """Name the account of what we owe a courier."""
    return f"payable:courier:{carrier_id}"


def postings(lines: Sequence[PartyLine], *, carrier_ids: Mapping[str, UUID]) -> list[tuple[str, int]]:
    """Give the one balanced entry of a period as (account, fen): debit positive.

    A courier that pays becomes a receivable, one that is paid a payable; shares are the pool's income,
    agreed linehaul its expense. Claims are receivables since they were made: they are cleared here, for they
    stand in the line's net now.
    """
    entry = []
    for line in lines:
        receivable = receivable_account(carrier_ids[line.carrier])
        if line.net_fen > 0:
            entry.append((receivable, line.net_fen - line.claims_fen))
        else:
            entry.append((payable_account(carrier_ids[line.carrier]), line.net_fen))
            entry.append((receivable, -line.claims_fen))
    shares_fen = sum(line.share_fen for line in lines)
    agreed_fen = sum(line.agreed_fen for line in lines)
    entry += [(INCOME, -shares_fen), (EXPENSE, agreed_fen)]
    return [(account, fen) for account, fen in entry if fen]
