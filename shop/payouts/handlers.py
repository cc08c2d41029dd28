"""Reacts to fees on Alipay's bill."""

from datetime import datetime

from sqlalchemy.orm import Session

from county.payments.types import FeeCharged
from shop.payouts import service


def on_fee_charged(db: Session, event: FeeCharged, now: datetime) -> None:
    """Book the fee of an order's trade."""
    service.record_fee(db, fee=event, now=now)
