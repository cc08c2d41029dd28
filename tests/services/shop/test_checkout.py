"""Orders take stock, are paid once, expire, and late payments are fulfilled or returned."""

from datetime import timedelta

import pytest

from county import database
from county.errors import IllegalMove, NotFound
from county.ledger import service as ledger
from county.ledger.types import Book
from county.payments import service as payments
from county.payments.types import PaymentState, Refund
from shop.accounts.rules import order_account
from shop.catalogue import service as catalogue
from shop.catalogue.types import OutOfStock
from shop.checkout import service as checkout
from shop.checkout.types import DirectAlone
from shop.orders import service as orders
from shop.orders.types import OrderState, SplitOverCap
from shop.sellers.types import MoneyMode
from tests.makers.people import NOW, ROBOT, make_buyer
from tests.makers.shop import make_card, make_grower, make_product, make_seller, pay, place


def available(db, product):
    return catalogue.get_product(db, product_id=product.product_id).skus[0].available


def test_order_takes_stock_and_waits_for_payment(db):
    make_card(db)
    tea = make_product(db, available=10)

    placed = place(db, tea, quantity=3)

    order = placed.orders[0]
    assert (order.goods_fen, order.freight_fen, order.total_fen) == (20550, 1000, 21550)
    assert order.state is OrderState.AWAITING_PAYMENT
    assert available(db, tea) == 7
    assert payments.get_payment(db, out_trade_no=order.order_no).fen == 21550


def test_more_than_there_is_is_refused_and_takes_nothing(db):
    make_card(db)
    tea, rice = make_product(db, available=10), make_product(db, title="富硒大米", available=1)

    with pytest.raises(OutOfStock), db.begin_nested():
        place(db, tea, rice, quantity=2)

    assert (available(db, tea), available(db, rice)) == (10, 1)
    assert orders.list_orders(db) == []


def test_order_at_two_sellers_becomes_two_orders_paid_together(db):
    make_card(db)
    tea, rice = make_product(db), make_product(db, title="富硒大米")

    placed = place(db, tea, rice)

    assert len(placed.orders) == 2
    group = payments.get_group(db, group_no=placed.checkout_no)
    assert [one.fen for one in group.payments] == [order.total_fen for order in placed.orders]


def test_seller_with_own_account_is_refused_in_a_mixed_cart(db):
    make_card(db)
    direct = make_grower(db, seller=make_seller(db, mode=MoneyMode.DIRECT))

    with pytest.raises(DirectAlone):
        place(db, make_product(db), make_product(db, grower=direct))


def test_split_over_the_cap_is_refused_for_sub_merchants_only(db):
    make_card(db, first_fen=900)
    # To its nearest province the farm's goods would fit, to the buyer's they do not.
    make_card(db, province="四川", first_fen=300)
    farm = make_grower(db, seller=make_seller(db, mode=MoneyMode.SUB_MERCHANT))
    cooperative = make_grower(db)

    with pytest.raises(SplitOverCap):
        place(db, make_product(db, grower=farm, price_fen=2000))

    assert place(db, make_product(db, grower=cooperative, price_fen=2000)).total_fen == 2900


def test_payment_marks_the_order_paid_and_books_it(db):
    make_card(db)
    order = place(db, make_product(db)).orders[0]

    trade_no = pay(db, order.order_no, fen=7650)

    paid = orders.get_order(db, order_no=order.order_no)
    assert paid.state is OrderState.PAID
    assert [(one.trade_no, one.fen) for one in paid.payments] == [(trade_no, 7650)]
    cash = f"cash:alipay:{order.seller_id}"
    assert ledger.balance(db, account=cash) == 7650
    assert ledger.balance(db, account=order_account(order.order_no)) == -7650


def test_payment_told_twice_is_booked_once(db):
    make_card(db)
    order = place(db, make_product(db)).orders[0]
    trade_no = pay(db, order.order_no, fen=7650)

    pay(db, order.order_no, fen=7650, trade_no=trade_no, now=NOW + timedelta(minutes=1))

    assert ledger.balance(db, account=f"cash:alipay:{order.seller_id}") == 7650
    assert len(orders.get_order(db, order_no=order.order_no).payments) == 1


def test_second_trade_goes_to_suspense(db):
    make_card(db)
    order = place(db, make_product(db)).orders[0]
    pay(db, order.order_no, fen=7650)

    second = pay(db, order.order_no, fen=7650)

    assert ledger.balance(db, account=f"suspense:trade:{second}") == -7650
    assert len(orders.get_order(db, order_no=order.order_no).payments) == 1
    assert [one.trade_no for one in payments.list_suspense(db)] == [second]


def test_money_of_a_sub_merchant_is_a_memo(db):
    make_card(db)
    farm = make_grower(db, seller=make_seller(db, mode=MoneyMode.SUB_MERCHANT))
    order = place(db, make_product(db, grower=farm)).orders[0]

    pay(db, order.order_no, fen=order.total_fen)

    cash = f"cash:alipay:{order.seller_id}"
    assert ledger.balance(db, account=cash, book=Book.MEMO) == order.total_fen
    assert ledger.balance(db, account=cash, book=Book.REAL) == 0


def test_cancelled_order_gives_stock_back(db):
    make_card(db)
    tea, buyer = make_product(db, available=5), make_buyer(db)
    order = place(db, tea, buyer_id=buyer.id, quantity=2).orders[0]

    checkout.cancel_order(db, order_no=order.order_no, buyer_id=buyer.id, actor=ROBOT, now=NOW)

    cancelled = orders.get_order(db, order_no=order.order_no)
    assert (cancelled.state, cancelled.reason) == (OrderState.CANCELLED, "cancelled_by_buyer")
    assert available(db, tea) == 5
    with pytest.raises(IllegalMove):
        checkout.cancel_order(db, order_no=order.order_no, buyer_id=buyer.id, actor=ROBOT, now=NOW)
    assert available(db, tea) == 5


def test_someone_elses_order_is_not_found(db):
    make_card(db)
    order = place(db, make_product(db)).orders[0]

    with pytest.raises(NotFound):
        checkout.cancel_order(db, order_no=order.order_no, buyer_id=make_buyer(db).id, actor=ROBOT, now=NOW)

    assert orders.get_order(db, order_no=order.order_no).state is OrderState.AWAITING_PAYMENT


def test_unpaid_order_expires_after_fifteen_minutes_and_not_before(db):
    make_card(db)
    tea = make_product(db, available=5)
    order = place(db, tea).orders[0]

    checkout.expire_order(db, order_no=order.order_no, now=NOW + timedelta(minutes=14))
    assert available(db, tea) == 4

    checkout.expire_order(db, order_no=order.order_no, now=NOW + timedelta(minutes=15))
    assert orders.get_order(db, order_no=order.order_no).reason == "expired"
    assert available(db, tea) == 5


def test_late_payment_takes_the_goods_again_when_there_are_some(db):
    make_card(db)
    tea = make_product(db, available=5)
    order = place(db, tea, quantity=2).orders[0]
    checkout.expire_order(db, order_no=order.order_no, now=NOW + timedelta(minutes=16))

    pay(db, order.order_no, fen=order.total_fen, now=NOW + timedelta(minutes=17))

    assert orders.get_order(db, order_no=order.order_no).state is OrderState.PAID
    assert available(db, tea) == 3
    assert payments.get_payment(db, out_trade_no=order.order_no).state is PaymentState.PAID


def test_late_payment_is_returned_when_the_goods_are_gone(db):
    make_card(db)
    tea = make_product(db, available=2)
    order = place(db, tea, quantity=2).orders[0]
    checkout.expire_order(db, order_no=order.order_no, now=NOW + timedelta(minutes=16))
    place(db, tea, quantity=1)

    trade_no = pay(db, order.order_no, fen=order.total_fen, now=NOW + timedelta(minutes=17))

    assert orders.get_order(db, order_no=order.order_no).state is OrderState.CANCELLED
    assert available(db, tea) == 1
    assert ledger.balance(db, account=f"suspense:trade:{trade_no}") == -order.total_fen
    planned = payments.list_instructions(db, out_trade_no=order.order_no)
    assert [one.content.fen for one in planned if isinstance(one.content, Refund)] == [order.total_fen]


def test_splits_cannot_be_changed_after_ordering(db):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    make_card(db)
    place(db, make_product(db))

    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text("UPDATE shop_order_split SET fen = 0"))

    database.finish(db)
