"""What a bill brings to light and the program mends by itself: second trades, refunds recorded later."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.payments import service
from county.payments.gateway import Bill, BillRow, CallRefused, CallUnknown, Done
from county.payments.store import bills
from county.payments.types import Finding, FindingKind, PaymentGroup
from tests.services.payments.acting import ADMIN, NOW, Shop, finish, make_notice, pay, refund

pytestmark = pytest.mark.database
ON = date(2026, 10, 5)
AT = datetime(2026, 10, 5, 12, 5, tzinfo=UTC)
TASKS = service.PaymentTasks()


def payment_row(trade_no: str, fen: int = 7_650) -> BillRow:
    return BillRow(trade_no, "A1", is_refund=False, request_no="", fen=fen, fee_fen=-46, finished_at=AT)


def refund_row(request_no: str, fen: int, trade_no: str = "T1") -> BillRow:
    return BillRow(trade_no, "A1", is_refund=True, request_no=request_no, fen=-fen, fee_fen=0, finished_at=AT)


def read(db: Session, *rows: BillRow, on: date = ON, lost: tuple[str, ...] = ()) -> list[FindingKind]:
    bill = Bill(on, rows)
    return [found.kind for found in service.record_bill(db, bill=bill, lost=lost, executed={}, now=NOW)]


def open_kinds(db: Session) -> list[FindingKind]:
    return [finding.kind for finding in service.list_findings(db)]


def seconds(shop: Shop) -> list[str]:
    return [number for what, number in shop.told if what == "second"]


def test_second_trade_that_only_the_bill_knows_waits_in_suspense_and_can_be_sent_back(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)
    shop.locked.clear()

    assert read(db, payment_row("T1"), payment_row("T2")) == [FindingKind.PAID_TWICE]

    [suspense] = service.list_suspense(db)
    assert (suspense.trade_no, suspense.out_trade_no, suspense.fen) == ("T2", "A1", 7_650)
    assert (seconds(shop), shop.locked) == (["T2"], ["A1"])
    [back] = [task for task in TASKS.list_tasks(db, now=NOW, limit=9) if task.kind == "Paid twice"]
    TASKS.act(db, key=back.key, act="send_back", note="", actor=ADMIN, now=NOW)
    [asked] = service.list_instructions(db, out_trade_no="A1")
    finish(db, asked, Done())
    assert (asked.trade_no, service.list_suspense(db)) == ("T2", [])


def test_notice_that_comes_after_the_bill_books_the_second_trade_no_second_time(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)
    read(db, payment_row("T1"), payment_row("T2"))

    effect = service.record_notice(db, notice=make_notice(notify_id="n2", trade_no="T2"), now=NOW)

    assert effect is service.NoticeEffect.NOTHING
    assert (seconds(shop), len(service.list_suspense(db))) == (["T2"], 1)


@pytest.mark.parametrize("is_sent_back", [False, True])
def test_bill_that_comes_after_the_notice_books_the_second_trade_no_second_time(
    db: Session, group: PaymentGroup, shop: Shop, is_sent_back: bool
) -> None:
    pay(db)
    service.record_notice(db, notice=make_notice(notify_id="n2", trade_no="T2"), now=NOW)
    if is_sent_back:
        back = service.open_suspense_refund(
            db, trade_no="T2", key="suspense:T2:1", reason="重复付款退回", actor=ADMIN, now=NOW
        )
        finish(db, back, Done())

    read(db, payment_row("T1"), payment_row("T2"))

    assert seconds(shop) == ["T2"]
    assert len(service.list_suspense(db)) == (0 if is_sent_back else 1)


def test_two_trades_without_any_notice_are_a_lost_notice_and_a_second_trade(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    service.record_query(db, out_trade_no="A1", answer=make_notice(trade_no="T2").trade, now=NOW)

    found = read(db, payment_row("T1"), payment_row("T2"), lost=("A1",))

    assert found == [FindingKind.PAID_TWICE, FindingKind.LOST_NOTICE]
    assert open_kinds(db) == [FindingKind.PAID_TWICE]
    assert [each.trade_no for each in service.list_suspense(db)] == ["T1"]


def test_trade_of_another_amount_or_of_an_unpaid_order_is_left_to_a_person(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    assert read(db, payment_row("T1"), lost=("A1",)) == [FindingKind.LOST_NOTICE]
    pay(db)
    assert read(db, payment_row("T2", 7_000), on=date(2026, 10, 6)) == [
        FindingKind.AMOUNT_DIFFERS,
        FindingKind.FEE_DIFFERS,
    ]

    assert (seconds(shop), service.list_suspense(db)) == ([], [])


def test_whole_refund_recorded_after_its_bill_was_read_settles_what_the_bill_found(
    db: Session, group: PaymentGroup
) -> None:
    pay(db)
    asked = finish(db, refund(db, fen=7_650), CallUnknown("time-out"))
    assert read(db, payment_row("T1"), refund_row(asked.request_no, 7_650)) == [
        FindingKind.REFUND_NOT_HERE,
        FindingKind.STATE_DIFFERS,
    ]

    finish(db, asked, Done())

    assert open_kinds(db) == []
    notes = [
        record.after["note"]
        for record in audit.list_records(db, object=("payment", "A1"))
        if record.action == "payment.finding_settled" and record.after
    ]
    assert notes == ["made up for by asking"] * 2


def test_refund_of_a_second_trade_recorded_late_settles_its_finding(db: Session, group: PaymentGroup) -> None:
    pay(db)
    service.record_notice(db, notice=make_notice(notify_id="n2", trade_no="T2"), now=NOW)
    back = service.open_suspense_refund(
        db, trade_no="T2", key="suspense:T2:1", reason="重复付款退回", actor=ADMIN, now=NOW
    )
    finish(db, back, CallUnknown("time-out"))
    read(db, payment_row("T1"), payment_row("T2"), refund_row(back.request_no, 7_650, "T2"))

    finish(db, back, Done())

    assert open_kinds(db) == [FindingKind.PAID_TWICE]


def test_last_of_two_late_refunds_settles_that_the_states_differ(db: Session, group: PaymentGroup) -> None:
    pay(db)
    first, second = (
        finish(db, refund(db, f"claim:{fen}", fen), CallUnknown("time-out")) for fen in (7_000, 650)
    )
    read(db, payment_row("T1"), refund_row(first.request_no, 7_000), refund_row(second.request_no, 650))

    finish(db, first, Done())
    assert open_kinds(db) == [FindingKind.REFUND_NOT_HERE, FindingKind.STATE_DIFFERS]
    finish(db, second, Done())

    assert open_kinds(db) == []


def test_nothing_else_is_settled_by_a_refund(db: Session, group: PaymentGroup) -> None:
    pay(db)
    asked = finish(db, refund(db, fen=2_000), CallUnknown("time-out"))
    read(db, payment_row("T1"), refund_row("HAND", 3_000), refund_row(asked.request_no, 2_001))
    other = Finding(ON, FindingKind.REFUND_NOT_HERE, "A2", 0, 2_000, asked.request_no)
    bills.add_findings(db, [(other, "")], now=NOW)
    before = service.list_findings(db)

    finish(db, asked, Done())

    assert (len(before), service.list_findings(db)) == (3, before)


def test_refund_that_is_refused_leaves_what_the_bill_found(db: Session, group: PaymentGroup) -> None:
    pay(db)
    asked = finish(db, refund(db), CallUnknown("time-out"))
    read(db, payment_row("T1"), refund_row(asked.request_no, 2_000))

    finish(db, asked, CallRefused("ACQ.TRADE_HAS_FINISHED", "交易已完结"))

    assert open_kinds(db) == [FindingKind.REFUND_NOT_HERE]


def test_bill_holds_the_order_whose_refund_is_under_way_while_it_compares(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)
    asked = finish(db, refund(db), CallUnknown("time-out"))
    shop.locked.clear()

    read(db, payment_row("T1"), refund_row(asked.request_no, 2_000))

    assert shop.locked == ["A1"]
