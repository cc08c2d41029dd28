"""Decisions of payouts: how a grower's part of an order adds up, and where its money is."""

from collections.abc import Sequence
from uuid import UUID

from shop.orders.types import Order, OrderState, Payee
from shop.payouts.types import GrowerMoney, GrowerSale, MoneyState


def grower_sale(order: Order, *, grower_id: UUID) -> GrowerSale:
    """Give a grower's part of an order as a sum that adds up."""
    own = [split for split in order.splits if split.grower_id == grower_id]
    streamer_fen = sum(split.fen for split in own if split.payee is Payee.STREAMER)
    association_fen = sum(split.fen for split in own if split.payee is Payee.ASSOCIATION)
    yours_fen = sum(split.fen for split in own if split.payee is Payee.GROWER)
    lines = [line for line in order.lines if line.grower_id == grower_id]
    return GrowerSale(
        order_no=order.order_no,
        what="、".join(f"{line.title} × {line.quantity}" for line in lines),
        sold_at=order.paid_at or order.placed_at,
        goods_fen=streamer_fen + association_fen + yours_fen,
        streamer_fen=streamer_fen,
        association_fen=association_fen,
        yours_fen=yours_fen,
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


def grower_money(orders: Sequence[Order], *, grower_id: UUID) -> GrowerMoney:
    """Add a grower's sales up; refunded ones are shown and count for nothing."""
    sales = [grower_sale(order, grower_id=grower_id) for order in orders]
    counted = [sale for sale in sales if sale.state is not MoneyState.REFUNDED]
    waiting = [sale for sale in counted if sale.state is not MoneyState.RELEASED]
    expected = [sale.expected_at for sale in waiting if sale.expected_at is not None]
    return GrowerMoney(
        sales=tuple(counted),
        released_fen=sum(sale.yours_fen for sale in counted if sale.state is MoneyState.RELEASED),
        waiting_fen=sum(sale.yours_fen for sale in waiting),
        next_at=min(expected, default=None),
    )
