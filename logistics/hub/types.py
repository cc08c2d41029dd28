"""Scans at the hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


@dataclass(frozen=True)
class HubDay:
    """How many parcels wait to be brought, lie here, and were scanned in, loaded and sent off today."""

    announced: int
    here: int
    scanned: Mapping[HubScan, int]
