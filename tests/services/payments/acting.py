"""A shop that writes down what it is told, and a provider that answers what a test says."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.payments import service
from county.payments.alipay.provider import LIMITS
from county.payments.gateway import Account, CallRefused, CallUnknown, Done
from county.payments.types import (
    Instruction,
    Notice,
    Payment,
    PaymentGroup,
    PaymentState,
    Refund,
    Suspense,
    TradeFacts,
    TradeStatus,
)

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"


@dataclass
class Shop:
    """Writes down every call as `(name, number)`."""

    told: list[tuple[str, str]] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    takes_late: bool = False

    def lock_order(self, db: Session, *, out_trade_no: str) -> None:
        """Remember that the order was locked."""
        self.locked.append(out_trade_no)

    def payment_succeeded(self, db: Session, *, payment: Payment, now: datetime) -> None:
        """Remember."""
        self.told.append(("succeeded", payment.out_trade_no))

    def payment_late(self, db: Session, *, payment: Payment, now: datetime) -> None:
        """Remember."""
        self.told.append(("late", payment.out_trade_no))

    def payment_closed(self, db: Session, *, payment: Payment, now: datetime) -> None:
        """Remember."""
        self.told.append(("closed", payment.out_trade_no))

    def second_trade(self, db: Session, *, payment: Payment, suspense: Suspense, now: datetime) -> None:
        """Remember."""
        self.told.append(("second", suspense.trade_no))

    def instruction_done(self, db: Session, *, instruction: Instruction, now: datetime) -> None:
        """Remember."""
        self.told.append((f"{instruction.wish}_done", instruction.key))

    def instruction_refused(self, db: Session, *, instruction: Instruction, now: datetime) -> None:
        """Remember."""
        self.told.append((f"{instruction.wish}_refused", instruction.key))


class ActingProvider:
    """Answers every call from `answers[name]` (a list, used up in order), else `Done`; writes calls down."""

    def __init__(self, *, app_id: str, seller_id: str) -> None:
        self.account = Account(app_id=app_id, seller_id=seller_id)
        self.limits = LIMITS
        self.answers: dict[str, list[Any]] = {}
        self.calls: list[tuple[str, str]] = []

    def page_pay(self, group: PaymentGroup, *, mobile: bool) -> str:
        """Give an address that names what is to be paid."""
        return "pay:" + "+".join(payment.out_trade_no for payment in group.awaiting)

    def __getattr__(self, name: str) -> Any:
        def answer(**asked: Any) -> Any:
            self.calls.append((name, asked.get("request_no") or asked.get("out_trade_no", "")))
            waiting = self.answers.get(name, [])
            return waiting.pop(0) if waiting else Done()

        return answer


def make_notice(
    *,
    notify_id: str = "n1",
    trade_no: str = "T1",
    out_trade_no: str = "A1",
    fen: int = 7_650,
    status: TradeStatus = TradeStatus.SUCCESS,
    refunded_fen: int = 0,
    app_id: str = APP_ID,
    seller_id: str = SELLER_ID,
) -> Notice:
    """Make a notice whose signature was right."""
    at = datetime(2026, 10, 5, 12, 1, tzinfo=UTC)
    trade = TradeFacts(trade_no, out_trade_no, status, fen, refunded_fen, at, "2088102100000011")
    return Notice(notify_id, app_id, seller_id, trade, at, {"notify_id": notify_id})


NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
ADMIN = Actor.system("test")


def pay(db: Session) -> None:
    """Have A1 paid by trade T1."""
    service.record_notice(db, notice=make_notice(), now=NOW)


def refund(db: Session, key: str = "claim:1", fen: int = 2_000) -> Instruction:
    """Decide a refund of A1."""
    return service.open_refund(
        db, out_trade_no="A1", key=key, refund=Refund(fen, "烂了"), actor=ADMIN, now=NOW
    )


def finish(db: Session, instruction: Instruction, outcome: Done | CallRefused | CallUnknown) -> Instruction:
    """Send an instruction and record what came of it."""
    service.begin_instruction(db, instruction_id=instruction.id, now=NOW)
    return service.close_instruction(db, instruction_id=instruction.id, outcome=outcome, now=NOW)


def state(db: Session) -> PaymentState:
    """Give the state of A1."""
    return service.get_payment(db, out_trade_no="A1").state
