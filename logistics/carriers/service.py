"""Use cases of carriers: adding one, attaching its clerks, finding whose clerk somebody is."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.ids import new_id
from logistics.carriers.tables import CarrierClerkRow, CarrierRow
from logistics.carriers.types import Carrier, CarrierId, CarrierKind


def add_carrier(db: Session, *, name: str, kind: CarrierKind, actor: Actor, now: datetime) -> Carrier:
    """Add a carrier to the pool."""
    row = CarrierRow(id=new_id(), name=name, kind=kind, joined_at=now)
    db.add(row)
    db.flush()
    audit.record(
        db, actor=actor, action="carrier.added", object=("carrier", name), after={"kind": kind.value}, now=now
    )
    return _carrier(row)


def attach_clerk(db: Session, *, person_id: UUID, carrier_id: UUID, actor: Actor, now: datetime) -> None:
    """Make a person a clerk of a carrier."""
    db.add(CarrierClerkRow(person_id=person_id, carrier_id=carrier_id))
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="carrier.clerk_attached",
        object=("person", str(person_id)),
        after={"carrier": str(carrier_id)},
        now=now,
    )


def get_carrier(db: Session, *, name: str) -> Carrier:
    """Give a carrier by name."""
    row = db.scalar(select(CarrierRow).where(CarrierRow.name == name))
    if row is None:
        raise NotFound(what="carrier")
    return _carrier(row)


def list_carriers(db: Session) -> list[Carrier]:
    """List all carriers by name."""
    return [_carrier(row) for row in db.scalars(select(CarrierRow).order_by(CarrierRow.name))]


def names_of(db: Session, *, ids: Collection[UUID]) -> dict[UUID, str]:
    """Give these carriers' names by id; an id of no carrier is left out."""
    query = select(CarrierRow.id, CarrierRow.name).where(CarrierRow.id.in_(ids))
    return {row.id: row.name for row in db.execute(query)}


def clerk_ids(db: Session, *, carrier_id: UUID) -> list[UUID]:
    """List a carrier's clerks by id."""
    query = select(CarrierClerkRow.person_id).where(CarrierClerkRow.carrier_id == carrier_id)
    return list(db.scalars(query.order_by(CarrierClerkRow.person_id)))


def carrier_of_clerk(db: Session, *, person_id: UUID) -> Carrier:
    """Give the carrier that a clerk works for."""
    query = select(CarrierRow).join(CarrierClerkRow).where(CarrierClerkRow.person_id == person_id)
    row = db.scalar(query)
    if row is None:
        raise NotFound(what="carrier")
    return _carrier(row)


def _carrier(row: CarrierRow) -> Carrier:
    return Carrier(id=CarrierId(row.id), name=row.name, kind=row.kind)
