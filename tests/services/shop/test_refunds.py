"""Refunds: what returns, what is booked, what is refused, what two people at once cannot do."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.ledger import service as ledger
from county.payments import service as payments
from county.payments.gateway import CallRefused, Done
from county.payments.types import NothingPaid
from shop.accounts.rules import order_account
from shop.catalogue import service as catalogue
from shop.orders import service as orders
from shop.orders.types import OrderState, Payee
from shop.refunds import service as refunds
from shop.refunds.types import NothingToRefund, RefundBeyond, RefundConflict, RefundState
from tests.makers.people import NOW, ROBOT
from tests.makers.shop import make_card, make_grower, make_product, pay, place


def bought(db, *, quantity=1, price_fen=6850):
    """Have an order of one product paid; gives it and the product."""
    make_card(db)
    tea = make_product(db, grower=make_grower(db), price_fen=price_fen)
    order = place(db, tea, quantity=quantity).orders[0]
    pay(db, order.order_no, fen=order.total_fen)
    return orders.get_order_locked(db, order_no=order.order_no), tea


def refund(db, order, *, key="claim:1", fen=1000, freight_fen=0, now=NOW):
    return refunds.open_refund(
        db,
        order=order,
        key=key,
        goods={0: fen},
        freight_fen=freight_fen,
        reason="烂了",
        actor=ROBOT,
        now=now,
    )


def answer(db, opened, outcome=Done()):
    """Let the provider answer a refund's instruction."""
    found = payments.find_instruction(db, key=f"refund:{opened.refund_no}")
    payments.begin_instruction(db, instruction_id=found.id, now=NOW)
    payments.close_instruction(db, instruction_id=found.id, outcome=outcome, now=NOW + timedelta(minutes=1))
    return refunds.get_refund(db, refund_no=opened.refund_no)


def test_refund_is_planned_with_its_parts_and_one_instruction(db):
    order, _tea = bought(db)

    opened = refund(db, order, fen=1000)

    assert (opened.goods, opened.freight_fen, opened.fen) == (((0, 1000),), 0, 1000)
    assert [(part.payee, part.fen) for part in opened.parts] == [(Payee.ASSOCIATION, 50), (Payee.GROWER, 950)]
    assert opened.state is RefundState.PLANNED
    found = payments.find_instruction(db, key=f"refund:{opened.refund_no}")
    assert (found.content.fen, found.content.back) == (1000, ())
    assert [split.fen for split in refunds.remaining_splits(db, order=order)] == [293, 5557, 800]


def test_same_key_gives_the_same_refund_and_other_amounts_are_refused(db):
    order, _tea = bought(db)
    first = refund(db, order)

    assert refund(db, order) == first
    with pytest.raises(RefundConflict):
        refund(db, order, fen=1001)

    assert refunds.list_refunds(db, order_no=order.order_no) == [first]


def test_line_is_never_refunded_beyond_its_price(db):
    order, _tea = bought(db)
    first = refund(db, order, fen=6000)

    with pytest.raises(RefundBeyond):
        refund(db, order, key="claim:2", fen=851)
    with pytest.raises(RefundBeyond):
        refund(db, order, key="claim:3", fen=850, freight_fen=801)

    assert refunds.list_refunds(db, order_no=order.order_no) == [first]
    assert refund(db, order, key="claim:4", fen=850, freight_fen=800).fen == 1650


def test_database_itself_refuses_a_line_beyond_its_price(db):
    order, _tea = bought(db)
    refund(db, order)

    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text("UPDATE shop_refund_count SET refunded_fen = 6851"))
    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text("UPDATE shop_refund_line SET fen = 1"))
    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text("DELETE FROM shop_refund_part"))


@pytest.mark.parametrize(("goods", "freight_fen"), [({}, 0), ({0: 0}, 0), ({0: -5}, 10), ({0: 5}, -1)])
def test_refund_of_nothing_is_refused(db, goods, freight_fen):
    order, _tea = bought(db)

    with pytest.raises(NothingToRefund):
        refunds.open_refund(
            db,
            order=order,
            key="x",
            goods=goods,
            freight_fen=freight_fen,
            reason="",
            actor=ROBOT,
            now=NOW,
        )

    assert refunds.list_refunds(db, order_no=order.order_no) == []


def test_unpaid_order_cannot_be_refunded(db):
    make_card(db)
    order = place(db, make_product(db)).orders[0]

    with pytest.raises(NothingPaid):
        refund(db, order)


def test_done_refund_is_booked_from_the_order(db):
    order, _tea = bought(db)

    done = answer(db, refund(db, order, fen=1000))

    assert (done.state, done.done_at) == (RefundState.DONE, NOW + timedelta(minutes=1))
    assert ledger.balance(db, account=order_account(order.order_no)) == -6650
    assert ledger.balance(db, account=f"cash:alipay:{order.seller_id}") == 6650
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.PAID


def test_refused_refund_frees_its_line_and_can_be_tried_again(db):
    order, _tea = bought(db)
    refused = answer(
        db, refund(db, order, fen=6850), CallRefused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "余额不足")
    )
    assert refused.state is RefundState.REFUSED
    assert [split.fen for split in refunds.remaining_splits(db, order=order)] == [343, 6507, 800]
    assert [each.refund_no for each in refunds.list_refused(db)] == [refused.refund_no]

    again = refunds.retry_refund(db, refund_no=refused.refund_no, actor=ROBOT, now=NOW)

    assert answer(db, again).state is RefundState.DONE
    assert refunds.list_refused(db) == []
    assert ledger.balance(db, account=f"cash:alipay:{order.seller_id}") == 800


def test_whole_refund_before_packing_cancels_and_gives_stock_back(db):
    order, tea = bought(db, quantity=2)

    opened = refund(db, order, fen=13700, freight_fen=800)

    cancelled = orders.get_order(db, order_no=order.order_no)
    assert (cancelled.state, cancelled.reason) == (OrderState.CANCELLED, "refunded")
    assert catalogue.get_product(db, product_id=tea.product_id).available == 10
    answer(db, opened)
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.REFUNDED
    assert ledger.balance(db, account=f"cash:alipay:{order.seller_id}") == 0
