"""Tracking events and the steps that people read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused

# Where the county hub's scans happen.
HUB = "县分拨中心"


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


class Reason(StrEnum):
    """What is wrong with a parcel that is held; unsaid when nobody says more than that."""

    UNSAID = "unsaid"
    DAMAGED = "damaged"
    LOST = "lost"


class Cause(StrEnum):
    """On whose side it lies, apart from the reason (LOGISTICS.md §3); unsaid when nobody knows."""

    UNSAID = "unsaid"
    CARRIER = "carrier"
    SHIPPER = "shipper"
    CONSIGNEE = "consignee"
    WEATHER = "weather"


@dataclass(frozen=True)
class TrackingEvent:
    """Something that happened to a parcel at a time and a place; `note` and picture are for staff.

    `mistake`: why it was told by mistake; empty for what stands.
    """

    parcel_no: str
    kind: EventKind
    at: datetime
    where: str
    source: Source
    recorded_at: datetime
    reason: Reason = Reason.UNSAID
    cause: Cause = Cause.UNSAID
    note: str = ""
    picture_id: UUID | None = None
    id: UUID | None = None
    mistake: str = ""


@dataclass(frozen=True)
class Mishap:
    """What stands of all that was told: a parcel is damaged, or lost; `at` is when it was first told."""

    reason: Reason
    cause: Cause
    at: datetime


@dataclass(frozen=True)
class MishapTold:
    """Somebody told that a parcel which carries an order is damaged or lost; each new report is announced.

    Whether it still stands is asked when it is heard: by then the parcel may have been found again.
    """

    parcel_no: str
    order_ref: str
    reason: Reason
    cause: Cause
    told_at: datetime


@dataclass(frozen=True)
class MishapTakenBack:
    """Damage or loss of a parcel which carries an order was told by mistake."""

    parcel_no: str
    order_ref: str
    reason: Reason


class NothingToTakeBack(Refused):
    """What shall be taken back was never told, or is taken back already."""

    code = "nothing_to_take_back"
    says = N_("This was taken back already, or was never told of this parcel.")


class MistakeUnexplained(Refused):
    """Who takes back what was told of a parcel says why."""

    code = "mistake_unexplained"
    says = N_("Please say in 1 to {most} characters how the mistake came about.")
    status = 422


@dataclass(frozen=True)
class Step:
    """One line of a parcel's way as a reader sees it: `what` is a sentence in their language.

    `note` and `picture`, a picture's address, are filled for staff only.
    """

    at: datetime
    what: str
    where: str
    tone: str
    note: str = ""
    picture: str = ""
