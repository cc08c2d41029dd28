"""What a buyer asks for at checkout and what they get back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused
from shop.orders.types import Order, OrderState


@dataclass(frozen=True)
class Item:
    """A size and how many pieces of it."""

    sku_id: UUID
    quantity: int


@dataclass(frozen=True)
class Commission:
    """What a streamer earns on a product sold through their link: basis points of the goods."""

    streamer_id: UUID
    part_bp: int


@dataclass(frozen=True)
class OrderLink:
    """An order of a checkout, as the answer to placing it shows it."""

    order_no: str
    seller: str
    total_fen: int
    goods_fen: int
    freight_fen: int
    state: OrderState


@dataclass(frozen=True)
class Checkout:
    """Orders placed together and paid together."""

    checkout_no: str
    total_fen: int
    expires_at: datetime
    orders: tuple[Order, ...]

    def links(self) -> tuple[OrderLink, ...]:
        """Give the orders in short."""
        return tuple(
            OrderLink(
                order.order_no,
                order.seller,
                order.total_fen,
                order.goods_fen,
                order.freight_fen,
                order.state,
            )
            for order in self.orders
        )


@dataclass(frozen=True)
class QuotedOrder:
    """What one seller of record will ask for: goods, freight and by whom it travels."""

    seller: str
    goods_fen: int
    freight_fen: int
    carrier: str

    @property
    def total_fen(self) -> int:
        """Give goods and freight together."""
        return self.goods_fen + self.freight_fen


class SumPart(StrEnum):
    """A part of the sum that a buyer sees before ordering."""

    GOODS = "goods"
    FREIGHT = "freight"
    TOTAL = "total"


@dataclass(frozen=True)
class ShownOrder:
    """Goods and freight of one seller of record as a buyer's page showed them."""

    seller: str
    goods_fen: int
    freight_fen: int


@dataclass(frozen=True)
class SumChange:
    """What a buyer's page showed, and what it would be now; `seller` is empty for the total."""

    part: SumPart
    seller: str
    before_fen: int
    now_fen: int


class TotalChanged(Refused):
    """The goods or their freight cost something else than the buyer was shown."""

    code = "total_changed"
    says = N_("The sum has changed: it is ¥{yuan} now. Nothing was ordered.")


class DirectAlone(Refused):
    """A seller with a merchant account of its own cannot be paid together with others."""

    code = "direct_alone"
    says = N_("{seller} is paid directly and must be ordered alone. Please order the rest separately.")


class BadSource(Refused):
    """The live-room link was changed or is not ours."""

    code = "bad_source"
    says = N_("This live-room link is not valid. Please open the product again.")
    status = 422


class FreightOverPrice(Refused):
    """The freight that the price includes is more than the goods bring."""

    code = "freight_over_price"
    says = N_(
        "To {province} the freight would cost more than these goods bring. "
        "Order more of them at once, or something else."
    )
