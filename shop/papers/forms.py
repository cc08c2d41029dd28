"""Turns the forms of papers into typed values."""

from dataclasses import dataclass
from datetime import timedelta

from flask import request

from county import money
from county.errors import N_
from county.people.forms import clean_phone
from shop.papers.parsers import read_day
from shop.papers.types import BadPaper, PaperKind


@dataclass(frozen=True)
class AskedPaper:
    """What was typed, as text."""

    kind: str = PaperKind.OWN_PRODUCE.value
    phone: str = ""
    code: str = ""
    number: str = ""
    issued_on: str = ""
    from_on: str = ""
    last_on: str = ""
    yuan: str = ""


def read_paper() -> AskedPaper:
    """Read a paper as it was typed."""
    form = request.form
    fields = ("kind", "code", "number", "issued_on", "from_on", "last_on", "yuan")
    return AskedPaper(
        phone=clean_phone(form.get("phone", "")), **{name: form.get(name, "").strip()[:60] for name in fields}
    )


def parsed(asked: AskedPaper) -> dict[str, object]:
    """Turn what was typed into the values of a paper, all but whose it is.

    Refuses: `BadPaper` naming the field.
    """
    kind = PaperKind.INVOICE if asked.kind == PaperKind.INVOICE else PaperKind.OWN_PRODUCE
    issued_on, from_on, last_on = (read_day(each) for each in (asked.issued_on, asked.from_on, asked.last_on))
    for name, day in (("issued_on", issued_on), ("from_on", from_on), ("last_on", last_on)):
        if day is None:
            raise BadPaper(field=name, why=N_("expected a day such as 2026-10-31"))
    assert last_on is not None
    try:
        fen = money.parse_yuan(asked.yuan) if asked.yuan else None
    except ValueError:
        raise BadPaper(field="yuan", why=N_("expected an amount such as 12.30")) from None
    return {
        "kind": kind,
        "code": asked.code,
        "number": asked.number,
        "issued_on": issued_on,
        "from_on": from_on,
        "to_on": last_on + timedelta(days=1),
        "fen": fen,
    }


def read_reason() -> str:
    """Read why a paper is voided or a slip corrected."""
    return request.form.get("reason", "").strip()[:200]


def read_grams(name: str) -> int:
    """Read a weight typed in kg with at most three decimals, in grams; 0 when it cannot be read."""
    whole, _, part = request.form.get(name, "").strip().partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 5 and len(part) <= 3):
        return 0
    if part and not (part.isascii() and part.isdigit()):
        return 0
    return int(whole) * 1000 + int((part or "0").ljust(3, "0"))
