"""Queries on parcels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from county.database import changed_rows
from logistics.parcels.tables import ParcelRow
from logistics.parcels.types import (
    Consignee,
    Direction,
    Parcel,
    ParcelId,
    ParcelQuery,
    ParcelState,
)


def find_row(db: Session, *, parcel_no: str, lock: bool = False) -> ParcelRow | None:
    """Find a parcel by our number."""
    query = select(ParcelRow).where(ParcelRow.parcel_no == parcel_no)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.scalar(query)


def find_by_number(db: Session, *, number: str) -> list[ParcelRow]:
    """Find the parcels with this number, ours or a carrier's waybill."""
    either = (ParcelRow.parcel_no == number) | (ParcelRow.waybill == number)
    return list(db.scalars(select(ParcelRow).where(either).order_by(ParcelRow.carrier)))


def known_waybills(db: Session, *, carrier: str, waybills: Sequence[str]) -> list[str]:
    """Give those of these waybill numbers that a carrier has already."""
    known: list[str] = []
    for begin in range(0, len(waybills), 500):
        query = select(ParcelRow.waybill).where(
            ParcelRow.carrier == carrier, ParcelRow.waybill.in_(waybills[begin : begin + 500])
        )
        known += db.scalars(query)
    return known


def count_by_state(db: Session, *, taken_in_from: datetime) -> dict[ParcelState, int]:
    """Count the parcels taken in since an instant, by their state now."""
    query = (
        select(ParcelRow.state, func.count())
        .where(ParcelRow.taken_in_at >= taken_in_from)
        .group_by(ParcelRow.state)
    )
    found = dict(db.execute(query).all())
    return {state: found.get(state, 0) for state in ParcelState}


def list_rows(
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
) -> list[ParcelRow]:
    """List parcel rows, newest taken in first."""
    query = select(ParcelRow).order_by(ParcelRow.taken_in_at.desc(), ParcelRow.id.desc())
    if numbers is not None:
        query = query.where(ParcelRow.parcel_no.in_(numbers))
    if carrier is not None:
        query = query.where(ParcelRow.carrier == carrier)
    if station is not None:
        query = query.where(ParcelRow.station == station)
    if direction is not None:
        query = query.where(ParcelRow.direction == direction)
    if states:
        query = query.where(ParcelRow.state.in_(states))
    if ready_before is not None:
        query = query.where(ParcelRow.ready_at < ready_before)
    if taken_in_from is not None:
        query = query.where(ParcelRow.taken_in_at >= taken_in_from)
    if taken_in_before is not None:
        query = query.where(ParcelRow.taken_in_at < taken_in_before)
    if after is not None:
        at, last_id = after
        query = query.where(
            (ParcelRow.taken_in_at < at) | ((ParcelRow.taken_in_at == at) & (ParcelRow.id < last_id))
        )
    return list(db.scalars(query if limit is None else query.limit(limit)))


def list_page(
    db: Session, *, query: ParcelQuery, after: tuple[object, UUID] | None, limit: int
) -> list[ParcelRow]:
    """List the rows that a query finds, in its order, after a place in it."""
    column: InstrumentedAttribute[Any] = getattr(ParcelRow, query.order.value)
    found = select(ParcelRow)
    if query.number:
        found = found.where(
            ParcelRow.parcel_no.startswith(query.number, autoescape=True)
            | ParcelRow.waybill.startswith(query.number, autoescape=True)
        )
    if query.carrier is not None:
        found = found.where(ParcelRow.carrier == query.carrier)
    if query.state is not None:
        found = found.where(ParcelRow.state == query.state)
    if query.direction is not None:
        found = found.where(ParcelRow.direction == query.direction)
    if after is not None:
        value, last_id = after
        is_behind = column < value if query.falls else column > value
        is_behind_id = ParcelRow.id < last_id if query.falls else ParcelRow.id > last_id
        found = found.where(is_behind | ((column == value) & is_behind_id))
    if query.falls:
        found = found.order_by(column.desc(), ParcelRow.id.desc())
    else:
        found = found.order_by(column, ParcelRow.id)
    return list(db.scalars(found.limit(limit)))


def move_row(db: Session, *, parcel_id: UUID, version: int, state: ParcelState, moved_at: datetime) -> bool:
    """Set a parcel's state if nobody moved it since `version`."""
    moved = db.execute(
        update(ParcelRow)
        .where(ParcelRow.id == parcel_id, ParcelRow.version == version)
        .values(state=state, moved_at=moved_at, version=version + 1)
    )
    return changed_rows(moved) == 1


def to_parcel(row: ParcelRow) -> Parcel:
    """Give a parcel row as a value."""
    return Parcel(
        id=ParcelId(row.id),
        parcel_no=row.parcel_no,
        waybill=row.waybill,
        carrier=row.carrier,
        direction=row.direction,
        station=row.station,
        units=row.units,
        weight_g=row.weight_g,
        volume_cm3=row.volume_cm3,
        cod_fen=row.cod_fen,
        consignee=Consignee(row.name, row.phone, row.province, row.city, row.county, row.detail),
        order_ref=row.order_ref,
        state=row.state,
        taken_in_at=row.taken_in_at,
        ready_at=row.ready_at,
        due_at=row.due_at,
        moved_at=row.moved_at,
        version=row.version,
    )
