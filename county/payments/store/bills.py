"""Queries on bills: what was read, what was found, and our side of a day."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.orm import Session

from county import clock, database
from county.payments import gateway
from county.payments.reconciliation import OurPayment, OurRefund
from county.payments.tables import BillLineRow, BillRow, FindingRow, InstructionRow, PaymentRow
from county.payments.types import Finding, InstructionState, SplitPart, Wish

# What we finish within minutes of midnight may stand on the provider's bill of the next day.
MIDNIGHT_SLACK = timedelta(minutes=10)
_PAYMENT = PaymentRow.__table__.c
_ASKED = InstructionRow.__table__.c
_LINE = BillLineRow.__table__.c
_FOUND = FindingRow.__table__.c


def was_read(db: Session, *, on: date) -> bool:
    """Tell whether a day's bill was compared before."""
    return db.get(BillRow, on) is not None


def add_bill(db: Session, *, on: date, lines: int, findings: int, now: datetime) -> None:
    """Remember that a day's bill was compared."""
    database.insert_once(db, BillRow, {"bill_on": on, "lines": lines, "findings": findings, "read_at": now})


def add_line(db: Session, row: gateway.BillRow, *, on: date) -> bool:
    """Keep a line of a bill; False when it was kept before."""
    return database.insert_once(db, BillLineRow, {**asdict(row), "bill_on": on})


def add_finding(db: Session, finding: Finding, *, now: datetime, settled_note: str) -> bool:
    """Keep a difference; False when it was kept before."""
    values = asdict(finding)
    values["bill_on"] = values.pop("on")
    settled = {"settled_at": now if settled_note else None, "settled_note": settled_note}
    return database.insert_once(db, FindingRow, {**values, "found_at": now, **settled})


def list_findings(db: Session, *, open_only: bool) -> list[Finding]:
    """List differences, oldest first."""
    query = select(
        _FOUND.bill_on.label("on"),
        _FOUND.kind,
        _FOUND.number,
        _FOUND.ours_fen,
        _FOUND.theirs_fen,
        _FOUND.detail,
    ).order_by(_FOUND.bill_on, _FOUND.kind, _FOUND.number, _FOUND.detail)
    if open_only:
        query = query.where(_FOUND.settled_at.is_(None))
    return [Finding(**row._mapping) for row in db.execute(query)]


def settle_finding(db: Session, finding: Finding, *, note: str, now: datetime) -> bool:
    """Close a difference with a note of what was done; False when it is closed or unknown."""
    done = db.execute(
        update(FindingRow)
        .where(
            FindingRow.bill_on == finding.on,
            FindingRow.kind == finding.kind,
            FindingRow.number == finding.number,
            FindingRow.detail == finding.detail,
            FindingRow.settled_at.is_(None),
        )
        .values(settled_at=now, settled_note=note)
    )
    return database.changed_rows(done) == 1


def list_unpaid(db: Session, *, numbers: Collection[str]) -> list[str]:
    """List those of these orders for which we know of no trade."""
    query = select(_PAYMENT.out_trade_no).where(
        _PAYMENT.out_trade_no.in_(numbers), _PAYMENT.trade_no.is_(None)
    )
    return sorted(db.scalars(query))


def list_payments(
    db: Session, *, on: date, numbers: Collection[str], seller_id: str
) -> dict[str, OurPayment]:
    """List the payments that were made to our own account on a day, or whose numbers are given."""
    start, end = clock.day_start(on), clock.day_start(on + timedelta(days=1))
    # A direct seller's trades stand on that seller's own bill.
    is_ours = _PAYMENT.seller_id.in_(["", seller_id])
    that_day = (_PAYMENT.paid_at >= start) & (_PAYMENT.paid_at < end) & is_ours
    rows = db.execute(select(*_PAYMENT).where(or_(that_day, _PAYMENT.out_trade_no.in_(numbers))))
    return {row.out_trade_no: _payment(row, start, end) for row in rows}


def _payment(row: Row[Any], start: datetime, end: datetime) -> OurPayment:
    return OurPayment(
        out_trade_no=row.out_trade_no,
        trade_no=row.trade_no,
        fen=row.fen,
        refunded_fen=row.refunded_fen,
        was_paid_that_day=row.paid_at is not None and start <= row.paid_at < end,
    )


def list_refunds(
    db: Session, *, on: date, trades: Collection[str], seller_id: str
) -> dict[tuple[str, str], OurRefund]:
    """List the refunds of these trades, and a day's from our account that no bill has shown yet."""
    start = clock.day_start(on) - MIDNIGHT_SLACK
    end = clock.day_start(on + timedelta(days=1)) - MIDNIGHT_SLACK
    shown = (
        select(_LINE.request_no)
        .where(_LINE.request_no == _ASKED.request_no, _LINE.trade_no == _ASKED.trade_no, _LINE.bill_on < on)
        .exists()
    )
    is_ours = _PAYMENT.seller_id.in_(["", seller_id])
    that_day = (_ASKED.finished_at >= start) & (_ASKED.finished_at < end) & is_ours
    rows = db.execute(
        select(*_ASKED, _PAYMENT.out_trade_no)
        .join(PaymentRow.__table__, _ASKED.payment_id == _PAYMENT.id)
        .where(_ASKED.wish == Wish.REFUND, or_(that_day, _ASKED.trade_no.in_(trades)), ~shown)
    )
    return {
        (row.trade_no, row.request_no): OurRefund(
            trade_no=row.trade_no,
            request_no=row.request_no,
            out_trade_no=row.out_trade_no,
            fen=row.fen,
            is_done=row.state is InstructionState.DONE,
            is_expected=row.finished_at is not None and row.finished_at < end,
        )
        for row in rows
    }


def sum_billed_refunds(db: Session, *, trades: Collection[str], before: date) -> dict[str, int]:
    """Sum what earlier bills showed as paid back, per trade."""
    query = (
        select(_LINE.trade_no, -func.sum(_LINE.fen))
        .where(_LINE.is_refund, _LINE.trade_no.in_(trades), _LINE.bill_on < before)
        .group_by(_LINE.trade_no)
    )
    return {trade_no: int(fen) for trade_no, fen in db.execute(query)}


def list_split_orders(db: Session, *, on: date) -> dict[str, str]:
    """List the orders (number → trade) for which a split was done on a day."""
    start, end = clock.day_start(on), clock.day_start(on + timedelta(days=1))
    query = (
        select(_PAYMENT.out_trade_no, _ASKED.trade_no)
        .join(PaymentRow.__table__, _ASKED.payment_id == _PAYMENT.id)
        .where(_ASKED.wish == Wish.SPLIT, _ASKED.fen > 0)
        .where(_ASKED.state == InstructionState.DONE, _ASKED.finished_at >= start, _ASKED.finished_at < end)
    )
    return {row.out_trade_no: row.trade_no for row in db.execute(query)}


def list_split_parts(db: Session, *, trade_no: str) -> list[SplitPart]:
    """List the parts of a trade that were split as far as we know."""
    query = select(_ASKED.content).where(
        _ASKED.wish == Wish.SPLIT, _ASKED.state == InstructionState.DONE, _ASKED.trade_no == trade_no
    )
    return [SplitPart(**part) for content in db.scalars(query) for part in content["parts"]]
