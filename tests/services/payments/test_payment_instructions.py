"""Refunds, splits and questions: decided, counted, sent once; what the database itself refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.payments import service
from county.payments.gateway import CallRefused, CallUnknown, Done
from county.payments.invariants import INVARIANTS
from county.payments.tables import InstructionRow, PaymentNoticeRow, PaymentRow
from county.payments.types import (
    Instruction,
    InstructionState,
    NothingPaid,
    PaymentConflict,
    PaymentGroup,
    PaymentLine,
    PaymentState,
    RefundTooLarge,
    Split,
    SplitNotAllowed,
    SplitPart,
)
from tests.services.payments.acting import ADMIN, NOW, Shop, finish, make_notice, pay, refund


def test_every_transition_writes_one_audit_row(db: Session, group: PaymentGroup) -> None:
    pay(db)
    finish(db, refund(db, fen=7_650), Done())

    actions = [record.action for record in audit.list_records(db, object=("payment", "A1"))]

    assert actions == [
        "payment.succeeded",
        "payment.refund_planned",
        "payment.refund_done",
        "payment.returned",
    ]


def test_two_people_refunding_cannot_pay_back_more_than_was_paid(db: Session, group: PaymentGroup) -> None:
    pay(db)
    refund(db, key="claim:1", fen=5_000)

    with pytest.raises(RefundTooLarge) as refused:
        refund(db, key="claim:2", fen=5_000)

    assert refused.value.facts["left_fen"] == 2_650
    assert service.get_payment(db, out_trade_no="A1").refunding_fen == 5_000
    assert len(service.list_instructions(db, out_trade_no="A1")) == 1


def test_the_same_refund_key_is_one_refund(db: Session, group: PaymentGroup) -> None:
    pay(db)

    first, again = refund(db), refund(db)
    with pytest.raises(PaymentConflict):
        refund(db, fen=2_001)

    assert first == again
    assert service.get_payment(db, out_trade_no="A1").refunding_fen == 2_000


def test_an_unpaid_payment_cannot_be_refunded(db: Session, group: PaymentGroup) -> None:
    with pytest.raises(NothingPaid):
        refund(db)


def test_a_refused_refund_frees_what_it_reserved_and_is_told(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)

    closed = finish(db, refund(db), CallRefused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"))

    payment = service.get_payment(db, out_trade_no="A1")
    assert closed.state is InstructionState.REFUSED
    assert closed.outcome == "ACQ.SELLER_BALANCE_NOT_ENOUGH 卖家余额不足"
    assert (payment.refunding_fen, payment.refunded_fen) == (0, 0)
    assert shop.told[-1] == ("refund_refused", "claim:1")


def test_an_unknown_refund_stays_reserved_until_it_is_known(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)
    asked = refund(db)

    unknown = finish(db, asked, CallUnknown("time-out"))
    reserved = service.get_payment(db, out_trade_no="A1").refunding_fen
    done = finish(db, asked, Done())
    done_again = service.close_instruction(db, instruction_id=asked.id, outcome=Done(), now=NOW)

    assert (unknown.state, reserved) == (InstructionState.UNKNOWN, 2_000)
    assert (done.state, done_again) == (InstructionState.DONE, done)
    assert service.get_payment(db, out_trade_no="A1").refunded_fen == 2_000
    assert shop.told == [("succeeded", "A1"), ("refund_done", "claim:1")]
    begun = service.begin_instruction(db, instruction_id=asked.id, now=NOW)
    assert begun.state is InstructionState.DONE


def test_a_split_over_the_cap_or_with_too_many_receivers_is_refused(db: Session, group: PaymentGroup) -> None:
    pay(db)
    cap_fen = 7_650 * 3_000 // 10_000

    def split(key: str, *parts: SplitPart) -> Instruction:
        return service.open_split(
            db, out_trade_no="A1", key=key, split=Split(tuple(parts)), actor=ADMIN, now=NOW
        )

    split("s1", SplitPart("2088000000000031", 685), SplitPart("2088000000000091", 343))
    with pytest.raises(SplitNotAllowed):
        split("s2", SplitPart("2088000000000031", cap_fen - 1_028 + 1))
    with pytest.raises(SplitNotAllowed):
        split("s3", *[SplitPart(f"208800000000003{i}", 1) for i in range(6)])
    split("s4", SplitPart("2088000000000031", cap_fen - 1_028))

    assert {one.key for one in service.list_instructions(db, out_trade_no="A1")} == {"s1", "s4"}


def test_the_worked_example_fits_the_cap_and_free_freight_does_not(db: Session, group: PaymentGroup) -> None:
    pay(db)

    worked = Split((SplitPart("2088000000000031", 685), SplitPart("2088000000000091", 343 + 800)))
    service.open_split(db, out_trade_no="A1", key="s1", split=worked, actor=ADMIN, now=NOW)

    assert sum(part.fen for part in worked.parts) == 1_828


def test_unpaid_payments_are_asked_about_after_1_5_15_and_60_minutes(
    db: Session, group: PaymentGroup
) -> None:
    asked_at = []

    for minute in range(120):
        now = NOW + timedelta(minutes=minute)
        for number, asks in service.list_due_asks(db, now=now):
            assert service.note_ask(db, out_trade_no=number, asks=asks, now=now)
            assert not service.note_ask(db, out_trade_no=number, asks=asks, now=now)
            asked_at.append(minute)

    assert asked_at == [1, 5, 15, 60]


def test_paid_payments_are_not_asked_about(db: Session, group: PaymentGroup) -> None:
    pay(db)

    assert service.list_due_asks(db, now=NOW + timedelta(days=1)) == []


def test_the_database_refuses_a_second_payment_by_the_same_trade(db: Session, group: PaymentGroup) -> None:
    service.open_payment(
        db, lines=[PaymentLine("A2", 7_650, "茶")], returns_to="/orders/A2", expires_at=NOW, now=NOW
    )
    pay(db)

    with pytest.raises(IntegrityError), db.begin_nested():
        service.record_notice(db, notice=make_notice(notify_id="n2", out_trade_no="A2"), now=NOW)

    assert service.get_payment(db, out_trade_no="A2").state is PaymentState.AWAITING


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE county_payment SET refunding_fen = fen + 1",
        "UPDATE county_payment SET refunded_fen = 1",
        "UPDATE county_payment SET state = 'paid'",
        "UPDATE county_payment SET state = 'given'",
        "UPDATE county_payment SET fen = 0",
        "UPDATE county_payment_notice SET trade_no = 'T9'",
        "DELETE FROM county_payment_notice",
    ],
)
def test_the_database_itself_refuses_what_must_never_happen(
    db: Session, group: PaymentGroup, statement: str
) -> None:
    if "notice" in statement:
        pay(db)
    before = (
        db.execute(select(PaymentRow.__table__)).all(),
        db.execute(select(PaymentNoticeRow.__table__)).all(),
    )

    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text(statement))

    after = (
        db.execute(select(PaymentRow.__table__)).all(),
        db.execute(select(PaymentNoticeRow.__table__)).all(),
    )
    assert after == before


def test_request_numbers_are_stored_before_any_call(db: Session, group: PaymentGroup) -> None:
    pay(db)

    asked = refund(db)

    stored = db.execute(select(InstructionRow.request_no, InstructionRow.state)).one()
    assert (stored.request_no, stored.state) == (asked.request_no, InstructionState.PLANNED)


def broken(db: Session) -> list[str]:
    """Name the invariants that do not hold."""
    return [each.name for each in INVARIANTS if db.execute(text(each.sql)).all()]


def test_the_invariants_hold_through_refunds_late_payments_and_second_trades(
    db: Session, group: PaymentGroup
) -> None:
    pay(db)
    service.record_notice(db, notice=make_notice(notify_id="n2", trade_no="T2"), now=NOW)
    finish(db, refund(db, key="claim:1", fen=2_000), Done())
    finish(db, refund(db, key="claim:2", fen=1_000), CallRefused("ACQ.X", ""))
    finish(db, refund(db, key="claim:3", fen=500), CallUnknown("time-out"))
    between = broken(db)
    finish(db, refund(db, key="claim:4", fen=5_150), Done())

    assert between == []
    assert broken(db) == []


def test_the_invariants_see_what_is_wrong(db: Session, group: PaymentGroup) -> None:
    pay(db)
    finish(db, refund(db), Done())

    db.execute(text("UPDATE county_payment SET refunding_fen = fen, refunded_fen = fen"))
    db.execute(text("DELETE FROM county_job"))

    assert broken(db) == [
        "refunds counted as done are the refunds done",
        "refunds counted against a payment are those not refused",
        "a payment is returned exactly when all of it was paid back",
        "every instruction has its job",
    ]
