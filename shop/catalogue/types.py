"""Products, their sizes and prices, and why a listing is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused
from county.files.types import StoredPicture

ProductId = NewType("ProductId", UUID)
SkuId = NewType("SkuId", UUID)


class Category(StrEnum):
    """Kinds of the county's goods; the rules of claims and freshness hang on them."""

    TEA = "tea"
    RICE = "rice"
    KONJAC = "konjac"
    CURED_PORK = "cured_pork"
    MUSHROOM = "mushroom"
    HONEY = "honey"
    FRUIT = "fruit"
    NUTS = "nuts"
    HERBS = "herbs"
    OTHER = "other"


class ProductState(StrEnum):
    """Whether buyers can see a product."""

    LISTED = "listed"
    WITHDRAWN = "withdrawn"


class Change(StrEnum):
    """What can be done to a listing."""

    WITHDRAW = "withdraw"
    RELIST = "relist"


@dataclass(frozen=True)
class NewSku:
    """A size on offer: `weight_g` is what the courier weighs, packing included."""

    name: str
    price_fen: int
    weight_g: int
    available: int


@dataclass(frozen=True)
class Sku:
    """A size on offer as buyers see it."""

    sku_id: SkuId
    name: str
    price_fen: int
    weight_g: int
    available: int
    version: int


@dataclass(frozen=True)
class Product:
    """A product as buyers see it."""

    product_id: ProductId
    title: str
    description: str
    category: Category
    state: ProductState
    seller_id: UUID
    seller: str
    grower_id: UUID
    grower: str
    place: str
    picture: StoredPicture | None
    freight_included: bool
    version: int
    listed_at: datetime
    skus: tuple[Sku, ...]

    @property
    def price_fen(self) -> int:
        """Give the lowest price among the sizes."""
        return min(sku.price_fen for sku in self.skus)

    @property
    def available(self) -> int:
        """Give how many pieces are left over all sizes."""
        return sum(sku.available for sku in self.skus)


@dataclass(frozen=True)
class SkuForSale:
    """What checkout needs to know of a size, with the product behind it."""

    sku_id: SkuId
    product_id: ProductId
    title: str
    name: str
    category: Category
    price_fen: int
    weight_g: int
    available: int
    seller_id: UUID
    grower_id: UUID
    freight_included: bool
    is_listed: bool


class OutOfStock(Refused):
    """There is less left than was asked for."""

    code = "out_of_stock"
    says = N_("Of “{title}” only {available} are left.")


class ListingRefused(Refused):
    """The listing breaks a rule that the grower can put right."""

    code = "listing_refused"
    says = N_("This product cannot be listed: {why}")
    status = 422


class SplitNeverFits(ListingRefused):
    """Of every order of one piece more would go to others than is allowed, even near by."""

    code = "split_never_fits"
    says = N_(
        "“{title}” at ¥{price}: of one piece ¥{off} would go to {takers}, at most ¥{most} may. "
        "Ask at least ¥{least}, or pack more into one piece.{or_freight}{or_commission}{or_cooperative}"
    )
    status = 422


class CommissionOverCap(ListingRefused):
    """The commissions alone reach what may go to others, at whatever price."""

    code = "commission_over_cap"
    says = N_(
        "“{title}”: the association and the streamer together would get {percent} % of the goods, "
        "of the whole order at most {cap} % may go to others. Agree on a lower commission."
    )
    status = 422
