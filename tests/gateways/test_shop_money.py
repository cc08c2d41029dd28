"""The worked example and what can happen to it, in each money mode, through the simulated Alipay.

Goods 68.50, freight 8.00: grower 58.22, streamer 6.85, association 3.43, transport 8.00; Alipay's fee 0.46.
After each step our ledger is compared with the simulator's own books.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from county import clock, config, database
from county.payments import jobs
from county.payments import service as payments
from county.payments.types import InstructionState, Wish
from shop.orders.types import OrderState
from shop.payouts import service as payouts
from shop.payouts.types import SettlementState
from shop.refunds.types import RefundState
from shop.sellers.types import MoneyMode
from tests.gateways.market import Market, open_market


@pytest.fixture
def farm(settings: config.Settings, tmp_path: Path) -> Iterator[Market]:
    """Give a market of a licensed farm, a sub-merchant of ours at Alipay."""
    with open_market(settings, tmp_path, MoneyMode.SUB_MERCHANT) as market:
        yield market


@pytest.fixture
def cooperative(settings: config.Settings, tmp_path: Path) -> Iterator[Market]:
    """Give a market of the cooperative, which sells in its own name."""
    with open_market(settings, tmp_path, MoneyMode.PRINCIPAL) as market:
        yield market


@pytest.fixture
def own(settings: config.Settings, tmp_path: Path) -> Iterator[Market]:
    """Give a market of a farm with an account of its own at Alipay."""
    with open_market(settings, tmp_path, MoneyMode.DIRECT) as market:
        yield market


def settlement(order: object) -> tuple[SettlementState, str, int]:
    with database.reading() as db:
        found = payouts.find_settlement(db, order_no=order.order_no)  # type: ignore[attr-defined]
    assert found is not None
    return found.state, found.stuck, found.tries


def told(order: object, wish: Wish) -> list[InstructionState]:
    with database.reading() as db:
        listed = payments.list_instructions(db, out_trade_no=order.order_no)  # type: ignore[attr-defined]
    return [one.state for one in listed if one.wish is wish]


def test_principal_books_the_worked_example_as_payables(cooperative: Market) -> None:
    order = cooperative.sold()
    assert cooperative.ours() == {"cash": 7650, "order": -7650}
    assert cooperative.theirs() == {"association": 7604, "fees": 46}

    assert cooperative.release(order)
    cooperative.read_bill()

    assert cooperative.ours() == {
        "cash": 7604,
        "grower": -5822,
        "streamer": -685,
        "service": -343,
        "transport": -800,
        "fee": 46,
    }
    assert cooperative.theirs() == {"association": 7604, "fees": 46}
    assert cooperative.now_of(order).state is OrderState.COMPLETED


def test_sub_merchant_is_settled_and_split_by_the_worked_example(farm: Market) -> None:
    order = farm.sold()
    assert farm.ours() == {"cash": 7650, "order": -7650}
    assert farm.theirs() == {"pending": 7604, "fees": 46}

    assert farm.release(order)

    assert farm.theirs() == {"available": 5822 - 46, "streamer": 685, "association": 343 + 800, "fees": 46}
    assert farm.ours() == {}
    assert settlement(order) == (SettlementState.SETTLED, "", 2)
    # The streamer was unknown to Alipay: refused, bound, split with a new number.
    assert told(order, Wish.SPLIT) == [InstructionState.REFUSED, InstructionState.DONE]
    assert told(order, Wish.BIND) == [InstructionState.DONE]

    farm.read_bill()

    # The association bears the fee that Alipay took out of the farm's money: it owes it to the farm itself.
    assert farm.ours() == {}
    assert farm.borne() == {"fee": 46, "owed": -46}


def test_alipay_does_not_confirm_by_itself_before_the_delivery(farm: Market) -> None:
    order = farm.pay(farm.order())

    farm.simulator.move_clock(days=60)
    farm.work()

    assert farm.theirs() == {"pending": 7604, "fees": 46}
    assert farm.ours() == {"cash": 7650, "order": -7650}
    assert (farm.now_of(order).state, told(order, Wish.CONFIRM)) == (OrderState.PAID, [])

    farm.deliver(order)
    assert farm.release(order)

    assert farm.theirs() == {"available": 5822 - 46, "streamer": 685, "association": 343 + 800, "fees": 46}


def test_direct_farm_keeps_its_part_and_owes_the_others(own: Market) -> None:
    order = own.sold()

    assert own.release(order)

    assert own.theirs() == {"available": 7604, "fees": 46}
    assert own.ours() == {"cash": 1828, "streamer": -685, "service": -343, "transport": -800}
    assert told(order, Wish.SPLIT) == told(order, Wish.CONFIRM) == []


def test_sub_merchant_fee_read_before_the_settlement_comes_to_the_same(farm: Market) -> None:
    order = farm.sold()
    farm.read_bill()
    assert farm.ours() == {"cash": 7604, "order": -7650, "fee": 46}
    assert farm.theirs() == {"pending": 7604, "fees": 46}

    farm.release(order)

    assert farm.ours() == {}
    assert farm.borne() == {"fee": 46, "owed": -46}


def test_fee_of_an_order_refunded_whole_before_the_split_is_owed_to_nobody(farm: Market) -> None:
    farm.account = None
    order = farm.sold()
    farm.release(order)
    farm.read_bill()
    assert farm.borne() == {}

    assert farm.refund(order, 6850, freight_fen=800).state is RefundState.DONE
    with database.transaction() as db:
        payouts.advance(db, order_no=order.order_no, now=farm.now_of(order).paid_at)
    farm.work()
    assert settlement(order)[0] is SettlementState.SETTLED
    assert (farm.ours(), farm.borne()) == ({}, {"fee": 46, "owed": -46})
    farm.simulator.move_clock(days=1)
    assert jobs.read_bill(clock.county_day(clock.now()) + timedelta(days=1))
    farm.work()

    assert (farm.theirs(), farm.ours(), farm.borne()) == ({}, {}, {})


def test_second_order_of_a_bound_streamer_is_split_at_once(farm: Market) -> None:
    farm.release(farm.sold())

    again = farm.sold()
    farm.release(again)

    assert settlement(again) == (SettlementState.SETTLED, "", 1)
    assert farm.theirs()["streamer"] == 1370


def test_partly_refunded_order_is_split_by_what_is_left(farm: Market) -> None:
    order = farm.sold()
    assert farm.refund(order, 2000).state is RefundState.DONE
    # 58.50 − 0.46 + what Alipay gave back of its fee: 0.12, which is the farm's at once.
    assert farm.theirs() == {"pending": 5604, "available": 12, "fees": 34}

    farm.release(order)

    # Of 20.00 return 2.00 streamer, 1.00 association; the grower bears 17.00.
    assert farm.theirs() == {
        "available": 5822 - 1700 - 34,
        "streamer": 485,
        "association": 243 + 800,
        "fees": 34,
    }
    farm.read_bill()
    assert farm.ours() == {}
    assert farm.borne() == {"fee": 34, "owed": -34}


def test_refund_between_confirmation_and_split_goes_first(farm: Market) -> None:
    farm.account = None
    order = farm.sold()
    farm.release(order)
    assert settlement(order) == (SettlementState.CONFIRMED, "no_account", 1)
    assert farm.theirs() == {"frozen": 7604, "fees": 46}

    assert farm.refund(order, 2000).state is RefundState.DONE
    assert farm.theirs() == {"frozen": 5604, "available": 12, "fees": 34}
    farm.account = "2088000000000555"
    with database.transaction() as db:
        assert payouts.advance(db, order_no=order.order_no, now=farm.now_of(order).paid_at)
    farm.work()

    assert farm.theirs() == {
        "available": 5822 - 1700 - 34,
        "streamer": 485,
        "association": 243 + 800,
        "fees": 34,
    }
    assert farm.ours() == {}


def test_refund_decided_while_alipay_confirms_waits_and_is_sent_then(farm: Market) -> None:
    order = farm.sold()
    farm.release(order, works=False)

    waiting = farm.refund(order, 2000, works=False)
    assert waiting.state is RefundState.WAITING
    farm.work()

    assert farm.theirs() == {
        "available": 5822 - 1700 - 34,
        "streamer": 485,
        "association": 243 + 800,
        "fees": 34,
    }
    assert farm.ours() == {}


def test_refund_after_the_split_returns_the_receivers_parts(farm: Market) -> None:
    order = farm.sold()
    farm.release(order)

    assert farm.refund(order, 2000).state is RefundState.DONE

    assert farm.theirs() == {
        "available": 5822 - 1700 - 34,
        "streamer": 685 - 200,
        "association": 343 - 100 + 800,
        "fees": 34,
    }
    assert farm.ours() == {}


def test_three_partial_refunds_after_the_split_equal_the_whole_one(farm: Market) -> None:
    order = farm.sold()
    farm.release(order)

    for fen, freight_fen in ((1999, 0), (3333, 500), (1518, 300)):
        assert farm.refund(order, fen, freight_fen=freight_fen).state is RefundState.DONE

    assert farm.theirs() == {}
    assert farm.ours() == {}
    assert farm.now_of(order).state is OrderState.REFUNDED
    farm.read_bill()
    assert farm.ours() == {}


def test_whole_refund_before_the_release_leaves_nothing_anywhere(farm: Market) -> None:
    order = farm.sold()

    assert farm.refund(order, 6850, freight_fen=800).state is RefundState.DONE

    assert farm.now_of(order).state is OrderState.REFUNDED
    assert not farm.release(order)
    assert (farm.theirs(), farm.ours()) == ({}, {})


def test_streamer_without_an_account_keeps_all_of_it_frozen(farm: Market) -> None:
    farm.account = None
    order = farm.sold()

    farm.release(order)

    assert farm.theirs() == {"frozen": 7604, "fees": 46}
    assert farm.ours() == {
        "cash": 7650,
        "grower": -5822,
        "streamer": -685,
        "service": -343,
        "transport": -800,
    }
    with database.reading() as db:
        assert [(one.order_no, one.stuck) for one in payouts.list_stuck(db)] == [
            (order.order_no, "no_account")
        ]


def test_refund_after_a_principals_release_comes_out_of_the_payables(cooperative: Market) -> None:
    order = cooperative.sold()
    cooperative.release(order)

    assert cooperative.refund(order, 2000).state is RefundState.DONE

    assert cooperative.ours() == {
        "cash": 5650,
        "grower": -5822 + 1700,
        "streamer": -485,
        "service": -243,
        "transport": -800,
    }


def test_refund_of_a_direct_farm_lowers_what_it_owes(own: Market) -> None:
    order = own.sold()
    own.release(order)

    assert own.refund(order, 2000).state is RefundState.DONE

    assert own.ours() == {"cash": 1828 - 300, "streamer": -485, "service": -243, "transport": -800}


def test_called_off_order_is_refunded_whole(farm: Market) -> None:
    from shop.checkout import service as checkout
    from tests.makers.people import ROBOT

    order = farm.pay(farm.order())
    with database.transaction() as db:
        checkout.cancel_order(
            db, order_no=order.order_no, buyer_id=order.buyer_id, actor=ROBOT, now=order.paid_at
        )
    assert farm.now_of(order).state is OrderState.CANCELLED

    farm.work()

    assert farm.now_of(order).state is OrderState.REFUNDED
    assert (farm.theirs(), farm.ours()) == ({}, {})
