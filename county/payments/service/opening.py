"""Open payments, start them at the cashier, close them, take late ones."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from county import clock, ids
from county.audit.types import Actor
from county.errors import NotFound
from county.payments import rules, store
from county.payments.service.instructing import plan_close
from county.payments.service.wires import provider, transition
from county.payments.types import (
    NothingPaid,
    Payment,
    PaymentConflict,
    PaymentEvent,
    PaymentGroup,
    PaymentId,
    PaymentLine,
    PaymentState,
)


def open_payment(
    db: Session,
    *,
    lines: Sequence[PaymentLine],
    returns_to: str,
    expires_at: datetime,
    now: datetime,
    group_no: str | None = None,
) -> PaymentGroup:
    """Write what is to be paid for the orders of one checkout.

    Takes: `lines`, one per order, at least one; `returns_to`, the path of our page that the buyer returns to.
    Gives: the group; opening the same again gives the same.
    Refuses: `PaymentConflict` when a number was used before for something else.
    """
    if not lines or any(line.fen <= 0 for line in lines):
        raise ValueError("a payment has at least one line, each of more than 0 fen")
    if not returns_to.startswith("/") or returns_to.startswith("//"):
        raise ValueError("returns_to is a path of our own")
    known = store.find_payment(db, out_trade_no=lines[0].out_trade_no)
    group_no = known.group_no if known else group_no or ids.new_number("G")
    for line in lines:
        payment = Payment(
            id=PaymentId(ids.new_id()),
            group_no=group_no,
            out_trade_no=line.out_trade_no,
            fen=line.fen,
            subject=line.subject,
            payee=line.payee,
            state=PaymentState.AWAITING,
            trade_no=None,
            refunding_fen=0,
            refunded_fen=0,
            returns_to=returns_to,
            created_at=now,
            expires_at=clock.require_aware(expires_at),
            paid_at=None,
            closed_at=None,
            version=1,
        )
        if not store.add_payment(db, payment, next_ask_at=rules.next_ask(now, 0)):
            before = store.find_payment(db, out_trade_no=line.out_trade_no)
            if before is None or (before.fen, before.payee, before.group_no) != (
                line.fen,
                line.payee,
                group_no,
            ):
                raise PaymentConflict(number=line.out_trade_no)
    return get_group(db, group_no=group_no)


def get_group(db: Session, *, group_no: str) -> PaymentGroup:
    """Read the payments of one checkout; refuses `NotFound`."""
    payments = store.list_group(db, group_no=group_no)
    if not payments:
        raise NotFound(what="payment")
    return PaymentGroup(
        group_no=group_no,
        payments=payments,
        returns_to=payments[0].returns_to,
        expires_at=min(payment.expires_at for payment in payments),
    )


def find_payment(db: Session, *, out_trade_no: str) -> Payment | None:
    """Find a payment by our number."""
    return store.find_payment(db, out_trade_no=out_trade_no)


def get_payment(db: Session, *, out_trade_no: str) -> Payment:
    """Read a payment by our number; refuses `NotFound`."""
    payment = store.find_payment(db, out_trade_no=out_trade_no)
    if payment is None:
        raise NotFound(what="payment")
    return payment


def find_return(db: Session, *, out_trade_no: str, group_no: str) -> str | None:
    """Find the path of our page that belongs to a payment or, for a merge payment, to its group."""
    payment = store.find_payment(db, out_trade_no=out_trade_no) if out_trade_no else None
    payments = (payment,) if payment else store.list_group(db, group_no=group_no) if group_no else ()
    return payments[0].returns_to if payments else None


def start_page_pay(group: PaymentGroup, *, mobile: bool = False) -> str:
    """Sign the address of the cashier for what is still to be paid; no network, no transaction.

    Refuses: `NothingPaid` when nothing of the group waits for payment.
    """
    if not group.awaiting:
        raise NothingPaid(out_trade_no=group.group_no)
    return provider().page_pay(group, mobile=mobile)


def close_payment(db: Session, *, out_trade_no: str, actor: Actor, now: datetime) -> Payment:
    """Close a payment that nobody made, because its order was cancelled or expired.

    The provider is told to close the trade by a job. A payment that is closed stays closed; the receiver is
    not told, since it is the caller. A buyer who pays all the same makes a late payment.
    Refuses: `IllegalMove` when it was paid.
    """
    payment = store.lock_payment(db, out_trade_no=out_trade_no)
    if payment is None:
        raise NotFound(what="payment")
    if payment.state is PaymentState.CLOSED:
        return payment
    closed = transition(
        db, payment, PaymentEvent.CLOSED, actor=actor, now=now, closed_at=now, next_ask_at=None
    )
    plan_close(db, payment=closed, now=now)
    return closed


def take_late(db: Session, *, out_trade_no: str, actor: Actor, now: datetime) -> Payment:
    """Take a late payment for its order after all: there was stock, and the order goes on."""
    payment = store.lock_payment(db, out_trade_no=out_trade_no)
    if payment is None:
        raise NotFound(what="payment")
    return transition(db, payment, PaymentEvent.TAKEN, actor=actor, now=now)
