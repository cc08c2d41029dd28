"""Money that arrived in the bank account, where the cooperative's money is, and the refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused
from shop.payruns.types import PayRun
from shop.sellers.types import SellerId

WithdrawalId = NewType("WithdrawalId", UUID)


class Source(StrEnum):
    """Where the money in the bank came from: the seller's Alipay account, or money of its own."""

    ALIPAY = "alipay"
    OWN = "own"


@dataclass(frozen=True)
class NewWithdrawal:
    """What a clerk read from the bank's statement: how much arrived when, under which reference."""

    seller_id: SellerId
    source: Source
    fen: int
    arrived_on: date
    reference: str


@dataclass(frozen=True)
class Withdrawal:
    """Money that arrived in the bank account and is booked; `reversed_at` when that was a mistake."""

    id: WithdrawalId
    seller_id: SellerId
    seller: str
    source: Source
    fen: int
    arrived_on: date
    reference: str
    entry_key: str
    booked_by: str
    booked_at: datetime
    reversed_by: str
    reversed_at: datetime | None
    reverse_reason: str


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

    `held_fen` is the part of what rests at Alipay that buyers paid and nobody has earned yet.
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
        return max(0, self.needed_fen - self.bank_fen)


class BadWithdrawal(Refused):
    """Something that no bank statement says."""

    code = "bad_withdrawal"
    says = N_("{field} cannot be right: {why}")
    status = 422


class MoreThanAtAlipay(Refused):
    """More cannot have come from Alipay than lies there."""

    code = "more_than_at_alipay"
    says = N_("According to our books ¥{there} lie at Alipay for {seller}; ¥{yuan} cannot come from there.")


class ReferenceTaken(Refused):
    """The bank's reference is booked already, with something else about it."""

    code = "reference_taken"
    says = N_("{reference} is booked already: ¥{yuan}, {day}. Look at it in the list below.")


class NotOurMoney(Refused):
    """Only a principal seller's money is the cooperative's: the others' is never moved to its bank."""

    code = "not_our_money"
    says = N_("The money of {seller} is not the cooperative's and never comes into its bank account.")


class WithdrawalReversed(Refused):
    """A booking is taken back at most once."""

    code = "withdrawal_reversed"
    says = N_("{reference} was taken back already.")
