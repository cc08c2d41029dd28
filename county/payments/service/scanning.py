"""Paying by QR code: asked of the provider once, kept, shown as long as it can be paid."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from county.payments.gateway import CallRefused, CallUnknown, Done, Effect
from county.payments.service.opening import get_group
from county.payments.store import codes
from county.payments.types import NothingPaid, PaymentGroup, QrCode

# Source: alipay.trade.precreate, 2025: a code lives two hours.
QR_LIVES = timedelta(hours=2)


def find_qr(db: Session, *, group_no: str, now: datetime) -> QrCode | None:
    """Find the QR code of what is still to be paid, if one was made that can still be paid."""
    group = get_group(db, group_no=group_no)
    found = codes.find(db, group_no=group_no, orders=len(group.awaiting))
    return found if found and found.text and found.expires_at > now else None


def begin_qr(db: Session, *, group_no: str, now: datetime) -> tuple[PaymentGroup, QrCode]:
    """Write that a QR code is asked for, before the call: good for two hours, never longer than the orders.

    Refuses: `NothingPaid` when nothing of the group waits for payment any more.
    """
    group = get_group(db, group_no=group_no)
    if not group.awaiting or group.expires_at <= now:
        raise NothingPaid(out_trade_no=group_no)
    asked = QrCode("", min(group.expires_at, now + QR_LIVES))
    codes.ask(db, group_no=group_no, orders=len(group.awaiting), now=now, expires_at=asked.expires_at)
    return group, asked


def close_qr(db: Session, *, group: PaymentGroup, outcome: Effect) -> bool:
    """Keep what the provider answered; tells whether there is a code now. Nothing was moved either way."""
    if isinstance(outcome, CallRefused | CallUnknown) or not outcome.reference:
        return False
    assert isinstance(outcome, Done)
    codes.keep(db, group_no=group.group_no, orders=len(group.awaiting), text=outcome.reference)
    return True
