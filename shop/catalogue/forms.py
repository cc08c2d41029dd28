"""Turns a grower's form into a typed listing."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from flask import request
from flask_babel import gettext
from pydantic import BaseModel, ConfigDict

from county import money
from shop.catalogue.types import Category, NewSku

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
    _check_price(form)
    if not _WEIGHT.fullmatch(form.weight_kg) or float(form.weight_kg) == 0:
        form.errors["weight_kg"] = gettext("Please type the weight in kg, such as 0.5.")
    if not (form.available.isascii() and form.available.isdigit() and len(form.available) <= 6):
        form.errors["available"] = gettext("Please type a whole number, such as 10.")
    return form


def _check_price(form: ListingForm) -> None:
    try:
        if money.parse_yuan(form.price) <= 0:
            raise ValueError
    except ValueError:
        form.errors["price"] = gettext("Please type the price in yuan, such as 29.90.")


@dataclass(frozen=True)
class SkuChange:
    """A new price and stock for a size, based on the version that was seen."""

    sku_id: UUID
    version: int
    price_fen: int
    available: int


def read_sku_change() -> SkuChange | None:
    """Read the change of a size; None when a figure cannot be read."""
    given = request.form
    version, available = given.get("version", "").strip(), given.get("available", "").strip()
    if not _WHOLE.fullmatch(version) or not _WHOLE.fullmatch(available):
        return None
    try:
        return SkuChange(
            sku_id=UUID(given.get("sku_id", "")),
            version=int(version),
            price_fen=money.parse_yuan(given.get("price", "")),
            available=int(available),
        )
    except ValueError:
        return None


def read_freight_change() -> tuple[int, bool]:
    """Read which version of a product was seen, and whether its price shall include the freight."""
    version = request.form.get("version", "").strip()
    return int(version) if _WHOLE.fullmatch(version) else 0, bool(request.form.get("freight_included"))


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
