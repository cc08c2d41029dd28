"""From packed to released: the order follows its parcel, the money follows the claim window."""

from datetime import timedelta

import pytest

from county.errors import IllegalMove, NotFound
from county.ledger import service as ledger
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, ParcelState
from shop.accounts.rules import order_account
from shop.orders import service as orders
from shop.orders.types import OrderState
from shop.packing import service as packing
from shop.payouts import service as payouts
from shop.payouts.types import MoneyState
from tests.makers.people import NOW, ROBOT
from tests.makers.shop import make_card, make_grower, make_product, make_seller, pay, place


def paid_order(db, *growers):
    make_card(db)
    seller = make_seller(db)
    growers = [make_grower(db, seller=seller) for _ in range(growers[0] if growers else 1)]
    order = place(db, *(make_product(db, grower=grower) for grower in growers)).orders[0]
    pay(db, order.order_no, fen=order.total_fen)
    return orders.get_order(db, order_no=order.order_no), growers


def test_packing_opens_a_parcel_at_the_growers_station(db):
    order, (grower,) = paid_order(db)

    parcel_no = packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=NOW)

    parcel = parcels.get_parcel(db, parcel_no=parcel_no)
    assert (parcel.direction, parcel.station, parcel.weight_g) == (Direction.OUT, "S1", 500)
    assert parcel.order_ref == order.order_no
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.PACKED


def test_packing_twice_is_refused(db):
    order, (grower,) = paid_order(db)
    packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=NOW)

    with pytest.raises(IllegalMove):
        packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=NOW)

    assert len(parcels.list_parcels(db)) == 1


def test_packing_somebody_elses_order_is_not_found(db):
    order, _growers = paid_order(db)

    with pytest.raises(NotFound):
        packing.pack(db, order_no=order.order_no, grower_id=make_grower(db).id, actor=ROBOT, now=NOW)

    assert parcels.list_parcels(db) == []


def test_order_of_two_growers_is_as_far_as_the_slower_one(db):
    order, growers = paid_order(db, 2)
    first, second = (
        packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=NOW)
        for grower in growers
    )

    packing.follow_parcel(db, parcel_no=first, state=ParcelState.DELIVERED, now=NOW)
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.PACKED

    packing.follow_parcel(db, parcel_no=second, state=ParcelState.IN_TRANSIT, now=NOW)
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.SHIPPED

    packing.follow_parcel(db, parcel_no=second, state=ParcelState.DELIVERED, now=NOW)
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.DELIVERED


def test_late_news_of_a_parcel_never_moves_an_order_back(db):
    order, (grower,) = paid_order(db)
    parcel_no = packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=NOW)
    packing.follow_parcel(db, parcel_no=parcel_no, state=ParcelState.DELIVERED, now=NOW)

    packing.follow_parcel(db, parcel_no=parcel_no, state=ParcelState.IN_TRANSIT, now=NOW)

    assert orders.get_order(db, order_no=order.order_no).state is OrderState.DELIVERED


def delivered(db):
    order, (grower,) = paid_order(db)
    parcel_no = packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=NOW)
    packing.follow_parcel(db, parcel_no=parcel_no, state=ParcelState.DELIVERED, now=NOW)
    return orders.get_order(db, order_no=order.order_no), grower


def test_money_is_released_after_the_claim_window_and_not_before(db):
    order, grower = delivered(db)
    assert order.claim_until == NOW + timedelta(hours=48)

    assert not payouts.release_order(db, order_no=order.order_no, now=NOW + timedelta(hours=47))
    assert ledger.balance(db, account=f"payable:grower:{grower.id}") == 0

    assert payouts.release_order(db, order_no=order.order_no, now=NOW + timedelta(hours=48))
    assert ledger.balance(db, account=f"payable:grower:{grower.id}") == -(6850 - 343)
    assert ledger.balance(db, account="payable:association:service") == -343
    assert ledger.balance(db, account="payable:association:transport") == -800
    assert ledger.balance(db, account=order_account(order.order_no)) == 0
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.COMPLETED


def test_money_is_released_once(db):
    order, grower = delivered(db)
    later = NOW + timedelta(hours=49)
    payouts.release_order(db, order_no=order.order_no, now=later)

    assert not payouts.release_order(db, order_no=order.order_no, now=later)

    assert ledger.balance(db, account=f"payable:grower:{grower.id}") == -6507


def test_money_page_adds_up(db):
    order, grower = delivered(db)

    money = payouts.grower_money(db, grower_id=grower.id)

    assert money.goods_fen - money.streamer_fen - money.association_fen == money.yours_fen == 6507
    assert (money.waiting_fen, money.released_fen) == (6507, 0)
    assert money.next_at == order.claim_until
    assert [sale.state for sale in money.sales] == [MoneyState.WAITING_CLAIMS]
