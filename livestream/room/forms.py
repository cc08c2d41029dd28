"""Turns requests of the room into typed values."""

from uuid import UUID

from flask import request

from county.errors import BadInput, Fault, NotFound

NOTICE_MAX = 200


def read_product_id() -> UUID:
    """Read which product to show."""
    try:
        return UUID(request.form.get("product_id", ""))
    except ValueError:
        raise NotFound(what="product") from None


def read_notice() -> str:
    """Read a sentence for all viewers: 1 to 200 characters."""
    text = request.form.get("text", "").strip()
    if not 1 <= len(text) <= NOTICE_MAX:
        raise BadInput([Fault("text", f"expected 1 to {NOTICE_MAX} characters")])
    return text


def read_since() -> int:
    """Read after which number to begin; 0 when left out."""
    text = request.args.get("since", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise BadInput([Fault("since", "expected a whole number")])
    return int(text)
