"""Decisions of the bank account: what each kind of line is, what a statement can say, running balance."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

from county.errors import N_
from county.ledger.types import AccountLine, Posting
from shop.accounts.rules import (
    AT_ALIPAY,
    BANK,
    COURIER_OWES,
    OWN_MONEY,
    SERVICE,
    SPENDING,
    TAX,
    TRANSPORT,
)
from shop.bank.types import BadLine, BankLine, LineKind, NewLine, NoReason, PartyKind, Shape, Way

SHAPES: Mapping[LineKind, Shape] = {
    LineKind.ALIPAY: Shape(Way.IN, AT_ALIPAY, party=PartyKind.SELLER),
    LineKind.COURIER_IN: Shape(Way.IN, COURIER_OWES, party=PartyKind.CARRIER),
    LineKind.OWN_IN: Shape(Way.IN, OWN_MONEY, is_limited=False),
    LineKind.TAX: Shape(Way.OUT, TAX),
    LineKind.SERVICE: Shape(Way.OUT, SERVICE),
    LineKind.FREIGHT: Shape(Way.OUT, TRANSPORT),
    LineKind.SPENDING: Shape(Way.OUT, SPENDING, is_limited=False, needs_note=True),
    LineKind.OWN_OUT: Shape(Way.OUT, OWN_MONEY),
}
REFERENCE = re.compile(r"[0-9A-Z][0-9A-Z_./-]{2,59}")
NOTE_LONGEST = 80
# More than a county sells in a year: a slip of the finger, not a line of its bank.
MOST_FEN = 10**11
LONGEST_AGO = timedelta(days=366)
CAUSE = "bank_line"
# Lines that were booked as withdrawals, before migration 0008, keep that cause.
CAUSES = (CAUSE, "withdrawal")
# How long an amount is set aside: it is booked in the same transaction.
HOLD = timedelta(minutes=5)


def kinds_of(way: Way) -> list[LineKind]:
    """List the kinds of what came in, or of what went out."""
    return [kind for kind, shape in SHAPES.items() if shape.way is way]


def clean_reference(text: str) -> str:
    """Write a bank's reference in one way: no spaces, capitals, plain digits and letters."""
    return "".join(text.split()).upper()


def require_possible(new: NewLine, *, today_on: date) -> None:
    """Refuse `BadLine`, naming the field, for what no bank statement of today can say."""
    if not 0 < new.fen <= MOST_FEN:
        raise BadLine(field="yuan", why=N_("Please type an amount above 0 and up to a billion yuan."))
    if not today_on - LONGEST_AGO <= new.moved_on <= today_on:
        raise BadLine(field="moved_on", why=N_("Please type a day of the last year, today at the latest."))
    if not REFERENCE.fullmatch(new.reference):
        raise BadLine(
            field="reference", why=N_("Please type 3 to 60 digits, letters, dots, dashes or slashes.")
        )
    if len(new.note) > NOTE_LONGEST:
        raise BadLine(field="note", why=N_("Please use at most 80 characters."))
    if SHAPES[new.kind].needs_note and not new.note.strip():
        raise BadLine(field="note", why=N_("Please say what the money was spent on."))


def require_reason(text: str) -> str:
    """Give a reason that says something; refuses `NoReason`."""
    reason = text.strip()[:200]
    if not reason:
        raise NoReason()
    return reason


def account_of(kind: LineKind, party_id: UUID | None) -> str:
    """Name the account opposite the bank account."""
    account = SHAPES[kind].account
    return account if party_id is None else f"{account}:{party_id}"


def postings_of(kind: LineKind, party_id: UUID | None, *, fen: int) -> list[Posting]:
    """Give the entry of a line: the bank account, and what stands opposite."""
    moved_fen = fen if SHAPES[kind].way is Way.IN else -fen
    return [Posting(BANK, moved_fen), Posting(account_of(kind, party_id), -moved_fen)]


def fills(kind: LineKind) -> LineKind | None:
    """Give the limited kind that lives on what lines of this kind brought; None for most.

    Own money that was paid in and taken out again cannot be said never to have been paid in.
    """
    shape = SHAPES[kind]
    drawn = (
        other
        for other, each in SHAPES.items()
        if each.is_limited and each.account == shape.account and each.way is not shape.way
    )
    return None if shape.is_limited else next(drawn, None)


def entry_key(kind: LineKind, reference: str, *, earlier: int) -> str:
    """Name the business key of a line: kind, reference, and a count after earlier ones were reversed.

    A reference holds no colon, so no two of these are ever the same.
    """
    key = f"bank:{kind.value}:{reference}"
    return f"{key}:{earlier + 1}" if earlier else key


def is_same(there: BankLine, new: NewLine) -> bool:
    """Tell whether a booking says what is to be booked."""
    return (there.kind, there.party_id, there.fen, there.moved_on, there.note) == (
        new.kind,
        new.party_id,
        new.fen,
        new.moved_on,
        new.note,
    )


def running(lines: Iterable[AccountLine], *, opening_fen: int) -> Iterator[tuple[AccountLine, int]]:
    """Give an account's entries by day, each with what is there after it."""
    # What takes something back stands after it, also when both were booked at one moment.
    seconds = ("payout-return:", "bank-reversed:", "withdrawal-reversed:")
    ordered = sorted(lines, key=lambda line: (line.effective_on, line.at, line.entry_key.startswith(seconds)))
    balance_fen = opening_fen
    for line in ordered:
        balance_fen += line.fen
        yield line, balance_fen


def months_between(first_on: date, last_on: date) -> list[str]:
    """List the months from one day's to another's, newest first."""
    numbers = range(last_on.year * 12 + last_on.month - 1, first_on.year * 12 + first_on.month - 2, -1)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]
