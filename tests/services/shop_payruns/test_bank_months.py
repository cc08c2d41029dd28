"""The bank account month by month: runs, returns and booked lines with a running balance; and at random."""

from datetime import date, timedelta
from itertools import accumulate, count

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from county import database
from county.errors import Refused
from county.ledger import service as ledger
from county.people.types import Role
from shop.accounts.rules import BANK, money_account, streamer_account
from shop.bank import rules, service
from shop.bank.types import LineKind, What
from shop.payruns import service as payruns
from shop.payruns.types import RunKind, RunState
from shop.sellers import service as sellers
from shop.statements.types import BadMonth
from tests.makers.bank import OPENED, make_open, party_of, record
from tests.makers.payees import acting, make_account, make_admin
from tests.makers.payruns import (
    advance,
    answer,
    make_compensated,
    make_payable_grower,
    make_sent_run,
    owe,
)
from tests.makers.people import NOW, make_person
from tests.makers.shop import make_product, make_seller, pay, place

NEXT_MONTH = NOW + timedelta(days=30)


def shown(month):
    return [(line.what, line.reference, line.in_fen, line.out_fen, line.balance_fen) for line in month.lines]


def test_month_shows_lines_runs_and_what_came_back_with_a_running_balance(db, coop, clerk):
    make_payable_grower(db, seller=coop)
    record(db, clerk, LineKind.ALIPAY, fen=7000, reference="LS1")
    run = make_sent_run(db, RunKind.GROWERS)
    [item] = run.items
    payruns.apply_answer(
        db, run_no=run.run_no, read=answer((item.item_no, False)), actor=clerk, now=NOW + timedelta(hours=1)
    )
    later = NOW + timedelta(hours=2)
    spent = record(db, clerk, LineKind.SPENDING, fen=300, reference="LS2", note="纸箱", now=later)
    service.reverse_line(
        db, line_id=spent.id, reason="不是我们的", actor=clerk, now=later + timedelta(hours=1)
    )

    month = service.get_month(db, month="2026-10")

    assert (month.opening_fen, month.in_fen, month.out_fen, month.closing_fen) == (0, 13807, 6807, 7000)
    # By the day on the bank's statement: the line of the 4th first, then what was booked on the 5th.
    assert shown(month) == [
        (What.LINE, "LS1", 7000, 0, 7000),
        (What.LINE, "LS2", 0, 300, 6700),
        (What.PAYMENT, item.item_no, 0, 6507, 193),
        (What.RETURNED, item.item_no, 6507, 0, 6700),
        (What.TAKEN_BACK, "LS2", 300, 0, 7000),
    ]
    assert [line.payment.run_no for line in month.lines if line.payment] == [run.run_no] * 2
    assert month.lines[3].payment.reason == "户名不符"
    assert month.closing_fen == ledger.balance(db, account=BANK)


def test_months_hang_together_and_are_listed_newest_first(db, coop, clerk):
    assert service.list_months(db, today_on=NOW.date()) == ["2026-10"]
    record(db, clerk, LineKind.OWN_IN, fen=500, reference="LS1", moved_on=date(2025, 12, 31))
    record(db, clerk, LineKind.OWN_OUT, fen=200, reference="LS2", moved_on=date(2026, 10, 1))

    months = [service.get_month(db, month=month) for month in ("2025-12", "2026-01", "2026-10", "2026-11")]

    assert [(month.opening_fen, len(month.lines), month.closing_fen) for month in months] == [
        (0, 1, 500),
        (500, 0, 500),
        (500, 1, 300),
        (300, 0, 300),
    ]
    listed = service.list_months(db, today_on=NOW.date())
    assert (listed[0], listed[-1], len(listed)) == ("2026-10", "2025-12", 11)
    with pytest.raises(BadMonth):
        service.get_month(db, month="2026-13")


def test_what_is_taken_back_next_month_stands_in_both(db, coop, clerk):
    wrong = record(db, clerk, LineKind.OWN_IN, fen=500)
    service.reverse_line(db, line_id=wrong.id, reason="记错了", actor=clerk, now=NEXT_MONTH)

    october, november = (service.get_month(db, month=month) for month in ("2026-10", "2026-11"))

    assert shown(october) == [(What.LINE, "LS20261004-1", 500, 0, 500)]
    assert shown(november) == [(What.TAKEN_BACK, "LS20261004-1", 0, 500, 0)]
    assert october.lines[0].line == november.lines[0].line
    assert november.lines[0].line.reverse_reason == "记错了"


def test_tax_withheld_by_a_run_is_open_until_it_is_paid(db, coop, clerk):
    streamer = make_person(db, Role.STREAMER, name="赵小溪")
    make_account(db, streamer)
    owe(db, account=streamer_account(streamer.id), fen=200_000)
    run = make_sent_run(db, RunKind.STREAMERS)
    assert run.withheld_fen == 24_000

    record(db, clerk, LineKind.TAX, fen=24_000)

    assert [each.fen for each in service.list_open(db, now=NOW) if each.kind is LineKind.TAX] == [0]
    assert ledger.balance(db, account=BANK) == -200_000


def test_circuit_says_what_is_where_and_what_confirmed_runs_need(db, coop, clerk):
    make_payable_grower(db, seller=coop)
    one, two = make_admin(db), make_admin(db, name="罗斌")
    run_no = payruns.create_run(db, kind=RunKind.GROWERS, actor=acting(one), now=NOW)
    assert service.get_circuit(db, now=NOW).runs == ()
    advance(db, run_no, "confirm_run", by=two)
    record(db, clerk, LineKind.ALIPAY, fen=5000)

    found = service.get_circuit(db, now=NOW)

    [seller] = found.sellers
    at_alipay = ledger.balance(db, account=money_account(coop))
    assert (seller.name, seller.alipay_fen, seller.free_fen) == (coop.name, at_alipay, at_alipay)
    assert (found.held_fen, found.bank_fen, found.needed_fen, found.lacking_fen) == (0, 5000, 6507, 1507)
    assert [(run.run_no, run.state) for run in found.runs] == [(run_no, RunState.CONFIRMED)]
    record(db, clerk, LineKind.ALIPAY, fen=1507, reference="LS2")
    assert service.get_circuit(db, now=NOW).lacking_fen == 0


def test_confirmed_run_is_needed_however_many_came_after_it(db, coop):
    make_payable_grower(db, seller=coop)
    one, two = make_admin(db), make_admin(db, name="罗斌")
    run_no = payruns.create_run(db, kind=RunKind.GROWERS, actor=acting(one), now=NOW)
    advance(db, run_no, "confirm_run", by=two)
    for day in range(1, 52):
        later = NOW + timedelta(days=day)
        make_compensated(db, fen=100)
        payruns.cancel_run(
            db,
            run_no=payruns.create_run(db, kind=RunKind.COMPENSATION, actor=acting(one), now=later),
            version=1,
            reason="重做",
            actor=acting(one),
            now=later,
        )

    assert service.get_circuit(db, now=NOW).needed_fen == 6507


def test_money_below_nothing_is_not_what_runs_lack(db, clerk):
    record(db, clerk, LineKind.SPENDING, fen=500, note="纸箱")

    found = service.get_circuit(db, now=NOW)

    assert (found.bank_fen, found.needed_fen, found.lacking_fen) == (-500, 0, 0)


def test_what_may_leave_alipay_leaves_what_open_orders_need(db, coop):
    released = make_payable_grower(db, seller=coop)
    order = place(db, make_product(db, grower=released)).orders[0]
    pay(db, order.order_no, fen=order.total_fen)

    found = service.get_circuit(db, now=NOW)

    assert (found.held_fen, found.spare_fen) == (order.total_fen, found.alipay_fen - order.total_fen)


def test_sent_run_takes_from_what_was_withdrawn(db, coop, clerk):
    make_payable_grower(db, seller=coop)
    record(db, clerk, LineKind.ALIPAY, fen=7000)

    make_sent_run(db, RunKind.GROWERS)

    found = service.get_circuit(db, now=NOW)
    assert (found.bank_fen, found.runs) == (7000 - 6507, ())


_stories = count()
ACTS = st.lists(
    st.tuples(st.sampled_from([*LineKind, "back"]), st.integers(1, OPENED), st.integers(0, 40)),
    min_size=1,
    max_size=25,
)


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ACTS)
def test_random_lines_and_reversals_add_up_and_overdraw_nothing(database_url, acts):
    number = next(_stories)
    with database.transaction() as db:
        if not sellers.list_sellers(db):
            make_open(db, make_seller(db))
        clerk = acting(make_admin(db))
    limited = [kind for kind, shape in rules.SHAPES.items() if shape.is_limited]

    for step, (act, fen, which) in enumerate(acts):
        try:
            with database.transaction() as db:
                _act(db, clerk, act, fen, which, reference=f"LS{number}-{step}")
        except Refused:
            pass
        with database.reading() as db:
            lines = [each for each in service.list_lines(db, limit=10_000) if not each.reversed_at]
            signs = {each: 1 if rules.SHAPES[each.kind].way == "in" else -1 for each in lines}
            assert ledger.balance(db, account=BANK) == sum(sign * line.fen for line, sign in signs.items())
            for kind in limited:
                account = rules.account_of(kind, party_of(db, kind))
                assert ledger.available(db, account=account, now=NOW) >= 0

    with database.reading() as db:
        months = [
            service.get_month(db, month=month) for month in service.list_months(db, today_on=NOW.date())
        ]
        assert months[0].closing_fen == ledger.balance(db, account=BANK)
        for month in months:
            sums = accumulate((line.fen for line in month.lines), initial=month.opening_fen)
            assert [line.balance_fen for line in month.lines] == list(sums)[1:]


def _act(db, clerk, act, fen, which, *, reference):
    """Book a line, or take one back of those that were booked."""
    if act != "back":
        record(db, clerk, act, fen=fen, reference=reference, note="x", moved_on=date(2026, 10, 1 + which % 5))
        return
    booked = [each for each in service.list_lines(db, limit=10_000) if not each.reversed_at]
    if booked:
        line = booked[which % len(booked)]
        service.reverse_line(db, line_id=line.id, reason="随机", actor=clerk, now=NOW)
