"""Lines of the bank's statement, a month of the bank account, what is open for booking, and the refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused
from shop.payruns.types import PayItem, PayRun
from shop.sellers.types import SellerId

BankLineId = NewType("BankLineId", UUID)


class Way(StrEnum):
    """Whether money came into the bank account or went out of it."""

    IN = "in"
    OUT = "out"


class PartyKind(StrEnum):
    """Whose a kind of line can be: nobody's in particular, a seller's or a carrier's."""

    NONE = "none"
    SELLER = "seller"
    CARRIER = "carrier"


class LineKind(StrEnum):
    """What a line of the bank's statement is; `rules.SHAPES` says the rest of each."""

    ALIPAY = "alipay"
    OWN_IN = "own_in"
    COURIER_IN = "courier_in"
    TAX = "tax"
    SERVICE = "service"
    FREIGHT = "freight"
    SPENDING = "spending"
    OWN_OUT = "own_out"


class What(StrEnum):
    """What moved the bank account: a line booked here, its taking back, a pay run's payment, its return."""

    LINE = "line"
    TAKEN_BACK = "taken_back"
    PAYMENT = "payment"
    RETURNED = "returned"
    OTHER = "other"


@dataclass(frozen=True)
class Shape:
    """What a kind of line is in the books.

    `account` stands opposite the bank account; with a party it is what comes before the party's id. A line of
    a limited kind never takes more from it than is there.
    """

    way: Way
    account: str
    party: PartyKind = PartyKind.NONE
    is_limited: bool = True
    needs_note: bool = False


@dataclass(frozen=True)
class NewLine:
    """What a clerk read from the bank's statement; of Alipay's only seller the party may be left out."""

    kind: LineKind
    party_id: UUID | None
    fen: int
    moved_on: date
    reference: str
    note: str = ""


@dataclass(frozen=True)
class BankLine:
    """A line of the bank's statement that is booked; `reversed_at` when that was a mistake."""

    id: BankLineId
    kind: LineKind
    party_id: UUID | None
    party: str
    fen: int
    moved_on: date
    reference: str
    note: str
    entry_key: str
    booked_by: str
    booked_at: datetime
    reversed_by: str
    reversed_at: datetime | None
    reverse_reason: str


@dataclass(frozen=True)
class MonthLine:
    """One entry on the bank account, with what is there after it; `fen` above 0 came in.

    `line` is what was booked here, `payment` the pay run's payment.
    """

    what: What
    on: date
    fen: int
    balance_fen: int
    reference: str
    line: BankLine | None = None
    payment: PayItem | None = None

    @property
    def in_fen(self) -> int:
        """Give what came in."""
        return max(0, self.fen)

    @property
    def out_fen(self) -> int:
        """Give what went out."""
        return max(0, -self.fen)


@dataclass(frozen=True)
class BankMonth:
    """A month of the bank account: opening and lines add up to the closing balance."""

    month: str
    opening_fen: int
    lines: tuple[MonthLine, ...]

    @property
    def in_fen(self) -> int:
        """Give what came in during the month."""
        return sum(line.in_fen for line in self.lines)

    @property
    def out_fen(self) -> int:
        """Give what went out during the month."""
        return sum(line.out_fen for line in self.lines)

    @property
    def closing_fen(self) -> int:
        """Give what is there after the month."""
        return self.opening_fen + self.in_fen - self.out_fen


@dataclass(frozen=True)
class Open:
    """What can still be booked of a limited kind; `party` is empty where it is nobody's in particular."""

    kind: LineKind
    party_id: UUID | None
    party: str
    fen: int


@dataclass(frozen=True)
class SellerMoney:
    """What rests at Alipay for a principal seller; of it `free_fen` may be withdrawn."""

    seller_id: SellerId
    name: str
    alipay_fen: int
    free_fen: int


@dataclass(frozen=True)
class Circuit:
    """Where the cooperative's money is: at Alipay by seller, in the one bank account, in runs not yet sent.

    `held_fen` is what buyers paid for orders not yet finished: refunds may need it at Alipay.
    """

    sellers: tuple[SellerMoney, ...]
    held_fen: int
    bank_fen: int
    runs: tuple[PayRun, ...]

    @property
    def alipay_fen(self) -> int:
        """Give what rests at Alipay in all."""
        return sum(each.alipay_fen for each in self.sellers)

    @property
    def needed_fen(self) -> int:
        """Give what the confirmed runs will take from the bank."""
        return sum(run.net_fen for run in self.runs)

    @property
    def lacking_fen(self) -> int:
        """Give what has to come into the bank before all confirmed runs can be sent."""
        return max(0, self.needed_fen - self.bank_fen) if self.runs else 0

    @property
    def spare_fen(self) -> int:
        """Give what can leave Alipay without touching what is for orders not yet finished."""
        return max(0, self.alipay_fen - self.held_fen)


class BadLine(Refused):
    """Something that no bank statement says."""

    code = "bad_bank_line"
    says = N_("This line cannot be booked: {why}")
    status = 422


class NoReason(Refused):
    """A booking is taken back for a reason that stays on record."""

    code = "no_reason"
    says = N_("Please say in a few words what is wrong with it; it stays on record.")
    status = 422


class MoreThanOpen(Refused):
    """A line of a limited kind takes no more than lies on the account opposite; `what` says which that is."""

    code = "more_than_open"
    says = N_("{what}: ¥{there} according to our books. ¥{yuan} is more.")


class ReferenceTaken(Refused):
    """A bank's statement has each reference once; this one is booked, with something else about it."""

    code = "reference_taken"
    says = N_("{reference} is booked already: ¥{yuan}, {day}. Look at it among the lines of that month.")


class NotOurMoney(Refused):
    """Only a principal seller's money is the cooperative's: the others' is never moved to its bank."""

    code = "not_our_money"
    says = N_("The money of {seller} is not the cooperative's and never comes into its bank account.")


class LineReversed(Refused):
    """A booking is taken back at most once."""

    code = "bank_line_reversed"
    says = N_("{reference} was taken back already.")
