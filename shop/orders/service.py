"""Use cases of orders: writing them, moving them by events, finding them through whose they are."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import IllegalMove, NotFound, Stale
from county.outbox import service as outbox
from shop.orders import rules, store
from shop.orders.tables import (
    CheckoutRow,
    OrderConsignmentRow,
    OrderLineRow,
    OrderPaymentRow,
    OrderRow,
    OrderSplitRow,
)
from shop.orders.types import (
    Address,
    NewOrder,
    Order,
    OrderEvent,
    OrderPaid,
    OrderPayment,
    OrderState,
    ReturnDesk,
    Returned,
)
from shop.sellers import service as sellers

PARCEL_STATES = {
    OrderState.SHIPPED: OrderEvent.SHIP,
    OrderState.AT_STATION: OrderEvent.ARRIVE,
    OrderState.DELIVERED: OrderEvent.DELIVER,
}


class _Wired:
    returns: ReturnDesk | None = None


def wire_returns(desk: ReturnDesk) -> None:
    """Let the feature that keeps refunds say what goes back to buyers."""
    _Wired.returns = desk


def list_returns(db: Session, *, order_no: str) -> Sequence[Returned]:
    """List what of an order goes back to its buyer, oldest first."""
    return () if _Wired.returns is None else _Wired.returns(db, order_no=order_no)


def write_orders(
    db: Session,
    *,
    buyer_id: UUID,
    orders: Sequence[NewOrder],
    address: Address,
    source_ref: str,
    expires_at: datetime,
    actor: Actor,
    now: datetime,
) -> list[Order]:
    """Write a checkout and its orders, awaiting payment; everything in them was decided before."""
    checkout = CheckoutRow(
        id=ids.new_id(),
        number=ids.new_number("SC"),
        buyer_id=buyer_id,
        total_fen=sum(order.total_fen for order in orders),
        name=address.name,
        phone=address.phone,
        province=address.province,
        city=address.city,
        county=address.county,
        detail=address.detail,
        source_ref=source_ref,
        placed_at=now,
        expires_at=expires_at,
    )
    db.add(checkout)
    db.flush()
    rows = [_write_order(db, checkout=checkout, order=order, now=now) for order in orders]
    db.flush()
    for row, order in zip(rows, orders, strict=True):
        audit.record(
            db,
            actor=actor,
            action="order.placed",
            object=("order", row.number),
            after={"total_fen": order.total_fen, "state": row.state.value},
            personal={"name": address.name, "phone": address.phone, "address": address.detail},
            now=now,
        )
    return _orders(db, rows)


def _write_order(db: Session, *, checkout: CheckoutRow, order: NewOrder, now: datetime) -> OrderRow:
    row = OrderRow(
        id=ids.new_id(),
        number=ids.new_number("SH"),
        checkout_id=checkout.id,
        buyer_id=checkout.buyer_id,
        seller_id=order.seller_id,
        state=OrderState.AWAITING_PAYMENT,
        goods_fen=order.goods_fen,
        freight_fen=order.freight_fen,
        carrier=order.carrier,
        version=1,
        placed_at=now,
        expires_at=checkout.expires_at,
    )
    db.add(row)
    db.flush()
    for position, line in enumerate(order.lines):
        db.add(
            OrderLineRow(
                order_id=row.id,
                position=position,
                sku_id=line.sku_id,
                product_id=line.product_id,
                grower_id=line.grower_id,
                title=line.title,
                sku_name=line.sku_name,
                quantity=line.quantity,
                price_fen=line.price_fen,
                weight_g=line.weight_g,
            )
        )
    for position, split in enumerate(order.splits):
        db.add(
            OrderSplitRow(
                order_id=row.id,
                position=position,
                payee=split.payee,
                payee_id=split.payee_id,
                grower_id=split.grower_id,
                fen=split.fen,
            )
        )
    return row


def get_order(db: Session, *, order_no: str, buyer_id: UUID | None = None) -> Order:
    """Give an order, through its buyer when one is given; someone else's is `NotFound`."""
    row = store.find_row(db, number=order_no, buyer_id=buyer_id)
    if row is None:
        raise NotFound(what="order")
    return _orders(db, [row])[0]


def orders_of(db: Session, *, order_nos: Collection[str]) -> dict[str, Order]:
    """Give several orders, by number; unknown numbers are absent."""
    found = _orders(db, store.list_numbered(db, numbers=order_nos)) if order_nos else []
    return {order.order_no: order for order in found}


def source_of(db: Session, *, order_no: str) -> str:
    """Give the live-room token with which an order was placed; empty without one."""
    return store.find_source(db, number=order_no)


def get_order_locked(db: Session, *, order_no: str, buyer_id: UUID | None = None) -> Order:
    """Give an order and keep others from moving it until this transaction ends."""
    row = store.find_row(db, number=order_no, buyer_id=buyer_id, lock=True)
    if row is None:
        raise NotFound(what="order")
    return _orders(db, [row])[0]


def get_grower_order(db: Session, *, order_no: str, grower_id: UUID) -> Order:
    """Give an order through a grower who packs a part of it."""
    order = get_order(db, order_no=order_no)
    if all(part.grower_id != grower_id for part in order.consignments):
        raise NotFound(what="order")
    return order


def list_orders(
    db: Session,
    *,
    buyer_id: UUID | None = None,
    grower_id: UUID | None = None,
    checkout_no: str | None = None,
    states: Sequence[OrderState] = (),
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Order]:
    """List orders, newest first, of a buyer, a grower or a checkout."""
    rows = store.list_rows(
        db,
        buyer_id=buyer_id,
        grower_id=grower_id,
        checkout_no=checkout_no,
        states=states,
        after=after,
        limit=limit,
    )
    return _orders(db, rows)


def list_paid_between(db: Session, *, from_at: datetime, to_at: datetime) -> list[Order]:
    """List the orders that were paid from one moment until before another, the earliest first."""
    return _orders(db, store.list_paid_rows(db, from_at=from_at, to_at=to_at))


def list_expired(db: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """List the numbers of unpaid orders whose time is over."""
    return store.list_expired(db, now=now, limit=limit)


def list_releasable(
    db: Session, *, now: datetime, after: tuple[datetime, str] | None = None, limit: int = 100
) -> list[tuple[datetime, str]]:
    """List delivered orders whose claim window is over: its end and the number, by both, from `after` on."""
    return store.list_releasable(db, now=now, after=after, limit=limit)


def transition(
    db: Session,
    *,
    order: Order,
    event: OrderEvent,
    actor: Actor,
    now: datetime,
    reason: str = "",
    values: dict[str, Any] | None = None,
) -> OrderState:
    """Move an order by one event, if nobody moved it since it was read, and record it.

    Refuses: `IllegalMove`; `Stale` when somebody was faster.
    """
    after = rules.move(order.state, event)
    changes: dict[str, Any] = dict(values or {})
    if reason:
        changes["reason"] = reason
    if not store.move_row(db, order_id=order.id, version=order.version, state=after, values=changes):
        raise Stale(what=order.order_no)
    audit.record(
        db,
        actor=actor,
        action=f"order.{event.value}",
        object=("order", order.order_no),
        before={"state": order.state.value},
        after={"state": after.value, "reason": reason},
        now=now,
    )
    return after


def mark_paid(
    db: Session, *, order: Order, payment: OrderPayment, event: OrderEvent, actor: Actor, now: datetime
) -> None:
    """Record the payment of an order, open its consignments and announce `OrderPaid`."""
    transition(db, order=order, event=event, actor=actor, now=now, values={"paid_at": now, "reason": ""})
    db.add(OrderPaymentRow(order_id=order.id, trade_no=payment.trade_no, fen=payment.fen, paid_at=now))
    for grower_id in sorted({line.grower_id for line in order.lines}):
        db.add(OrderConsignmentRow(order_id=order.id, grower_id=grower_id, state=OrderState.PAID))
    db.flush()
    outbox.announce(db, OrderPaid(order_id=order.id, order_no=order.order_no), now=now)


def mark_packed(
    db: Session, *, order: Order, grower_id: UUID, parcel_no: str, actor: Actor, now: datetime
) -> None:
    """Record that a grower packed their part of an order, as this parcel.

    Refuses: `IllegalMove` when that part is packed already.
    """
    _move_consignment(db, order=order, grower_id=grower_id, state=OrderState.PACKED, parcel_no=parcel_no)
    _follow_consignments(db, order=order, actor=actor, now=now)


def list_goods(db: Session, *, parcel_no: str) -> list[str]:
    """List what travels in a parcel as people read it; nothing for a parcel without an order."""
    part = store.find_by_parcel(db, parcel_no=parcel_no)
    if part is None:
        return []
    row = db.get(OrderRow, part.order_id)
    assert row is not None
    lines = [line for line in _orders(db, [row])[0].lines if line.grower_id == part.grower_id]
    return [f"{line.title} {line.sku_name} × {line.quantity}" for line in lines]


def move_by_parcel(db: Session, *, parcel_no: str, state: OrderState, actor: Actor, now: datetime) -> bool:
    """Let an order follow its parcel to `state`; False when no order travels as this parcel.

    A parcel that is already further changes nothing, so late and repeated events are harmless.
    """
    part = store.find_by_parcel(db, parcel_no=parcel_no)
    if part is None:
        return False
    row = db.get(OrderRow, part.order_id)
    assert row is not None
    order = get_order_locked(db, order_no=row.number)
    if order.state not in rules.WAY:
        return True
    _move_consignment(db, order=order, grower_id=part.grower_id, state=state)
    _follow_consignments(db, order=order, actor=actor, now=now)
    return True


def _move_consignment(
    db: Session, *, order: Order, grower_id: UUID, state: OrderState, parcel_no: str | None = None
) -> None:
    part = next(
        (each for each in store.list_consignments(db, order_id=order.id) if each.grower_id == grower_id), None
    )
    if part is None:
        raise NotFound(what="order")
    if rules.WAY.index(part.state) >= rules.WAY.index(state):
        if parcel_no is not None:
            raise IllegalMove(what="order", state=part.state.value, event=OrderEvent.PACK.value)
        return
    part.state = state
    if parcel_no is not None:
        part.parcel_no = parcel_no
    db.flush()


def _follow_consignments(db: Session, *, order: Order, actor: Actor, now: datetime) -> None:
    """Move an order, step by step, to the state of its least advanced consignment."""
    target = rules.least_advanced(part.state for part in store.list_consignments(db, order_id=order.id))
    for state, event in _steps(order.state, target):
        current = get_order(db, order_no=order.order_no)
        values: dict[str, Any] = {}
        if state is OrderState.DELIVERED:
            hours = sellers.get_seller(db, seller_id=order.seller_id).claim_hours
            values = {"delivered_at": now, "claim_until": now + timedelta(hours=hours)}
        transition(db, order=current, event=event, actor=actor, now=now, values=values)


def _steps(state: OrderState, target: OrderState) -> list[tuple[OrderState, OrderEvent]]:
    """List the moves from `state` to `target`; nothing when it is that far already.

    A parcel may be delivered without having lain at a station, so that step is left out then.
    """
    events = {OrderState.PACKED: OrderEvent.PACK, **PARCEL_STATES}
    return [
        (each, events[each])
        for each in rules.WAY[rules.WAY.index(state) + 1 : rules.WAY.index(target) + 1]
        if each is not OrderState.AT_STATION or target is OrderState.AT_STATION
    ]


def complete(db: Session, *, order: Order, actor: Actor, now: datetime) -> None:
    """Close an order whose claim window is over."""
    transition(db, order=order, event=OrderEvent.COMPLETE, actor=actor, now=now, values={"completed_at": now})


def _orders(db: Session, rows: Sequence[OrderRow]) -> list[Order]:
    if not rows:
        return []
    return store.to_orders(db, rows, sellers.names_of(db, seller_ids={row.seller_id for row in rows}))
