"""Use cases of packing: a grower packs, a parcel is handed to logistics, the order follows it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.errors import IllegalMove
from logistics.parcels import service as parcels
from logistics.parcels.types import Consignee, ParcelState
from shop.lots import service as lots
from shop.lots.types import PackedLine
from shop.orders import service as orders
from shop.orders.types import Order, OrderEvent, OrderState
from shop.papers import service as papers
from shop.sellers import service as sellers

TO_PACK = (OrderState.PAID, OrderState.PACKED)
# What a parcel's way means for the order it carries; other states leave the order where it is.
ORDER_STATES = {
    ParcelState.PICKED_UP: OrderState.SHIPPED,
    ParcelState.IN_TRANSIT: OrderState.SHIPPED,
    ParcelState.OUT_FOR_DELIVERY: OrderState.SHIPPED,
    ParcelState.READY_FOR_PICKUP: OrderState.AT_STATION,
    ParcelState.DELIVERED: OrderState.DELIVERED,
}


def list_to_pack(db: Session, *, grower_id: UUID) -> list[Order]:
    """List the paid orders of which this grower still has to pack their part, oldest first."""
    paid = orders.list_orders(db, grower_id=grower_id, states=TO_PACK, limit=200)
    waiting = [
        order
        for order in paid
        if any(part.grower_id == grower_id and part.state is OrderState.PAID for part in order.consignments)
    ]
    return sorted(waiting, key=lambda order: (order.paid_at or order.placed_at, order.order_no))


def pack(db: Session, *, order_no: str, grower_id: UUID, actor: Actor, now: datetime) -> str:
    """Pack a grower's part of an order: a parcel waits at their station for the joint tour.

    Gives: the parcel's number.
    Refuses: `NotFound` for others' orders, `IllegalMove` when it is packed already.
    """
    orders.get_grower_order(db, order_no=order_no, grower_id=grower_id)
    order = orders.get_order_locked(db, order_no=order_no)
    part = next(part for part in order.consignments if part.grower_id == grower_id)
    if order.state not in TO_PACK or part.state is not OrderState.PAID:
        raise IllegalMove(what="order", state=part.state.value, event=OrderEvent.PACK.value)
    own = [line for line in order.lines if line.grower_id == grower_id]
    address = order.address
    parcel = parcels.open_parcel(
        db,
        carrier=order.carrier,
        station=sellers.get_grower(db, person_id=grower_id).station,
        weight_g=sum(line.weight_g * line.quantity for line in own),
        consignee=Consignee(
            name=address.name,
            phone=address.phone,
            province=address.province,
            city=address.city,
            county=address.county,
            detail=address.detail,
        ),
        order_ref=order.order_no,
        actor=actor,
        now=now,
    )
    orders.mark_packed(db, order=order, grower_id=grower_id, parcel_no=parcel.parcel_no, actor=actor, now=now)
    lots.record_packing(
        db,
        order_id=order.id,
        order_no=order.order_no,
        buyer_id=order.buyer_id,
        grower_id=grower_id,
        lines=[
            PackedLine(position, line.product_id, line.quantity)
            for position, line in enumerate(order.lines)
            if line.grower_id == grower_id
        ],
        actor=actor,
        now=now,
    )
    # Nobody of the program packs, so the slip names who did: the agent, or the grower.
    papers.make_slips(db, order=order, grower_id=grower_id, weighed_by=actor.person_id or grower_id, now=now)
    return parcel.parcel_no


def follow_parcel(db: Session, *, parcel_no: str, state: ParcelState, now: datetime) -> None:
    """Let the order that travels as this parcel follow it; other parcels are nothing to the shop."""
    if state in ORDER_STATES:
        orders.move_by_parcel(
            db,
            parcel_no=parcel_no,
            state=ORDER_STATES[state],
            actor=Actor.system("tracking"),
            now=now,
        )
