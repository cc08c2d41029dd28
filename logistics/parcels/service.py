"""Use cases of parcels: opening one, taking in a carrier's, moving them, finding them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound, Stale
from county.outbox import service as outbox
from logistics.parcels import store
from logistics.parcels.tables import ParcelRow
from logistics.parcels.types import (
    Consignee,
    Direction,
    ManyParcels,
    Parcel,
    ParcelMoved,
    ParcelQuery,
    ParcelState,
    WaybillTaken,
)


def open_parcel(
    db: Session,
    *,
    carrier: str,
    station: str,
    weight_g: int,
    consignee: Consignee,
    order_ref: str,
    actor: Actor,
    now: datetime,
    units: int = 1,
) -> Parcel:
    """Open a parcel that a grower sends out: it waits at a station for the joint tour.

    Our number is its waybill too, until the linehaul carrier gives one.
    """
    number = ids.new_number("WB")
    return take_in(
        db,
        parcel_no=number,
        waybill=number,
        carrier=carrier,
        direction=Direction.OUT,
        station=station,
        units=units,
        weight_g=weight_g,
        consignee=consignee,
        order_ref=order_ref,
        actor=actor,
        now=now,
    )


def take_in(
    db: Session,
    *,
    waybill: str,
    carrier: str,
    direction: Direction,
    station: str,
    weight_g: int,
    consignee: Consignee,
    actor: Actor,
    now: datetime,
    parcel_no: str | None = None,
    order_ref: str = "",
    units: int = 1,
    volume_cm3: int = 0,
    cod_fen: int = 0,
    ready_at: datetime | None = None,
    due_at: datetime | None = None,
) -> Parcel:
    """Take a parcel into the pool.

    Refuses: `WaybillTaken` when the carrier's number is known.
    """
    row = ParcelRow(
        id=ids.new_id(),
        parcel_no=parcel_no or ids.new_number("WB"),
        waybill=waybill,
        carrier=carrier,
        direction=direction,
        station=station,
        units=units,
        weight_g=weight_g,
        volume_cm3=volume_cm3,
        cod_fen=cod_fen,
        name=consignee.name,
        phone=consignee.phone,
        province=consignee.province,
        city=consignee.city,
        county=consignee.county,
        detail=consignee.detail,
        order_ref=order_ref,
        state=ParcelState.PENDING,
        taken_in_at=now,
        ready_at=ready_at or now,
        due_at=due_at,
        moved_at=now,
        version=1,
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise WaybillTaken(waybill=waybill, carrier=carrier) from None
    audit.record(
        db,
        actor=actor,
        action="parcel.taken_in",
        object=("parcel", row.parcel_no),
        after={"carrier": carrier, "station": station, "direction": direction.value},
        personal={"name": consignee.name, "phone": consignee.phone, "address": consignee.detail},
        now=now,
    )
    return store.to_parcel(row)


def get_parcel(db: Session, *, parcel_no: str) -> Parcel:
    """Give a parcel by our number."""
    row = store.find_row(db, parcel_no=parcel_no)
    if row is None:
        raise NotFound(what="parcel")
    return store.to_parcel(row)


def get_parcel_locked(db: Session, *, parcel_no: str) -> Parcel:
    """Give a parcel and keep others from moving it until this transaction ends."""
    row = store.find_row(db, parcel_no=parcel_no, lock=True)
    if row is None:
        raise NotFound(what="parcel")
    return store.to_parcel(row)


def find_by_number(db: Session, *, number: str) -> list[Parcel]:
    """Find the parcels with this number, ours or a carrier's waybill."""
    return [store.to_parcel(row) for row in store.find_by_number(db, number=number)]


def get_by_number(db: Session, *, number: str) -> Parcel:
    """Give the one parcel that has this number, ours or the carrier's waybill.

    Refuses: `NotFound`, `ManyParcels` when several carriers have it.
    """
    found = find_by_number(db, number=number)
    if not found:
        raise NotFound(what="parcel")
    if len(found) > 1:
        names = "、".join(parcel.carrier for parcel in found)
        raise ManyParcels(count=len(found), number=number, carriers=names)
    return found[0]


def known_waybills(db: Session, *, carrier: str, waybills: Sequence[str]) -> list[str]:
    """Give those of a carrier's waybill numbers that are known already."""
    return store.known_waybills(db, carrier=carrier, waybills=waybills)


def count_by_state(db: Session, *, taken_in_from: datetime) -> dict[ParcelState, int]:
    """Count the parcels taken in since an instant, by their state now; every state has its number."""
    return store.count_by_state(db, taken_in_from=taken_in_from)


def list_parcels(
    db: Session,
    *,
    numbers: Sequence[str] | None = None,
    carrier: str | None = None,
    station: str | None = None,
    direction: Direction | None = None,
    states: Sequence[ParcelState] = (),
    ready_before: datetime | None = None,
    taken_in_from: datetime | None = None,
    taken_in_before: datetime | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = 100,
) -> list[Parcel]:
    """List parcels, newest taken in first."""
    rows = store.list_rows(
        db,
        numbers=numbers,
        carrier=carrier,
        station=station,
        direction=direction,
        states=states,
        ready_before=ready_before,
        taken_in_from=taken_in_from,
        taken_in_before=taken_in_before,
        after=after,
        limit=limit,
    )
    return [store.to_parcel(row) for row in rows]


def list_page(
    db: Session, *, query: ParcelQuery, after: tuple[object, UUID] | None = None, limit: int = 50
) -> list[Parcel]:
    """List the parcels that a query finds, in its order.

    Takes: `after`, the sort value and the id of the last parcel of the page before.
    """
    return [store.to_parcel(row) for row in store.list_page(db, query=query, after=after, limit=limit)]


def move_parcel(
    db: Session, *, parcel: Parcel, state: ParcelState, moved_at: datetime, actor: Actor, now: datetime
) -> None:
    """Set a parcel's state as its tracking events say, and announce `ParcelMoved` if it carries an order.

    Only tracking calls this: which state follows from which events is decided there.
    Takes: `moved_at`, since when the parcel is in this state; a late event may tell of an earlier time.
    Refuses: `Stale` when somebody moved it since it was read.
    """
    if (parcel.state, parcel.moved_at) == (state, moved_at):
        return
    moved = store.move_row(db, parcel_id=parcel.id, version=parcel.version, state=state, moved_at=moved_at)
    if not moved:
        raise Stale(what=parcel.parcel_no)
    if parcel.state is state:
        return
    audit.record(
        db,
        actor=actor,
        action="parcel.moved",
        object=("parcel", parcel.parcel_no),
        before={"state": parcel.state.value},
        after={"state": state.value},
        now=now,
    )
    if parcel.order_ref:
        # Thousands of couriers' parcels move a day; only those with an order interest the rooms above.
        event = ParcelMoved(parcel_no=parcel.parcel_no, state=state, moved_at=moved_at)
        outbox.announce(db, event, now=now)
