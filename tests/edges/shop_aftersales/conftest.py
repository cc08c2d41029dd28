"""The village of the claim pages."""

import pytest

from county import clock, database
from county.people.types import Role
from logistics.tracking.types import EventKind
from shop.orders import service as orders
from shop.packing import service as packing
from tests.makers.aftersales import make_fruit, travel
from tests.makers.claim_pages import Village
from tests.makers.people import ROBOT, make_buyer, make_person
from tests.makers.shop import make_card, make_grower, pay, place


@pytest.fixture
def village(web_app):
    """Make the village; everything happened a moment ago, by the machine's clock."""
    now = clock.now()
    with database.transaction() as db:
        make_card(db)
        grower, buyer = make_grower(db), make_buyer(db)
        fruit = make_fruit(db, grower=grower)
        order = place(db, fruit, buyer_id=buyer.id, now=now).orders[0]
        pay(db, order.order_no, fen=order.total_fen, now=now)
        parcel = packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=now)
        travel(db, parcel, EventKind.COLLECTED, now)
        order = orders.get_order(db, order_no=order.order_no)
        other = make_person(db, Role.BUYER, Role.FARMER, name="赵丽")
        admin = make_person(db, Role.ASSOCIATION_ADMIN, name="会长")
    return Village(web_app, order, fruit, buyer, grower, other, admin)
