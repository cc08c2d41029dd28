"""Pay runs, their items, what the bank answered, and why money has to wait."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

RunNo = NewType("RunNo", str)
ItemNo = NewType("ItemNo", str)


class RunKind(StrEnum):
    """Whose money a run pays; each has payables of its own."""

    GROWERS = "growers"
    STREAMERS = "streamers"
    COMPENSATION = "compensation"
    FEES = "fees"
    COURIERS = "couriers"


class RunState(StrEnum):
    """Where a pay run is."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    EXPORTED = "exported"
    SENT = "sent"
    DONE = "done"
    CANCELLED = "cancelled"


class RunEvent(StrEnum):
    """What happens to a pay run."""

    CONFIRM = "confirm"
    EXPORT = "export"
    SEND = "send"
    ANSWER = "answer"
    CANCEL = "cancel"


class ItemState(StrEnum):
    """Where one payee's payment is."""

    PLANNED = "planned"
    SENT = "sent"
    PAID = "paid"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class ItemEvent(StrEnum):
    """What happens to one payee's payment."""

    SEND = "send"
    PAY = "pay"
    RETURN = "return"
    CANCEL = "cancel"


class WaitReason(StrEnum):
    """Why a payee's money is not in a run."""

    NO_PAPER = "no_paper"
    NO_ACCOUNT = "no_account"
    COOLING_OFF = "cooling_off"
    NEGATIVE = "negative"
    RETURNED = "returned"


class FileForm(StrEnum):
    """The forms in which a run's bank file is made."""

    CSV = "csv"
    XLSX = "xlsx"


class AnswerFault(StrEnum):
    """What is wrong with a row of a bank's answer."""

    SPOILT = "spoilt"
    UNKNOWN = "unknown"
    RESULT = "result"
    AMOUNT = "amount"
    AMOUNT_DIFFERS = "amount_differs"
    TWICE = "twice"
    RETURNED = "returned"


@dataclass(frozen=True)
class OpenEntry:
    """A ledger entry of a payable that no payment covers yet; `fen` above 0 is owed to the payee."""

    key: str
    fen: int
    order_no: str | None


@dataclass(frozen=True)
class Ready:
    """Somebody who can be paid now, a person or a courier, and what exactly would be paid."""

    payee_id: UUID
    payee: str
    account: str
    payee_account_id: UUID
    gross_fen: int
    withheld_fen: int
    entries: tuple[OpenEntry, ...]

    @property
    def net_fen(self) -> int:
        """Give what the bank is to send."""
        return self.gross_fen - self.withheld_fen


@dataclass(frozen=True)
class Waiting:
    """Money of a payee that cannot be paid now, and why."""

    payee_id: UUID
    payee: str
    fen: int
    reason: WaitReason
    orders: tuple[str, ...]


@dataclass(frozen=True)
class ToPay:
    """Everything owed to one kind of payees: ready, or waiting for a reason."""

    kind: RunKind
    ready: tuple[Ready, ...]
    waiting: tuple[Waiting, ...]

    @property
    def gross_fen(self) -> int:
        """Give what a run made now would settle."""
        return sum(each.gross_fen for each in self.ready)

    @property
    def withheld_fen(self) -> int:
        """Give what a run made now would keep back for the tax office."""
        return sum(each.withheld_fen for each in self.ready)

    @property
    def net_fen(self) -> int:
        """Give what a run made now would send."""
        return self.gross_fen - self.withheld_fen

    @property
    def waiting_fen(self) -> int:
        """Give what has to wait; what payees owe us is not in it."""
        return sum(each.fen for each in self.waiting if each.reason is not WaitReason.NEGATIVE)


@dataclass(frozen=True)
class PayItem:
    """One payee's payment in a run; `masked` hides the account."""

    item_no: ItemNo
    run_no: RunNo
    payee_id: UUID
    payee: str
    payee_account_id: UUID
    masked: str
    gross_fen: int
    withheld_fen: int
    state: ItemState
    reason: str
    settled_at: datetime | None
    entries: tuple[OpenEntry, ...]
    may_retry: bool

    @property
    def net_fen(self) -> int:
        """Give what the bank is to send."""
        return self.gross_fen - self.withheld_fen

    @property
    def orders(self) -> tuple[str, ...]:
        """Give the orders that are paid by this, each once."""
        return tuple(dict.fromkeys(each.order_no for each in self.entries if each.order_no))


@dataclass(frozen=True)
class PayRun:
    """A pay run with its items."""

    run_no: RunNo
    kind: RunKind
    state: RunState
    month: str
    items: tuple[PayItem, ...]
    created_by: UUID
    created_by_name: str
    created_at: datetime
    confirmed_by: UUID | None
    confirmed_by_name: str
    confirmed_at: datetime | None
    exported_at: datetime | None
    sent_at: datetime | None
    cancel_reason: str
    version: int

    @property
    def gross_fen(self) -> int:
        """Give what the run settles."""
        return sum(item.gross_fen for item in self.items)

    @property
    def withheld_fen(self) -> int:
        """Give what is kept back for the tax office."""
        return sum(item.withheld_fen for item in self.items)

    @property
    def net_fen(self) -> int:
        """Give what the bank is to send."""
        return self.gross_fen - self.withheld_fen

    def sum_fen(self, state: ItemState) -> int:
        """Give what the items in a state send."""
        return sum(item.net_fen for item in self.items if item.state == state)


@dataclass(frozen=True)
class BankLine:
    """One line of a bank file, with the whole account number."""

    item_no: ItemNo
    holder: str
    number: str
    bank: str
    net_fen: int
    purpose: str


@dataclass(frozen=True)
class BankFile:
    """A bank file as it was made once: the same bytes for ever."""

    form: FileForm
    content: bytes
    sha256: str


@dataclass(frozen=True)
class AnswerRow:
    """One row of a bank's answer as it was read; `fen` is None where the file has no amounts."""

    row: int
    item_no: str
    is_paid: bool
    reason: str
    fen: int | None


@dataclass(frozen=True)
class RowFault:
    """A row of a bank's answer that was not used."""

    row: int
    fault: AnswerFault
    text: str


@dataclass(frozen=True)
class ReadAnswer:
    """A bank's answer as read from its file."""

    name: str
    sha256: str
    rows: tuple[AnswerRow, ...]
    faults: tuple[RowFault, ...]


@dataclass(frozen=True)
class Answer:
    """What a bank's answer changed."""

    name: str
    sha256: str
    uploaded_at: datetime
    paid: int
    returned: int
    faults: tuple[RowFault, ...]
    is_repeated: bool = False


@dataclass(frozen=True)
class Payment:
    """One payment as its receiver sees it."""

    item_no: ItemNo
    kind: RunKind
    state: ItemState
    gross_fen: int
    withheld_fen: int
    sent_at: datetime | None
    settled_at: datetime | None
    reason: str

    @property
    def net_fen(self) -> int:
        """Give what arrives at the bank."""
        return self.gross_fen - self.withheld_fen


@dataclass(frozen=True)
class Standing:
    """What one payee earned through the association, what was sent, what is still owed and why it waits.

    Everything is before tax but `withheld_fen` and `arrived_fen`: earned − withheld − sent − arrived = owed.
    """

    earned_fen: int
    withheld_fen: int
    under_way_fen: int
    arrived_fen: int
    owed_fen: int
    waiting: tuple[Waiting, ...]
    payments: tuple[Payment, ...]


class NothingToPay(Refused):
    """Nobody can be paid now."""

    code = "nothing_to_pay"
    says = N_("Nobody of these can be paid now. The list says what each of them waits for.")


class RunOpen(Refused):
    """One run per kind is made at a time: a second one would pay the same money."""

    code = "run_open"
    says = N_("A pay run of this kind is open already. Send or cancel it first.")


class RunOutdated(Refused):
    """What the run would pay is not what is owed any more."""

    code = "run_outdated"
    says = N_("Since the run was made something changed for {people}. Cancel it and make a new one.")


class RunMonthOver(Refused):
    """Tax is withheld by month: a run of an earlier month would withhold wrongly."""

    code = "run_month_over"
    says = N_("This run was computed for {month}, and that month is over. Cancel it and make a new one.")


class BadAnswer(Refused):
    """A file that is no bank's answer."""

    code = "bad_answer"
    says = N_("The file cannot be read as a bank's answer: {why}")
    status = 422
