"""Releasing and settling: what holds an order's money back, what a refused step becomes, each line once."""

from datetime import timedelta

import pytest

from county.errors import IllegalMove
from county.ledger import service as ledger
from county.ledger.types import Book
from county.payments import service as payments
from county.payments.gateway import CallRefused, Done
from county.payments.service import wires
from county.payments.types import Confirmation, FeeCharged, Split, SplitPart, Wish
from county.tasks.types import TaskGone
from shop.checkout import service as checkout
from shop.checkout.types import Commission
from shop.orders import service as orders
from shop.orders.types import OrderState
from shop.payouts import service as payouts
from shop.payouts.service import MoneyTasks
from shop.payouts.types import SettlementState
from shop.refunds import service as refunds
from shop.sellers.types import MoneyMode
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import make_card, make_grower, make_product, make_seller, pay, place
from tests.services.payments.acting import APP_ID, SELLER_ID, ActingProvider
from tests.services.shop.ways import deliver

LATER = NOW + timedelta(hours=48)
ACCOUNT = "2088000000000555"


@pytest.fixture
def market(db, monkeypatch):
    """Give a function that has an order of 68.50 and 8.00 freight sold through a streamer and delivered."""
    acting = ActingProvider(app_id=APP_ID, seller_id=SELLER_ID)
    monkeypatch.setattr(wires._Wired, "make_provider", lambda: acting)
    monkeypatch.setattr(wires._Wired, "provider", acting)
    make_card(db)
    streamer = make_person(db, name="周敏")
    accounts = {streamer.id: ACCOUNT}
    payouts.wire_payees(lambda _db, *, person_id, now: accounts.get(person_id))
    monkeypatch.setattr(
        checkout._Wired,
        "attribution",
        lambda _db, *, product_ids, **_: {each: Commission(streamer.id, 1000) for each in product_ids},
    )

    def sold(mode=MoneyMode.SUB_MERCHANT):
        grower = make_grower(db, seller=make_seller(db, mode=mode))
        order = place(db, make_product(db, grower=grower), source_ref="live").orders[0]
        pay(db, order.order_no, fen=7650)
        return deliver(db, orders.get_order(db, order_no=order.order_no))

    sold.accounts, sold.streamer = accounts, streamer
    return sold


def release(db, order, now=LATER):
    return payouts.release_order(db, order_no=order.order_no, now=now)


def answer(db, order, wish, outcome=Done()):
    """Let the provider answer the open instruction of a kind; gives what it was told to do."""
    [told] = [
        one
        for one in payments.list_instructions(db, out_trade_no=order.order_no)
        if one.wish is wish and one.finished_at is None
    ]
    payments.begin_instruction(db, instruction_id=told.id, now=LATER)
    payments.close_instruction(db, instruction_id=told.id, outcome=outcome, now=LATER)
    return told.content


def settlement(db, order):
    found = payouts.find_settlement(db, order_no=order.order_no)
    return found.state, found.stuck, found.tries


def refund(db, order, fen=1000):
    return refunds.open_refund(
        db, order=order, key=f"claim:{fen}", goods={0: fen}, reason="烂了", actor=ROBOT, now=LATER
    )


def test_nothing_is_settled_before_the_claim_window_ends(db, market):
    order = market()

    assert not release(db, order, now=LATER - timedelta(seconds=1))

    assert payments.list_instructions(db, out_trade_no=order.order_no) == []
    assert payouts.find_settlement(db, order_no=order.order_no) is None


def test_open_claim_holds_the_money_back(db, market):
    order, claimed = market(), set()
    claimed.add(order.order_no)
    payouts.wire_claims(lambda _db, *, order_no: order_no in claimed)

    assert not release(db, order)
    claimed.clear()
    assert release(db, order)


def test_refund_under_way_holds_the_money_back(db, market):
    order = market()
    refund(db, order)

    assert not release(db, order)
    answer(db, order, Wish.REFUND)
    assert release(db, order)

    assert answer(db, order, Wish.CONFIRM) == Confirmation(fen=6650, holds_for_split=True)


def test_split_gives_streamer_and_association_their_parts_and_frees_the_rest(db, market):
    order = market()
    release(db, order)
    answer(db, order, Wish.CONFIRM)

    split = answer(db, order, Wish.SPLIT)

    assert split == Split(
        parts=(
            SplitPart(SELLER_ID, 343 + 800, scene="平台服务费"),
            SplitPart(ACCOUNT, 685, scene="达人佣金"),
        ),
        finishes=True,
    )
    assert settlement(db, order) == (SettlementState.SETTLED, "", 1)
    assert ledger.balance(db, account=f"cash:alipay:{order.seller_id}", book=Book.MEMO) == 0


def test_unbound_receiver_is_bound_and_split_again_once_with_a_new_number(db, market):
    order = market()
    release(db, order)
    answer(db, order, Wish.CONFIRM)
    unbound = CallRefused("ACQ.ROYALTY_RECEIVER_INVALID", "收入方不在分账关系内")
    answer(db, order, Wish.SPLIT, unbound)
    assert settlement(db, order) == (SettlementState.BINDING, "", 2)

    bound = answer(db, order, Wish.BIND)
    assert [(one.account, one.name) for one in bound.receivers] == [(ACCOUNT, "周敏")]
    answer(db, order, Wish.SPLIT, unbound)

    assert settlement(db, order) == (SettlementState.CONFIRMED, "ACQ.ROYALTY_RECEIVER_INVALID", 2)
    told = payments.list_instructions(db, out_trade_no=order.order_no)
    assert sorted(one.key.split(":")[0] for one in told) == ["bind", "confirm", "split", "split"]
    assert len({one.request_no for one in told}) == 4


def test_streamer_without_account_is_a_task_and_goes_on_when_there_is_one(db, market):
    order = market()
    market.accounts.clear()
    release(db, order)
    answer(db, order, Wish.CONFIRM)
    [task] = MoneyTasks().list_tasks(db, now=LATER, limit=10)
    assert (task.key, task.fen, task.acts) == (f"settlement:{order.order_no}", 7650, ())
    assert not payouts.advance(db, order_no=order.order_no, now=LATER)

    market.accounts[market.streamer.id] = ACCOUNT
    assert payouts.advance(db, order_no=order.order_no, now=LATER)

    assert settlement(db, order) == (SettlementState.SPLITTING, "", 1)
    assert MoneyTasks().count_tasks(db, now=LATER) == 0


def test_refused_confirmation_is_one_task_and_can_be_tried_again(db, market):
    order = market()
    release(db, order)
    answer(db, order, Wish.CONFIRM, CallRefused("ACQ.SETTLE_AMOUNT_ERROR", "结算金额与交易剩余金额不一致"))
    [task] = MoneyTasks().list_tasks(db, now=LATER, limit=10)
    assert task.facts == {"number": order.order_no, "why": "ACQ.SETTLE_AMOUNT_ERROR"}
    assert payments.PaymentTasks().count_tasks(db, now=LATER) == 0

    MoneyTasks().act(db, key=task.key, act="again", note="", actor=ROBOT, now=LATER)
    with pytest.raises(TaskGone):
        MoneyTasks().act(db, key=task.key, act="again", note="", actor=ROBOT, now=LATER)

    answer(db, order, Wish.CONFIRM)
    assert settlement(db, order) == (SettlementState.SPLITTING, "", 2)


def test_refund_is_not_held_up_by_a_settlement_that_is_stuck(db, market):
    order = market()
    release(db, order)
    waiting = refund(db, order)
    answer(db, order, Wish.CONFIRM, CallRefused("ACQ.SETTLE_AMOUNT_ERROR", ""))

    answer(db, order, Wish.REFUND)

    assert refunds.get_refund(db, refund_no=waiting.refund_no).done_at == LATER
    payouts.retry_settlement(db, order_no=order.order_no, actor=ROBOT, now=LATER)
    assert answer(db, order, Wish.CONFIRM).fen == 6650


def test_split_in_part_is_not_tried_again(db, market):
    order = market()
    release(db, order)
    answer(db, order, Wish.CONFIRM)
    answer(db, order, Wish.SPLIT, CallRefused("SPLIT_PARTLY_FAILED", "2088…"))

    with pytest.raises(IllegalMove):
        payouts.retry_settlement(db, order_no=order.order_no, actor=ROBOT, now=LATER)

    [task] = MoneyTasks().list_tasks(db, now=LATER, limit=10)
    assert task.acts == ()


def test_refused_refund_is_one_task_and_its_act_sends_a_new_one(db, market):
    order = market(MoneyMode.PRINCIPAL)
    opened = refund(db, order)
    answer(db, order, Wish.REFUND, CallRefused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "余额不足"))
    [task] = MoneyTasks().list_tasks(db, now=LATER, limit=10)
    assert (task.key, task.fen) == (f"refund:{opened.refund_no}", 1000)

    MoneyTasks().act(db, key=task.key, act="again", note="", actor=ROBOT, now=LATER)

    assert MoneyTasks().count_tasks(db, now=LATER) == 0
    answer(db, order, Wish.REFUND)
    assert ledger.balance(db, account=f"cash:alipay:{order.seller_id}") == 6650


def test_fee_is_booked_once_a_line_and_given_back_with_a_refund(db, market):
    order = market(MoneyMode.PRINCIPAL)
    trade_no = order.payments[0].trade_no
    day = NOW.date()
    fee = FeeCharged(day, order.order_no, trade_no, "", 46)

    for each in (fee, fee, FeeCharged(day, order.order_no, trade_no, "R1", -12)):
        assert payouts.record_fee(db, fee=each, now=NOW)

    assert ledger.balance(db, account="expense:alipay-fee") == 34
    assert ledger.balance(db, account=f"cash:alipay:{order.seller_id}") == 7650 - 34
    assert not payouts.record_fee(db, fee=FeeCharged(day, "SH0", trade_no, "", 46), now=NOW)


def test_fully_refunded_order_is_not_released_and_counts_for_nothing(db, market):
    order = market()
    refunds.refund_rest(db, order=order, key="all", reason="全退", actor=ROBOT, now=LATER)
    answer(db, order, Wish.REFUND)

    assert not release(db, order)

    assert orders.get_order(db, order_no=order.order_no).state is OrderState.REFUNDED
    found = payouts.grower_money(db, grower_id=order.lines[0].grower_id)
    assert (found.goods_fen, found.returned_fen, found.yours_fen) == (6850, 6850, 0)
    assert (found.waiting_fen, found.released_fen) == (0, 0)


def test_money_page_of_a_partly_refunded_sale_adds_up(db, market):
    order = market()
    refund(db, order, fen=2000)
    answer(db, order, Wish.REFUND)

    [sale] = payouts.grower_money(db, grower_id=order.lines[0].grower_id).sales

    assert (sale.goods_fen, sale.returned_fen, sale.streamer_fen, sale.association_fen) == (
        6850,
        2000,
        485,
        243,
    )
    assert (
        sale.goods_fen - sale.returned_fen - sale.streamer_fen - sale.association_fen
        == sale.yours_fen
        == 4122
    )
