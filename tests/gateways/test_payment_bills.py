"""A day's bill, from the simulator into the comparison with our books."""

from datetime import timedelta

from flask import Flask

from county import clock, database
from county.audit.types import Actor
from county.jobs import worker
from county.outbox import service as outbox
from county.payments import jobs, service
from county.payments.types import FeeCharged, Finding, FindingKind, PaymentState, Split, SplitPart
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
