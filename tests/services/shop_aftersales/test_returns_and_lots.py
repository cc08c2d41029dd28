"""Goods sent back, and lots: opened by packing, one open per product, warned about once, stopped."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.errors import IllegalMove, NotFound, Stale
from county.notices import service as notices
from shop.aftersales import handlers, service
from shop.aftersales.types import BadDecision, ClaimApproved, ClaimKind, ClaimReason, ClaimState, Party
from shop.catalogue import service as catalogue
from shop.catalogue.types import Category
from shop.lots import service as lots
from shop.lots.types import BadLot, LotState, LotStopped
from shop.packing import service as packing
from shop.refunds import service as refunds
from tests.makers.aftersales import (
    DAY,
    SEEN_AT,
    asked,
    claim,
    finish_refund,
    make_delivered,
    make_fruit,
    make_packed,
    make_paid,
)
from tests.makers.people import NOW, ROBOT, make_buyer
from tests.makers.shop import make_card, make_grower

TODAY_ON = date(2026, 10, 5)


@pytest.fixture
def returning(db):
    """Make a return of tea that is on its way back."""
    make_card(db)
    tea = make_fruit(db, title="明前绿茶", category=Category.TEA)
    order = make_delivered(db, tea, quantity=2)
    found = claim(db, order, asked(ClaimKind.RETURN, ClaimReason.UNWANTED))
    found = service.approve(
        db, claim_no=found.claim_no, version=found.version, by=Party.GROWER, actor=ROBOT, now=SEEN_AT
    )
    assert (found.state, found.due_at) == (ClaimState.TO_RETURN, SEEN_AT + 7 * DAY)
    return send_back(db, found)


def send_back(db, found, *, waybill="ZT123456", carrier="中通", now=SEEN_AT):
    return service.send_back(
        db,
        claim_no=found.claim_no,
        version=found.version,
        buyer_id=found.buyer_id,
        carrier=carrier,
        waybill=waybill,
        actor=ROBOT,
        now=now,
    )


def receive(db, found, *, back_on_sale=False):
    return service.receive(
        db,
        claim_no=found.claim_no,
        version=found.version,
        by=Party.GROWER,
        grower_id=found.grower_id,
        back_on_sale=back_on_sale,
        actor=ROBOT,
        now=SEEN_AT,
    )


def left(db, found):
    return catalogue.list_grower_products(db, grower_id=found.grower_id)[0].available


def test_return_is_refunded_when_received_and_stock_stays_out(db, returning):
    assert refunds.list_refunds(db, order_no=returning.order_no) == []
    before = left(db, returning)

    after = receive(db, returning)

    # The freight of the way there is not given back for goods that are only unwanted.
    assert (after.state, after.goods_fen, after.freight_fen) == (ClaimState.REFUNDING, 13_700, 0)
    assert left(db, returning) == before
    assert finish_refund(db, after).state is ClaimState.DONE


def test_returned_goods_go_on_sale_by_the_growers_word_only(db, returning):
    before = left(db, returning)

    receive(db, returning, back_on_sale=True)

    assert left(db, returning) == before + 2


def test_return_counts_as_received_ten_days_after_the_waybill(db, returning):
    assert returning.due_at == SEEN_AT + 10 * DAY
    before = left(db, returning)

    after = service.run_due(db, claim_no=returning.claim_no, now=returning.due_at)

    assert after.state is ClaimState.REFUNDING
    assert left(db, returning) == before


def test_grower_disputes_what_came_back_and_the_association_refuses(db, returning):
    found = service.dispute(
        db,
        claim_no=returning.claim_no,
        version=returning.version,
        grower_id=returning.grower_id,
        says="寄回的是空盒",
        actor=ROBOT,
        now=SEEN_AT,
    )
    assert found.state is ClaimState.APPEALED

    closed = service.refuse(
        db,
        claim_no=found.claim_no,
        version=found.version,
        by=Party.ASSOCIATION,
        says="照片属实",
        actor=ROBOT,
        now=SEEN_AT,
    )

    assert closed.state is ClaimState.CLOSED
    assert refunds.list_refunds(db, order_no=returning.order_no) == []


def test_disputed_return_that_the_association_accepts_is_paid_at_once(db, returning):
    found = service.dispute(
        db,
        claim_no=returning.claim_no,
        version=returning.version,
        grower_id=returning.grower_id,
        says="少了一包",
        actor=ROBOT,
        now=SEEN_AT,
    )

    after = service.approve(
        db, claim_no=found.claim_no, version=found.version, by=Party.ASSOCIATION, actor=ROBOT, now=SEEN_AT
    )

    assert (after.state, after.fen) == (ClaimState.REFUNDING, 13_700)


def test_wrong_waybill_is_said_and_changes_nothing(db):
    make_card(db)
    order = make_delivered(db, make_fruit(db, title="明前绿茶", category=Category.TEA))
    found = claim(db, order, asked(ClaimKind.RETURN, ClaimReason.UNWANTED))
    with pytest.raises(IllegalMove):
        send_back(db, found)
    found = service.approve(
        db, claim_no=found.claim_no, version=found.version, by=Party.GROWER, actor=ROBOT, now=SEEN_AT
    )

    for waybill, carrier, field in (
        ("12", "中通", "waybill"),
        ("ZT 1", "中通", "waybill"),
        ("ZT123456", "", "carrier"),
    ):
        with pytest.raises(BadDecision) as refusal:
            send_back(db, found, waybill=waybill, carrier=carrier)
        assert refusal.value.facts["field"] == field
    assert service.get_file(db, claim_no=found.claim_no).claim == found

    assert service.run_due(db, claim_no=found.claim_no, now=found.due_at).state is ClaimState.CLOSED


# --- lots


def test_packing_opens_a_lot_of_the_day_and_records_what_it_took(db):
    make_card(db)
    fruit = make_fruit(db)
    first, second = make_packed(db, fruit, quantity=2), make_packed(db, fruit)

    (lot,) = lots.list_lots(db, grower_id=fruit.grower_id)
    assert (lot.state, lot.made_on, lot.product_id) == (LotState.OPEN, TODAY_ON, fruit.product_id)
    uses = lots.list_uses(db, lot_id=lot.id)
    assert {(use.order_no, use.position, use.quantity) for use in uses} == {
        (first.order_no, 0, 2),
        (second.order_no, 0, 1),
    }
    assert lots.count_uses(db, lot_ids=[lot.id]) == {lot.id: (2, 3, 2)}


def test_new_lot_closes_the_one_before(db):
    make_card(db)
    fruit = make_fruit(db)
    make_packed(db, fruit)
    (before,) = lots.list_lots(db, grower_id=fruit.grower_id)

    opened = open_lot(db, fruit, made_on=TODAY_ON - DAY, note="上坡果园")
    order = make_packed(db, fruit)

    assert lots.get_lot(db, lot_no=before.lot_no).state is LotState.CLOSED
    assert [use.order_no for use in lots.list_uses(db, lot_id=opened.id)] == [order.order_no]
    assert lots.find_open_lots(db, product_ids=[fruit.product_id]) == {fruit.product_id: opened}


def open_lot(db, product, *, made_on=TODAY_ON, note="", grower_id=None):
    return lots.open_lot(
        db,
        product_id=product.product_id,
        grower_id=grower_id or product.grower_id,
        made_on=made_on,
        note=note,
        actor=ROBOT,
        now=NOW,
    )


def test_impossible_lots_are_refused(db):
    fruit = make_fruit(db)

    for wrong in ({"made_on": TODAY_ON + DAY}, {"made_on": TODAY_ON - 6 * 366 * DAY}, {"note": "长" * 201}):
        with pytest.raises(BadLot):
            open_lot(db, fruit, **wrong)
    with pytest.raises(NotFound):
        open_lot(db, fruit, grower_id=make_grower(db).id)

    assert lots.list_lots(db) == []


def test_database_keeps_one_open_lot_per_product_and_its_uses(db):
    make_card(db)
    fruit = make_fruit(db)
    make_packed(db, fruit)
    (lot,) = lots.list_lots(db)

    for statement in (
        "UPDATE shop_lot_use SET quantity = 9",
        "DELETE FROM shop_lot_use",
        "UPDATE shop_lot SET closed_at = opened_at",
        "INSERT INTO shop_lot (id, number, product_id, grower_id, state, made_on, note, opened_at, "
        "stop_reason, version) SELECT product_id, 'PC1', product_id, grower_id, state, made_on, note, "
        "opened_at, '', 1 FROM shop_lot",
    ):
        with pytest.raises(DBAPIError), db.begin_nested():
            db.execute(text(statement))

    assert lots.get_lot(db, lot_no=lot.lot_no) == lot


def approved(db, order):
    found = claim(db, order)
    return service.approve(
        db, claim_no=found.claim_no, version=found.version, by=Party.GROWER, actor=ROBOT, now=SEEN_AT
    )


def told(db, order):
    return [
        (notice.code, notice.link)
        for notice in notices.list_notices(db, person_id=order.buyer_id)
        if notice.code.startswith("lot_")
    ]


def test_other_buyers_of_the_lot_are_warned_once(db):
    make_card(db)
    fruit = make_fruit(db)
    claimed, lately, coming = make_delivered(db, fruit), make_delivered(db, fruit), make_packed(db, fruit)
    open_lot(db, fruit)
    of_next_lot, unpacked = make_packed(db, fruit), make_paid(db, fruit)

    for order in (claimed, lately):
        found = approved(db, order)
        handlers.on_claim_approved(db, ClaimApproved(found.claim_no), SEEN_AT)
        handlers.on_claim_approved(db, ClaimApproved(found.claim_no), SEEN_AT)

    for order in (lately, coming):
        assert told(db, order) == [("lot_warning", f"/orders/{order.order_no}")]
    for order in (of_next_lot, unpacked):
        assert told(db, order) == []


def test_buyer_who_got_it_a_week_ago_is_not_warned(db):
    make_card(db)
    fruit = make_fruit(db)
    old, new = make_delivered(db, fruit), make_delivered(db, fruit)
    found = approved(db, new)

    handlers.on_claim_approved(db, ClaimApproved(found.claim_no), old.delivered_at + 7 * DAY)

    assert told(db, old) == []


def test_lot_shows_its_rate_and_counts_buyers(db):
    make_card(db)
    fruit, buyer = make_fruit(db), make_buyer(db)
    first = make_delivered(db, fruit, buyer_id=buyer.id)
    make_delivered(db, fruit, buyer_id=buyer.id)
    make_delivered(db, fruit)
    found = approved(db, first)

    (rate,) = service.list_lot_rates(db, grower_id=fruit.grower_id)

    assert (rate.lines, rate.buyers, rate.claims, rate.claimed_lines) == (3, 2, 1, 1)
    assert rate.rate_bp == 3333
    assert service.find_lot_no(db, claim=found) == rate.lot_no
    assert [each.claim_no for each in service.list_lot_claims(db, lot_no=rate.lot_no)] == [found.claim_no]
    with pytest.raises(NotFound):
        service.get_lot_rate(db, lot_no=rate.lot_no, grower_id=make_grower(db).id)


def test_stopped_lot_takes_its_product_off_sale_and_tells_all_buyers(db):
    make_card(db)
    fruit = make_fruit(db)
    orders = [make_delivered(db, fruit), make_packed(db, fruit)]
    (lot,) = lots.list_lots(db)
    with pytest.raises(BadDecision):
        stop(db, lot, reason=" ")

    stopped = stop(db, lot, reason="农残超标")
    handlers.on_lot_stopped(db, LotStopped(lot.lot_no), SEEN_AT + 30 * DAY)
    handlers.on_lot_stopped(db, LotStopped(lot.lot_no), SEEN_AT + 30 * DAY)

    assert (stopped.state, stopped.stop_reason) == (LotState.STOPPED, "农残超标")
    with pytest.raises(NotFound):
        catalogue.get_product(db, product_id=fruit.product_id)
    for order in orders:
        assert told(db, order) == [("lot_recall", f"/orders/{order.order_no}")]
    with pytest.raises(IllegalMove):
        stop(db, stopped)
    with pytest.raises(Stale):
        stop(db, lot)


def stop(db, lot, *, reason="坏了"):
    return service.stop_lot(
        db, lot_no=lot.lot_no, version=lot.version, reason=reason, actor=ROBOT, now=SEEN_AT
    )


def test_packing_after_a_stop_begins_a_new_lot(db):
    make_card(db)
    fruit = make_fruit(db)
    waiting = make_paid(db, fruit)
    make_packed(db, fruit)
    (lot,) = lots.list_lots(db)
    stop(db, lot)

    packing.pack(
        db, order_no=waiting.order_no, grower_id=fruit.grower_id, actor=ROBOT, now=NOW + timedelta(days=1)
    )

    assert len(lots.list_lots(db)) == 2
    assert [use.order_no for use in lots.list_uses(db, lot_id=lot.id)] != [waiting.order_no]
