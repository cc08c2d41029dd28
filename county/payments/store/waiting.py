"""Queries on what waits for a person: idle suspense, late money, refused and stuck instructions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from county import database
from county.payments.store import payments
from county.payments.tables import (
    BillTroubleRow,
    FindingRow,
    InstructionRow,
    PaymentRow,
    SettledRow,
    SuspenseRow,
)
from county.payments.types import (
    Instruction,
    InstructionId,
    InstructionState,
    Payment,
    PaymentState,
    Suspense,
    Wish,
)

_PAYMENT = PaymentRow.__table__.c
_ASKED = InstructionRow.__table__.c
_SUSPENSE = SuspenseRow.__table__.c
_SETTLED = SettledRow.__table__.c
_IS_REFUSED = (
    _ASKED.state == InstructionState.REFUSED,
    # A payment that cannot be closed was paid a moment ago: it is asked about, and nobody has to act.
    _ASKED.wish != Wish.CLOSE,
    ~select(_SETTLED.instruction_id).where(_SETTLED.instruction_id == _ASKED.id).exists(),
)
_LIVE = (InstructionState.PLANNED, InstructionState.SENT, InstructionState.UNKNOWN, InstructionState.DONE)


@dataclass(frozen=True)
class Stuck:
    """An instruction whose result nobody knows, with its job if that was given up."""

    instruction: Instruction
    dead_job_id: int | None


def _live_refund(trade_no: ColumnElement[Any]) -> ColumnElement[bool]:
    return (
        select(_ASKED.id)
        .where(_ASKED.wish == Wish.REFUND, _ASKED.trade_no == trade_no, _ASKED.state.in_(_LIVE))
        .exists()
    )


_IS_IDLE = (_SUSPENSE.settled_at.is_(None), ~_live_refund(_SUSPENSE.trade_no))
_IS_LATE = (_PAYMENT.state == PaymentState.LATE, _PAYMENT.refunding_fen < _PAYMENT.fen)


def list_idle_suspense(db: Session) -> list[Suspense]:
    """List second trades' money for which no refund is under way."""
    query = select(SuspenseRow).where(*_IS_IDLE).order_by(_SUSPENSE.found_at, _SUSPENSE.trade_no)
    return [_suspense(row) for row in db.scalars(query)]


def _suspense(row: SuspenseRow) -> Suspense:
    return Suspense(row.trade_no, row.out_trade_no, row.fen, row.found_at, row.settled_at)


def lock_suspense(db: Session, *, trade_no: str) -> Suspense | None:
    """Find a second trade's money that nobody settled, and hold its row until this transaction ends."""
    query = select(SuspenseRow).where(_SUSPENSE.trade_no == trade_no, _SUSPENSE.settled_at.is_(None))
    row = db.scalars(query.with_for_update()).one_or_none()
    return None if row is None else _suspense(row)


def has_live_refund(db: Session, *, trade_no: str) -> bool:
    """Tell whether a trade is being paid back, or was."""
    query = select(func.count()).where(
        _ASKED.wish == Wish.REFUND, _ASKED.trade_no == trade_no, _ASKED.state.in_(_LIVE)
    )
    return db.execute(query).scalar_one() > 0


def count_refunds(db: Session, *, trade_no: str) -> int:
    """Count every refund of a trade that was ever decided."""
    query = select(func.count()).where(_ASKED.wish == Wish.REFUND, _ASKED.trade_no == trade_no)
    return db.execute(query).scalar_one()


def list_idle_late(db: Session) -> list[Payment]:
    """List late payments of which a part is neither taken nor on its way back."""
    query = select(*_PAYMENT).where(*_IS_LATE).order_by(_PAYMENT.paid_at, _PAYMENT.id)
    return [payments.payment_from(row) for row in db.execute(query)]


def list_refused(db: Session, *, limit: int) -> list[Instruction]:
    """List refused instructions that nobody dealt with."""
    rows = db.execute(payments.NUMBERED.where(*_IS_REFUSED).limit(limit))
    return [payments.instruction_from(row) for row in rows]


def count_waiting(db: Session, *, dead: Collection[str], before: datetime) -> int:
    """Count everything of payments that waits for a person, in one query and without reading rows.

    Takes: `dead` and `before` as `list_stuck`.
    """
    counted = (
        select(func.count()).select_from(FindingRow).where(FindingRow.settled_at.is_(None)),
        select(func.count()).select_from(SuspenseRow).where(*_IS_IDLE),
        select(func.count()).select_from(PaymentRow).where(*_IS_LATE),
        select(func.count()).select_from(InstructionRow).where(*_IS_REFUSED),
        select(func.count()).select_from(InstructionRow).where(_is_stuck(dead, before)),
        select(func.count()).select_from(BillTroubleRow),
    )
    return sum(db.execute(select(*(each.scalar_subquery() for each in counted))).one())


def find_refused(db: Session, *, request_no: str) -> Instruction | None:
    """Find a refused instruction that nobody dealt with."""
    row = db.execute(payments.NUMBERED.where(*_IS_REFUSED, _ASKED.request_no == request_no)).one_or_none()
    return None if row is None else payments.instruction_from(row)


def settle(db: Session, *, instruction_id: InstructionId, note: str, now: datetime) -> bool:
    """Write down that a refused instruction was dealt with; False when it was before."""
    values = {"instruction_id": instruction_id, "note": note, "settled_at": now}
    return database.insert_once(db, SettledRow, values)


def list_stuck(db: Session, *, dead: Mapping[str, int], before: datetime) -> list[Stuck]:
    """List instructions that nobody knows the result of.

    Takes: `dead`, the jobs that were given up, id by request number; `before`, when an instruction must have
    been made to count although its job still tries.
    """
    query = payments.NUMBERED.where(_is_stuck(dead, before))
    found = [payments.instruction_from(row) for row in db.execute(query)]
    return [Stuck(each, dead.get(each.request_no)) for each in found]


def _is_stuck(dead: Collection[str], before: datetime) -> ColumnElement[bool]:
    sent = _ASKED.state.in_((InstructionState.SENT, InstructionState.UNKNOWN))
    is_open = or_(sent, _ASKED.state == InstructionState.PLANNED)
    return is_open & or_(_ASKED.request_no.in_(dead), sent & (_ASKED.created_at <= before))
