"""Scans at the hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from county.errors import N_, Refused
from logistics.parcels.types import Parcel
from logistics.tracking.types import EventKind


class HubScan(StrEnum):
    """What is done with the parcel that was scanned."""

    ARRIVED = "arrived"
    LOADED = "loaded"
    DEPARTED = "departed"


EVENTS = {
    HubScan.ARRIVED: EventKind.HUB_IN,
    HubScan.LOADED: EventKind.LOADED,
    HubScan.DEPARTED: EventKind.LINEHAUL_DEPARTED,
}


@dataclass(frozen=True)
class Scanned:
    """A scan and the parcel it belongs to."""

    parcel: Parcel
    scan: HubScan
    at: datetime


class ManyParcels(Refused):
    """Several carriers have this waybill number."""

    code = "many_parcels"
    says = N_(
        "{count} carriers have a parcel {number}: {carriers}. Scan our own number, which begins with WB."
    )


@dataclass(frozen=True)
class HubDay:
    """How many parcels wait to be brought, lie here, and were scanned in, loaded and sent off today."""

    announced: int
    here: int
    scanned: Mapping[HubScan, int]
