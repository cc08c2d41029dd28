"""Source tokens: what earns commission, what does not, and that a sale is recorded once."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from livestream.attribution import service as attribution
from livestream.attribution.rules import WINDOW
from livestream.attribution.service import Attribution
from livestream.sessions import service as sessions
from shop.checkout.types import BadSource
from shop.orders import service as orders
from shop.orders.types import Payee
from tests.makers.livestream import HOUR, make_session, make_stage, request
from tests.makers.people import ROBOT, make_buyer
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


def test_sale_without_a_session_is_not_recorded(db, stage):
    order = place(db, stage.product, buyer_id=make_buyer(db).id, now=stage.start_at).orders[0]
    pay(db, order.order_no, fen=order.total_fen, now=stage.start_at)

    assert attribution.record_sale(db, order_no=order.order_no, now=stage.start_at) is False
    assert attribution.list_sales(db) == []
