"""Decisions about orders: the table of moves, the split plan, how far several consignments are together."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from county import money
from county.errors import IllegalMove
from shop.orders.types import Order, OrderEvent, OrderLine, OrderState, Payee, Split

S, E = OrderState, OrderEvent
MOVES: dict[tuple[OrderState, OrderEvent], OrderState] = {
    (S.AWAITING_PAYMENT, E.PAY): S.PAID,
    (S.AWAITING_PAYMENT, E.CANCEL): S.CANCELLED,
    (S.AWAITING_PAYMENT, E.EXPIRE): S.CANCELLED,
    (S.CANCELLED, E.PAY_LATE): S.PAID,
    (S.CANCELLED, E.REFUND): S.REFUNDED,
    # A paid order that is called off before it is packed; `refunded` follows when the money is back.
    (S.PAID, E.CANCEL): S.CANCELLED,
    (S.PAID, E.PACK): S.PACKED,
    (S.PAID, E.SHIP): S.SHIPPED,
    (S.PACKED, E.SHIP): S.SHIPPED,
    (S.SHIPPED, E.ARRIVE): S.AT_STATION,
    (S.SHIPPED, E.DELIVER): S.DELIVERED,
    (S.AT_STATION, E.DELIVER): S.DELIVERED,
    (S.DELIVERED, E.COMPLETE): S.COMPLETED,
    (S.PAID, E.REFUND): S.REFUNDED,
    (S.PACKED, E.REFUND): S.REFUNDED,
    (S.SHIPPED, E.REFUND): S.REFUNDED,
    (S.AT_STATION, E.REFUND): S.REFUNDED,
    (S.DELIVERED, E.REFUND): S.REFUNDED,
    (S.COMPLETED, E.REFUND): S.REFUNDED,
}
# How far a consignment is on its way; the order is as far as its least advanced one.
WAY = (S.PAID, S.PACKED, S.SHIPPED, S.AT_STATION, S.DELIVERED)


def move(state: OrderState, event: OrderEvent) -> OrderState:
    """Give the state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="order", state=state.value, event=event.value) from None


def least_advanced(states: Iterable[OrderState]) -> OrderState:
    """Give the state of the consignment that is least far on its way."""
    return min(states, key=WAY.index)


def is_unpacked(order: Order) -> bool:
    """Tell whether nobody has packed a part of an order yet."""
    return all(part.state is OrderState.PAID for part in order.consignments)


def pieces(order: Order) -> dict[UUID, int]:
    """Give how many pieces of each size an order holds."""
    held: dict[UUID, int] = {}
    for line in order.lines:
        held[line.sku_id] = held.get(line.sku_id, 0) + line.quantity
    return held


def plan_splits(
    lines: Sequence[OrderLine],
    *,
    freight_fen: int,
    association_bp: int,
    commissions: Mapping[UUID, tuple[UUID, int]],
    included_fen: Mapping[UUID, int] | None = None,
) -> tuple[Split, ...]:
    """Plan who receives which part of an order; the parts add up to goods and freight exactly.

    Takes: `commissions`, streamer and basis points per product sold through a live session; `freight_fen`,
    what the buyer pays for freight; `included_fen`, freight per grower that is taken from their goods (包邮).
    Gives: per grower the streamers' parts, the association's part, freight that the price includes, and the
    rest, which is below 0 when the goods do not bring that much; at last the buyer's freight.
    Source: PAYMENTS.md §2, worked example: 68.50 → 6.85 streamer, 3.43 association, 58.22 grower.
    """
    splits: list[Split] = []
    for grower_id in sorted({line.grower_id for line in lines}):
        own = [line for line in lines if line.grower_id == grower_id]
        goods_fen = sum(line.goods_fen for line in own)
        sold_by: dict[tuple[UUID, int], int] = {}
        for line in own:
            if commission := commissions.get(line.product_id):
                sold_by[commission] = sold_by.get(commission, 0) + line.goods_fen
        parts = [
            Split(Payee.STREAMER, streamer_id, grower_id, money.share(sold_fen, part_bp))
            for (streamer_id, part_bp), sold_fen in sorted(sold_by.items())
        ]
        parts.append(Split(Payee.ASSOCIATION, None, grower_id, money.share(goods_fen, association_bp)))
        if freight := (included_fen or {}).get(grower_id, 0):
            parts.append(Split(Payee.TRANSPORT, None, grower_id, freight))
        rest_fen = goods_fen - sum(part.fen for part in parts)
        splits += [*parts, Split(Payee.GROWER, grower_id, grower_id, rest_fen)]
    splits.append(Split(Payee.TRANSPORT, None, None, freight_fen))
    return tuple(splits)


def split_off_fen(splits: Iterable[Split]) -> int:
    """Give how much of an order goes to others than the growers."""
    return sum(split.fen for split in splits if split.payee is not Payee.GROWER)


def is_over_cap(splits: Sequence[Split], *, cap_bp: int) -> bool:
    """Tell whether the parts split off are more than `cap_bp` of the whole order."""
    total_fen = sum(split.fen for split in splits)
    return split_off_fen(splits) * 10_000 > total_fen * cap_bp
