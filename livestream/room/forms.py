"""Turns requests of the room into typed values."""

from uuid import UUID

from flask import request
from flask_babel import gettext

from county.errors import BadInput, Fault, NotFound

NOTICE_MAX = 200


def read_product_id() -> UUID:
    """Read which product to show."""
    try:
        return UUID(request.form.get("product_id", ""))
    except ValueError:
        raise NotFound(what="product") from None


def read_notice() -> tuple[str, dict[str, str]]:
    """Read a sentence for all viewers, and what is wrong with it by field."""
    text = request.form.get("text", "").strip()[: 2 * NOTICE_MAX]
    if 1 <= len(text) <= NOTICE_MAX:
        return text, {}
    says = gettext("Please write a sentence of 1 to %(most)s characters for the viewers.", most=NOTICE_MAX)
    return text, {"text": says}


def read_since() -> int:
    """Read after which number to begin; 0 when left out."""
    text = request.args.get("since", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise BadInput([Fault("since", "expected a whole number")])
    return int(text)
