"""Stations, parcels, vehicles, trips and plans of the joint tour."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from county.errors import N_, Refused


class StationKind(StrEnum):
    """What a place on the network is."""

    HUB = "hub"
    STATION = "station"


class Direction(StrEnum):
    """Which way a parcel goes: from the hub to its station, or from its station to the hub."""

    IN = "in"
    OUT = "out"


class UnservedReason(StrEnum):
    """Why a parcel is in no trip."""

    OVER_CAPACITY = "over_capacity"
    UNREACHABLE = "unreachable"
    DUE_IMPOSSIBLE = "due_impossible"
    NO_VEHICLE_LEFT = "no_vehicle_left"


class BaselineName(StrEnum):
    """The ways of working that a plan may be compared with."""

    ALONE = "alone"
    THIRD_DAY = "third-day"
    TOWN_ONLY = "town-only"
    SEPARATE_COLLECTION = "separate-collection"


@dataclass(frozen=True, slots=True)
class Station:
    """A place where vehicles stop; the hub is one too. Degrees are None where roads are given instead."""

    station: str
    name: str
    town: str
    kind: StationKind
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Road:
    """A two-way road between two stations or junctions."""

    start: str
    end: str
    distance_m: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of the day; times are seconds after the shift starts, `due_s` None = any time."""

    parcel: str
    courier: str
    direction: Direction
    station: str
    units: int
    weight_g: int
    ready_s: int = 0
    due_s: int | None = None


@dataclass(frozen=True, slots=True)
class VehicleType:
    """One line of the fleet: how many there are, what they carry, how long they work, what they cost."""

    vehicle_type: str
    available: int
    capacity_units: int
    capacity_g: int
    shift_s: int
    day_fen: int
    km_fen: int
    stop_fen: int
    stop_s: int
    unit_s: int
    reload_s: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A day to plan. `stations` holds the hub too, in file order; `roads` None = great circles."""

    stations: tuple[Station, ...]
    roads: tuple[Road, ...] | None
    parcels: tuple[Parcel, ...]
    fleet: tuple[VehicleType, ...]
    hub: Station


@dataclass(frozen=True, slots=True)
class Stop:
    """A halt at a station: parcels of `deliver` leave the vehicle before those of `collect` come aboard."""

    station: str
    arrives_s: int
    departs_s: int
    deliver: tuple[str, ...]
    collect: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trip:
    """A tour from the hub to the hub; `trip` counts the trips of one vehicle from 1."""

    vehicle: str
    vehicle_type: str
    trip: int
    departs_s: int
    returns_s: int
    distance_m: int
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Unserved:
    """A parcel that is in no trip, and why."""

    parcel: str
    reason: UnservedReason


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a plan; `duration_s` leaves reloading out."""

    cost_fen: int
    distance_m: int
    duration_s: int
    vehicles: int
    trips: int
    stops: int
    parcels: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A cost below which no plan that serves the same parcels can be, and how it was proven."""

    cost_fen: int
    method: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the day would cost if it were worked in another way; `what` says which way in words."""

    name: BaselineName
    what: str
    cost_fen: int
    distance_m: int
    vehicles: int
    parcels_per_vehicle_hour: float


@dataclass(frozen=True, slots=True)
class Solver:
    """What made a plan."""

    name: str
    version: str
    seed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A day's trips with their proven gap and the baselines beside them."""

    trips: tuple[Trip, ...]
    unserved: tuple[Unserved, ...]
    totals: Totals
    lower_bound: Bound
    gap_bp: int
    baselines: tuple[Baseline, ...]
    solver: Solver


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to plan: seconds for everything, or search steps for a plan that repeats byte for byte.

    `started_s` (of `clock.monotonic_s`) is when the clock of `time_limit_s` began to run. With `processes` 2
    a second search runs beside the first; steps always run in one, because two would not repeat.
    """

    time_limit_s: float | None
    iterations: int | None
    seed: int
    started_s: float
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: the best plan yet beside the best bound yet."""

    seconds: float
    step: str
    cost_fen: int
    bound_fen: int
    gap_bp: int


class OnProgress(Protocol):
    """Somebody who wants to be told how far a run has come."""

    def __call__(self, progress: Progress) -> None: ...


class PlanInfeasible(Refused):
    """A plan breaks a rule of the road; it is never shown to anyone."""

    code: ClassVar[str] = "plan_infeasible"
    says: ClassVar[str] = N_("The plan breaks {count} rules; the first: {first}")

    def __init__(self, broken: Sequence[str]) -> None:
        self.broken = tuple(broken)
        super().__init__(count=len(self.broken), first=self.broken[0])
