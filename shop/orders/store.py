"""Queries on orders."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, Executable, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
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
    Consignment,
    Order,
    OrderId,
    OrderLine,
    OrderPayment,
    OrderState,
    Split,
)


def find_row(
    db: Session, *, number: str, buyer_id: UUID | None = None, lock: bool = False
) -> OrderRow | None:
    """Find an order by number, through its buyer when one is given."""
    query = select(OrderRow).where(OrderRow.number == number)
    if buyer_id is not None:
        query = query.where(OrderRow.buyer_id == buyer_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.scalar(query)


def list_numbered(db: Session, *, numbers: Collection[str]) -> list[OrderRow]:
    """List the orders of these numbers."""
    return list(db.scalars(select(OrderRow).where(OrderRow.number.in_(numbers)).order_by(OrderRow.number)))


def find_source(db: Session, *, number: str) -> str:
    """Find the live-room token of an order's checkout; empty without one."""
    query = select(CheckoutRow.source_ref).join(OrderRow).where(OrderRow.number == number)
    return db.scalar(query) or ""


def list_rows(
    db: Session,
    *,
    buyer_id: UUID | None = None,
    grower_id: UUID | None = None,
    checkout_no: str | None = None,
    states: Sequence[OrderState] = (),
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[OrderRow]:
    """List order rows, newest first."""
    query = select(OrderRow).order_by(OrderRow.placed_at.desc(), OrderRow.id.desc()).limit(limit)
    if buyer_id is not None:
        query = query.where(OrderRow.buyer_id == buyer_id)
    if grower_id is not None:
        query = query.where(
            exists().where(
                OrderConsignmentRow.order_id == OrderRow.id, OrderConsignmentRow.grower_id == grower_id
            )
        )
    if checkout_no is not None:
        query = query.join(CheckoutRow).where(CheckoutRow.number == checkout_no)
    if states:
        query = query.where(OrderRow.state.in_(states))
    if after is not None:
        older = and_(OrderRow.placed_at == after[0], OrderRow.id < after[1])
        query = query.where(or_(OrderRow.placed_at < after[0], older))
    return list(db.scalars(query))


def move_row(db: Session, *, order_id: UUID, version: int, state: OrderState, values: dict[str, Any]) -> bool:
    """Set an order's state if nobody moved it since `version`."""
    moved = db.execute(
        update(OrderRow)
        .where(OrderRow.id == order_id, OrderRow.version == version)
        .values(state=state, version=version + 1, **values)
    )
    return changed_rows(moved) == 1


def list_paid_rows(db: Session, *, from_at: datetime, to_at: datetime) -> list[OrderRow]:
    """List the orders that were paid in `[from_at, to_at)`, the earliest first."""
    query = select(OrderRow).where(OrderRow.paid_at >= from_at, OrderRow.paid_at < to_at)
    return list(db.scalars(query.order_by(OrderRow.paid_at, OrderRow.number)))


def list_expired(db: Session, *, now: datetime, limit: int) -> list[str]:
    """List the numbers of unpaid orders whose time is over at `now`."""
    query = (
        select(OrderRow.number)
        .where(OrderRow.state == OrderState.AWAITING_PAYMENT, OrderRow.expires_at <= now)
        .order_by(OrderRow.expires_at)
        .limit(limit)
    )
    return list(db.scalars(query))


def list_releasable(
    db: Session, *, now: datetime, after: tuple[datetime, str] | None, limit: int
) -> list[tuple[datetime, str]]:
    """List the delivered orders whose claim window is over at `now`: its end and the number, by both."""
    query = (
        select(OrderRow.claim_until, OrderRow.number)
        .where(OrderRow.state == OrderState.DELIVERED, OrderRow.claim_until <= now)
        .order_by(OrderRow.claim_until, OrderRow.number)
        .limit(limit)
    )
    if after is not None:
        same = and_(OrderRow.claim_until == after[0], OrderRow.number > after[1])
        query = query.where(or_(OrderRow.claim_until > after[0], same))
    return [(row.claim_until, row.number) for row in db.execute(query)]


def find_by_parcel(db: Session, *, parcel_no: str) -> OrderConsignmentRow | None:
    """Find the consignment that travels as this parcel."""
    return db.scalar(select(OrderConsignmentRow).where(OrderConsignmentRow.parcel_no == parcel_no))


def list_consignments(db: Session, *, order_id: UUID) -> list[OrderConsignmentRow]:
    """List an order's consignment rows by grower."""
    query = select(OrderConsignmentRow).where(OrderConsignmentRow.order_id == order_id)
    return list(db.scalars(query.order_by(OrderConsignmentRow.grower_id)))


Part = TypeVar("Part")
# Built once: an order is read before nearly everything, and building a query costs more than running it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_CHECKOUTS = select(
    CheckoutRow.id,
    CheckoutRow.number,
    CheckoutRow.name,
    CheckoutRow.phone,
    CheckoutRow.province,
    CheckoutRow.city,
    CheckoutRow.county,
    CheckoutRow.detail,
).where(CheckoutRow.id.in_(_IDS))
_LINES = (
    select(
        OrderLineRow.order_id,
        OrderLineRow.sku_id,
        OrderLineRow.product_id,
        OrderLineRow.grower_id,
        OrderLineRow.title,
        OrderLineRow.sku_name,
        OrderLineRow.quantity,
        OrderLineRow.price_fen,
        OrderLineRow.weight_g,
    )
    .where(OrderLineRow.order_id.in_(_IDS))
    .order_by(OrderLineRow.position)
)
_SPLITS = (
    select(
        OrderSplitRow.order_id,
        OrderSplitRow.payee,
        OrderSplitRow.payee_id,
        OrderSplitRow.grower_id,
        OrderSplitRow.fen,
    )
    .where(OrderSplitRow.order_id.in_(_IDS))
    .order_by(OrderSplitRow.position)
)
_CONSIGNMENTS = (
    select(
        OrderConsignmentRow.order_id,
        OrderConsignmentRow.grower_id,
        OrderConsignmentRow.state,
        OrderConsignmentRow.parcel_no,
    )
    .where(OrderConsignmentRow.order_id.in_(_IDS))
    .order_by(OrderConsignmentRow.grower_id)
)
_PAYMENTS = select(OrderPaymentRow.order_id, OrderPaymentRow.trade_no, OrderPaymentRow.fen).where(
    OrderPaymentRow.order_id.in_(_IDS)
)


def to_orders(db: Session, rows: Sequence[OrderRow], sellers: Mapping[UUID, str]) -> list[Order]:
    """Give orders with all that belongs to them, in a fixed number of queries."""
    ids = [row.id for row in rows]
    checkouts = {
        checkout_id: _Checkout(number, Address(*address))
        for checkout_id, number, *address in db.execute(
            _CHECKOUTS, {"ids": [row.checkout_id for row in rows]}
        )
    }
    lines = _by_order(db, _LINES, ids, OrderLine)
    splits = _by_order(db, _SPLITS, ids, Split)
    parts = _by_order(db, _CONSIGNMENTS, ids, Consignment)
    payments = _by_order(db, _PAYMENTS, ids, OrderPayment)
    return [
        _order(
            row,
            checkouts[row.checkout_id],
            sellers[row.seller_id],
            lines[row.id],
            splits[row.id],
            parts[row.id],
            payments[row.id],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class _Checkout:
    number: str
    address: Address


def _by_order(
    db: Session, query: Executable, ids: list[UUID], make: Callable[..., Part]
) -> dict[UUID, list[Part]]:
    """Read what belongs to orders; `query` gives the order's id and then what `make` takes, in this order."""
    found: dict[UUID, list[Part]] = {order_id: [] for order_id in ids}
    for order_id, *values in db.execute(query, {"ids": ids}):
        found[order_id].append(make(*values))
    return found


def _order(
    row: OrderRow,
    checkout: _Checkout,
    seller: str,
    lines: list[OrderLine],
    splits: list[Split],
    parts: list[Consignment],
    payments: list[OrderPayment],
) -> Order:
    return Order(
        id=OrderId(row.id),
        order_no=row.number,
        checkout_no=checkout.number,
        buyer_id=row.buyer_id,
        seller_id=row.seller_id,
        seller=seller,
        state=row.state,
        reason=row.reason,
        goods_fen=row.goods_fen,
        freight_fen=row.freight_fen,
        total_fen=row.goods_fen + row.freight_fen,
        carrier=row.carrier,
        address=checkout.address,
        lines=tuple(lines),
        splits=tuple(splits),
        consignments=tuple(parts),
        payments=tuple(payments),
        placed_at=row.placed_at,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        delivered_at=row.delivered_at,
        completed_at=row.completed_at,
        claim_until=row.claim_until,
        version=row.version,
    )
