"""Queries on lots and what was packed from them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from shop.lots.tables import LotRow, LotUseRow
from shop.lots.types import Lot, LotId, LotState, LotUse


def find_row(db: Session, *, number: str, grower_id: UUID | None = None) -> LotRow | None:
    """Find a lot by number, through its grower when one is given."""
    query = select(LotRow).where(LotRow.number == number)
    if grower_id is not None:
        query = query.where(LotRow.grower_id == grower_id)
    return db.scalar(query)


def find_open(db: Session, *, product_id: UUID, lock: bool = False) -> LotRow | None:
    """Find the lot that a product is packed from."""
    query = select(LotRow).where(LotRow.product_id == product_id, LotRow.state == LotState.OPEN)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.scalar(query)


def list_rows(
    db: Session,
    *,
    grower_id: UUID | None = None,
    ids: Collection[UUID] | None = None,
    product_ids: Collection[UUID] | None = None,
    state: LotState | None = None,
    limit: int = 200,
) -> list[LotRow]:
    """List lots, newest opened first."""
    query = select(LotRow).order_by(LotRow.opened_at.desc(), LotRow.number).limit(limit)
    if grower_id is not None:
        query = query.where(LotRow.grower_id == grower_id)
    if ids is not None:
        query = query.where(LotRow.id.in_(ids))
    if product_ids is not None:
        query = query.where(LotRow.product_id.in_(product_ids))
    if state is not None:
        query = query.where(LotRow.state == state)
    return list(db.scalars(query))


def move_row(db: Session, *, lot_id: UUID, version: int, state: LotState, values: dict[str, Any]) -> bool:
    """Set a lot's state if nobody moved it since `version`."""
    moved = db.execute(
        update(LotRow)
        .where(LotRow.id == lot_id, LotRow.version == version)
        .values(state=state, version=version + 1, **values)
    )
    return changed_rows(moved) == 1


def list_uses(db: Session, *, lot_id: UUID | None = None, order_no: str | None = None) -> list[LotUse]:
    """List the order lines packed from a lot, or those of an order, oldest first."""
    query = select(LotUseRow).order_by(LotUseRow.packed_at, LotUseRow.order_no, LotUseRow.position)
    if lot_id is not None:
        query = query.where(LotUseRow.lot_id == lot_id)
    if order_no is not None:
        query = query.where(LotUseRow.order_no == order_no)
    return [
        LotUse(
            lot_id=LotId(row.lot_id),
            order_no=row.order_no,
            position=row.position,
            quantity=row.quantity,
            buyer_id=row.buyer_id,
            packed_at=row.packed_at,
        )
        for row in db.scalars(query)
    ]


def count_uses(db: Session, *, lot_ids: Collection[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Count the lines, pieces and buyers of these lots, by lot."""
    query = (
        select(
            LotUseRow.lot_id,
            func.count(),
            func.sum(LotUseRow.quantity),
            func.count(LotUseRow.buyer_id.distinct()),
        )
        .where(LotUseRow.lot_id.in_(lot_ids))
        .group_by(LotUseRow.lot_id)
    )
    return {lot_id: (lines, int(pieces), buyers) for lot_id, lines, pieces, buyers in db.execute(query)}


def to_lot(row: LotRow) -> Lot:
    """Give a row as a value."""
    return Lot(
        id=LotId(row.id),
        lot_no=row.number,
        product_id=row.product_id,
        grower_id=row.grower_id,
        state=row.state,
        made_on=row.made_on,
        note=row.note,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        stopped_at=row.stopped_at,
        stop_reason=row.stop_reason,
        version=row.version,
    )
