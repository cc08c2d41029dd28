"""Queries on payment rows; states change only here, in guarded statements."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.orm import Session

from county import database
from county.payments.tables import InstructionRow, PaymentNoticeRow, PaymentRow, SuspenseRow
from county.payments.types import (
    Bind,
    Close,
    Confirmation,
    Content,
    Instruction,
    InstructionId,
    InstructionState,
    Payee,
    Payment,
    PaymentId,
    PaymentState,
    Receiver,
    Refund,
    RoyaltyBack,
    Split,
    SplitPart,
    Suspense,
    Transfer,
    Wish,
)

_PAYMENT = PaymentRow.__table__.c
_INSTRUCTION = InstructionRow.__table__.c
_SUSPENSE = SuspenseRow.__table__.c
NUMBERED = (
    select(*_INSTRUCTION, _PAYMENT.out_trade_no)
    .select_from(
        InstructionRow.__table__.outerjoin(PaymentRow.__table__, _INSTRUCTION.payment_id == _PAYMENT.id)
    )
    .order_by(_INSTRUCTION.created_at, _INSTRUCTION.id)
)


def payment_from(row: Row[Any]) -> Payment:
    """Read a payment from its row."""
    return Payment(
        id=PaymentId(row.id),
        group_no=row.group_no,
        out_trade_no=row.out_trade_no,
        fen=row.fen,
        subject=row.subject,
        payee=Payee(
            seller_id=row.seller_id,
            sub_merchant_id=row.sub_merchant_id,
            settle_days=row.settle_days,
            holds_for_split=row.holds_for_split,
        ),
        state=row.state,
        trade_no=row.trade_no,
        refunding_fen=row.refunding_fen,
        refunded_fen=row.refunded_fen,
        returns_to=row.returns_to,
        created_at=row.created_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        closed_at=row.closed_at,
        version=row.version,
    )


def add_payment(db: Session, payment: Payment, *, next_ask_at: datetime | None) -> bool:
    """Write a new payment; False when its number is taken."""
    values = asdict(payment)
    values.update(values.pop("payee"))
    return database.insert_once(db, PaymentRow, {**values, "asks": 0, "next_ask_at": next_ask_at})


def _one_payment(db: Session, query: Select[Any]) -> Payment | None:
    row = db.execute(query).one_or_none()
    return None if row is None else payment_from(row)


def find_payment(db: Session, *, out_trade_no: str) -> Payment | None:
    """Find a payment by our number."""
    return _one_payment(db, select(*_PAYMENT).where(_PAYMENT.out_trade_no == out_trade_no))


def lock_payment(db: Session, *, out_trade_no: str) -> Payment | None:
    """Find a payment and hold its row until this transaction ends."""
    query = select(*_PAYMENT).where(_PAYMENT.out_trade_no == out_trade_no).with_for_update()
    return _one_payment(db, query)


def list_group(db: Session, *, group_no: str) -> tuple[Payment, ...]:
    """List the payments of a group by their numbers."""
    query = select(*_PAYMENT).where(_PAYMENT.group_no == group_no).order_by(_PAYMENT.out_trade_no)
    return tuple(payment_from(row) for row in db.execute(query))


def move_payment(db: Session, payment: Payment, *, state: PaymentState, values: Mapping[str, Any]) -> bool:
    """Give a payment its next state, unless somebody changed it since it was read."""
    done = db.execute(
        update(PaymentRow)
        .where(PaymentRow.id == payment.id, PaymentRow.version == payment.version)
        .values(state=state, version=payment.version + 1, **values)
    )
    return database.changed_rows(done) == 1


def reserve_refund(db: Session, *, payment_id: PaymentId, fen: int) -> bool:
    """Count a refund against a paid payment; False when not that much is left."""
    done = db.execute(
        update(PaymentRow)
        .where(
            PaymentRow.id == payment_id,
            PaymentRow.state.in_([PaymentState.PAID, PaymentState.LATE]),
            PaymentRow.refunding_fen + fen <= PaymentRow.fen,
        )
        .values(refunding_fen=PaymentRow.refunding_fen + fen, version=PaymentRow.version + 1)
    )
    return database.changed_rows(done) == 1


def release_refund(db: Session, *, payment_id: PaymentId, fen: int) -> None:
    """Take back a refund that was counted and refused."""
    db.execute(
        update(PaymentRow)
        .where(PaymentRow.id == payment_id)
        .values(refunding_fen=PaymentRow.refunding_fen - fen, version=PaymentRow.version + 1)
    )


def count_refund(db: Session, *, payment_id: PaymentId, fen: int) -> None:
    """Count a refund as done."""
    db.execute(
        update(PaymentRow)
        .where(PaymentRow.id == payment_id)
        .values(refunded_fen=PaymentRow.refunded_fen + fen, version=PaymentRow.version + 1)
    )


def list_due_asks(db: Session, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """List the unpaid payments that should be asked about now, with how often they were."""
    query = (
        select(_PAYMENT.out_trade_no, _PAYMENT.asks)
        .where(_PAYMENT.state == PaymentState.AWAITING, _PAYMENT.next_ask_at <= now)
        .order_by(_PAYMENT.next_ask_at, _PAYMENT.id)
        .limit(limit)
    )
    return [(row.out_trade_no, row.asks) for row in db.execute(query)]


def note_ask(db: Session, *, out_trade_no: str, asks: int, next_ask_at: datetime | None) -> bool:
    """Count one question about a payment; False when another worker counted it first."""
    done = db.execute(
        update(PaymentRow)
        .where(PaymentRow.out_trade_no == out_trade_no, PaymentRow.asks == asks)
        .values(asks=asks + 1, next_ask_at=next_ask_at)
    )
    return database.changed_rows(done) == 1


def add_notice(db: Session, values: Mapping[str, Any]) -> bool:
    """Keep an accepted notice; False when it was kept before."""
    return database.insert_once(db, PaymentNoticeRow, values)


def has_notice(db: Session, *, notify_id: str) -> bool:
    """Tell whether a notice was kept before."""
    query = select(PaymentNoticeRow.notify_id).where(PaymentNoticeRow.notify_id == notify_id)
    return db.execute(query).first() is not None


def count_notices(db: Session, *, payment_id: PaymentId) -> int:
    """Count the notices kept for a payment."""
    query = select(func.count()).where(PaymentNoticeRow.payment_id == payment_id)
    return int(db.execute(query).scalar_one())


def add_suspense(db: Session, suspense: Suspense, *, payment_id: PaymentId) -> bool:
    """Keep the money of a second trade; False when it was kept before."""
    return database.insert_once(db, SuspenseRow, {**asdict(suspense), "payment_id": payment_id})


def find_suspense(db: Session, *, trade_no: str) -> Suspense | None:
    """Find the money of a second trade."""
    row = db.execute(_suspense().where(_SUSPENSE.trade_no == trade_no)).one_or_none()
    return None if row is None else Suspense(**row._mapping)


def list_suspense(db: Session) -> list[Suspense]:
    """List the money that waits for somebody to settle it, oldest first."""
    query = _suspense().where(_SUSPENSE.settled_at.is_(None)).order_by(_SUSPENSE.found_at, _SUSPENSE.trade_no)
    return [Suspense(**row._mapping) for row in db.execute(query)]


def _suspense() -> Select[Any]:
    return select(
        _SUSPENSE.trade_no, _SUSPENSE.out_trade_no, _SUSPENSE.fen, _SUSPENSE.found_at, _SUSPENSE.settled_at
    )


def settle_suspense(db: Session, *, trade_no: str, now: datetime) -> bool:
    """Mark the money of a second trade as settled; False when it was already."""
    done = db.execute(
        update(SuspenseRow)
        .where(SuspenseRow.trade_no == trade_no, SuspenseRow.settled_at.is_(None))
        .values(settled_at=now)
    )
    return database.changed_rows(done) == 1


def add_instruction(db: Session, instruction: Instruction, *, payment_id: PaymentId | None) -> bool:
    """Write a new instruction; False when its key is taken."""
    content = instruction.content
    values = {
        "id": instruction.id,
        "wish": instruction.wish,
        "key": instruction.key,
        "request_no": instruction.request_no,
        "payment_id": payment_id,
        "trade_no": instruction.trade_no,
        "fen": fen_of(content),
        "content": asdict(content),
        "state": instruction.state,
        "outcome": "",
        "created_at": instruction.created_at,
    }
    return database.insert_once(db, InstructionRow, values)


def fen_of(content: Content) -> int:
    """Give how much money an instruction moves."""
    if isinstance(content, Close | Bind):
        return 0
    return sum(part.fen for part in content.parts) if isinstance(content, Split) else content.fen


def read_content(wish: Wish, stored: Mapping[str, Any]) -> Content:
    """Read an instruction's content back from its row."""
    if wish is Wish.REFUND:
        back = tuple(RoyaltyBack(**one) for one in stored["back"])
        return Refund(fen=stored["fen"], reason=stored["reason"], back=back)
    if wish is Wish.SPLIT:
        parts = tuple(SplitPart(**one) for one in stored["parts"])
        return Split(parts=parts, finishes=stored["finishes"], is_async=stored["is_async"])
    if wish is Wish.CONFIRM:
        return Confirmation(**stored)
    if wish is Wish.BIND:
        return Bind(tuple(Receiver(**one) for one in stored["receivers"]))
    return Transfer(**stored) if wish is Wish.TRANSFER else Close()


def instruction_from(row: Any) -> Instruction:
    """Read an instruction from its row and the number of its payment."""
    return Instruction(
        id=InstructionId(row.id),
        wish=row.wish,
        key=row.key,
        request_no=row.request_no,
        content=read_content(row.wish, row.content),
        out_trade_no=row.out_trade_no or "",
        trade_no=row.trade_no,
        state=row.state,
        outcome=row.outcome,
        created_at=row.created_at,
        sent_at=row.sent_at,
        finished_at=row.finished_at,
    )


def find_instruction(
    db: Session, *, key: str | None = None, instruction_id: InstructionId | None = None, lock: bool = False
) -> Instruction | None:
    """Find an instruction by its business key or id; `lock` holds its row until this transaction ends."""
    query = NUMBERED.where(_INSTRUCTION.key == key if key is not None else _INSTRUCTION.id == instruction_id)
    if lock:
        query = query.with_for_update(of=InstructionRow)
    row = db.execute(query).one_or_none()
    return None if row is None else instruction_from(row)


def list_instructions(db: Session, *, out_trade_no: str) -> list[Instruction]:
    """List what the provider was told about a payment, oldest first."""
    return [
        instruction_from(row) for row in db.execute(NUMBERED.where(_PAYMENT.out_trade_no == out_trade_no))
    ]


def split_fen(db: Session, *, payment_id: PaymentId) -> int:
    """Sum what is split of a payment or about to be."""
    query = select(func.coalesce(func.sum(_INSTRUCTION.fen), 0)).where(
        _INSTRUCTION.payment_id == payment_id,
        _INSTRUCTION.wish == Wish.SPLIT,
        _INSTRUCTION.state != InstructionState.REFUSED,
    )
    return int(db.execute(query).scalar_one())


def move_instruction(
    db: Session, instruction: Instruction, *, state: InstructionState, values: Mapping[str, Any]
) -> bool:
    """Give an instruction its next state, unless somebody changed it since it was read."""
    done = db.execute(
        update(InstructionRow)
        .where(InstructionRow.id == instruction.id, InstructionRow.state == instruction.state)
        .values(state=state, **values)
    )
    return database.changed_rows(done) == 1
