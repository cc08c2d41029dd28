"""Turns the form of an address for returns into typed values."""

import re

from flask import request

from shop.sellers.types import ReturnAddress

_WHOLE = re.compile(r"[0-9]{1,9}")
EMPTY = ReturnAddress("", "", "")


def read_address() -> ReturnAddress:
    """Read where goods go back to; whether it can be used is decided by the rules."""
    return ReturnAddress(
        name=request.form.get("name", "").strip()[:80],
        phone=re.sub(r"\s", "", request.form.get("phone", ""))[:30],
        address=request.form.get("address", "").strip()[:300],
    )


def read_version() -> int:
    """Read which version of the address was seen; -1, which none has, when it cannot be read."""
    given = request.form.get("version", "").strip()
    return int(given) if _WHOLE.fullmatch(given) else -1
