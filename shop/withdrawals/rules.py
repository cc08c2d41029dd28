"""Decisions of withdrawals: what can stand on a bank statement, and the business key of its entry."""

import re
from datetime import date, timedelta
from uuid import UUID

from county.errors import N_
from shop.withdrawals.types import BadWithdrawal, NewWithdrawal, Withdrawal

REFERENCE = re.compile(r"[0-9A-Z][0-9A-Z_./-]{2,59}")
# More than a county sells in a year: a slip of the finger, not a withdrawal.
MOST_FEN = 10**11
LONGEST_AGO = timedelta(days=366)
CAUSE = "withdrawal"
# How long the amount is set aside: it is booked in the same transaction.
HOLD = timedelta(minutes=5)


def clean_reference(text: str) -> str:
    """Write a bank's reference in one way: no spaces, capitals, plain digits and letters."""
    return "".join(text.split()).upper()


def require_possible(new: NewWithdrawal, *, today_on: date) -> None:
    """Refuse `BadWithdrawal`, naming the field, for what no bank statement of today can say."""
    if not 0 < new.fen <= MOST_FEN:
        raise BadWithdrawal(field="yuan", why=N_("expected an amount such as 12.30"))
    if not today_on - LONGEST_AGO <= new.arrived_on <= today_on:
        raise BadWithdrawal(
            field="arrived_on", why=N_("expected a day of the last year, today at the latest")
        )
    if not REFERENCE.fullmatch(new.reference):
        raise BadWithdrawal(field="reference", why=N_("expected 3 to 60 digits and letters"))


def require_reason(text: str) -> str:
    """Give a reason that says something; refuses `BadWithdrawal`."""
    reason = text.strip()[:200]
    if not reason:
        raise BadWithdrawal(field="reason", why=N_("expected a few words"))
    return reason


def entry_key(seller_id: UUID, reference: str, *, earlier: int) -> str:
    """Name the business key of an arrival: seller, reference, and a count after earlier ones were reversed.

    A reference holds no colon, so no two of these are ever the same.
    """
    key = f"withdrawal:{seller_id}:{reference}"
    return f"{key}:{earlier + 1}" if earlier else key


def is_same(there: Withdrawal, new: NewWithdrawal) -> bool:
    """Tell whether a booking says what is to be booked."""
    return (there.source, there.fen, there.arrived_on) == (new.source, new.fen, new.arrived_on)
