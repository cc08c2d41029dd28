"""Queries on bills: what was read, what was found, and our side of a day."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from county import clock, database
from county.database import Base
from county.lists import among
from county.payments import gateway
from county.payments.reconciliation import OurPayment, OurRefund
from county.payments.tables import (
    BillLineRow,
    BillRow,
    BillTroubleRow,
    FindingRow,
    InstructionRow,
    PaymentRow,
)
from county.payments.types import BillTrouble, Finding, FindingKind, InstructionState, SplitPart, Wish

# What we finish within minutes of midnight may stand on the provider's bill of the next day.
MIDNIGHT_SLACK = timedelta(minutes=10)
# How many rows go into one statement.
CHUNK = 5_000
T = TypeVar("T")
_PAYMENT = PaymentRow.__table__.c
_ASKED = InstructionRow.__table__.c
_LINE = BillLineRow.__table__.c
_FOUND = FindingRow.__table__.c
_DIALECTS = ("sqlite", "postgresql")


def _dialect(db: Session) -> str:
    return db.get_bind().dialect.name


def _listed(column: ColumnElement[Any]) -> dict[str, ColumnElement[bool]]:
    """Make, per database, the condition that a column's value is in the list bound as `listed`."""
    return {dialect: among(column, "listed", dialect=dialect) for dialect in _DIALECTS}


# A direct seller's trades stand on that seller's own bill.
_IS_OURS = _PAYMENT.seller_id.in_(["", bindparam("seller_id")])
_THAT_DAY = and_(_PAYMENT.paid_at >= bindparam("start"), _PAYMENT.paid_at < bindparam("end"))
_PAYMENTS = select(
    _PAYMENT.out_trade_no,
    _PAYMENT.trade_no,
    _PAYMENT.fen,
    _PAYMENT.refunded_fen,
    func.coalesce(_THAT_DAY, False).label("was_paid_that_day"),
)
_PAID_THAT_DAY = _PAYMENTS.where(_THAT_DAY, _IS_OURS)
_PAYMENTS_LISTED = {d: _PAYMENTS.where(listed) for d, listed in _listed(_PAYMENT.out_trade_no).items()}
_UNPAID = {
    dialect: select(_PAYMENT.out_trade_no).where(listed, _PAYMENT.trade_no.is_(None))
    for dialect, listed in _listed(_PAYMENT.out_trade_no).items()
}
_SHOWN_BEFORE = (
    select(_LINE.request_no)
    .where(
        _LINE.request_no == _ASKED.request_no,
        _LINE.trade_no == _ASKED.trade_no,
        _LINE.bill_on < bindparam("on"),
    )
    .exists()
)
_REFUNDS = (
    select(
        _ASKED.trade_no,
        _ASKED.request_no,
        _PAYMENT.out_trade_no,
        _ASKED.fen,
        (_ASKED.state == InstructionState.DONE).label("is_done"),
        func.coalesce(_ASKED.finished_at < bindparam("end"), False).label("is_expected"),
    )
    .join(PaymentRow.__table__, _ASKED.payment_id == _PAYMENT.id)
    .where(_ASKED.wish == Wish.REFUND, ~_SHOWN_BEFORE)
)
_REFUNDS_THAT_DAY = _REFUNDS.where(
    _ASKED.finished_at >= bindparam("start"), _ASKED.finished_at < bindparam("end"), _IS_OURS
)
_REFUNDS_LISTED = {dialect: _REFUNDS.where(listed) for dialect, listed in _listed(_ASKED.trade_no).items()}
_BILLED = {
    dialect: select(_LINE.trade_no, -func.sum(_LINE.fen))
    .where(_LINE.is_refund, listed, _LINE.bill_on < bindparam("before"))
    .group_by(_LINE.trade_no)
    for dialect, listed in _listed(_LINE.trade_no).items()
}
_KEPT = {
    dialect: select(_LINE.trade_no, _LINE.request_no, _LINE.is_refund).where(listed)
    for dialect, listed in _listed(_LINE.trade_no).items()
}
_SPLITS = {
    dialect: select(_ASKED.trade_no, _ASKED.content)
    .where(_ASKED.wish == Wish.SPLIT, _ASKED.state == InstructionState.DONE, listed)
    .order_by(_ASKED.created_at, _ASKED.id)
    for dialect, listed in _listed(_ASKED.trade_no).items()
}
_UNFINISHED = {
    dialect: select(_PAYMENT.out_trade_no)
    .join(InstructionRow.__table__, _ASKED.payment_id == _PAYMENT.id)
    .where(_ASKED.wish == Wish.REFUND, listed)
    .where(_ASKED.state.not_in([InstructionState.DONE, InstructionState.REFUSED]))
    .distinct()
    for dialect, listed in _listed(_ASKED.trade_no).items()
}
_ADD_LINES = insert(Base.metadata.tables["county_payment_bill_line"])
_ADD_FINDINGS: dict[str, Any] = {
    "sqlite": sqlite.insert(Base.metadata.tables["county_payment_finding"]).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Base.metadata.tables["county_payment_finding"]).on_conflict_do_nothing(),
}


def chunks(items: Sequence[T]) -> Iterator[list[T]]:
    """Cut a long list into pieces that one statement takes."""
    rest = iter(items)
    while piece := list(islice(rest, CHUNK)):
        yield piece


def list_read(db: Session, *, days: Sequence[date]) -> set[date]:
    """List those of the days whose bills were compared before."""
    return set(db.scalars(select(BillRow.bill_on).where(BillRow.bill_on.in_(days))))


def claim_bill(db: Session, *, on: date, lines: int, now: datetime) -> bool:
    """Take it upon this transaction to compare a day's bill; False when it was compared before."""
    return database.insert_once(
        db, BillRow, {"bill_on": on, "lines": lines, "findings": 0, "read_at": now}
    ) and _forget_trouble(db, on)


def _forget_trouble(db: Session, on: date) -> bool:
    db.execute(delete(BillTroubleRow).where(BillTroubleRow.bill_on == on))
    return True


def note_findings(db: Session, *, on: date, findings: int) -> None:
    """Write how many differences a day's bill has."""
    db.execute(update(BillRow).where(BillRow.bill_on == on).values(findings=findings))


def note_trouble(db: Session, *, on: date, why: str, now: datetime) -> None:
    """Keep why a day's bill cannot be used; the first moment stays, the newest reason is kept."""
    values = {"bill_on": on, "why": why[:300], "found_at": now}
    if not database.insert_once(db, BillTroubleRow, values):
        db.execute(update(BillTroubleRow).where(BillTroubleRow.bill_on == on).values(why=why[:300]))


def list_troubles(db: Session) -> list[BillTrouble]:
    """List the bills that cannot be used, oldest day first."""
    rows = db.scalars(select(BillTroubleRow).order_by(BillTroubleRow.bill_on))
    return [BillTrouble(on=row.bill_on, why=row.why, found_at=row.found_at) for row in rows]


def add_lines(db: Session, rows: Sequence[gateway.BillRow], *, on: date) -> list[gateway.BillRow]:
    """Keep the lines of a bill; gives those that no bill had shown before."""
    fresh: list[gateway.BillRow] = []
    for piece in chunks(rows):
        listed = {"listed": list({row.trade_no for row in piece})}
        kept = {tuple(row) for row in db.execute(_KEPT[_dialect(db)], listed)}
        new = [row for row in piece if (row.trade_no, row.request_no, row.is_refund) not in kept]
        if new:
            db.execute(_ADD_LINES, [_line_values(row, on) for row in new])
        fresh += new
    return fresh


def _line_values(row: gateway.BillRow, on: date) -> dict[str, Any]:
    return {
        "trade_no": row.trade_no,
        "request_no": row.request_no,
        "is_refund": row.is_refund,
        "out_trade_no": row.out_trade_no,
        "fen": row.fen,
        "fee_fen": row.fee_fen,
        "finished_at": row.finished_at,
        "bill_on": on,
    }


def add_findings(db: Session, findings: Sequence[tuple[Finding, str]], *, now: datetime) -> None:
    """Keep differences, each with the note that settles it at once, or ""."""
    for piece in chunks(findings):
        rows = []
        for finding, note in piece:
            values = asdict(finding)
            values["bill_on"] = values.pop("on")
            rows.append(
                {**values, "found_at": now, "settled_at": now if note else None, "settled_note": note}
            )
        db.execute(_ADD_FINDINGS[_dialect(db)], rows)


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


def list_findings_of(db: Session, *, number: str) -> list[Finding]:
    """List the open differences of one order."""
    query = select(FindingRow).where(FindingRow.settled_at.is_(None), FindingRow.number == number)
    return [
        Finding(row.bill_on, row.kind, row.number, row.ours_fen, row.theirs_fen, row.detail)
        for row in db.scalars(query.order_by(FindingRow.bill_on, FindingRow.kind, FindingRow.detail))
    ]


def list_open_findings(db: Session, *, limit: int) -> list[tuple[Finding, datetime]]:
    """List open differences and when they were found, the earliest found first."""
    query = (
        select(FindingRow)
        .where(FindingRow.settled_at.is_(None))
        .order_by(FindingRow.found_at, FindingRow.bill_on, FindingRow.kind, FindingRow.number)
        .limit(limit)
    )
    return [
        (Finding(row.bill_on, row.kind, row.number, row.ours_fen, row.theirs_fen, row.detail), row.found_at)
        for row in db.scalars(query)
    ]


def find_finding(db: Session, *, on: date, kind: FindingKind, number: str, detail: str) -> Finding | None:
    """Find a difference by what names it."""
    row = db.get(FindingRow, (on, kind, number, detail))
    if row is None:
        return None
    return Finding(row.bill_on, row.kind, row.number, row.ours_fen, row.theirs_fen, row.detail)


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
    return sorted(db.scalars(_UNPAID[_dialect(db)], {"listed": list(numbers)}))


def list_unfinished_refunds(db: Session, *, trades: Collection[str]) -> list[str]:
    """List the orders with a refund of one of these trades whose result is not known yet."""
    return sorted(db.scalars(_UNFINISHED[_dialect(db)], {"listed": list(trades)}))


def list_payments(
    db: Session, *, on: date, numbers: Collection[str], seller_id: str
) -> dict[str, OurPayment]:
    """List the payments that were made to our own account on a day, or whose numbers are given."""
    day = {"start": clock.day_start(on), "end": clock.day_start(on + timedelta(days=1))}
    found = {
        row.out_trade_no: _payment(row) for row in db.execute(_PAID_THAT_DAY, {**day, "seller_id": seller_id})
    }
    listed = [number for number in numbers if number not in found]
    if listed:
        rows = db.execute(_PAYMENTS_LISTED[_dialect(db)], {**day, "listed": listed})
        found |= {row.out_trade_no: _payment(row) for row in rows}
    return found


def _payment(row: Any) -> OurPayment:
    return OurPayment(row.out_trade_no, row.trade_no, row.fen, row.refunded_fen, bool(row.was_paid_that_day))


def list_refunds(
    db: Session, *, on: date, trades: Collection[str], seller_id: str
) -> dict[tuple[str, str], OurRefund]:
    """List the refunds of these trades, and a day's from our account that no bill has shown yet."""
    day = {
        "on": on,
        "start": clock.day_start(on) - MIDNIGHT_SLACK,
        "end": clock.day_start(on + timedelta(days=1)) - MIDNIGHT_SLACK,
    }
    rows = [*db.execute(_REFUNDS_THAT_DAY, {**day, "seller_id": seller_id})]
    rows += db.execute(_REFUNDS_LISTED[_dialect(db)], {**day, "listed": list(trades)})
    return {
        (row.trade_no, row.request_no): OurRefund(
            row.trade_no, row.request_no, row.out_trade_no, row.fen, bool(row.is_done), bool(row.is_expected)
        )
        for row in rows
    }


def sum_billed_refunds(db: Session, *, trades: Collection[str], before: date) -> dict[str, int]:
    """Sum what earlier bills showed as paid back, per trade."""
    rows = db.execute(_BILLED[_dialect(db)], {"listed": list(trades), "before": before})
    return {trade_no: int(fen) for trade_no, fen in rows}


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


def list_split_parts(db: Session, *, trades: Collection[str]) -> Mapping[str, list[SplitPart]]:
    """List the parts of these trades that were split as far as we know, per trade."""
    parts: dict[str, list[SplitPart]] = {}
    for trade_no, content in db.execute(_SPLITS[_dialect(db)], {"listed": list(trades)}):
        parts.setdefault(trade_no, []).extend(SplitPart(**part) for part in content["parts"])
    return parts
