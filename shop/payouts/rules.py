"""Decisions of payouts: the moves of a settlement, how a grower's part adds up, where its money is."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from county.errors import IllegalMove
from county.payments.types import SplitPart
from shop.orders.types import Order, OrderState, Payee, Split
from shop.payouts.types import (
    GrowerMoney,
    GrowerSale,
    MoneyState,
    SettlementEvent,
    SettlementPart,
    SettlementState,
)

S, E = SettlementState, SettlementEvent
MOVES: dict[tuple[SettlementState, SettlementEvent], SettlementState] = {
    (S.CONFIRMING, E.CONFIRM): S.CONFIRMED,
    (S.CONFIRMED, E.SPLIT): S.SPLITTING,
    # Everything went back to the buyer between confirmation and split: there is nothing to split.
    (S.CONFIRMED, E.FINISH): S.SETTLED,
    (S.SPLITTING, E.FINISH): S.SETTLED,
    (S.SPLITTING, E.FAIL): S.CONFIRMED,
    (S.SPLITTING, E.BIND): S.BINDING,
    (S.BINDING, E.CONFIRM): S.CONFIRMED,
    (S.BINDING, E.FAIL): S.CONFIRMED,
}
# Alipay's word for a receiver that was not bound. Source: alipay.trade.order.settle, 2025.
UNBOUND = ("ACQ.ROYALTY_RECEIVER_INVALID",)
# Alipay names what a split is for (royalty_scene). Source: Alipay 分账, 2025.
SCENES = {Payee.STREAMER: "达人佣金", Payee.ASSOCIATION: "平台服务费", Payee.TRANSPORT: "平台服务费"}


def move(state: SettlementState, event: SettlementEvent) -> SettlementState:
    """Give the state that follows; raises `IllegalMove` when the event is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="settlement", state=state.value, event=event.value) from None


def settlement_parts(
    splits: Sequence[Split], *, accounts: Mapping[tuple[Payee, UUID | None], str]
) -> tuple[SettlementPart, ...]:
    """Say which account receives each split that is left; the payee's own rest has none."""
    return tuple(
        SettlementPart(
            position,
            "" if split.payee is Payee.GROWER else accounts[split.payee, split.payee_id],
            split.fen,
        )
        for position, split in enumerate(splits)
        if split.fen
    )


def split_parts(parts: Sequence[SettlementPart], splits: Sequence[Split]) -> tuple[SplitPart, ...]:
    """Add up what each account receives; one part per account, since a request takes few receivers."""
    sums: dict[str, int] = {}
    scenes: dict[str, str] = {}
    for part in parts:
        if part.account:
            sums[part.account] = sums.get(part.account, 0) + part.fen
            scenes.setdefault(part.account, SCENES[splits[part.position].payee])
    return tuple(SplitPart(account, fen, scene=scenes[account]) for account, fen in sorted(sums.items()))


def grower_sale(order: Order, *, left: Sequence[Split], grower_id: UUID) -> GrowerSale:
    """Give a grower's part of an order as a sum that adds up; `left` is what remains of the split plan."""
    goods_fen = sum(split.fen for split in order.splits if split.grower_id == grower_id)
    own = [split for split in left if split.grower_id == grower_id]

    def part_of(payee: Payee) -> int:
        return sum(split.fen for split in own if split.payee is payee)

    lines = [line for line in order.lines if line.grower_id == grower_id]
    return GrowerSale(
        order_no=order.order_no,
        what="、".join(f"{line.title} × {line.quantity}" for line in lines),
        sold_at=order.paid_at or order.placed_at,
        goods_fen=goods_fen,
        returned_fen=goods_fen - sum(split.fen for split in own),
        freight_fen=part_of(Payee.TRANSPORT),
        streamer_fen=part_of(Payee.STREAMER),
        association_fen=part_of(Payee.ASSOCIATION),
        yours_fen=part_of(Payee.GROWER),
        state=money_state(order.state),
        expected_at=order.completed_at or order.claim_until,
    )


def money_state(state: OrderState) -> MoneyState:
    """Say where the money of an order in this state is."""
    if state is OrderState.COMPLETED:
        return MoneyState.RELEASED
    if state is OrderState.REFUNDED:
        return MoneyState.REFUNDED
    return MoneyState.WAITING_CLAIMS if state is OrderState.DELIVERED else MoneyState.WAITING_DELIVERY


def grower_money(sales: Sequence[GrowerSale]) -> GrowerMoney:
    """Add a grower's sales up; what went back to buyers is shown and counts for nothing."""
    waiting = [
        sale for sale in sales if sale.state in (MoneyState.WAITING_DELIVERY, MoneyState.WAITING_CLAIMS)
    ]
    expected = [sale.expected_at for sale in waiting if sale.expected_at is not None]
    return GrowerMoney(
        sales=tuple(sales),
        released_fen=sum(sale.yours_fen for sale in sales if sale.state is MoneyState.RELEASED),
        waiting_fen=sum(sale.yours_fen for sale in waiting),
        next_at=min(expected, default=None),
    )
