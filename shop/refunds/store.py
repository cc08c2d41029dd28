"""Queries on refunds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from county import database
from shop.refunds.tables import RefundCountRow, RefundLineRow, RefundPartRow, RefundRow
from shop.refunds.types import OrderRefund, RefundPart, RefundState


def add(db: Session, *, refund: OrderRefund, refund_id: UUID) -> None:
    """Write a refund with its lines and parts."""
    db.add(
        RefundRow(
            id=refund_id,
            number=refund.refund_no,
            order_no=refund.order_no,
            key=refund.key,
            fen=refund.fen,
            freight_fen=refund.freight_fen,
            state=refund.state,
            reason=refund.reason,
            planned_at=refund.planned_at,
        )
    )
    db.flush()
    for position, fen in refund.goods:
        db.add(RefundLineRow(refund_id=refund_id, position=position, fen=fen))
    for part in refund.parts:
        db.add(
            RefundPartRow(
                refund_id=refund_id,
                position=part.position,
                payee=part.payee,
                payee_id=part.payee_id,
                grower_id=part.grower_id,
                fen=part.fen,
            )
        )
    db.flush()


def count(db: Session, *, order_no: str, position: int, paid_fen: int, fen: int) -> bool:
    """Count a refund against a line; False when not that much is left of it."""
    values = {"order_no": order_no, "position": position, "paid_fen": paid_fen, "refunded_fen": 0}
    database.insert_once(db, RefundCountRow, values)
    counted = db.execute(
        update(RefundCountRow)
        .where(
            RefundCountRow.order_no == order_no,
            RefundCountRow.position == position,
            RefundCountRow.refunded_fen + fen <= RefundCountRow.paid_fen,
        )
        .values(refunded_fen=RefundCountRow.refunded_fen + fen)
    )
    return database.changed_rows(counted) == 1


def uncount(db: Session, *, order_no: str, position: int, fen: int) -> None:
    """Take back what a refused refund had counted against a line."""
    db.execute(
        update(RefundCountRow)
        .where(RefundCountRow.order_no == order_no, RefundCountRow.position == position)
        .values(refunded_fen=RefundCountRow.refunded_fen - fen)
    )


def counted(db: Session, *, order_no: str) -> dict[int, int]:
    """Give what is refunded of each line, planned or done, by position."""
    query = select(RefundCountRow.position, RefundCountRow.refunded_fen).where(
        RefundCountRow.order_no == order_no
    )
    return {row.position: row.refunded_fen for row in db.execute(query)}


def move(
    db: Session, *, refund_no: str, before: RefundState, after: RefundState, done_at: datetime | None
) -> bool:
    """Give a refund its next state, unless somebody was faster."""
    moved = db.execute(
        update(RefundRow)
        .where(RefundRow.number == refund_no, RefundRow.state == before)
        .values(state=after, done_at=done_at)
    )
    return database.changed_rows(moved) == 1


def find(
    db: Session, *, order_no: str | None = None, key: str | None = None, number: str | None = None
) -> OrderRefund | None:
    """Find a refund by its number, or by its order and key."""
    query = select(RefundRow.id)
    if number is not None:
        query = query.where(RefundRow.number == number)
    else:
        query = query.where(RefundRow.order_no == order_no, RefundRow.key == key)
    found = db.scalar(query)
    return None if found is None else _refunds(db, [found])[0]


def list_of(db: Session, *, order_nos: Sequence[str]) -> list[OrderRefund]:
    """List the refunds of orders, oldest first."""
    query = (
        select(RefundRow.id)
        .where(RefundRow.order_no.in_(order_nos))
        .order_by(RefundRow.planned_at, RefundRow.id)
    )
    return _refunds(db, list(db.scalars(query)))


_AGAIN = aliased(RefundRow)
_IS_REFUSED = (
    RefundRow.state == RefundState.REFUSED,
    ~exists().where(_AGAIN.order_no == RefundRow.order_no, _AGAIN.key == "again:" + RefundRow.number),
)


def count_refused(db: Session) -> int:
    """Count the refunds that were refused and not tried again."""
    return db.scalar(select(func.count()).select_from(RefundRow).where(*_IS_REFUSED)) or 0


def list_refused(db: Session, *, limit: int) -> list[OrderRefund]:
    """List the refunds that were refused and not tried again, oldest first."""
    query = select(RefundRow.id).where(*_IS_REFUSED).order_by(RefundRow.planned_at, RefundRow.id).limit(limit)
    return _refunds(db, list(db.scalars(query)))


def _refunds(db: Session, ids: Sequence[UUID]) -> list[OrderRefund]:
    """Give refunds with lines and parts in the order of `ids`, in a fixed number of queries."""
    query = select(RefundRow).where(RefundRow.id.in_(ids)).execution_options(populate_existing=True)
    rows = {row.id: row for row in db.scalars(query)}
    goods: dict[UUID, list[tuple[int, int]]] = {each: [] for each in ids}
    lines = select(RefundLineRow).where(RefundLineRow.refund_id.in_(ids)).order_by(RefundLineRow.position)
    for line in db.scalars(lines):
        goods[line.refund_id].append((line.position, line.fen))
    parts = _parts(db, ids)
    return [_refund(rows[each], goods[each], parts[each]) for each in ids]


def _parts(db: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[RefundPart]]:
    parts: dict[UUID, list[RefundPart]] = {each: [] for each in ids}
    query = select(RefundPartRow).where(RefundPartRow.refund_id.in_(ids)).order_by(RefundPartRow.position)
    for row in db.scalars(query):
        parts[row.refund_id].append(RefundPart(row.position, row.payee, row.payee_id, row.grower_id, row.fen))
    return parts


def _refund(row: RefundRow, goods: list[tuple[int, int]], parts: list[RefundPart]) -> OrderRefund:
    return OrderRefund(
        refund_no=row.number,
        order_no=row.order_no,
        key=row.key,
        goods=tuple(goods),
        freight_fen=row.freight_fen,
        fen=row.fen,
        parts=tuple(parts),
        state=row.state,
        reason=row.reason,
        planned_at=row.planned_at,
        done_at=row.done_at,
    )
