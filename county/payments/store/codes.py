"""Queries on the QR codes of payments."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from county import database
from county.payments.tables import QrRow
from county.payments.types import QrCode


def find(db: Session, *, group_no: str, orders: int) -> QrCode | None:
    """Find what was asked for or made for these orders of a group."""
    row = db.get(QrRow, (group_no, orders), populate_existing=True)
    return None if row is None else QrCode(row.text, row.expires_at)


def ask(db: Session, *, group_no: str, orders: int, now: datetime, expires_at: datetime) -> None:
    """Write that a QR code is asked for, instead of one that is over."""
    values = {"text": "", "asked_at": now, "expires_at": expires_at}
    if not database.insert_once(db, QrRow, {"group_no": group_no, "orders": orders, **values}):
        db.execute(update(QrRow).where(QrRow.group_no == group_no, QrRow.orders == orders).values(**values))


def keep(db: Session, *, group_no: str, orders: int, text: str) -> None:
    """Keep what the QR code shows."""
    db.execute(update(QrRow).where(QrRow.group_no == group_no, QrRow.orders == orders).values(text=text))
