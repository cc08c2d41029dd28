"""The quarter's income report: gross, returned and net, each in the quarter in which it happened."""

from datetime import timedelta

from livestream.attribution import service as attribution
from shop.payruns import service as payruns
from shop.payruns.types import RunKind
from shop.sellers.types import MoneyMode
from shop.statements import service
from shop.statements.types import IncomeKind
from tests.makers.livestream import make_session, make_stage
from tests.makers.payees import acting, make_admin
from tests.makers.payruns import (
    answer,
    make_payable_grower,
    make_payable_streamer,
    make_released,
    make_sent_run,
)
from tests.makers.people import NOW
from tests.makers.refunds import make_refunded
from tests.makers.shop import make_grower, make_product, make_seller, pay, place

Q3, Q4 = "2026-Q3", "2026-Q4"
SEPTEMBER = NOW - timedelta(days=20)


def income(db, quarter, kind=IncomeKind.SELLER):
    """Give (income, refunds, net), (commissions, returned, net) and the orders of a kind's rows, by name."""
    report = service.get_income(db, quarter=quarter, now=NOW)
    return {
        row.name: (
            (row.income_fen, row.refund_fen, row.net_fen),
            (row.commission_fen, row.commission_refund_fen, row.net_commission_fen),
            row.count,
        )
        for row in report.rows
        if row.kind is kind
    }


def test_income_of_the_quarter_counts_sales_refunds_and_commissions(db, coop):
    grower = make_payable_grower(db, seller=coop, orders_of=2)
    farm = make_seller(db, mode=MoneyMode.DIRECT, name="农场")
    make_released(db, grower=make_grower(db, seller=farm), price_fen=10_000)
    make_released(db, grower=grower, now=SEPTEMBER)
    make_payable_streamer(db, fen=300_000)
    make_sent_run(db, RunKind.STREAMERS)

    assert income(db, Q4) == {
        coop.name: ((15_300, 0, 15_300), (686, 0, 686), 2),
        "农场": ((10_800, 0, 10_800), (500, 0, 500), 1),
    }
    growers = service.get_income(db, quarter=Q4, now=NOW)
    assert sorted(row.net_fen for row in growers.rows if row.kind is IncomeKind.GROWER) == [9_500, 13_014]
    assert not growers.is_over
    before = service.get_income(db, quarter=Q3, now=NOW)
    assert [(row.kind, row.income_fen, row.count) for row in before.rows] == [
        (IncomeKind.SELLER, 7650, 1),
        (IncomeKind.GROWER, 6507, 1),
    ]
    assert before.is_over


def test_refund_in_the_same_quarter_returns_its_commissions_too(db, coop):
    order_no = make_released(db, grower=make_grower(db, seller=coop))

    make_refunded(db, order_no, goods={0: 2000})

    assert income(db, Q4) == {coop.name: ((7650, 2000, 5650), (343, 100, 243), 1)}
    (grower,) = income(db, Q4, IncomeKind.GROWER).values()
    assert grower == ((6507, 1900, 4607), (0, 0, 0), 1)


def test_whole_refund_leaves_nothing_net_in_any_column(db, coop):
    grower = make_grower(db, seller=coop)
    order = place(db, make_product(db, grower=grower)).orders[0]
    pay(db, order.order_no, fen=order.total_fen)

    make_refunded(db, order.order_no, goods={0: 6850}, freight_fen=800)

    assert income(db, Q4) == {coop.name: ((7650, 7650, 0), (343, 343, 0), 1)}
    assert income(db, Q4, IncomeKind.GROWER) == {}


def test_refund_in_a_later_quarter_reduces_that_quarter_only(db, coop):
    order_no = make_released(db, grower=make_grower(db, seller=coop), now=SEPTEMBER)
    third = {coop.name: ((7650, 0, 7650), (343, 0, 343), 1)}
    assert income(db, Q3) == third

    make_refunded(db, order_no, goods={0: 2000})

    assert income(db, Q3) == third
    assert income(db, Q4) == {coop.name: ((0, 2000, -2000), (0, 100, -100), 0)}
    (grower,) = income(db, Q4, IncomeKind.GROWER).values()
    assert grower == ((0, 1900, -1900), (0, 0, 0), 0)


def test_streamers_part_of_a_refund_returns_in_the_commissions_of_the_seller(db, coop):
    stage = make_stage(db)
    session = make_session(db, stage)
    token = attribution.attribution().token(session_id=session.id, now=session.start_at)
    order = place(db, stage.product, source_ref=token, now=stage.start_at).orders[0]
    pay(db, order.order_no, fen=order.total_fen)

    make_refunded(db, order.order_no, goods={0: 3425})

    # 6.85 for the streamer and 3.43 for the association; half of the goods went back.
    assert income(db, Q4)[order.seller] == ((7650, 3425, 4225), (1028, 513, 515), 1)


def test_tax_of_a_payment_that_came_back_is_taken_off_where_it_came_back(db):
    make_payable_streamer(db, fen=300_000)
    run = make_sent_run(db, RunKind.STREAMERS, now=NOW)

    def withheld(quarter):
        report = service.get_income(db, quarter=quarter, now=NOW)
        return [row.withheld_fen for row in report.rows if row.kind is IncomeKind.STREAMER]

    (fen,) = [item.withheld_fen for item in run.items]
    assert (fen, withheld(Q4)) == (44_000, [44_000])

    payruns.apply_answer(
        db,
        run_no=run.run_no,
        read=answer((run.items[0].item_no, False)),
        actor=acting(make_admin(db)),
        now=NOW + timedelta(days=100),
    )

    assert withheld(Q4) == [44_000]
    assert withheld("2027-Q1") == [-44_000]
