"""Reacts to paid and completed orders."""

from datetime import datetime

from sqlalchemy.orm import Session

from livestream.attribution import service
from shop.orders.types import OrderCompleted, OrderPaid


def on_order_paid(db: Session, event: OrderPaid, now: datetime) -> None:
    """Record the sale, if it came from a session."""
    service.record_sale(db, order_no=event.order_no, now=now)


def on_order_completed(db: Session, event: OrderCompleted, now: datetime) -> None:
    """Make the sale final."""
    service.finish_sale(db, order_no=event.order_no)
