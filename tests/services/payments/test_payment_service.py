"""What notices, queries and instructions do to payments."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import IllegalMove
from county.payments import service
from county.payments.gateway import CallRefused, CallUnknown, Done, NotFound
from county.payments.service import NoticeEffect
from county.payments.tables import InstructionRow, PaymentNoticeRow, PaymentRow
from county.payments.types import (
    Instruction,
    InstructionState,
    NothingPaid,
    NoticeRefused,
    Payee,
    PaymentConflict,
    PaymentGroup,
    PaymentLine,
    PaymentState,
    Refund,
    RefundTooLarge,
    Split,
    SplitNotAllowed,
    SplitPart,
    TradeFacts,
    TradeStatus,
)
from tests.services.payments.acting import Shop, make_notice
from tests.services.payments.conftest import NOW

ADMIN = Actor.system("test")


def pay(db: Session) -> None:
    """Have A1 paid by trade T1."""
    service.record_notice(db, notice=make_notice(), now=NOW)


def refund(db: Session, key: str = "claim:1", fen: int = 2_000) -> Instruction:
    """Decide a refund of A1."""
    return service.open_refund(
        db, out_trade_no="A1", key=key, refund=Refund(fen, "烂了"), actor=ADMIN, now=NOW
    )


def finish(db: Session, instruction: Instruction, outcome: Done | CallRefused | CallUnknown) -> Instruction:
    """Send an instruction and record what came of it."""
    service.begin_instruction(db, instruction_id=instruction.id, now=NOW)
    return service.close_instruction(db, instruction_id=instruction.id, outcome=outcome, now=NOW)


def state(db: Session) -> PaymentState:
    """Give the state of A1."""
    return service.get_payment(db, out_trade_no="A1").state


def test_opening_the_same_again_gives_the_same_and_another_content_is_refused(
    db: Session, group: PaymentGroup
) -> None:
    again = service.open_payment(
        db,
        lines=[PaymentLine("A1", 7_650, "高山茶")],
        returns_to="/orders/A1",
        expires_at=NOW + timedelta(minutes=30),
        now=NOW,
    )

    with pytest.raises(PaymentConflict):
        service.open_payment(
            db,
            lines=[PaymentLine("A1", 7_651, "高山茶")],
            returns_to="/orders/A1",
            expires_at=NOW + timedelta(minutes=30),
            now=NOW,
        )

    assert again == group
    assert service.start_page_pay(group) == "pay:A1"


def test_a_notice_pays_once_however_often_it_comes(db: Session, group: PaymentGroup, shop: Shop) -> None:
    effects = [service.record_notice(db, notice=make_notice(), now=NOW) for _ in range(5)]
    effects.append(service.record_notice(db, notice=make_notice(notify_id="n2"), now=NOW))

    payment = service.get_payment(db, out_trade_no="A1")
    assert effects == [NoticeEffect.PAID] + [NoticeEffect.REPEATED] * 4 + [NoticeEffect.NOTHING]
    assert shop.told == [("succeeded", "A1")]
    assert (payment.state, payment.trade_no) == (PaymentState.PAID, "T1")
    assert service.count_notices(db, out_trade_no="A1") == 2
    assert shop.locked[0] == "A1"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"app_id": "2021000000000002"}, "another app"),
        ({"seller_id": "2088000000000002"}, "another seller"),
        ({"out_trade_no": "A2"}, "no such order"),
        ({"fen": 7_649}, "amount"),
        ({"fen": 7_651}, "amount"),
    ],
)
def test_a_notice_with_a_wrong_fact_is_refused_and_changes_nothing(
    db: Session, group: PaymentGroup, shop: Shop, change: dict[str, object], why: str
) -> None:
    with pytest.raises(NoticeRefused, match=why):
        service.record_notice(db, notice=make_notice(**change), now=NOW)  # type: ignore[arg-type]

    assert service.get_payment(db, out_trade_no="A1") == group.payments[0]
    assert shop.told == []
    assert db.scalar(select(func.count()).select_from(PaymentNoticeRow)) == 0


def test_facts_are_checked_in_the_order_app_seller_order_amount(db: Session, group: PaymentGroup) -> None:
    everything_wrong = {"app_id": "1", "seller_id": "2", "out_trade_no": "A9", "fen": 1}

    why = []
    for name in ("app_id", "seller_id", "out_trade_no", "fen"):
        with pytest.raises(NoticeRefused) as refused:
            service.record_notice(db, notice=make_notice(**everything_wrong), now=NOW)  # type: ignore[arg-type]
        why.append(refused.value.facts["why"])
        del everything_wrong[name]

    assert why == [
        "it is for another app",
        "it is for another seller",
        "there is no such order",
        "the amount is another one",
    ]


def test_a_direct_sellers_payment_wants_that_seller(db: Session, shop: Shop, acting: object) -> None:
    service.open_payment(
        db,
        lines=[PaymentLine("A1", 7_650, "茶", Payee(seller_id="2088000000000777"))],
        returns_to="/orders/A1",
        expires_at=NOW,
        now=NOW,
    )

    with pytest.raises(NoticeRefused, match="another seller"):
        service.record_notice(db, notice=make_notice(), now=NOW)
    effect = service.record_notice(db, notice=make_notice(seller_id="2088000000000777"), now=NOW)

    assert effect is NoticeEffect.PAID


def test_older_and_unpaid_statuses_never_move_a_payment_backwards(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)

    effects = [
        service.record_notice(db, notice=make_notice(notify_id=f"n{i}", status=status), now=NOW)
        for i, status in enumerate((TradeStatus.WAITING, TradeStatus.CLOSED, TradeStatus.FINISHED), 2)
    ]

    assert effects == [NoticeEffect.NOTHING] * 3
    assert state(db) is PaymentState.PAID
    assert shop.told == [("succeeded", "A1")]


def test_a_partial_refunds_notice_does_not_book_a_second_payment(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)

    effect = service.record_notice(db, notice=make_notice(notify_id="n2", refunded_fen=2_000), now=NOW)

    assert effect is NoticeEffect.NOTHING
    assert shop.told == [("succeeded", "A1")]
    assert service.get_payment(db, out_trade_no="A1").refunded_fen == 0


def test_a_refunds_notice_that_overtakes_the_first_one_books_one_payment(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    service.record_notice(db, notice=make_notice(notify_id="n2", refunded_fen=2_000), now=NOW)
    service.record_notice(db, notice=make_notice(), now=NOW)

    assert shop.told == [("succeeded", "A1")]


def test_a_second_trade_goes_to_suspense_once(db: Session, group: PaymentGroup, shop: Shop) -> None:
    pay(db)

    for number in range(3):
        service.record_notice(db, notice=make_notice(notify_id=f"m{number}", trade_no="T2"), now=NOW)

    waiting = service.list_suspense(db)
    assert [(one.trade_no, one.out_trade_no, one.fen) for one in waiting] == [("T2", "A1", 7_650)]
    assert shop.told == [("succeeded", "A1"), ("second", "T2")]
    assert service.get_payment(db, out_trade_no="A1").trade_no == "T1"


def test_a_second_trade_is_paid_back_whole_and_settled(db: Session, group: PaymentGroup) -> None:
    pay(db)
    service.record_notice(db, notice=make_notice(notify_id="n2", trade_no="T2"), now=NOW)

    back = service.open_suspense_refund(
        db, trade_no="T2", key="suspense:T2", reason="重复付款", actor=ADMIN, now=NOW
    )
    finish(db, back, Done())

    assert (back.trade_no, back.content) == ("T2", Refund(7_650, "重复付款"))
    assert service.list_suspense(db) == []
    assert service.get_payment(db, out_trade_no="A1").refunded_fen == 0
    assert state(db) is PaymentState.PAID


def test_a_payment_after_our_close_is_late_and_can_be_taken_or_returned(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=NOW)

    effect = service.record_notice(db, notice=make_notice(), now=NOW)
    late = state(db)
    service.take_late(db, out_trade_no="A1", actor=ADMIN, now=NOW)

    assert effect is NoticeEffect.LATE
    assert late is PaymentState.LATE
    assert shop.told == [("late", "A1")]
    assert state(db) is PaymentState.PAID


def test_a_late_payment_that_is_refunded_is_returned_and_cannot_be_taken(
    db: Session, group: PaymentGroup
) -> None:
    service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=NOW)
    service.record_notice(db, notice=make_notice(), now=NOW)

    finish(db, refund(db, fen=7_650), Done())

    with pytest.raises(IllegalMove):
        service.take_late(db, out_trade_no="A1", actor=ADMIN, now=NOW)
    assert state(db) is PaymentState.RETURNED


def test_a_paid_payment_cannot_be_closed_by_us(db: Session, group: PaymentGroup) -> None:
    pay(db)

    with pytest.raises(IllegalMove):
        service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=NOW)

    assert state(db) is PaymentState.PAID
    assert service.list_instructions(db, out_trade_no="A1") == []


def test_the_providers_close_closes_an_unpaid_payment(db: Session, group: PaymentGroup, shop: Shop) -> None:
    effect = service.record_notice(db, notice=make_notice(status=TradeStatus.CLOSED), now=NOW)

    assert effect is NoticeEffect.CLOSED
    assert shop.told == [("closed", "A1")]
    assert state(db) is PaymentState.CLOSED


def test_a_query_books_what_a_lost_notice_would_have(db: Session, group: PaymentGroup, shop: Shop) -> None:
    facts = TradeFacts("T1", "A1", TradeStatus.SUCCESS, 7_650, paid_at=NOW)

    nothing = service.record_query(db, out_trade_no="A1", answer=NotFound(), now=NOW)
    effect = service.record_query(db, out_trade_no="A1", answer=facts, now=NOW)
    notice_after = service.record_notice(db, notice=make_notice(), now=NOW)

    assert [nothing, effect, notice_after] == [NoticeEffect.NOTHING, NoticeEffect.PAID, NoticeEffect.NOTHING]
    assert shop.told == [("succeeded", "A1")]


def test_a_query_with_another_amount_books_nothing(db: Session, group: PaymentGroup, shop: Shop) -> None:
    facts = TradeFacts("T1", "A1", TradeStatus.SUCCESS, 7_649, paid_at=NOW)

    with pytest.raises(NoticeRefused):
        service.record_query(db, out_trade_no="A1", answer=facts, now=NOW)

    assert (shop.told, state(db)) == ([], PaymentState.AWAITING)


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
    assert service.begin_instruction(db, instruction_id=asked.id, now=NOW) is None


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
