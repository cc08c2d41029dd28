"""What this process is wired to: the provider below, the receiver of facts above."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import Stale
from county.payments import rules, store
from county.payments.gateway import PaymentProvider
from county.payments.types import Payment, PaymentEvent, PaymentReceiver


class _Wired:
    make_provider: Callable[[], PaymentProvider] | None = None
    provider: PaymentProvider | None = None
    receiver: PaymentReceiver | None = None


def wire_provider(make: Callable[[], PaymentProvider]) -> None:
    """Say how this process makes its provider, when one is first needed."""
    _Wired.make_provider, _Wired.provider = make, None


def wire_receiver(receiver: PaymentReceiver) -> None:
    """Say who is told what money does to an order; called in the upper room's wiring."""
    _Wired.receiver = receiver


def provider() -> PaymentProvider:
    """Give the provider of this process; for edges, which alone may call it."""
    if _Wired.provider is None:
        if _Wired.make_provider is None:
            raise RuntimeError("no payment provider: wire one first")
        _Wired.provider = _Wired.make_provider()
    return _Wired.provider


def receiver() -> PaymentReceiver:
    """Give who is told."""
    if _Wired.receiver is None:
        raise RuntimeError("nobody is told about payments: wire a receiver first")
    return _Wired.receiver


def transition(
    db: Session, payment: Payment, event: PaymentEvent, *, actor: Actor, now: datetime, **values: Any
) -> Payment:
    """Move a payment by the table of moves, guarded by its version, with one row in the audit log."""
    state = rules.move(payment.state, event)
    if not store.move_payment(db, payment, state=state, values=values):
        raise Stale(what="payment")
    audit.record(
        db,
        actor=actor,
        action=f"payment.{event}",
        object=("payment", payment.out_trade_no),
        before={"state": payment.state.value},
        after={
            "state": state.value,
            "fen": payment.fen,
            "trade_no": values.get("trade_no", payment.trade_no),
        },
        now=now,
    )
    moved = store.find_payment(db, out_trade_no=payment.out_trade_no)
    assert moved is not None
    return moved
