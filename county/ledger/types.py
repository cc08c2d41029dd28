"""Entries, accounts and holds of the ledger, and its refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused

# Sums of a million such postings still fit 64 bits.
MOST_FEN = 10**12


class Book(StrEnum):
    """Whose money a book tells of: ours, or money that others hold (Alipay for a farm)."""

    REAL = "real"
    MEMO = "memo"


class AccountKind(StrEnum):
    """The first word of an account's code."""

    CASH = "cash"
    RECEIVABLE = "receivable"
    PAYABLE = "payable"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"
    EQUITY = "equity"
    SUSPENSE = "suspense"

    @property
    def normal_sign(self) -> int:
        """Give +1 for kinds whose balance is usually a debit, −1 for the others."""
        return 1 if self in (AccountKind.CASH, AccountKind.RECEIVABLE, AccountKind.EXPENSE) else -1


@dataclass(frozen=True)
class Posting:
    """One line of an entry: debit positive, credit negative."""

    account: str
    fen: int


@dataclass(frozen=True)
class Cause:
    """What an entry is for: an order, a notice, a statement line, a person's decision."""

    kind: str
    ref: str


@dataclass(frozen=True)
class Draft:
    """An entry to be posted; `effective_on` left out means the county day on which it is posted."""

    key: str
    cause: Cause
    postings: tuple[Posting, ...]
    memo: str = ""
    book: Book = Book.REAL
    reverses: str | None = None
    effective_on: date | None = None


@dataclass(frozen=True)
class Entry:
    """A posted entry; `late_for_on` is the day it belongs to when that day's period was closed already."""

    id: UUID
    key: str
    book: Book
    cause: Cause
    memo: str
    at: datetime
    effective_on: date
    late_for_on: date | None
    reverses: str | None
    postings: tuple[Posting, ...]


@dataclass(frozen=True)
class AccountLine:
    """One posting as the reader of an account sees it."""

    entry_key: str
    at: datetime
    effective_on: date
    cause: Cause
    memo: str
    fen: int


class HoldState(StrEnum):
    """What became of a hold; one that expired simply stops counting."""

    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"


@dataclass(frozen=True)
class Hold:
    """Money of an account that is spoken for until `expires_at`."""

    id: UUID
    key: str
    book: Book
    account: str
    fen: int
    cause: Cause
    state: HoldState
    expires_at: datetime
    held_at: datetime
    captured_by: UUID | None


@dataclass(frozen=True)
class Period:
    """A closed span of days, `[starts_on, ends_on)`, that takes no postings any more."""

    book: Book
    starts_on: date
    ends_on: date
    closed_at: datetime


@dataclass(frozen=True)
class Seal:
    """One link of the chain: the hash of an entry together with the hash before it."""

    sequence: int
    entry_id: UUID
    hash: str


class LedgerConflict(Refused):
    """The business key is taken by an entry or hold with other content."""

    code = "ledger_conflict"
    says = N_("{key} is booked already, with other content.")


class AlreadyReversed(Refused):
    """An entry is reversed at most once."""

    code = "already_reversed"
    says = N_("{key} is reversed already.")


class NotEnough(Refused):
    """The account has less available than is asked for."""

    code = "not_enough"
    says = N_("{account} has {available_fen} fen available; {fen} fen were asked for.")


class HoldGone(Refused):
    """The hold expired, was released, or was captured by something else."""

    code = "hold_gone"
    says = N_("Hold {key} is no longer in force.")


class PeriodNotOver(Refused):
    """A period is closed only after its last day."""

    code = "period_not_over"
    says = N_("The period ends on {ends_on}, which has not come yet.")
