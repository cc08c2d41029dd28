"""What a buyer sees of an order, on pages and as JSON: no splits, no other people's things."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shop.orders.types import Address, Order, OrderPayment, OrderState


@dataclass(frozen=True)
class LineView:
    """A line of an order."""

    sku_id: UUID
    product_id: UUID
    title: str
    sku_name: str
    quantity: int
    price_fen: int
    goods_fen: int


@dataclass(frozen=True)
class OrderView:
    """An order as its buyer sees it."""

    order_no: str
    checkout_no: str
    seller: str
    state: OrderState
    reason: str
    goods_fen: int
    freight_fen: int
    total_fen: int
    carrier: str
    address: Address
    lines: tuple[LineView, ...]
    payments: tuple[OrderPayment, ...]
    parcels: tuple[str, ...]
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    claim_until: datetime | None


def view_of(order: Order) -> OrderView:
    """Give what a buyer sees of an order."""
    return OrderView(
        order_no=order.order_no,
        checkout_no=order.checkout_no,
        seller=order.seller,
        state=order.state,
        reason=order.reason,
        goods_fen=order.goods_fen,
        freight_fen=order.freight_fen,
        total_fen=order.total_fen,
        carrier=order.carrier,
        address=order.address,
        lines=tuple(
            LineView(
                line.sku_id,
                line.product_id,
                line.title,
                line.sku_name,
                line.quantity,
                line.price_fen,
                line.goods_fen,
            )
            for line in order.lines
        ),
        payments=order.payments,
        parcels=tuple(part.parcel_no for part in order.consignments if part.parcel_no),
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        paid_at=order.paid_at,
        delivered_at=order.delivered_at,
        completed_at=order.completed_at,
        claim_until=order.claim_until,
    )
