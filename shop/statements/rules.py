"""Decisions of statements: months and quarters, what an entry is called, lines between two days."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from county.ledger.types import AccountLine, Book
from shop.accounts.rules import compensation_account, fee_account, grower_account, streamer_account
from shop.orders.types import Order, Payee, Split
from shop.refunds.types import RefundPart
from shop.statements.types import (
    AccountName,
    BadMonth,
    BookLine,
    DetailKind,
    LineKind,
    StatementLine,
)

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])")
# What an entry is, by the first word of its business key; see docs/money.md.
_KINDS = {
    "release": LineKind.SALE,
    "refund": LineKind.REFUND,
    "claim": LineKind.COMPENSATION,
    "claim_compensated": LineKind.COMPENSATION,
    "payout": LineKind.PAYOUT,
    "payout-return": LineKind.PAYOUT_RETURNED,
    "clear": LineKind.SETTLED,
    "returned": LineKind.SETTLED_BACK,
    "fee": LineKind.FEE,
    "fee-borne": LineKind.FEE_BORNE,
    "fee-owed": LineKind.FEE_BORNE,
}


def month_span(month: str) -> tuple[date, date]:
    """Give the days `[first, after the last)` of a month such as 2026-10; refuses `BadMonth`."""
    match = _MONTH.fullmatch(month)
    if not match:
        raise BadMonth()
    return _span(int(match[1]), int(match[2]), 1)


def quarter_span(quarter: str) -> tuple[date, date]:
    """Give the days `[first, after the last)` of a quarter such as 2026-Q4; refuses `BadMonth`."""
    match = _QUARTER.fullmatch(quarter)
    if not match:
        raise BadMonth()
    return _span(int(match[1]), int(match[2]) * 3 - 2, 3)


def month_of(on: date) -> str:
    """Name the month of a day."""
    return f"{on:%Y-%m}"


def quarter_of(on: date) -> str:
    """Name the quarter of a day."""
    return f"{on.year}-Q{(on.month + 2) // 3}"


def accounts_of(person_id: UUID) -> tuple[tuple[AccountName, str, Book], ...]:
    """List the accounts on which a person may be owed something."""
    grower, streamer = grower_account(person_id), streamer_account(person_id)
    return (
        (AccountName.SALES, grower, Book.REAL),
        (AccountName.HELD_SALES, grower, Book.MEMO),
        (AccountName.COMMISSION, streamer, Book.REAL),
        (AccountName.HELD_COMMISSION, streamer, Book.MEMO),
        (AccountName.COMPENSATION, compensation_account(person_id), Book.REAL),
        (AccountName.FEES, fee_account(person_id), Book.REAL),
    )


def line_of(line: AccountLine, *, name: AccountName) -> StatementLine:
    """Say an entry as its reader does: what it is, of what, how much."""
    kind = _KINDS.get(line.entry_key.partition(":")[0], LineKind.OTHER)
    if kind is LineKind.SALE and name in (AccountName.COMMISSION, AccountName.HELD_COMMISSION):
        kind = LineKind.COMMISSION
    return StatementLine(line.effective_on, kind, line.cause.ref, line.entry_key, -line.fen)


def between(
    lines: Iterable[AccountLine], *, first_on: date, end_on: date
) -> tuple[int, list[AccountLine], int]:
    """Part an account's entries by days: what was owed before, the lines within, what is owed after them."""
    opening_fen, within = 0, []
    for line in lines:
        if line.effective_on < first_on:
            opening_fen -= line.fen
        elif line.effective_on < end_on:
            within.append(line)
    # A payment stands before its return, a fee before who bears it, also when both were booked at one moment.
    seconds = ("payout-return:", "returned:", "fee-borne:")
    within.sort(
        key=lambda line: (line.effective_on, line.at, line.entry_key.startswith(seconds), line.entry_key)
    )
    return opening_fen, within, opening_fen - sum(line.fen for line in within)


def details_of(order: Order, *, grower_id: UUID, fen: int) -> tuple[tuple[DetailKind, int], ...]:
    """Say what a grower's part of a released order is made of; the details add up to it."""
    own = [split for split in order.splits if split.grower_id == grower_id]

    def taken(payee: Payee) -> int:
        return -sum(split.fen for split in own if split.payee is payee)

    goods_fen = sum(split.fen for split in own)
    parts = [
        (DetailKind.GOODS, goods_fen),
        (DetailKind.FREIGHT, taken(Payee.TRANSPORT)),
        (DetailKind.STREAMER, taken(Payee.STREAMER)),
        (DetailKind.ASSOCIATION, taken(Payee.ASSOCIATION)),
    ]
    # What went back to the buyer before the release, less what others gave of it.
    parts.append((DetailKind.RETURNED, fen - sum(part_fen for _kind, part_fen in parts)))
    return tuple((kind, part_fen) for kind, part_fen in parts if part_fen)


def books_of(opening: Mapping[str, int], closing: Mapping[str, int]) -> tuple[BookLine, ...]:
    """Group accounts by their first two words, with what each group was before and after."""
    sums: dict[str, list[int]] = {}
    for at, balances in enumerate((opening, closing)):
        for account, fen in balances.items():
            sums.setdefault(":".join(account.split(":")[:2]), [0, 0])[at] += fen
    return tuple(
        BookLine(group, before, after - before, after)
        for group, (before, after) in sorted(sums.items())
        if before or after
    )


def commission_fen(shares: Iterable[Split | RefundPart]) -> int:
    """Add up what of an order, or of a refund, is the streamer's and the association's."""
    return sum(share.fen for share in shares if share.payee in (Payee.STREAMER, Payee.ASSOCIATION))


def turnover(lines: Sequence[AccountLine], *, first_on: date, end_on: date) -> tuple[int, int, int]:
    """Add up what a payable earned and gave back between two days, and count the sales."""
    within = [line for line in lines if first_on <= line.effective_on < end_on]
    released = [line for line in within if line.entry_key.startswith("release:")]
    refunded = [line for line in within if line.entry_key.startswith("refund:")]
    return -sum(line.fen for line in released), sum(line.fen for line in refunded), len(released)


def _span(year: int, month: int, months: int) -> tuple[date, date]:
    after = year * 12 + month - 1 + months
    return date(year, month, 1), date(after // 12, after % 12 + 1, 1)
