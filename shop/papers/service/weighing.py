"""Weigh slips: made when goods are packed, corrected by newer ones; which orders' goods are covered."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import clock, ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.people import service as people
from shop.orders.types import Order
from shop.papers import rules, store
from shop.papers.tables import WeighSlipRow
from shop.papers.types import Lacking, SlipCorrected, SlipNo, WeighSlip
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode


def make_slips(
    db: Session, *, order: Order, grower_id: UUID, weighed_by: UUID, now: datetime
) -> list[WeighSlip]:
    """Write a slip for each of a grower's lines of an order that the cooperative buys and sells on.

    The weights are those of the order's lines until somebody weighs anew. Orders of other sellers get none;
    an order that has its slips keeps them.
    """
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    if seller.mode is not MoneyMode.PRINCIPAL:
        return []
    if store.has_slips(db, order_no=order.order_no, grower_id=grower_id):
        return list_slips(db, grower_id=grower_id, order_nos=[order.order_no])
    rows = []
    for position, fen in rules.bought_for(order, grower_id=grower_id).items():
        line = order.lines[position]
        weight_g = line.weight_g * line.quantity
        rows.append(
            WeighSlipRow(
                id=ids.new_id(),
                number=ids.new_number("GB"),
                grower_id=grower_id,
                order_no=order.order_no,
                line=position,
                what=f"{line.title} {line.sku_name} × {line.quantity}",
                gross_g=weight_g,
                net_g=weight_g,
                fen=fen,
                on=clock.county_day(now),
                weighed_by=weighed_by,
                made_at=now,
            )
        )
    db.add_all(rows)
    db.flush()
    return [store.to_slip(row) for row in rows]


def correct_slip(
    db: Session,
    *,
    slip_no: str,
    gross_g: int,
    net_g: int,
    reason: str,
    weighed_by: UUID,
    actor: Actor,
    now: datetime,
) -> SlipNo:
    """Put a slip's weights right by a new slip that names it; the old one stays as it was.

    Refuses: `NotFound`, `BadWeight`, `SlipCorrected`.
    """
    rules.check_weights(gross_g=gross_g, net_g=net_g)
    old = store.find_slip_row(db, slip_no=slip_no, lock=True)
    if old is None:
        raise NotFound(what="weigh slip")
    row = WeighSlipRow(
        id=ids.new_id(),
        number=ids.new_number("GB"),
        grower_id=old.grower_id,
        order_no=old.order_no,
        line=old.line,
        what=old.what,
        gross_g=gross_g,
        net_g=net_g,
        fen=old.fen,
        on=old.on,
        weighed_by=weighed_by,
        made_at=now,
        corrects_id=old.id,
        reason=reason[:200],
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise SlipCorrected(slip=slip_no) from None
    audit.record(
        db,
        actor=actor,
        action="weigh_slip.corrected",
        object=("weigh_slip", row.number),
        before={"slip": slip_no, "gross_g": old.gross_g, "net_g": old.net_g},
        after={"gross_g": gross_g, "net_g": net_g, "reason": reason[:200]},
        now=now,
    )
    return SlipNo(row.number)


def get_slip(db: Session, *, slip_no: str) -> WeighSlip:
    """Give a slip by its number, in force or corrected."""
    row = store.find_slip_row(db, slip_no=slip_no)
    if row is None:
        raise NotFound(what="weigh slip")
    return store.to_slip(row)


def list_slips(
    db: Session, *, grower_id: UUID | None = None, order_nos: Collection[str] | None = None
) -> list[WeighSlip]:
    """List the slips in force, oldest first."""
    rows = store.list_slip_rows(db, grower_id=grower_id, order_nos=order_nos)
    return [store.to_slip(row) for row in rows]


def covered_orders(db: Session, *, grower_id: UUID, order_nos: Collection[str]) -> frozenset[str]:
    """Give those of these orders whose slips of a grower are all covered by papers; none without slips."""
    rows = store.list_slip_rows(db, grower_id=grower_id, order_nos=order_nos)
    lacking = store.list_slip_rows(db, grower_id=grower_id, order_nos=order_nos, is_covered=False)
    return frozenset(row.order_no for row in rows) - {row.order_no for row in lacking}


def list_lacking(db: Session) -> list[Lacking]:
    """List per grower what lacks a paper, the largest sum first."""
    rows = sorted(store.list_slip_rows(db, is_covered=False), key=lambda row: (row.grower_id, row.on))
    names = people.names_of(db, ids={row.grower_id for row in rows})
    found = []
    for grower_id, own in groupby(rows, key=lambda row: row.grower_id):
        slips = [store.to_slip(row) for row in own]
        found.append(
            Lacking(
                grower_id=grower_id,
                grower=names[grower_id],
                slips=len(slips),
                fen=rules.total_fen(slips),
                first_on=slips[0].on,
                last_on=slips[-1].on,
                orders=rules.orders_of(slips),
            )
        )
    return sorted(found, key=lambda each: (-each.fen, each.grower))
