"""Decisions of payouts: whose account each part goes to, and how a grower's part of an order adds up."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from shop.orders.types import Order, OrderState, Payee, Split
from shop.payouts.types import GrowerMoney, GrowerSale, MoneyState


def account_of(split: Split) -> str:
    """Name the ledger account that a split's receiver is owed on."""
    match split.payee:
        case Payee.GROWER:
            return f"payable:grower:{split.payee_id}"
        case Payee.STREAMER:
            return f"payable:streamer:{split.payee_id}"
        case Payee.ASSOCIATION:
            return "payable:association:service"
        case Payee.TRANSPORT:
            return "payable:association:transport"


def totals_by_account(splits: Iterable[Split]) -> list[tuple[str, int]]:
    """Add splits up per account, by account name; accounts that receive nothing are left out."""
    totals: dict[str, int] = {}
    for split in splits:
        totals[account_of(split)] = totals.get(account_of(split), 0) + split.fen
    return sorted((account, fen) for account, fen in totals.items() if fen)


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
