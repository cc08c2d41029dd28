"""Source tokens: what earns commission, what does not, and that a sale is recorded once."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from county.payments.gateway import CallRefused
from livestream.attribution import service as attribution
from livestream.attribution.rules import WINDOW
from livestream.attribution.service import Attribution
from livestream.sessions import service as sessions
from shop.checkout.types import BadSource
from shop.orders import service as orders
from shop.orders.types import Payee
from shop.refunds import service as refunds
from tests.makers.counting import asked_of
from tests.makers.livestream import HOUR, make_session, make_stage, request
from tests.makers.people import ROBOT, make_buyer
from tests.makers.refunds import answer_refund, make_refund, make_refunded
from tests.makers.shop import make_card, make_product, pay, place


@pytest.fixture
def stage(db):
    make_card(db)
    return make_stage(db)


def token_of(session):
    return attribution.attribution().token(session_id=session.id, now=session.start_at)


def streamers_part(checkout):
    return [
        (split.payee_id, split.fen)
        for order in checkout.orders
        for split in order.splits
        if split.payee is Payee.STREAMER
    ]


def test_commission_in_the_split_is_what_was_promised(db, stage):
    session = make_session(db, stage, commission_bp=1250)

    placed = place(db, stage.product, quantity=3, source_ref=token_of(session), now=stage.start_at)

    # 12.5 % of 205.50 is 25.6875, rounded half up.
    assert streamers_part(placed) == [(stage.streamer.id, 2569)]
    assert sum(split.fen for split in placed.orders[0].splits) == placed.total_fen


def test_only_products_that_the_session_shows_earn_commission(db, stage):
    session = make_session(db, stage)
    other = make_product(db, grower=stage.farmer, title="别的茶")

    alone = place(db, other, source_ref=token_of(session), now=stage.start_at)
    together = place(db, other, stage.product, source_ref=token_of(session), now=stage.start_at)

    assert streamers_part(alone) == []
    assert streamers_part(together) == [(stage.streamer.id, 685)]


def test_changed_or_foreign_tokens_are_refused(db, stage):
    session = make_session(db, stage)
    token = token_of(session)
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    flipped = [
        base64.urlsafe_b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).decode().rstrip("=")
        for at in range(len(raw))
    ]
    foreign = Attribution("another installation's key").token(session_id=session.id, now=stage.start_at)
    unknown = attribution.attribution().token(session_id=stage.farmer.id, now=stage.start_at)
    wrong = [*flipped, foreign, unknown, token[:-1], token + "A", token + "=", token[1:], " " + token, "茶"]

    for each in wrong:
        with pytest.raises(BadSource):
            place(db, stage.product, source_ref=each, now=stage.start_at)
    assert orders.list_orders(db) == []


def test_link_earns_until_the_end_of_its_window(db, stage):
    session = make_session(db, stage)
    over = session.end_at + WINDOW

    last = place(db, stage.product, source_ref=token_of(session), now=over - timedelta(seconds=1))
    late = place(db, stage.product, source_ref=token_of(session), now=over)

    assert streamers_part(last) == [(stage.streamer.id, 685)]
    assert streamers_part(late) == []


def test_streamer_buying_through_the_own_link_earns_nothing(db, stage):
    session = make_session(db, stage)

    placed = place(
        db, stage.product, buyer_id=stage.streamer.id, source_ref=token_of(session), now=stage.start_at
    )

    assert streamers_part(placed) == []


def test_cancelled_and_merely_requested_sessions_earn_nothing(db, stage):
    session = make_session(db, stage)
    sessions.cancel_session(db, session_id=session.id, actor=ROBOT, now=stage.start_at - HOUR)
    asked = request(db, stage)

    for each in (session, asked):
        placed = place(db, stage.product, source_ref=token_of(each), now=stage.start_at)
        assert streamers_part(placed) == []


def test_sale_is_recorded_once_and_becomes_final(db, stage):
    session = make_session(db, stage)
    placed = place(db, stage.product, source_ref=token_of(session), now=stage.start_at)
    (order,) = placed.orders
    pay(db, order.order_no, fen=order.total_fen, now=stage.start_at)

    recorded = [attribution.record_sale(db, order_no=order.order_no, now=stage.start_at) for _ in range(2)]
    (sale,) = attribution.list_sales(db, streamer_id=stage.streamer.id)
    attribution.finish_sale(db, order_no=order.order_no)

    assert recorded == [True, True]
    assert (sale.session_id, sale.goods_fen, sale.commission_fen, sale.is_final) == (
        session.id,
        6850,
        685,
        False,
    )
    assert attribution.list_sales(db, session_id=session.id) == [replace(sale, is_final=True)]


def refunded_sale(db, stage, session):
    order = place(db, stage.product, source_ref=token_of(session), now=stage.start_at).orders[0]
    pay(db, order.order_no, fen=order.total_fen, now=stage.start_at)
    attribution.record_sale(db, order_no=order.order_no, now=stage.start_at)
    make_refunded(db, order.order_no, goods={0: 1000})


def test_list_of_sales_asks_no_more_for_many_refunded_ones_than_for_two(db, stage):
    session = make_session(db, stage)
    counts = []
    for more in (2, 4):
        for _ in range(more):
            refunded_sale(db, stage, session)
        with asked_of(db) as asked:
            sales = attribution.list_sales(db)
        counts.append((len(sales), {sale.goods_fen for sale in sales}, len(asked)))

    assert counts == [(2, {5850}, counts[0][2]), (6, {5850}, counts[0][2])]


def test_sale_without_a_session_is_not_recorded(db, stage):
    order = place(db, stage.product, buyer_id=make_buyer(db).id, now=stage.start_at).orders[0]
    pay(db, order.order_no, fen=order.total_fen, now=stage.start_at)

    assert attribution.record_sale(db, order_no=order.order_no, now=stage.start_at) is False
    assert attribution.list_sales(db) == []


def make_sale(db, stage, *others, quantity=1):
    """Have an order of the session's product, and of others, paid; give it and the product's position."""
    session = make_session(db, stage)
    placed = place(
        db, stage.product, *others, quantity=quantity, source_ref=token_of(session), now=stage.start_at
    )
    (order,) = placed.orders
    pay(db, order.order_no, fen=order.total_fen, now=stage.start_at)
    attribution.record_sale(db, order_no=order.order_no, now=stage.start_at)
    (position,) = [at for at, line in enumerate(order.lines) if line.product_id == stage.product.product_id]
    return order, position


def left(db):
    return [(sale.goods_fen, sale.commission_fen, sale.is_returned) for sale in attribution.list_sales(db)]


def test_sale_that_was_refunded_whole_counts_nothing(db, stage):
    order, position = make_sale(db, stage)
    assert left(db) == [(6850, 685, False)]

    make_refunded(db, order.order_no, goods={position: 6850}, freight_fen=order.freight_fen)

    assert left(db) == [(0, 0, True)]


def test_sale_that_was_refunded_in_part_counts_its_rest(db, stage):
    order, position = make_sale(db, stage, quantity=2)

    make_refunded(db, order.order_no, goods={position: 6850})
    assert left(db) == [(6850, 685, False)]
    make_refunded(db, order.order_no, goods={position: 1})
    assert left(db) == [(6849, 685, False)]
    make_refunded(db, order.order_no, goods={position: 9})
    assert left(db) == [(6840, 684, False)]


def test_what_is_left_of_a_mixed_order_is_what_its_splits_will_give(db, stage):
    """Goods are those that the session showed; commissions return by all goods of a grower together."""
    order, position = make_sale(db, stage, make_product(db, grower=stage.farmer, price_fen=1000))

    make_refunded(db, order.order_no, goods={1 - position: 1000})
    assert left(db) == [(6850, 598, False)]
    make_refunded(db, order.order_no, goods={position: 3425})

    assert left(db) == [(3425, 299, False)]
    remaining = refunds.remaining_splits(db, order=order)
    assert sum(split.fen for split in remaining if split.payee is Payee.STREAMER) == 299


def test_refund_counts_from_its_decision_and_not_when_alipay_refuses_it(db, stage):
    order, position = make_sale(db, stage)

    opened = make_refund(db, order.order_no, goods={position: 6850})
    assert left(db) == [(0, 0, True)]
    answer_refund(db, opened, CallRefused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "余额不足"))

    assert left(db) == [(6850, 685, False)]


def test_refund_after_the_claim_time_counts_too(db, stage):
    order, position = make_sale(db, stage)
    attribution.finish_sale(db, order_no=order.order_no)

    make_refunded(db, order.order_no, goods={position: 3420})

    assert left(db) == [(3430, 343, False)]
