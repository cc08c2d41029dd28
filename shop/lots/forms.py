"""Turns a grower's form into a typed lot."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import request

from county.errors import N_, NotFound
from shop.lots.types import BadLot


@dataclass(frozen=True)
class NewLot:
    """A lot to open, and the page from which it was asked for."""

    product_id: UUID
    made_on: date
    note: str
    order_no: str


def read_lot() -> NewLot:
    """Read the form that opens a lot; refuses `BadLot` and `NotFound`."""
    given = request.form
    try:
        product_id = UUID(given.get("product_id", ""))
    except ValueError:
        raise NotFound(what="product") from None
    # A packing page has one such form for each product: the fields carry its place on the page.
    place = given.get("place", "1")[:3]
    try:
        made_on = date.fromisoformat(given.get(f"made_on_{place}", ""))
    except ValueError:
        raise BadLot(why=N_("please choose the day on which it was harvested or made.")) from None
    return NewLot(product_id, made_on, given.get(f"note_{place}", "").strip(), given.get("order_no", "")[:20])
