"""What a cart shows."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class CartLine:
    """A size in the cart at today's price; `is_for_sale` is false when it was withdrawn or sold out."""

    sku_id: UUID
    product_id: UUID
    title: str
    sku_name: str
    price_fen: int
    quantity: int
    available: int
    is_for_sale: bool

    @property
    def goods_fen(self) -> int:
        """Give price × quantity."""
        return self.price_fen * self.quantity


@dataclass(frozen=True)
class Cart:
    """A buyer's cart."""

    lines: tuple[CartLine, ...]
    source_ref: str

    @property
    def goods_fen(self) -> int:
        """Give the price of all goods that can be ordered."""
        return sum(line.goods_fen for line in self.lines if line.is_for_sale)
