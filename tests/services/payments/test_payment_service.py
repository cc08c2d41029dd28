"""What notices, queries and instructions do to payments."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from county.errors import IllegalMove
from county.payments import service
from county.payments.gateway import Done, NotFound
from county.payments.service import NoticeEffect
from county.payments.tables import PaymentNoticeRow
from county.payments.types import (
    NoticeRefused,
    Payee,
    PaymentConflict,
    PaymentGroup,
    PaymentLine,
    PaymentState,
    Refund,
    TradeFacts,
    TradeStatus,
)
from tests.services.payments.acting import ADMIN, NOW, Shop, finish, make_notice, pay, refund, state


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
