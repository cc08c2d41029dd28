"""Turns order requests, JSON and forms, into typed values."""

import re
from typing import Annotated, Any
from uuid import UUID

from flask import request
from flask_babel import gettext
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from county.people.rules import is_phone
from county.web import parse
from logistics.rates.rules import PROVINCES, plain_province
from shop.checkout.types import Item, ShownOrder
from shop.orders.types import Address

ITEMS_MAX = 50
QUANTITY_MAX = 9_999
_FEN = re.compile(r"[0-9]{1,12}")
_SHOWN = re.compile(r"([0-9]{1,12}) ([0-9]{1,12}) (.{1,200})")


def _phone(text: str) -> str:
    if not is_phone(text):
        raise ValueError("expected a mobile number of eleven digits")
    return text


def _province(text: str) -> str:
    if plain_province(text) not in PROVINCES:
        raise ValueError("expected a province such as 陕西")
    return plain_province(text)


def _plain(text: str) -> str:
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise ValueError("expected text without control characters")
    return text.strip()


Line = Annotated[str, AfterValidator(_plain)]


class ItemBody(BaseModel):
    """A size and how many of it."""

    model_config = ConfigDict(extra="forbid")

    sku_id: UUID
    quantity: Annotated[int, Field(strict=True, ge=1, le=QUANTITY_MAX)]


class AddressBody(BaseModel):
    """Where the goods go."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Line = Field(min_length=1, max_length=30)
    phone: Annotated[str, AfterValidator(_phone)]
    province: Annotated[str, AfterValidator(_province)]
    city: Line = Field(max_length=30)
    county: Line = Field(max_length=30)
    detail: Line = Field(min_length=2, max_length=120)


class OrderBody(BaseModel):
    """The JSON body of an order."""

    model_config = ConfigDict(extra="forbid")

    items: list[ItemBody] = Field(min_length=1, max_length=ITEMS_MAX)
    address: AddressBody
    source_ref: str = Field(default="", max_length=400)

    def wanted(self) -> list[Item]:
        """Give the items as values."""
        return [Item(item.sku_id, item.quantity) for item in self.items]

    def to(self) -> Address:
        """Give the address as a value."""
        return to_address(self.address)


def to_address(body: AddressBody) -> Address:
    """Turn a checked address into a value."""
    return Address(body.name, body.phone, body.province, body.city, body.county, body.detail)


def parse_order(body: dict[str, Any]) -> OrderBody:
    """Read the JSON body of an order; refuses `BadInput`."""
    return parse(OrderBody, body)


# More than any field takes, so that what is too long is said and not cut.
TYPED_MAX = 300
FIELDS = ("name", "phone", "province", "city", "county", "detail")


def read_address() -> tuple[dict[str, str], Address | None, dict[str, str]]:
    """Read the address form: what was typed, the address when it is right, and what is wrong by field."""
    typed = {name: request.form.get(name, "").strip()[:TYPED_MAX] for name in FIELDS}
    typed["phone"] = typed["phone"].replace(" ", "").replace("-", "")
    try:
        return typed, to_address(AddressBody.model_validate(typed)), {}
    except ValidationError as error:
        return typed, None, {str(each["loc"][0]): _say(each) for each in error.errors()}


def _say(fault: ErrorDetails) -> str:
    if fault["type"] == "string_too_long":
        return str(gettext("Please use at most %(most)s characters here.", most=fault["ctx"]["max_length"]))
    says = {
        "name": gettext("Please type who receives the parcel."),
        "phone": gettext("Please type the eleven digits of a mobile number."),
        "province": gettext("Please choose a province."),
        "city": gettext("Please type the city."),
        "county": gettext("Please type the county or district."),
        "detail": gettext("Please type street and house."),
    }
    return str(says[str(fault["loc"][0])])


def read_shown_fen() -> int:
    """Read the sum that the page showed; -1, which no order costs, when it cannot be read."""
    given = request.form.get("total_fen", "")
    return int(given) if _FEN.fullmatch(given) else -1


def read_shown() -> list[ShownOrder]:
    """Read what the page showed of each seller of record; what cannot be read is left out."""
    given = [_SHOWN.fullmatch(each) for each in request.form.getlist("shown")[:ITEMS_MAX]]
    return [ShownOrder(each[3], int(each[1]), int(each[2])) for each in given if each]


def read_province() -> tuple[str, dict[str, str]]:
    """Read the province of the freight quote, and what is wrong by field; empty when none fits."""
    province = plain_province(request.args.get("province", ""))
    if province in PROVINCES:
        return province, {}
    return "", {"province": gettext("Please choose a province.")} if "province" in request.args else {}


def province_choices() -> list[tuple[str, str]]:
    """List the provinces for a form, those nearest to the county first."""
    near = ["陕西", "四川", "重庆", "湖北", "河南", "甘肃", "山西"]
    return [(name, name) for name in [*near, *sorted(PROVINCES - set(near))]]
