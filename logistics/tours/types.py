"""Tours: a day's plan as it is kept, published and driven."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused
from logistics.parcels.types import Direction, Parcel
from logistics.routes.types import BaselineName, Instance, Plan

TourId = NewType("TourId", UUID)


class TourState(StrEnum):
    """Where a tour is on its way from the planning job to the last van's return."""

    PLANNING = "planning"
    DRAFT = "draft"
    PUBLISHED = "published"
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class TourEvent(StrEnum):
    """What can happen to a tour."""

    PLAN = "plan"
    FAIL = "fail"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    FINISH = "finish"


class TripState(StrEnum):
    """Where a trip is: its van waits at the hub, is on the road, or is back."""

    WAITING = "waiting"
    ON_ROAD = "on_road"
    BACK = "back"


class TripEvent(StrEnum):
    """What a driver does with a trip."""

    LEAVE = "leave"
    RETURN = "return"


class LineState(StrEnum):
    """What became of one parcel on a trip; only a waiting line is live."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    NOT_THERE = "not_there"
    DROPPED = "dropped"


class LeftOut(StrEnum):
    """Why a parcel is in no trip: the planner's reasons, and a station that is on no list."""

    OVER_CAPACITY = "over_capacity"
    UNREACHABLE = "unreachable"
    DUE_IMPOSSIBLE = "due_impossible"
    NO_VEHICLE_LEFT = "no_vehicle_left"
    UNKNOWN_STATION = "unknown_station"


@dataclass(frozen=True)
class TourWish:
    """What was asked of the planner: the day, when the vans leave, how long to plan, what beside it."""

    on: date
    departs_at: datetime
    time_limit_s: int
    seed: int = 1
    baselines: tuple[BaselineName, ...] = ()
    with_announced: bool = False


@dataclass(frozen=True)
class TourProgress:
    """How far the planning has come; costs are 0 while nothing is known."""

    step: str
    cost_fen: int
    bound_fen: int
    gap_bp: int
    seconds: int


@dataclass(frozen=True)
class Tour:
    """A day's joint tour; the sums are 0 until it is planned. `parcels` is what it was planned from."""

    id: TourId
    tour_no: str
    on: date
    departs_at: datetime
    state: TourState
    time_limit_s: int
    seed: int
    baselines: tuple[BaselineName, ...]
    parcels: int
    cost_fen: int
    bound_fen: int
    gap_bp: int
    progress: TourProgress
    failed_why: str
    planned_at: datetime
    published_at: datetime | None
    version: int


@dataclass(frozen=True)
class LeftOutParcel:
    """A parcel in no trip, and why."""

    parcel_no: str
    reason: LeftOut


@dataclass(frozen=True)
class TourVehicle:
    """A van of a tour and who drives it; nobody until somebody is named."""

    id: UUID
    vehicle: str
    vehicle_type: str
    driver_id: UUID | None


@dataclass(frozen=True)
class TourLine:
    """One parcel at one stop."""

    parcel_no: str
    direction: Direction
    state: LineState


@dataclass(frozen=True)
class TourStop:
    """A halt of a trip at a station, with its parcels."""

    id: UUID
    position: int
    station: str
    arrives_s: int
    departs_s: int
    done_at: datetime | None
    lines: tuple[TourLine, ...]


@dataclass(frozen=True)
class TourTrip:
    """One trip of a van from the hub to the hub."""

    id: UUID
    vehicle_id: UUID
    trip: int
    state: TripState
    departs_s: int
    returns_s: int
    distance_m: int
    stops: tuple[TourStop, ...]
    version: int


@dataclass(frozen=True)
class TourBook:
    """A whole tour: what it was planned from, the plan, its vans and how far each trip has come."""

    tour: Tour
    instance: Instance
    plan: Plan | None
    left_out: tuple[LeftOutParcel, ...]
    vehicles: tuple[TourVehicle, ...]
    trips: tuple[TourTrip, ...]


@dataclass(frozen=True)
class DriverDay:
    """A driver's van of today with its trips and the parcels aboard by number."""

    tour: Tour
    vehicle: TourVehicle
    trips: tuple[TourTrip, ...]
    parcels: dict[str, Parcel]
    stations: dict[str, str]


@dataclass(frozen=True)
class PublishedTour:
    """A published tour for settlement, frozen when it was planned.

    `instance` holds only the parcels that the plan serves, with their couriers, and the stations, roads and
    fleet of that moment: later changes of them change nothing here.
    """

    tour_no: str
    on: date
    cost_fen: int
    bound_fen: int
    instance: Instance


class NothingToPlan(Refused):
    """No parcel waits for a tour."""

    code = "nothing_to_plan"
    says = N_("No parcel waits for a tour on {on}. Scan what lies at the hub first.")


class TourBeingPlanned(Refused):
    """Somebody else asked for a plan at the same moment."""

    code = "tour_being_planned"
    says = N_("Somebody else is planning a tour right now. Look at theirs first.")


class ParcelsOnTour(Refused):
    """A parcel can be on one live trip only."""

    code = "parcels_on_tour"
    says = N_("Some of these parcels are on another tour already. Plan again.")


class VanOnRoad(Refused):
    """A tour of which a van has left is not taken back."""

    code = "van_on_road"
    says = N_("A van of tour {tour_no} has left already; the tour cannot be taken back.")


class DriverBusy(Refused):
    """One driver drives one van of a tour."""

    code = "driver_busy"
    says = N_("{name} drives another van of this tour already.")


class StopsOpen(Refused):
    """A van is back only when each stop is done."""

    code = "stops_open"
    says = N_("{count} stops of this trip are still open. Say first what became of their parcels.")
