"""Parcels, their states and what is announced about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

ParcelId = NewType("ParcelId", UUID)


class ParcelState(StrEnum):
    """Where a parcel is, in the normal words of tracking (LOGISTICS.md §3)."""

    PENDING = "pending"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    ON_HOLD = "on_hold"
    DELIVERY_FAILED = "delivery_failed"
    RETURN_TO_SENDER = "return_to_sender"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Into the county (hub → station) or out of it (station → hub)."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True)
class Consignee:
    """Who receives a parcel."""

    name: str
    phone: str
    province: str
    city: str
    county: str
    detail: str


@dataclass(frozen=True)
class Parcel:
    """A parcel; `parcel_no` is ours, `waybill` the carrier's (the same for parcels we send out)."""

    id: ParcelId
    parcel_no: str
    waybill: str
    carrier: str
    direction: Direction
    station: str
    units: int
    weight_g: int
    volume_cm3: int
    cod_fen: int
    consignee: Consignee
    order_ref: str
    state: ParcelState
    taken_in_at: datetime
    ready_at: datetime
    due_at: datetime | None
    moved_at: datetime
    version: int


class ParcelOrder(StrEnum):
    """By what the list of parcels can be sorted."""

    TAKEN_IN_AT = "taken_in_at"
    WAYBILL = "waybill"
    CARRIER = "carrier"
    WEIGHT_G = "weight_g"


@dataclass(frozen=True)
class ParcelQuery:
    """Which parcels a clerk looks at: `number` is the beginning of ours or the carrier's; empty means all."""

    number: str = ""
    carrier: str | None = None
    state: ParcelState | None = None
    direction: Direction | None = None
    order: ParcelOrder = ParcelOrder.TAKEN_IN_AT
    falls: bool = True


@dataclass(frozen=True)
class ParcelMoved:
    """A parcel that carries an order came into another state."""

    parcel_no: str
    state: ParcelState
    moved_at: datetime


class WaybillTaken(Refused):
    """This carrier's waybill number belongs to another parcel already."""

    code = "waybill_taken"
    says = N_("Waybill {waybill} of {carrier} is known already.")


class ManyParcels(Refused):
    """Several carriers have this waybill number."""

    code = "many_parcels"
    says = N_(
        "{count} carriers have a parcel {number}: {carriers}. Scan our own number, which begins with WB."
    )
