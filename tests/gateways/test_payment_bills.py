"""A day's bill, from the simulator into the comparison with our books."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from county import clock, database
from county.audit.types import Actor
from county.errors import Phrase
from county.jobs import worker
from county.outbox import service as outbox
from county.payments import jobs, service
from county.payments.alipay import provider as adapter
from county.payments.bill_faults import SAYS, BillFaultKind
from county.payments.gateway import Done
from county.payments.types import (
    FeeCharged,
    Finding,
    FindingKind,
    PaymentState,
    Refund,
    Split,
    SplitPart,
)
from tests.gateways.shopping import open_group, told
from tests.gateways.simulating import Simulator

ADMIN = Actor.system("test")


def findings(*, open_only: bool = True) -> list[tuple[str, str]]:
    """Give kind and number of what was found."""
    with database.reading() as db:
        return [(one.kind.value, one.number) for one in service.list_findings(db, open_only=open_only)]


def read_today(simulator: Simulator) -> bool:
    """Let Alipay's day pass and read its bill."""
    today = clock.county_day(clock.now())
    simulator.move_clock(days=1)
    return jobs.read_bill(today)


def test_a_day_on_which_all_agree_books_the_fee_once(whole: Simulator, shop_app: Flask) -> None:
    whole.pay(service.start_page_pay(open_group()))
    whole.deliver()
    today = clock.county_day(clock.now())

    too_early = jobs.read_bill(today)
    read, again = read_today(whole), jobs.read_bill(today)

    with database.reading() as db:
        [announced] = outbox.list_announcements(db, event=FeeCharged)
        fee = outbox.read_event(db, event_id=announced.id)
        payment = service.get_payment(db, out_trade_no="A1")
    assert (too_early, read, again) == (False, True, False)
    assert findings(open_only=False) == []
    assert fee == FeeCharged(today, "A1", payment.trade_no or "", "", 46)


def test_a_lost_notice_is_found_and_made_up_for(whole: Simulator, shop_app: Flask) -> None:
    whole.pay(service.start_page_pay(open_group()))

    read_today(whole)

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
    assert payment.state is PaymentState.PAID
    assert told(shop_app) == [("succeeded", "A1")]
    assert findings() == []
    assert findings(open_only=False) == [("lost_notice", "A1")]


def test_a_missing_and_an_extra_row_are_found_and_settled_by_hand(whole: Simulator) -> None:
    whole.pay(service.start_page_pay(open_group()))
    whole.deliver()
    whole.fault("bill_row_missing")
    whole.fault("bill_row_extra")

    read_today(whole)

    assert sorted(kind for kind, _ in findings()) == ["payment_not_there", "unknown_order"]
    with database.transaction() as db:
        first = service.list_findings(db)[0]
        service.settle_finding(db, finding=first, note="asked Alipay", actor=ADMIN, now=clock.now())
    assert len(findings()) == 1


def test_a_second_trade_is_found_as_paid_twice(whole: Simulator) -> None:
    whole.fault("second_trade")
    whole.pay(service.start_page_pay(open_group()))
    whole.deliver()

    read_today(whole)

    assert findings() == [("paid_twice", "A1")]


def test_splits_are_compared_with_what_alipay_executed(whole: Simulator) -> None:
    whole.pay(service.start_page_pay(open_group()))
    whole.deliver()
    service.provider().bind_receivers(request_no="B1", receivers={"2088000000000031": "主播"})
    with database.transaction() as db:
        split = Split((SplitPart("2088000000000031", 685),))
        service.open_split(db, out_trade_no="A1", key="split:A1", split=split, actor=ADMIN, now=clock.now())
    worker.work_until_idle()
    with database.reading() as db:
        trade_no = service.get_payment(db, out_trade_no="A1").trade_no or ""
    # Somebody splits the same trade by hand, past us.
    service.provider().split(
        trade_no=trade_no, request_no="HAND", split=Split((SplitPart("2088000000000031", 100),))
    )

    read_today(whole)

    with database.reading() as db:
        found = service.list_findings(db)
    today = clock.county_day(clock.now())
    assert found == [Finding(today, FindingKind.SPLIT_TWICE, trade_no, 0, 100, "2088000000000031")]


def test_the_bell_reads_the_bills_of_the_last_days_oldest_first(whole: Simulator) -> None:
    jobs.read_bills(clock.now())

    today = clock.county_day(clock.now())
    with database.reading() as db:
        read = [service.was_bill_read(db, on=today - timedelta(days=days)) for days in range(9)]
    assert read == [False] + [True] * 7 + [False]


def pay_a1(simulator: Simulator) -> str:
    """Pay A1, have the notice delivered, and give the trade's number."""
    simulator.pay(service.start_page_pay(open_group()))
    simulator.deliver()
    with database.reading() as db:
        return service.get_payment(db, out_trade_no="A1").trade_no or ""


def test_another_amount_there_is_found_though_its_notice_was_refused(whole: Simulator) -> None:
    group = open_group()
    cheaper = replace(group, payments=(replace(group.payments[0], fen=7_000),))
    whole.pay(service.start_page_pay(cheaper))
    whole.deliver()

    read_today(whole)

    assert findings() == [("amount_differs", "A1")]
    with database.reading() as db:
        assert service.get_payment(db, out_trade_no="A1").state is PaymentState.AWAITING


def test_a_refund_of_ours_that_is_not_on_the_bill_is_found(whole: Simulator) -> None:
    pay_a1(whole)
    with database.transaction() as db:
        service.open_refund(
            db, out_trade_no="A1", key="claim:1", refund=Refund(2_000, "烂了"), actor=ADMIN, now=clock.now()
        )
    worker.work_until_idle()
    whole.fault("bill_row_missing")

    read_today(whole)

    assert findings() == [("refund_not_there", "A1")]


def test_a_refund_made_past_us_is_found(whole: Simulator) -> None:
    trade_no = pay_a1(whole)
    service.provider().refund(trade_no=trade_no, request_no="HAND", refund=Refund(2_000, "店员退的"))

    read_today(whole)

    today = clock.county_day(clock.now())
    with database.reading() as db:
        found = service.list_findings(db)
    assert found == [Finding(today, FindingKind.REFUND_NOT_HERE, "A1", 0, 2_000, "HAND")]


def test_a_whole_refund_past_us_is_found_as_another_state_too(whole: Simulator) -> None:
    trade_no = pay_a1(whole)
    service.provider().refund(trade_no=trade_no, request_no="HAND", refund=Refund(7_650, "店员退的"))

    read_today(whole)

    assert findings() == [("refund_not_here", "A1"), ("state_differs", "A1")]


def test_a_split_that_we_believe_and_alipay_did_not_make_is_found(whole: Simulator) -> None:
    trade_no = pay_a1(whole)
    split = Split((SplitPart("2088000000000031", 685),))
    with database.transaction() as db:
        asked = service.open_split(
            db, out_trade_no="A1", key="split:A1", split=split, actor=ADMIN, now=clock.now()
        )
        service.begin_instruction(db, instruction_id=asked.id, now=clock.now())
        service.close_instruction(db, instruction_id=asked.id, outcome=Done(), now=clock.now())

    read_today(whole)

    today = clock.county_day(clock.now())
    with database.reading() as db:
        found = service.list_findings(db)
    assert found == [Finding(today, FindingKind.SPLIT_MISSING, trade_no, 685, 0, "2088000000000031")]


def test_another_fee_than_agreed_is_found_and_booked_as_printed(
    whole: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay_a1(whole)
    monkeypatch.setattr(service.provider(), "_limits", replace(adapter.LIMITS, fee_bp=30))

    read_today(whole)

    with database.reading() as db:
        [found] = service.list_findings(db)
        [announced] = outbox.list_announcements(db, event=FeeCharged)
    assert (found.kind, found.ours_fen, found.theirs_fen) == (FindingKind.FEE_DIFFERS, 23, 46)
    assert announced.facts["fee_fen"] == 46


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: packed[:-30],
        lambda packed: b"",
        lambda packed: b"<html>502 Bad Gateway</html>",
    ],
)
def test_a_broken_bill_changes_nothing_and_waits_as_a_task_until_a_good_one_comes(
    whole: Simulator, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[bytes], bytes]
) -> None:
    pay_a1(whole)
    fetch: Any = adapter.download
    monkeypatch.setattr(adapter, "download", lambda *asked, **more: spoil(fetch(*asked, **more)))

    broken = read_today(whole)
    with database.reading() as db:
        [task] = service.PaymentTasks().list_tasks(db, now=clock.now(), limit=9)
        kept = (service.list_findings(db, open_only=False), outbox.list_announcements(db, event=FeeCharged))
        was_read = service.was_bill_read(db, on=clock.county_day(clock.now()))
    monkeypatch.setattr(adapter, "download", fetch)
    with database.transaction() as db:
        service.PaymentTasks().act(db, key=task.key, act="fetch", note="", actor=ADMIN, now=clock.now())
    worker.work_until_idle()

    assert (broken, kept, was_read) == (False, ([], []), False)
    assert task.facts["why"] == Phrase(SAYS[BillFaultKind.NO_BILL])
    with database.reading() as db:
        assert service.PaymentTasks().list_tasks(db, now=clock.now(), limit=9) == []
        assert len(outbox.list_announcements(db, event=FeeCharged)) == 1
