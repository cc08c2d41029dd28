"""What the provider tells us, by notice or when asked: booked once, never backwards."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.payments import rules, store
from county.payments.gateway import NotFound
from county.payments.service.wires import provider, receiver, transition
from county.payments.types import (
    Notice,
    NoticeRefused,
    Payment,
    PaymentEvent,
    PaymentState,
    Suspense,
    TradeFacts,
    TradeStatus,
)

ALIPAY = Actor.system("payments:provider")


class NoticeEffect(StrEnum):
    """What a notice or an answer did."""

    PAID = "paid"
    LATE = "late"
    SECOND_TRADE = "second_trade"
    CLOSED = "closed"
    NOTHING = "nothing"
    REPEATED = "repeated"


def record_notice(db: Session, *, notice: Notice, now: datetime) -> NoticeEffect:
    """Act on a notice whose signature was right: check its facts, lock the order, book it once.

    Gives: what it did; `repeated` when this very notice was booked before.
    Refuses: `NoticeRefused`; then nothing is changed.
    """
    account = provider().account
    trade = notice.trade
    payment = rules.check_notice(
        notice,
        app_id=account.app_id,
        our_seller_id=account.seller_id,
        expected=store.find_payment(db, out_trade_no=trade.out_trade_no),
    )
    payment = lock(db, out_trade_no=payment.out_trade_no)
    if store.has_notice(db, notify_id=notice.notify_id):
        return NoticeEffect.REPEATED
    effect = _act(db, payment, trade, now)
    store.add_notice(
        db,
        {
            "notify_id": notice.notify_id,
            "payment_id": payment.id,
            "trade_no": trade.trade_no,
            "trade_status": trade.status.value,
            "fields": dict(notice.fields),
            "effect": effect.value,
            "received_at": now,
        },
    )
    return effect


def record_query(
    db: Session, *, out_trade_no: str, answer: TradeFacts | NotFound, now: datetime
) -> NoticeEffect:
    """Act on what the provider answered when it was asked about a trade.

    Refuses: `NoticeRefused` when the answer is about another number or amount.
    """
    payment = store.find_payment(db, out_trade_no=out_trade_no)
    if payment is None:
        raise NoticeRefused(why="there is no such order")
    if isinstance(answer, NotFound):
        return NoticeEffect.NOTHING
    if answer.out_trade_no != out_trade_no:
        raise NoticeRefused(why="the answer is about another order")
    if answer.total_fen != payment.fen:
        raise NoticeRefused(why="the amount is another one")
    return _act(db, lock(db, out_trade_no=out_trade_no), answer, now)


def lock(db: Session, *, out_trade_no: str) -> Payment:
    """Hold an order and then its payment until this transaction ends, as everybody does who moves money."""
    receiver().lock_order(db, out_trade_no=out_trade_no)
    locked = store.lock_payment(db, out_trade_no=out_trade_no)
    assert locked is not None
    return locked


def _act(db: Session, payment: Payment, trade: TradeFacts, now: datetime) -> NoticeEffect:
    if trade.status in (TradeStatus.SUCCESS, TradeStatus.FINISHED):
        # Also a partial refund's notice: it says that there was a payment, and that is booked once.
        return _act_on_success(db, payment, trade, now)
    if trade.status is TradeStatus.CLOSED and payment.state is PaymentState.AWAITING:
        # Never paid, or paid and wholly paid back before we heard of it: no money is here either way.
        closed = transition(
            db, payment, PaymentEvent.CLOSED, actor=ALIPAY, now=now, closed_at=now, next_ask_at=None
        )
        receiver().payment_closed(db, payment=closed, now=now)
        return NoticeEffect.CLOSED
    return NoticeEffect.NOTHING


def _act_on_success(db: Session, payment: Payment, trade: TradeFacts, now: datetime) -> NoticeEffect:
    facts = {"trade_no": trade.trade_no, "paid_at": trade.paid_at or now, "next_ask_at": None}
    if payment.state is PaymentState.AWAITING:
        paid = transition(db, payment, PaymentEvent.SUCCEEDED, actor=ALIPAY, now=now, **facts)
        receiver().payment_succeeded(db, payment=paid, now=now)
        return NoticeEffect.PAID
    if payment.state is PaymentState.CLOSED:
        late = transition(db, payment, PaymentEvent.ARRIVED_LATE, actor=ALIPAY, now=now, **facts)
        receiver().payment_late(db, payment=late, now=now)
        return NoticeEffect.LATE
    if payment.trade_no == trade.trade_no:
        return NoticeEffect.NOTHING
    is_new = take_second_trade(db, payment=payment, trade_no=trade.trade_no, fen=trade.total_fen, now=now)
    return NoticeEffect.SECOND_TRADE if is_new else NoticeEffect.NOTHING


def take_second_trade(db: Session, *, payment: Payment, trade_no: str, fen: int, now: datetime) -> bool:
    """Keep the money of a paid order's second trade in suspense; False when it was kept before.

    Takes: `payment`, locked, so that a notice and the daily bill cannot keep the same trade both.
    """
    suspense = Suspense(
        trade_no=trade_no, out_trade_no=payment.out_trade_no, fen=fen, found_at=now, settled_at=None
    )
    if not store.add_suspense(db, suspense, payment_id=payment.id):
        return False
    receiver().second_trade(db, payment=payment, suspense=suspense, now=now)
    return True


def count_notices(db: Session, *, out_trade_no: str) -> int:
    """Count the accepted notices about a payment."""
    payment = store.find_payment(db, out_trade_no=out_trade_no)
    return 0 if payment is None else store.count_notices(db, payment_id=payment.id)


def list_due_asks(db: Session, *, now: datetime, limit: int = 100) -> list[tuple[str, int]]:
    """List the unpaid payments to be asked about now, each with how often it was."""
    return store.list_due_asks(db, now=now, limit=limit)


def note_ask(db: Session, *, out_trade_no: str, asks: int, now: datetime) -> bool:
    """Count a question about a payment and plan the next; False when another worker was first."""
    payment = store.find_payment(db, out_trade_no=out_trade_no)
    if payment is None:
        return False
    next_at = rules.next_ask(payment.created_at, asks + 1)
    return store.note_ask(db, out_trade_no=out_trade_no, asks=asks, next_ask_at=next_at)
