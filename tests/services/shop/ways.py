"""The way of an order that was paid: packed by its growers, delivered to its buyer."""

from datetime import datetime

from sqlalchemy.orm import Session

from logistics.parcels.types import ParcelState
from shop.orders import service as orders
from shop.orders.types import Order
from shop.packing import service as packing
from tests.makers.people import NOW, ROBOT


def deliver(db: Session, order: Order, *, now: datetime = NOW) -> Order:
    """Have every grower of an order pack their part and every parcel delivered."""
    for grower_id in sorted({line.grower_id for line in order.lines}):
        parcel_no = packing.pack(db, order_no=order.order_no, grower_id=grower_id, actor=ROBOT, now=now)
        packing.follow_parcel(db, parcel_no=parcel_no, state=ParcelState.DELIVERED, now=now)
    return orders.get_order(db, order_no=order.order_no)
