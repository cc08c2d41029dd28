"""Turns cart forms into typed values."""

import re
from dataclasses import dataclass
from uuid import UUID

from flask import request

from county.errors import N_, NotFound, Refused
from shop.cart.service import QUANTITY_MAX

_WHOLE = re.compile(r"[0-9]{1,9}")


class BadQuantity(Refused):
    """The number of pieces is not one that can be ordered."""

    code = "bad_quantity"
    says = N_("Please choose a whole number of pieces, at most {most}.")
    status = 422


@dataclass(frozen=True)
class CartForm:
    """A size, how many of it, and the live-room link it came by."""

    sku_id: UUID
    quantity: int
    source_ref: str


def read_cart_form(*, least: int = 1) -> CartForm:
    """Read a cart form; refuses `BadQuantity` and `NotFound`."""
    text = request.form.get("quantity", "").strip()
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= QUANTITY_MAX:
        raise BadQuantity(most=QUANTITY_MAX)
    try:
        sku_id = UUID(request.form.get("sku_id", ""))
    except ValueError:
        raise NotFound(what="product") from None
    return CartForm(sku_id, int(text), request.form.get("source_ref", "")[:400])
