"""Decisions about refunds: how much of each split returns, and the table of moves."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from county.errors import IllegalMove
from shop.orders.types import Order, Split
from shop.refunds.types import FREIGHT, RefundEvent, RefundPart, RefundState

S, E = RefundState, RefundEvent
MOVES: dict[tuple[RefundState, RefundEvent], RefundState] = {
    (S.WAITING, E.SEND): S.PLANNED,
    (S.PLANNED, E.FINISH): S.DONE,
    (S.PLANNED, E.REFUSE): S.REFUSED,
}


def move(state: RefundState, event: RefundEvent) -> RefundState:
    """Give the state that follows; raises `IllegalMove` when the event is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="refund", state=state.value, event=event.value) from None


def paid_fen(order: Order, *, position: int) -> int:
    """Give what was paid for a line of an order, or for its freight."""
    return order.freight_fen if position == FREIGHT else order.lines[position].goods_fen


def drawn(amounts: Sequence[int], *, fen: int) -> list[int]:
    """Say how much of each amount has returned when `fen` of their sum have.

    Each amount gives its share rounded down; the few fen left come from where most is due per fen given.
    So whoever returns more never returns less of any amount, none is overdrawn, and the whole sum returns
    every amount exactly: any number of partial refunds together is the one full refund, to the fen. Plain
    rounding down, with the rest to the grower, would ask growers for fen they never got.

    Takes: `amounts` of 0 or more; `fen` from 0 to their sum.
    Source: D'Hondt's highest averages, the house-monotone way to share out whole numbers.
    """
    whole = sum(amounts)
    if not 0 <= fen <= whole:
        raise ValueError(f"{fen} fen cannot return of {whole}")
    if fen == 0:
        return [0] * len(amounts)
    given = [amount * fen // whole for amount in amounts]
    for _ in range(fen - sum(given)):
        best = 0
        for i in range(1, len(amounts)):
            # amounts[i] / (given[i] + 1) > amounts[best] / (given[best] + 1), in whole numbers.
            if amounts[i] * (given[best] + 1) > amounts[best] * (given[i] + 1):
                best = i
        given[best] += 1
    return given


def parts_returned(
    order: Order, *, before: Mapping[int, int], goods: Mapping[int, int], freight_fen: int
) -> tuple[RefundPart, ...]:
    """Say what of each split returns with a refund; cumulative, per grower's goods.

    Takes: `before`, fen refunded so far by line position (`FREIGHT` for the freight), this refund's `goods`
    by line position and `freight_fen`.
    Gives: the parts of more than 0, in the order of the split plan; they add up to the refund.
    """
    after = dict(before)
    for position, fen in {**goods, FREIGHT: freight_fen}.items():
        after[position] = after.get(position, 0) + fen
    was, becomes = _returned(order, so_far=before), _returned(order, so_far=after)
    return tuple(
        RefundPart(position, split.payee, split.payee_id, split.grower_id, becomes[position] - was[position])
        for position, split in enumerate(order.splits)
        if becomes[position] > was[position]
    )


def _returned(order: Order, *, so_far: Mapping[int, int]) -> list[int]:
    """Give how much of each split has returned once `so_far` was refunded."""
    returned = [0] * len(order.splits)
    groups: dict[UUID | None, list[int]] = {}
    for position, split in enumerate(order.splits):
        groups.setdefault(split.grower_id, []).append(position)
    for grower_id, positions in groups.items():
        if grower_id is None:
            fen = so_far.get(FREIGHT, 0)
        else:
            fen = sum(
                so_far.get(position, 0)
                for position, line in enumerate(order.lines)
                if line.grower_id == grower_id
            )
        amounts = [order.splits[position].fen for position in positions]
        for position, part_fen in zip(positions, drawn(amounts, fen=fen), strict=True):
            returned[position] = part_fen
    return returned


def remaining(splits: Sequence[Split], parts: Sequence[RefundPart]) -> tuple[Split, ...]:
    """Give the split plan less what returned, in the same order."""
    back: dict[int, int] = {}
    for part in parts:
        back[part.position] = back.get(part.position, 0) + part.fen
    return tuple(
        Split(split.payee, split.payee_id, split.grower_id, split.fen - back.get(position, 0))
        for position, split in enumerate(splits)
    )
