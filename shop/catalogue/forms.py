"""Turns a grower's form into a typed listing."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from flask import request
from flask_babel import gettext
from pydantic import BaseModel, ConfigDict

from county import money
from county.errors import N_, NotFound
from shop.catalogue.types import Category, NewSku

PRICE_SAYS = N_("Please type the price in yuan, such as 29.90.")
STOCK_SAYS = N_("Please type a whole number, such as 10.")
PICTURE_BYTES = 12_000_000
_WHOLE = re.compile(r"[0-9]{1,9}")
_WEIGHT = re.compile(r"\d{1,4}(\.\d{1,3})?")


@dataclass
class ListingForm:
    """What was typed into the listing form, and what is wrong with it."""

    title: str = ""
    description: str = ""
    category: str = Category.OTHER.value
    size: str = ""
    price: str = ""
    weight_kg: str = "0.5"
    available: str = "10"
    freight_included: bool = False
    picture: bytes = b""
    errors: dict[str, str] = field(default_factory=dict)

    def sku(self) -> NewSku:
        """Give the size that the form describes."""
        grams = round(float(self.weight_kg) * 1000)
        return NewSku(
            name=self.size or f"{self.weight_kg} kg",
            price_fen=money.parse_yuan(self.price),
            weight_g=grams,
            available=int(self.available),
        )


def read_listing() -> ListingForm:
    """Read the listing form; what is wrong stands in `errors` by field."""
    given = request.form
    form = ListingForm(
        title=given.get("title", "").strip(),
        description=given.get("description", "").strip(),
        category=given.get("category", ""),
        size=given.get("size", "").strip(),
        price=given.get("price", "").strip(),
        weight_kg=given.get("weight_kg", "").strip(),
        available=given.get("available", "").strip(),
        freight_included=bool(given.get("freight_included")),
    )
    upload = request.files.get("picture")
    form.picture = upload.read(PICTURE_BYTES + 1) if upload else b""
    if not 2 <= len(form.title) <= 60:
        form.errors["title"] = gettext("Please say in 2 to 60 characters what it is, such as 魔芋粉.")
    if form.category not in set(Category):
        form.errors["category"] = gettext("Please choose one kind.")
    if len(form.size) > 60:
        form.errors["size"] = gettext("Please say the size in at most 60 characters.")
    if not _is_price(form.price):
        form.errors["price"] = gettext(PRICE_SAYS)
    if not _WEIGHT.fullmatch(form.weight_kg) or float(form.weight_kg) == 0:
        form.errors["weight_kg"] = gettext("Please type the weight in kg, such as 0.5.")
    if not _is_stock(form.available):
        form.errors["available"] = gettext(STOCK_SAYS)
    return form


def _is_price(text: str) -> bool:
    try:
        return money.parse_yuan(text) > 0
    except ValueError:
        return False


def _is_stock(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6


@dataclass
class SkuForm:
    """What was typed to change a size, based on the version that was seen, and what is wrong with it.

    `errors` stand under the field's name and the size: a page has such a form for each size.
    """

    sku_id: UUID
    version: int
    price: str
    available: str
    errors: dict[str, str] = field(default_factory=dict)

    def refuse(self, name: str, says: str) -> None:
        """Say what is wrong with one of the fields."""
        self.errors[f"{name}-{self.sku_id}"] = says


def read_sku_change() -> SkuForm:
    """Read the change of a size; what is wrong stands in `errors` by field. Refuses `NotFound`."""
    given = request.form
    try:
        sku_id = UUID(given.get("sku_id", ""))
    except ValueError:
        raise NotFound(what="size") from None
    form = SkuForm(
        sku_id=sku_id,
        version=_read_version(),
        price=given.get("price", "").strip()[:30],
        available=given.get("available", "").strip()[:30],
    )
    if not _is_price(form.price):
        form.refuse("price", gettext(PRICE_SAYS))
    if not _is_stock(form.available):
        form.refuse("available", gettext(STOCK_SAYS))
    return form


def read_freight_change() -> tuple[int, bool]:
    """Read which version of a product was seen, and whether its price shall include the freight."""
    return _read_version(), bool(request.form.get("freight_included"))


def _read_version() -> int:
    version = request.form.get("version", "").strip()
    return int(version) if _WHOLE.fullmatch(version) else 0


class ProductQuery(BaseModel):
    """The query of the product list."""

    model_config = ConfigDict(extra="ignore")

    q: str = ""
    limit: int = 50
    cursor: str = ""


def read_query() -> str:
    """Read the search text, at most 60 characters of it."""
    return request.args.get("q", "").strip()[:60]


def read_source() -> str:
    """Read the source token of a live-room link, if there is one."""
    return request.args.get("s", "")[:400]
