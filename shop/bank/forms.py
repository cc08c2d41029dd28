"""Turns the forms of the bank account into typed values."""

from dataclasses import dataclass
from uuid import UUID

from flask import request

from county import money
from county.errors import N_
from shop.bank.rules import clean_reference, kinds_of
from shop.bank.types import BadLine, LineKind, NewLine, Way
from shop.papers.parsers import read_day

FIELDS = ("kind", "party", "yuan", "moved_on", "reference", "note")


@dataclass(frozen=True)
class AskedLine:
    """What was typed into one of the two forms, as text."""

    kind: str = ""
    party: str = ""
    yuan: str = ""
    moved_on: str = ""
    reference: str = ""
    note: str = ""


def field_of(way: Way, name: str) -> str:
    """Name a field of one of the two forms: they stand on one page."""
    return f"{way.value}_{name}"


def read_line(way: Way) -> AskedLine:
    """Read a line as it was typed."""
    given = {name: request.form.get(field_of(way, name), "").strip()[:120] for name in FIELDS}
    return AskedLine(**given)


def parsed(asked: AskedLine, way: Way) -> NewLine:
    """Turn what was typed into a line.

    Refuses: `BadLine` naming the field.
    """
    if asked.kind not in kinds_of(way):
        raise BadLine(field="kind", why=N_("Please choose what it was."))
    try:
        party_id = UUID(asked.party) if asked.party else None
    except ValueError:
        raise BadLine(field="party", why=N_("Please choose one from the list.")) from None
    try:
        fen = money.parse_grouped_yuan(asked.yuan)
    except ValueError:
        raise BadLine(field="yuan", why=N_("Please type an amount such as 1234.50.")) from None
    moved_on = read_day(asked.moved_on)
    if moved_on is None:
        raise BadLine(field="moved_on", why=N_("Please type a day such as 2026-10-31."))
    return NewLine(
        kind=LineKind(asked.kind),
        party_id=party_id,
        fen=fen,
        moved_on=moved_on,
        reference=clean_reference(asked.reference),
        note=asked.note,
    )


def read_month(*, usual: str) -> str:
    """Read which month is meant; the service refuses what is none."""
    return request.args.get("month", "").strip()[:10] or usual


def read_reason() -> str:
    """Read why a booking is taken back."""
    return request.form.get("reason", "").strip()[:200]
