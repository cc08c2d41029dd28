"""Statements of a month, the cooperative's books of a month, and the quarterly income report."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused
from county.ledger.types import Book


class LineKind(StrEnum):
    """What a line of a statement is, as its reader says it."""

    SALE = "sale"
    COMMISSION = "commission"
    REFUND = "refund"
    COMPENSATION = "compensation"
    PAYOUT = "payout"
    PAYOUT_RETURNED = "payout_returned"
    SETTLED = "settled"
    SETTLED_BACK = "settled_back"
    FEE = "fee"
    FEE_BORNE = "fee_borne"
    OTHER = "other"


class DetailKind(StrEnum):
    """What a sale's sum is made of."""

    GOODS = "goods"
    RETURNED = "returned"
    FREIGHT = "freight"
    STREAMER = "streamer"
    ASSOCIATION = "association"


class AccountName(StrEnum):
    """Whose debt a part of a statement tells of."""

    SALES = "sales"
    HELD_SALES = "held_sales"
    COMMISSION = "commission"
    HELD_COMMISSION = "held_commission"
    COMPENSATION = "compensation"
    FEES = "fees"


class IncomeKind(StrEnum):
    """Who a row of the income report is about."""

    SELLER = "seller"
    GROWER = "grower"
    STREAMER = "streamer"


class FileForm(StrEnum):
    """The forms in which statements are given."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class StatementLine:
    """One entry of a payable: above 0 is earned, below 0 went out; `details` add up to `fen` or are empty."""

    on: date
    kind: LineKind
    ref: str
    entry_key: str
    fen: int
    details: tuple[tuple[DetailKind, int], ...] = ()


@dataclass(frozen=True)
class StatementPart:
    """One account of a person in a month: opening + lines = closing."""

    name: AccountName
    account: str
    book: Book
    opening_fen: int
    lines: tuple[StatementLine, ...]
    closing_fen: int


@dataclass(frozen=True)
class Statement:
    """A person's month; `is_closed`: its days take no entries any more, it never changes again."""

    person_id: UUID
    person: str
    month: str
    parts: tuple[StatementPart, ...]
    is_closed: bool

    @property
    def opening_fen(self) -> int:
        """Give what was owed at the beginning, over all accounts."""
        return sum(part.opening_fen for part in self.parts)

    @property
    def closing_fen(self) -> int:
        """Give what is owed at the end, over all accounts."""
        return sum(part.closing_fen for part in self.parts)

    def sum_fen(self, *kinds: LineKind) -> int:
        """Add up the lines of some kinds."""
        return sum(line.fen for part in self.parts for line in part.lines if line.kind in kinds)


@dataclass(frozen=True)
class BookLine:
    """A group of accounts of the cooperative's books: opening + change = closing, debit above 0."""

    group: str
    opening_fen: int
    change_fen: int
    closing_fen: int


@dataclass(frozen=True)
class BooksOfMonth:
    """The cooperative's own books in a month; every column adds up to 0."""

    month: str
    lines: tuple[BookLine, ...]
    is_closed: bool


@dataclass(frozen=True)
class IncomeRow:
    """What one seller, grower or streamer earned in a quarter, and what of it went back in that quarter.

    Commissions are those that a seller's sales gave to streamers and the association; 0 for persons.
    """

    kind: IncomeKind
    name: str
    income_fen: int
    refund_fen: int
    count: int
    commission_fen: int
    commission_refund_fen: int
    withheld_fen: int

    @property
    def net_fen(self) -> int:
        """Give income less refunds."""
        return self.income_fen - self.refund_fen

    @property
    def net_commission_fen(self) -> int:
        """Give commissions less what returned with refunds."""
        return self.commission_fen - self.commission_refund_fen


@dataclass(frozen=True)
class IncomeReport:
    """The quarter's income of everybody who earned through the shop."""

    quarter: str
    rows: tuple[IncomeRow, ...]
    is_over: bool


class BadMonth(Refused):
    """A text that names no month or quarter."""

    code = "bad_month"
    says = N_("Please choose a month such as 2026-10, or a quarter such as 2026-Q4.")
    status = 422
