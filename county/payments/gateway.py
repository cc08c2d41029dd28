"""The shape of a payment provider: what it can do, within which limits, and how its answers look."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from county.payments.types import (
    Confirmation,
    Notice,
    PaymentGroup,
    Refund,
    Split,
    SplitPart,
    TradeFacts,
    Transfer,
)


@dataclass(frozen=True)
class Limits:
    """What a provider allows; data, because contracts and providers differ."""

    split_cap_bp: int
    sync_receivers: int
    sync_requests: int
    async_receivers: int
    async_requests: int
    freeze_days: int
    settle_days_most: int
    subject_characters: int
    number_characters: int
    has_merge_payment: bool
    has_sub_merchants: bool
    fee_bp: int


@dataclass(frozen=True)
class Account:
    """Who we are at the provider."""

    app_id: str
    seller_id: str


@dataclass(frozen=True)
class CallRefused:
    """The provider said no and nothing happened; `code` is its own word for why."""

    code: str
    message: str


@dataclass(frozen=True)
class CallUnknown:
    """Nobody can say whether it happened: ask before sending the same number again."""

    why: str


@dataclass(frozen=True)
class Done:
    """It happened, now or at an earlier call with the same number."""

    reference: str = ""


@dataclass(frozen=True)
class NotFound:
    """The provider does not know the thing that was asked about."""


@dataclass(frozen=True)
class SplitLine:
    """How one receiver's part of a split fared: `state` is `processing`, `done` or `failed`."""

    part: SplitPart
    state: str
    error: str


@dataclass(frozen=True)
class SplitFacts:
    """What became of a split."""

    request_no: str
    lines: tuple[SplitLine, ...]


@dataclass(frozen=True, slots=True)
class BillRow:
    """One line of the provider's daily bill; refunds and fees are negative, as printed."""

    trade_no: str
    out_trade_no: str
    is_refund: bool
    request_no: str
    fen: int
    fee_fen: int
    finished_at: datetime


@dataclass(frozen=True)
class Bill:
    """A provider's bill of one county day and the totals it claims."""

    on: date
    rows: tuple[BillRow, ...]


# The code of a `CallRefused` for a bill that came and cannot be used; the message says why.
BILL_UNUSABLE = "BILL_UNUSABLE"
Effect = Done | CallRefused | CallUnknown


class PaymentProvider(Protocol):
    """A provider of payments. No call raises for what the provider answers: answers are values.

    `page_pay` and `read_notice` use no network; `precreate` does, and moves nothing. Calls with an effect
    take our request number; the same number takes effect once.
    """

    @property
    def account(self) -> Account:
        """Who we are there."""

    @property
    def limits(self) -> Limits:
        """What it allows."""

    def page_pay(self, group: PaymentGroup, *, mobile: bool) -> str:
        """Sign the address of a cashier where the group's awaiting payments are paid."""

    def precreate(self, group: PaymentGroup, *, expires_at: datetime) -> Effect:
        """Ask for what a QR code shows, good until `expires_at`; `Done.reference` is its text."""

    def read_notice(self, body: bytes) -> Notice:
        """Read a notice and check its signature; raises `NoticeRefused`."""

    def query(self, *, out_trade_no: str) -> TradeFacts | NotFound | CallRefused | CallUnknown:
        """Ask about a trade."""

    def close(self, *, out_trade_no: str) -> Effect:
        """Close an unpaid trade; one that was never begun counts as closed."""

    def refund(self, *, trade_no: str, request_no: str, refund: Refund) -> Effect:
        """Pay back."""

    def query_refund(self, *, trade_no: str, request_no: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Ask whether a refund took effect."""

    def split(self, *, trade_no: str, request_no: str, split: Split) -> Effect:
        """Split a trade's money."""

    def query_split(
        self, *, trade_no: str, request_no: str
    ) -> SplitFacts | NotFound | CallRefused | CallUnknown:
        """Ask what became of a split."""

    def executed_splits(
        self, *, trade_no: str
    ) -> tuple[SplitPart, ...] | NotFound | CallRefused | CallUnknown:
        """List every part of a trade that was split, whoever asked for it."""

    def unfreeze(self, *, trade_no: str, request_no: str) -> Effect:
        """Give the payee what is still frozen."""

    def confirm(self, *, trade_no: str, request_no: str, confirmation: Confirmation) -> Effect:
        """Settle a sub-merchant's trade."""

    def transfer(self, *, request_no: str, transfer: Transfer) -> Effect:
        """Pay from our account to another."""

    def query_transfer(self, *, request_no: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Ask whether a transfer took effect."""

    def bind_receivers(self, *, request_no: str, receivers: dict[str, str]) -> Effect:
        """Allow accounts (number → name) to receive splits."""

    def create_sub_merchant(self, *, external_id: str, name: str) -> Effect:
        """Apply for a sub-merchant; `Done.reference` is the number of the application."""

    def find_sub_merchant(self, *, external_id: str) -> Done | NotFound | CallRefused | CallUnknown:
        """Find a sub-merchant; `Done.reference` is its number at the provider."""

    def bill(self, *, on: date) -> Bill | NotFound | CallRefused | CallUnknown:
        """Fetch the trade bill of a county day; one that cannot be used is refused as `BILL_UNUSABLE`."""
