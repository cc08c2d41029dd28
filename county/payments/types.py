"""What payments are made of: lines, payments, notices, instructions, and who is told about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType, Protocol
from uuid import UUID

from county.errors import N_, Refused

PaymentId = NewType("PaymentId", UUID)
InstructionId = NewType("InstructionId", UUID)


class PaymentState(StrEnum):
    """Where the payment of one order is."""

    AWAITING = "awaiting"
    PAID = "paid"
    CLOSED = "closed"
    LATE = "late"
    RETURNED = "returned"


class PaymentEvent(StrEnum):
    """What can happen to a payment."""

    SUCCEEDED = "succeeded"
    CLOSED = "closed"
    ARRIVED_LATE = "arrived_late"
    TAKEN = "taken"
    RETURNED = "returned"


class TradeStatus(StrEnum):
    """What the provider says about a trade."""

    WAITING = "WAIT_BUYER_PAY"
    SUCCESS = "TRADE_SUCCESS"
    CLOSED = "TRADE_CLOSED"
    FINISHED = "TRADE_FINISHED"


class Wish(StrEnum):
    """What we can instruct the provider to do."""

    CLOSE = "close"
    REFUND = "refund"
    SPLIT = "split"
    CONFIRM = "confirm"
    TRANSFER = "transfer"
    BIND = "bind"


class InstructionState(StrEnum):
    """Where an instruction is; `unknown`: it was sent and nobody can say yet whether it took effect."""

    PLANNED = "planned"
    SENT = "sent"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"


class InstructionEvent(StrEnum):
    """What can happen to an instruction."""

    SEND = "send"
    LOSE = "lose"
    FINISH = "finish"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Payee:
    """Whose money a payment becomes.

    `sub_merchant_id`: Alipay's number of a sub-merchant (二级商户), empty for an account of its own;
    `seller_id`: the account, empty for the association's; `settle_days`: after how many days the provider
    settles a sub-merchant's trade by itself; `holds_for_split`: keep the money frozen until it is split.
    """

    seller_id: str = ""
    sub_merchant_id: str = ""
    settle_days: int = 365
    holds_for_split: bool = False


@dataclass(frozen=True)
class PaymentLine:
    """One order to be paid: our number for it, the amount, what the cashier shows, and whose money it is."""

    out_trade_no: str
    fen: int
    subject: str
    payee: Payee = Payee()


@dataclass(frozen=True)
class Payment:
    """One order's payment; `group_no` is shared by the orders that are paid together.

    `refunding_fen` counts every refund that is planned, under way or done; `refunded_fen` those done.
    """

    id: PaymentId
    group_no: str
    out_trade_no: str
    fen: int
    subject: str
    payee: Payee
    state: PaymentState
    trade_no: str | None
    refunding_fen: int
    refunded_fen: int
    returns_to: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None
    version: int


@dataclass(frozen=True)
class PaymentGroup:
    """The payments of one checkout, paid together or not at all."""

    group_no: str
    payments: tuple[Payment, ...]
    returns_to: str
    expires_at: datetime

    @property
    def fen(self) -> int:
        """Give what is still to be paid."""
        return sum(payment.fen for payment in self.awaiting)

    @property
    def awaiting(self) -> tuple[Payment, ...]:
        """Give the payments that wait for the buyer."""
        return tuple(one for one in self.payments if one.state is PaymentState.AWAITING)


@dataclass(frozen=True)
class QrCode:
    """What a QR code shows to a phone, and until when it can be paid; `text` is empty until we know it."""

    text: str
    expires_at: datetime


@dataclass(frozen=True)
class TradeFacts:
    """What the provider says about one trade, from a notice or a query."""

    trade_no: str
    out_trade_no: str
    status: TradeStatus
    total_fen: int
    refunded_fen: int = 0
    paid_at: datetime | None = None
    buyer: str = ""


@dataclass(frozen=True)
class Notice:
    """A notice whose signature was right: who it is for, what it says, and all its fields as they came."""

    notify_id: str
    app_id: str
    seller_id: str
    trade: TradeFacts
    notified_at: datetime
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Suspense:
    """Money that arrived and belongs to no order: a second trade for an order that is paid."""

    trade_no: str
    out_trade_no: str
    fen: int
    found_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class RoyaltyBack:
    """A part of a split that returns with a refund: from whose account, how much."""

    account: str
    fen: int


@dataclass(frozen=True)
class SplitPart:
    """A receiver's part of a split; `scene` as the provider names it, such as 达人佣金 or 平台服务费."""

    account: str
    fen: int
    scene: str = ""
    note: str = ""


@dataclass(frozen=True)
class Refund:
    """Pay back `fen` of a trade; `back` says whose royalty returns, else the payee bears all of it."""

    fen: int
    reason: str
    back: tuple[RoyaltyBack, ...] = ()


@dataclass(frozen=True)
class Split:
    """Give parts of a paid trade to receivers; `finishes` unfreezes what is left for the payee."""

    parts: tuple[SplitPart, ...]
    finishes: bool = False
    is_async: bool = False


@dataclass(frozen=True)
class Confirmation:
    """Settle a sub-merchant's trade: `fen` of it, frozen for a split that follows or not."""

    fen: int
    holds_for_split: bool = False


@dataclass(frozen=True)
class Transfer:
    """Pay from our own account to another."""

    fen: int
    account: str
    name: str
    title: str


@dataclass(frozen=True)
class Close:
    """Close a trade that nobody paid, so that nobody can."""


@dataclass(frozen=True)
class Receiver:
    """Somebody who may receive splits: the account and its holder's name."""

    account: str
    name: str


@dataclass(frozen=True)
class Bind:
    """Allow accounts to receive splits; binding one again changes nothing."""

    receivers: tuple[Receiver, ...]


Content = Refund | Split | Confirmation | Transfer | Close | Bind


@dataclass(frozen=True)
class Instruction:
    """Something the provider is to do once: our request number is fixed before the first call.

    `key` is the business key (`refund:<claim>`), `outcome` the code of a refusal or what was lost.
    """

    id: InstructionId
    wish: Wish
    key: str
    request_no: str
    content: Content
    out_trade_no: str
    trade_no: str | None
    state: InstructionState
    outcome: str
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None


class FindingKind(StrEnum):
    """What the comparison of a bill with our books can find."""

    LOST_NOTICE = "lost_notice"
    PAYMENT_NOT_THERE = "payment_not_there"
    AMOUNT_DIFFERS = "amount_differs"
    PAID_TWICE = "paid_twice"
    REFUND_NOT_THERE = "refund_not_there"
    REFUND_NOT_HERE = "refund_not_here"
    SPLIT_MISSING = "split_missing"
    SPLIT_TWICE = "split_twice"
    FEE_DIFFERS = "fee_differs"
    UNKNOWN_ORDER = "unknown_order"
    STATE_DIFFERS = "state_differs"


@dataclass(frozen=True)
class Finding:
    """One difference between a bill and our books; `number` is the order's (a split's: the trade's).

    `detail` names the trade, the request or the receiver.
    """

    on: date
    kind: FindingKind
    number: str
    ours_fen: int
    theirs_fen: int
    detail: str


@dataclass(frozen=True)
class BillTrouble:
    """A day's bill that came and cannot be used, and why."""

    on: date
    why: str
    found_at: datetime


@dataclass(frozen=True)
class FeeCharged:
    """The provider's bill shows a fee (negative: given back with a refund) of one of our trades."""

    on: date
    out_trade_no: str
    trade_no: str
    request_no: str
    fee_fen: int


class PaymentReceiver(Protocol):
    """The shop's side: told, in the same transaction, of everything that money does to an order.

    Every call happens once per fact. `db` is the database session of the transaction under way.
    """

    def lock_order(self, db: Any, *, out_trade_no: str) -> None:
        """Lock the order before its payment is locked, so that all lock in one order."""

    def payment_succeeded(self, db: Any, *, payment: Payment, now: datetime) -> None:
        """The order is paid: book it and carry on."""

    def payment_late(self, db: Any, *, payment: Payment, now: datetime) -> None:
        """Money came for an order that was closed: take the stock again and call `take_late`, or refund."""

    def payment_closed(self, db: Any, *, payment: Payment, now: datetime) -> None:
        """The provider closed the trade; the order cannot be paid any more."""

    def second_trade(self, db: Any, *, payment: Payment, suspense: Suspense, now: datetime) -> None:
        """A paid order was paid again: book to suspense, make a task for the association."""

    def instruction_done(self, db: Any, *, instruction: Instruction, now: datetime) -> None:
        """A refund, split, confirmation, transfer or closing took effect: book it."""

    def instruction_refused(self, db: Any, *, instruction: Instruction, now: datetime) -> None:
        """The provider refused it for good; `instruction.outcome` says why."""


class NoticeRefused(Refused):
    """A notice that is not what it should be: answered `fail`, nothing is changed."""

    code = "notice_refused"
    says = N_("This payment notice is refused: {why}.")
    status = 400


class RefundTooLarge(Refused):
    """More would be paid back than was paid."""

    code = "refund_too_large"
    says = N_("Only {left_fen} fen of this payment can still be refunded.")


class NothingPaid(Refused):
    """There is no money to move: the payment was never made."""

    code = "nothing_paid"
    says = N_("Nothing was paid for {out_trade_no}.")


class PaymentConflict(Refused):
    """The same number was used before for something else."""

    code = "payment_conflict"
    says = N_("{number} was already used with another content.")


class SplitNotAllowed(Refused):
    """The provider's limits do not allow this split."""

    code = "split_not_allowed"
    says = N_("This split is not possible: {why}.")
