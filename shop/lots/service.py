"""Use cases of lots: opening one, recording what is packed from it, stopping it, finding its buyers."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import clock, ids
from county.audit import service as audit
from county.audit.types import Actor
from county.database import insert_once
from county.errors import IllegalMove, NotFound, Stale
from county.outbox import service as outbox
from shop.catalogue import service as catalogue
from shop.catalogue.types import Change
from shop.lots import rules, store
from shop.lots.tables import LotRow, LotUseRow
from shop.lots.types import Lot, LotEvent, LotState, LotStopped, LotUse, PackedLine


def open_lot(
    db: Session,
    *,
    product_id: UUID,
    grower_id: UUID,
    made_on: date,
    note: str,
    actor: Actor,
    now: datetime,
) -> Lot:
    """Open a new lot of a grower's product; the one that was open is closed.

    Refuses: `NotFound` for others' products, `BadLot`, `Stale` when two open one at once.
    """
    catalogue.get_grower_product(db, product_id=product_id, grower_id=grower_id)
    rules.require_lot(made_on=made_on, note=note, today_on=clock.county_day(now))
    before = store.find_open(db, product_id=product_id, lock=True)
    if before is not None:
        _move(db, before, event=LotEvent.CLOSE, values={"closed_at": now}, actor=actor, now=now)
    opened = _open(
        db, product_id=product_id, grower_id=grower_id, made_on=made_on, note=note, actor=actor, now=now
    )
    if opened is None:
        raise Stale(what="lot")
    return opened


def record_packing(
    db: Session,
    *,
    order_id: UUID,
    order_no: str,
    buyer_id: UUID,
    grower_id: UUID,
    lines: Sequence[PackedLine],
    actor: Actor,
    now: datetime,
) -> None:
    """Record from which lots a grower packed these lines; a product without an open lot gets one of today.

    The packing that calls this holds the order's lock; a line is packed once.
    """
    for line in sorted(lines, key=lambda each: (each.product_id, each.position)):
        lot = _current(db, product_id=line.product_id, grower_id=grower_id, actor=actor, now=now)
        db.add(
            LotUseRow(
                order_id=order_id,
                position=line.position,
                lot_id=lot.id,
                order_no=order_no,
                buyer_id=buyer_id,
                quantity=line.quantity,
                packed_at=now,
            )
        )
    db.flush()


def stop_lot(db: Session, *, lot_no: str, version: int, reason: str, actor: Actor, now: datetime) -> Lot:
    """Stop a lot: nothing more is packed from it and its product is withdrawn; announces `LotStopped`.

    Refuses: `IllegalMove` when it is stopped already, `Stale` when somebody was faster.
    """
    row = store.find_row(db, number=lot_no)
    if row is None:
        raise NotFound(what="lot")
    if row.version != version:
        raise Stale(what=lot_no)
    values = {"closed_at": row.closed_at or now, "stopped_at": now, "stop_reason": reason}
    _move(db, row, event=LotEvent.STOP, values=values, actor=actor, now=now)
    # Where the grower withdrew the product already, what was wanted is done.
    with suppress(IllegalMove):
        catalogue.change_state(
            db,
            product_id=row.product_id,
            grower_id=row.grower_id,
            change=Change.WITHDRAW,
            actor=actor,
            now=now,
        )
    outbox.announce(db, LotStopped(lot_no=lot_no), now=now)
    return get_lot(db, lot_no=lot_no)


def get_lot(db: Session, *, lot_no: str, grower_id: UUID | None = None) -> Lot:
    """Give a lot, through its grower when one is given; someone else's is `NotFound`."""
    row = store.find_row(db, number=lot_no, grower_id=grower_id)
    if row is None:
        raise NotFound(what="lot")
    return store.to_lot(row)


def find_open_lots(db: Session, *, product_ids: Collection[UUID]) -> dict[UUID, Lot]:
    """Give the lot that each of these products is packed from, where one is open, by product."""
    rows = store.list_rows(db, product_ids=product_ids, state=LotState.OPEN)
    return {row.product_id: store.to_lot(row) for row in rows}


def list_lots(
    db: Session, *, grower_id: UUID | None = None, lot_ids: Collection[UUID] | None = None
) -> list[Lot]:
    """List lots, newest first, of a grower or with these ids."""
    return [store.to_lot(row) for row in store.list_rows(db, grower_id=grower_id, ids=lot_ids)]


def list_uses(db: Session, *, lot_id: UUID | None = None, order_no: str | None = None) -> list[LotUse]:
    """List the order lines packed from a lot (who else bought of it), or those of an order."""
    return store.list_uses(db, lot_id=lot_id, order_no=order_no)


def count_uses(db: Session, *, lot_ids: Collection[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Count lines, pieces and buyers of these lots, by lot; lots nothing was packed from are left out."""
    return store.count_uses(db, lot_ids=lot_ids)


def _current(db: Session, *, product_id: UUID, grower_id: UUID, actor: Actor, now: datetime) -> Lot:
    """Give the product's open lot; open one of today when there is none, also when two pack at once."""
    row = store.find_open(db, product_id=product_id)
    if row is None:
        opened = _open(
            db,
            product_id=product_id,
            grower_id=grower_id,
            made_on=clock.county_day(now),
            note="",
            actor=actor,
            now=now,
        )
        if opened is not None:
            return opened
        row = store.find_open(db, product_id=product_id)
    if row is None:
        raise Stale(what="lot")
    return store.to_lot(row)


def _open(
    db: Session,
    *,
    product_id: UUID,
    grower_id: UUID,
    made_on: date,
    note: str,
    actor: Actor,
    now: datetime,
) -> Lot | None:
    """Write an open lot, or None when another is open: the database allows one per product."""
    number = ids.new_number("PC")
    values = {
        "id": ids.new_id(),
        "number": number,
        "product_id": product_id,
        "grower_id": grower_id,
        "state": LotState.OPEN,
        "made_on": made_on,
        "note": note,
        "opened_at": now,
        "stop_reason": "",
        "version": 1,
    }
    if not insert_once(db, LotRow, values):
        return None
    audit.record(
        db,
        actor=actor,
        action="lot.opened",
        object=("lot", number),
        after={"product": str(product_id), "made_on": made_on.isoformat()},
        now=now,
    )
    return get_lot(db, lot_no=number)


def _move(
    db: Session, row: LotRow, *, event: LotEvent, values: dict[str, object], actor: Actor, now: datetime
) -> None:
    before, after = row.state, rules.move(row.state, event)
    if not store.move_row(db, lot_id=row.id, version=row.version, state=after, values=values):
        raise Stale(what=row.number)
    db.refresh(row)
    audit.record(
        db,
        actor=actor,
        action=f"lot.{event.value}",
        object=("lot", row.number),
        before={"state": before.value},
        after={"state": after.value},
        now=now,
    )
