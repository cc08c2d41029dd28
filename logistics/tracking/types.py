"""Tracking events and the steps that people read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened; arriving at the station and being collected there are two events."""

    TAKEN_IN = "taken_in"
    COLLECTED_FROM_SENDER = "collected_from_sender"
    HUB_IN = "hub_in"
    LOADED = "loaded"
    LINEHAUL_DEPARTED = "linehaul_departed"
    LINEHAUL_ARRIVED = "linehaul_arrived"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ARRIVED_AT_STATION = "arrived_at_station"
    COLLECTED = "collected"
    DELIVERY_FAILED = "delivery_failed"
    REFUSED = "refused"
    RETURNED = "returned"
    ON_HOLD = "on_hold"


class Source(StrEnum):
    """Who says so."""

    SCAN = "scan"
    DRIVER = "driver"
    STATION = "station"
    FEED = "feed"


@dataclass(frozen=True)
class TrackingEvent:
    """Something that happened to a parcel at a time and a place."""

    parcel_no: str
    kind: EventKind
    at: datetime
    where: str
    source: Source
    recorded_at: datetime


@dataclass(frozen=True)
class Step:
    """One line of a parcel's way as a reader sees it: `what` is a sentence in their language."""

    at: datetime
    what: str
    where: str
    tone: str
