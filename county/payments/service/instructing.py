"""What we tell the provider: refunds, splits, settlements, transfers, closings; each takes effect once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound, Stale
from county.jobs import service as jobs
from county.payments import rules, store
from county.payments.gateway import CallRefused, CallUnknown, Done, Effect
from county.payments.service import billing
from county.payments.service.wires import provider, receiver, transition
from county.payments.store import waiting
from county.payments.types import (
    Bind,
    Close,
    Confirmation,
    Content,
    Instruction,
    InstructionEvent,
    InstructionId,
    InstructionState,
    NothingPaid,
    Payment,
    PaymentConflict,
    PaymentEvent,
    PaymentState,
    Receiver,
    Refund,
    RefundTooLarge,
    Split,
    Suspense,
    Transfer,
    Wish,
)

JOB_KIND = "payments_instruct"
PROVIDER = Actor.system("payments:provider")
_REQUEST_PREFIXES = {
    Wish.CLOSE: "C",
    Wish.REFUND: "R",
    Wish.SPLIT: "S",
    Wish.CONFIRM: "F",
    Wish.TRANSFER: "T",
    Wish.BIND: "B",
}


def open_refund(
    db: Session, *, out_trade_no: str, key: str, refund: Refund, actor: Actor, now: datetime
) -> Instruction:
    """Decide a refund: counted against the payment now, sent by a job, with a request number fixed here.

    Takes: `key`, the business reason, such as `refund:claim:…`; the same key and content give the same.
    Refuses: `NothingPaid`, `RefundTooLarge` when other refunds leave less, `PaymentConflict` for the same key
    with another content.
    """
    payment = _lock_paid(db, out_trade_no)
    known = _known(db, key, refund)
    if known is not None:
        return known
    if refund.fen <= 0:
        raise ValueError("a refund is of more than 0 fen")
    if not store.reserve_refund(db, payment_id=payment.id, fen=refund.fen):
        raise RefundTooLarge(left_fen=payment.fen - payment.refunding_fen)
    return _plan(db, payment, key, Wish.REFUND, refund, actor=actor, now=now)


def open_suspense_refund(
    db: Session, *, trade_no: str, key: str, reason: str, actor: Actor, now: datetime
) -> Instruction:
    """Decide to pay a second trade back whole; it is settled when the refund is done."""
    suspense = store.find_suspense(db, trade_no=trade_no)
    if suspense is None or suspense.settled_at is not None:
        raise NotFound(what="suspense")
    payment = store.lock_payment(db, out_trade_no=suspense.out_trade_no)
    assert payment is not None
    refund = Refund(fen=suspense.fen, reason=reason)
    known = _known(db, key, refund)
    if known is not None:
        return known
    return _plan(db, payment, key, Wish.REFUND, refund, actor=actor, now=now, trade_no=trade_no)


def open_split(
    db: Session, *, out_trade_no: str, key: str, split: Split, actor: Actor, now: datetime
) -> Instruction:
    """Decide a split of a paid trade; `finishes` without parts only unfreezes the rest.

    Refuses: `SplitNotAllowed` beyond the provider's limits, `NothingPaid`, `PaymentConflict`.
    """
    payment = _lock_paid(db, out_trade_no)
    known = _known(db, key, split)
    if known is not None:
        return known
    limits = provider().limits
    rules.check_split(
        split,
        total_fen=payment.fen,
        split_fen=store.split_fen(db, payment_id=payment.id),
        cap_bp=limits.split_cap_bp,
        sync_receivers=limits.sync_receivers,
        async_receivers=limits.async_receivers,
    )
    return _plan(db, payment, key, Wish.SPLIT, split, actor=actor, now=now)


def open_confirmation(
    db: Session, *, out_trade_no: str, key: str, holds_for_split: bool, actor: Actor, now: datetime
) -> Instruction:
    """Decide to settle a sub-merchant's trade: all of it that was not refunded."""
    payment = _lock_paid(db, out_trade_no)
    content = Confirmation(fen=payment.fen - payment.refunding_fen, holds_for_split=holds_for_split)
    known = store.find_instruction(db, key=key)
    if known is not None:
        return known
    if content.fen == 0:
        raise NothingPaid(out_trade_no=out_trade_no)
    return _plan(db, payment, key, Wish.CONFIRM, content, actor=actor, now=now)


def open_binding(
    db: Session, *, out_trade_no: str, key: str, receivers: Sequence[Receiver], actor: Actor, now: datetime
) -> Instruction:
    """Decide to have accounts allowed as receivers of splits, for the sake of this payment's split."""
    payment = _lock_paid(db, out_trade_no)
    content = Bind(tuple(receivers))
    if not content.receivers:
        raise ValueError("a binding names at least one receiver")
    known = _known(db, key, content)
    return known or _plan(db, payment, key, Wish.BIND, content, actor=actor, now=now)


def open_transfer(db: Session, *, key: str, transfer: Transfer, actor: Actor, now: datetime) -> Instruction:
    """Decide to pay from our own account to another."""
    known = _known(db, key, transfer)
    if known is not None:
        return known
    if transfer.fen <= 0:
        raise ValueError("a transfer is of more than 0 fen")
    return _plan(db, None, key, Wish.TRANSFER, transfer, actor=actor, now=now)


def plan_close(db: Session, *, payment: Payment, now: datetime) -> Instruction:
    """Decide that the provider closes the trade of a payment that we closed."""
    key = f"close:{payment.out_trade_no}"
    return _known(db, key, Close()) or _plan(db, payment, key, Wish.CLOSE, Close(), actor=PROVIDER, now=now)


def _lock_paid(db: Session, out_trade_no: str) -> Payment:
    payment = store.lock_payment(db, out_trade_no=out_trade_no)
    if payment is None:
        raise NotFound(what="payment")
    if payment.trade_no is None or payment.state not in (
        PaymentState.PAID,
        PaymentState.LATE,
        PaymentState.RETURNED,
    ):
        raise NothingPaid(out_trade_no=out_trade_no)
    return payment


def _known(db: Session, key: str, content: Content) -> Instruction | None:
    known = store.find_instruction(db, key=key)
    if known is not None and known.content != content:
        raise PaymentConflict(number=key)
    return known


def _plan(
    db: Session,
    payment: Payment | None,
    key: str,
    wish: Wish,
    content: Content,
    *,
    actor: Actor,
    now: datetime,
    trade_no: str | None = None,
) -> Instruction:
    instruction = Instruction(
        id=InstructionId(ids.new_id()),
        wish=wish,
        key=key,
        request_no=ids.new_number(_REQUEST_PREFIXES[wish]),
        content=content,
        out_trade_no=payment.out_trade_no if payment else "",
        trade_no=trade_no or (payment.trade_no if payment else None),
        state=InstructionState.PLANNED,
        outcome="",
        created_at=now,
        sent_at=None,
        finished_at=None,
    )
    if not store.add_instruction(db, instruction, payment_id=payment.id if payment else None):
        raise Stale(what="instruction")
    payload = {"instruction_id": str(instruction.id)}
    jobs.plan_job(db, kind=JOB_KIND, key=instruction.request_no, payload=payload, run_at=now, now=now)
    audit.record(
        db,
        actor=actor,
        action=f"payment.{wish}_planned",
        object=("payment", instruction.out_trade_no or key),
        after={"request_no": instruction.request_no, "key": key, "fen": store.fen_of(content)},
        now=now,
    )
    return instruction


def begin_instruction(db: Session, *, instruction_id: InstructionId, now: datetime) -> Instruction:
    """Claim an instruction before its call, so that a crash leaves it known as sent.

    Gives: the instruction as it was before: `planned` may be sent at once, `done` and `refused` are finished,
    any other must be asked about first.
    """
    instruction = store.find_instruction(db, instruction_id=instruction_id, lock=True)
    if instruction is None:
        raise NotFound(what="instruction")
    if instruction.state not in (InstructionState.SENT, InstructionState.DONE, InstructionState.REFUSED):
        state = rules.move_instruction(instruction.state, InstructionEvent.SEND)
        if not store.move_instruction(db, instruction, state=state, values={"sent_at": now}):
            raise Stale(what="instruction")
    return instruction


def close_instruction(
    db: Session, *, instruction_id: InstructionId, outcome: Effect, now: datetime
) -> Instruction:
    """Record what came of a call; a finished instruction stays as it is.

    The receiver is told of `done` and `refused` in this transaction; `unknown` keeps everything reserved.
    """
    found = store.find_instruction(db, instruction_id=instruction_id)
    if found is None:
        raise NotFound(what="instruction")
    payment: Payment | None = None
    if found.out_trade_no:
        receiver().lock_order(db, out_trade_no=found.out_trade_no)
        payment = store.lock_payment(db, out_trade_no=found.out_trade_no)
    instruction = store.find_instruction(db, instruction_id=instruction_id, lock=True)
    assert instruction is not None
    if instruction.state in (InstructionState.DONE, InstructionState.REFUSED):
        return instruction
    closed = _record(db, instruction, outcome, now)
    if closed.state is InstructionState.DONE:
        _apply_done(db, closed, payment, now)
        receiver().instruction_done(db, instruction=closed, now=now)
    elif closed.state is InstructionState.REFUSED:
        if closed.wish is Wish.REFUND and payment is not None and closed.trade_no == payment.trade_no:
            store.release_refund(db, payment_id=payment.id, fen=store.fen_of(closed.content))
        receiver().instruction_refused(db, instruction=closed, now=now)
    return closed


def _record(db: Session, instruction: Instruction, outcome: Effect, now: datetime) -> Instruction:
    if isinstance(outcome, Done):
        event, said = InstructionEvent.FINISH, outcome.reference
    elif isinstance(outcome, CallRefused):
        event, said = InstructionEvent.REFUSE, f"{outcome.code} {outcome.message}".strip()
    else:
        event, said = InstructionEvent.LOSE, outcome.why
    state = rules.move_instruction(instruction.state, event)
    finished_at = None if isinstance(outcome, CallUnknown) else now
    values = {"outcome": said[:300], "finished_at": finished_at}
    if not store.move_instruction(db, instruction, state=state, values=values):
        raise Stale(what="instruction")
    if state is not instruction.state:
        audit.record(
            db,
            actor=PROVIDER,
            action=f"payment.{instruction.wish}_{state}",
            object=("payment", instruction.out_trade_no or instruction.key),
            before={"state": instruction.state.value},
            after={"state": state.value, "request_no": instruction.request_no, "outcome": said[:300]},
            now=now,
        )
    closed = store.find_instruction(db, instruction_id=instruction.id)
    assert closed is not None
    return closed


def _apply_done(db: Session, closed: Instruction, payment: Payment | None, now: datetime) -> None:
    if closed.wish is not Wish.REFUND or payment is None:
        return
    if closed.trade_no != payment.trade_no:
        store.settle_suspense(db, trade_no=str(closed.trade_no), now=now)
        billing.settle_by_refund(db, refund=closed, payment=payment, now=now)
        return
    store.count_refund(db, payment_id=payment.id, fen=store.fen_of(closed.content))
    refunded = store.find_payment(db, out_trade_no=payment.out_trade_no)
    assert refunded is not None
    billing.settle_by_refund(db, refund=closed, payment=refunded, now=now)
    if refunded.refunded_fen == refunded.fen:
        transition(db, refunded, PaymentEvent.RETURNED, actor=PROVIDER, now=now)


def take_over(db: Session, *, instruction: Instruction, note: str, now: datetime) -> None:
    """Note that who gave a refused instruction sees to it, so that payments make no task of it too."""
    waiting.settle(db, instruction_id=instruction.id, note=note, now=now)


def find_instruction(db: Session, *, key: str) -> Instruction | None:
    """Find an instruction by its business key."""
    return store.find_instruction(db, key=key)


def list_instructions(db: Session, *, out_trade_no: str) -> list[Instruction]:
    """List what the provider was told about a payment, oldest first."""
    return store.list_instructions(db, out_trade_no=out_trade_no)


def list_suspense(db: Session) -> list[Suspense]:
    """List the money of second trades that nobody has settled, oldest first."""
    return store.list_suspense(db)
