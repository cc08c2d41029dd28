"""Orders, their lines, splits and consignments, and what can happen to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol
from uuid import UUID

from county.errors import N_, Refused

OrderId = NewType("OrderId", UUID)


class OrderState(StrEnum):
    """Where an order is (CONTRACTS §3)."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    AT_STATION = "at_station"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class OrderEvent(StrEnum):
    """What happens to an order."""

    PAY = "pay"
    PAY_LATE = "pay_late"
    CANCEL = "cancel"
    EXPIRE = "expire"
    PACK = "pack"
    SHIP = "ship"
    ARRIVE = "arrive"
    DELIVER = "deliver"
    COMPLETE = "complete"
    REFUND = "refund"


class Payee(StrEnum):
    """Who receives a part of an order."""

    GROWER = "grower"
    STREAMER = "streamer"
    ASSOCIATION = "association"
    TRANSPORT = "transport"


@dataclass(frozen=True)
class Address:
    """Where the buyer wants the goods."""

    name: str
    phone: str
    province: str
    city: str
    county: str
    detail: str


@dataclass(frozen=True)
class OrderLine:
    """A size and how many of it, at the price of the moment of ordering."""

    sku_id: UUID
    product_id: UUID
    grower_id: UUID
    title: str
    sku_name: str
    quantity: int
    price_fen: int
    weight_g: int

    @property
    def goods_fen(self) -> int:
        """Give price × quantity."""
        return self.price_fen * self.quantity


@dataclass(frozen=True)
class Split:
    """A part of an order and who receives it; `grower_id` says from whose goods it is taken."""

    payee: Payee
    payee_id: UUID | None
    grower_id: UUID | None
    fen: int


@dataclass(frozen=True)
class NewOrder:
    """An order ready to be written: everything is decided and checked."""

    seller_id: UUID
    lines: tuple[OrderLine, ...]
    goods_fen: int
    freight_fen: int
    carrier: str
    splits: tuple[Split, ...]

    @property
    def total_fen(self) -> int:
        """Give goods and freight together."""
        return self.goods_fen + self.freight_fen


@dataclass(frozen=True)
class OrderPayment:
    """A payment of an order, by Alipay's trade number."""

    trade_no: str
    fen: int


@dataclass(frozen=True)
class Consignment:
    """The part of an order that one grower packs; `parcel_no` once there is a parcel."""

    grower_id: UUID
    state: OrderState
    parcel_no: str | None


@dataclass(frozen=True)
class Order:
    """An order as its buyer, seller and grower see it."""

    id: OrderId
    order_no: str
    checkout_no: str
    buyer_id: UUID
    seller_id: UUID
    seller: str
    state: OrderState
    reason: str
    goods_fen: int
    freight_fen: int
    total_fen: int
    carrier: str
    address: Address
    lines: tuple[OrderLine, ...]
    splits: tuple[Split, ...]
    consignments: tuple[Consignment, ...]
    payments: tuple[OrderPayment, ...]
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    claim_until: datetime | None
    version: int


@dataclass(frozen=True)
class Returned:
    """Money of an order on its way back to the buyer, or there since `done_at`."""

    fen: int
    planned_at: datetime
    done_at: datetime | None


class ReturnDesk(Protocol):
    """The question to the feature that keeps refunds: what of an order goes back to its buyer?"""

    def __call__(self, db: Any, *, order_no: str) -> Sequence[Returned]:
        """List what goes back, oldest first."""


@dataclass(frozen=True)
class OrderPaid:
    """An order was paid: growers can pack."""

    order_id: UUID
    order_no: str


@dataclass(frozen=True)
class OrderCompleted:
    """An order's claim window ended and its money was released."""

    order_id: UUID
    order_no: str


class EmptyOrder(Refused):
    """An order must contain something."""

    code = "empty_order"
    says = N_("There is nothing to order.")
    status = 422


class SplitOverCap(Refused):
    """The parts that would be split off are more than the provider allows."""

    code = "split_over_cap"
    says = N_(
        "{seller} cannot sell this alone: {percent} % of the order would be split off, "
        "at most {cap} % is allowed. "
        "Order more at once, or without the live-room link."
    )
