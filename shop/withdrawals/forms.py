"""Turns the forms of withdrawals into typed values."""

from dataclasses import dataclass
from uuid import UUID

from flask import request

from county import money
from county.errors import N_
from shop.papers.parsers import read_day
from shop.sellers.types import SellerId
from shop.withdrawals.rules import clean_reference
from shop.withdrawals.types import BadWithdrawal, NewWithdrawal, Source


@dataclass(frozen=True)
class AskedWithdrawal:
    """What was typed, as text."""

    seller_id: str = ""
    source: str = Source.ALIPAY.value
    yuan: str = ""
    arrived_on: str = ""
    reference: str = ""


def read_withdrawal() -> AskedWithdrawal:
    """Read an arrival as it was typed."""
    fields = ("seller_id", "source", "yuan", "arrived_on", "reference")
    return AskedWithdrawal(**{name: request.form.get(name, "").strip()[:80] for name in fields})


def parsed(asked: AskedWithdrawal) -> NewWithdrawal:
    """Turn what was typed into what arrived.

    Refuses: `BadWithdrawal` naming the field.
    """
    try:
        seller_id = SellerId(UUID(asked.seller_id))
    except ValueError:
        raise BadWithdrawal(field="seller_id", why=N_("please choose one")) from None
    if asked.source not in list(Source):
        raise BadWithdrawal(field="source", why=N_("please choose one"))
    try:
        fen = money.parse_yuan(asked.yuan.replace(",", "").replace("，", ""))
    except ValueError:
        raise BadWithdrawal(field="yuan", why=N_("expected an amount such as 12.30")) from None
    arrived_on = read_day(asked.arrived_on)
    if arrived_on is None:
        raise BadWithdrawal(field="arrived_on", why=N_("expected a day such as 2026-10-31"))
    return NewWithdrawal(
        seller_id=seller_id,
        source=Source(asked.source),
        fen=fen,
        arrived_on=arrived_on,
        reference=clean_reference(asked.reference),
    )


def read_reason() -> str:
    """Read why a booking is taken back."""
    return request.form.get("reason", "").strip()[:200]
