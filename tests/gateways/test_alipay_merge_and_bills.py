"""Merge payment, transfers, the end of a trade and bills against the simulator."""

from datetime import timedelta

import pytest

from county import clock
from county.payments.alipay.provider import Alipay
from county.payments.alipay.transport import AnswerLost, download
from county.payments.gateway import Bill, Done, NotFound
from county.payments.types import Refund, TradeFacts, TradeStatus, Transfer
from tests.gateways.shopping import make_group
from tests.gateways.simulating import POOR, NoticeBox, Simulator
from tests.gateways.test_alipay_settlements import FARM, paid, refusal


def test_several_orders_are_paid_in_one_visit_with_a_trade_and_a_notice_each(
    simulator: Simulator, box: NoticeBox
) -> None:
    provider = simulator.provider()
    group = make_group(7_650, 1_200, 30)

    cashier = simulator.reach(provider.page_pay(group, mobile=False))
    back = simulator.choose(cashier)
    simulator.deliver()

    trades = [provider.query(out_trade_no=f"A{n}") for n in (1, 2, 3)]
    notices = [provider.read_notice(body) for body in box.bodies]
    assert "88.80" in cashier.text
    assert "out_merge_no=G1_3" in back.location
    assert {trade.status for trade in trades if isinstance(trade, TradeFacts)} == {TradeStatus.SUCCESS}
    assert len({trade.trade_no for trade in trades if isinstance(trade, TradeFacts)}) == 3
    assert {(one.trade.out_trade_no, one.trade.total_fen) for one in notices} == {
        ("A1", 7_650),
        ("A2", 1_200),
        ("A3", 30),
    }
    assert len(notices) == 3


def test_a_merge_payment_is_all_or_nothing(simulator: Simulator) -> None:
    provider = simulator.provider()
    before = simulator.books()
    # The poor buyer has one fen: enough for the first order, not for both.
    cashier = simulator.reach(provider.page_pay(make_group(1, 7_650), mobile=False))

    simulator.choose(cashier, buyer=POOR)

    first = provider.query(out_trade_no="A1")
    assert isinstance(first, TradeFacts) and first.status is TradeStatus.WAITING
    assert simulator.books() == before


def test_an_order_of_a_merge_payment_that_was_closed_stops_the_whole_merge(simulator: Simulator) -> None:
    provider = simulator.provider()
    cashier = simulator.reach(provider.page_pay(make_group(100, 200), mobile=False))
    before = simulator.books()

    provider.close(out_trade_no="A2")
    page = simulator.choose(cashier)

    first = provider.query(out_trade_no="A1")
    assert "不能付款" in page.text
    assert isinstance(first, TradeFacts) and first.status is TradeStatus.WAITING
    assert simulator.books() == before


def test_a_transfer_is_made_once_and_never_more_than_there_is(simulator: Simulator) -> None:
    provider = simulator.provider()
    paid(simulator)
    asked = Transfer(fen=5_822, account=FARM, name="陈大山", title="十月货款")

    unknown_before = provider.query_transfer(request_no="X1")
    done = provider.transfer(request_no="X1", transfer=asked)
    again = provider.transfer(request_no="X1", transfer=asked)
    too_much = provider.transfer(request_no="X2", transfer=asked)

    assert unknown_before == NotFound()
    assert isinstance(done, Done) and done == again
    assert provider.query_transfer(request_no="X1") == done
    assert refusal(too_much) == "PAYER_BALANCE_NOT_ENOUGH"
    assert simulator.books()[f"user:{FARM}:available"] == 5_822


def test_a_trade_finishes_when_the_refund_window_is_over(simulator: Simulator, box: NoticeBox) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    simulator.deliver()

    simulator.move_clock(days=91)
    simulator.deliver()
    refused = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(1, ""))

    facts = provider.query(out_trade_no="A1")
    assert isinstance(facts, TradeFacts) and facts.status is TradeStatus.FINISHED
    assert [provider.read_notice(body).trade.status for body in box.bodies] == [
        TradeStatus.SUCCESS,
        TradeStatus.FINISHED,
    ]
    assert refusal(refused) == "ACQ.TRADE_HAS_FINISHED"


def bill_of_yesterday(simulator: Simulator, provider: Alipay) -> object:
    """Let a day pass and fetch the bill of the day on which everything happened."""
    today = clock.county_day(clock.now())
    simulator.move_clock(days=1)
    return provider.bill(on=today)


def test_the_bill_lists_payments_refunds_and_fees_and_adds_up(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_000, ""))

    today = clock.county_day(clock.now())
    too_early = provider.bill(on=today)
    bill = bill_of_yesterday(simulator, provider)

    assert too_early == NotFound()
    assert isinstance(bill, Bill)
    assert [(row.trade_no, row.out_trade_no, row.is_refund, row.fen, row.fee_fen) for row in bill.rows] == [
        (trade_no, "A1", False, 7_650, -46),
        (trade_no, "A1", True, -2_000, 12),
    ]
    assert bill.rows[1].request_no == "R1"
    assert abs(bill.rows[0].finished_at - clock.now()) < timedelta(minutes=5)
    fees = simulator.books()["alipay:fees"]
    assert -sum(row.fee_fen for row in bill.rows) == fees == 34


@pytest.mark.parametrize(("fault", "rows"), [("bill_row_missing", 0), ("bill_row_extra", 2)])
def test_a_bill_can_lack_a_row_or_have_one_too_many(simulator: Simulator, fault: str, rows: int) -> None:
    provider = simulator.provider()
    paid(simulator)
    simulator.fault(fault)

    bill = bill_of_yesterday(simulator, provider)

    assert isinstance(bill, Bill)
    assert len(bill.rows) == rows


def test_a_bill_whose_address_has_expired_is_unknown(simulator: Simulator) -> None:
    with pytest.raises(AnswerLost):
        download(f"{simulator.url}/bill/nothing", timeout_s=5)
