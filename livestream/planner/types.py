"""What the planner reads and writes: the instance, the placed sessions and the finished schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

DAY_MINUTES = 1440
WEEK_DAYS = 7


class WeightDays(StrEnum):
    """On which days of the week a weight counts."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    ALL = "all"


class Reason(StrEnum):
    """Why a request has no place; tested in this order, the first that fits is given."""

    NO_QUALIFIED_STREAMER = "no_qualified_streamer"
    NO_WINDOW = "no_window"
    NO_COLD_STUDIO = "no_cold_studio"
    PRODUCT_SESSIONS_USED = "product_sessions_used"
    NO_PLACE_LEFT = "no_place_left"


@dataclass(frozen=True)
class Weight:
    """What a slot is worth when it starts in `[from_minute, to_minute)` on one of these days."""

    days: WeightDays
    from_minute: int
    to_minute: int
    weight: int


@dataclass(frozen=True)
class Window:
    """One stretch in which a streamer is available; a session lies inside one window.

    `day` counts from the first day of the horizon, minutes count from that day's midnight.
    """

    day: int
    from_minute: int
    to_minute: int


@dataclass(frozen=True)
class Streamer:
    """A streamer with what she may show and when she is free."""

    id: str
    level: int
    categories: frozenset[str]
    windows: tuple[Window, ...]
    max_slots_per_day: int
    max_slots_per_week: int


@dataclass(frozen=True)
class Studio:
    """A studio; only a cold one can hold a session with cold goods."""

    id: str
    cold: bool


@dataclass(frozen=True)
class Product:
    """A product, the days of the horizon on which it can be shown (both included), and how often."""

    id: str
    farmer: str
    category: str
    level: int
    cold: bool
    first_day: int
    last_day: int
    sessions: int


@dataclass(frozen=True)
class Request:
    """A wish for one session; its first product decides category and farmer."""

    id: str
    products: tuple[str, ...]
    slots: int
    value: int


@dataclass(frozen=True)
class Instance:
    """Everything that a plan is made from."""

    starts_on: date
    days: int
    slot_minutes: int
    opens_minute: int
    closes_minute: int
    weights: tuple[Weight, ...]
    default_weight: int
    rest_slots: int
    turnaround_slots: int
    first_session_bonus: int
    streamers: tuple[Streamer, ...]
    studios: tuple[Studio, ...]
    products: Mapping[str, Product]
    requests: tuple[Request, ...]

    @cached_property
    def slots_per_day(self) -> int:
        """Count the whole slots between opening and closing."""
        return (self.closes_minute - self.opens_minute) // self.slot_minutes

    @cached_property
    def streamer_by_id(self) -> dict[str, Streamer]:
        """Find streamers by id."""
        return {streamer.id: streamer for streamer in self.streamers}

    @cached_property
    def studio_by_id(self) -> dict[str, Studio]:
        """Find studios by id."""
        return {studio.id: studio for studio in self.studios}

    @cached_property
    def request_by_id(self) -> dict[str, Request]:
        """Find requests by id."""
        return {request.id: request for request in self.requests}


@dataclass(frozen=True)
class Session:
    """One placed request; `start_minute` counts from midnight before the first day of the horizon."""

    request: str
    streamer: str
    studio: str
    start_minute: int
    slots: int


@dataclass(frozen=True)
class Unplaced:
    """A request without a place, and why, for a machine and in words."""

    request: str
    reason: Reason
    detail: str


@dataclass(frozen=True)
class Effort:
    """How long to search: until `limit_s` seconds have passed, or a fixed number of `iterations`.

    With more than one of `processes`, and a time limit, a large instance's bound is proven beside the search.
    """

    limit_s: float | None
    iterations: int | None
    seed: int
    processes: int = 1


@dataclass(frozen=True)
class Progress:
    """Where the search stands; `upper_bound` is None until one is proven."""

    seconds: float
    step: str
    objective: int
    upper_bound: int | None


@dataclass(frozen=True)
class Schedule:
    """A checked plan with its proven upper bound."""

    sessions: tuple[Session, ...]
    unplaced: tuple[Unplaced, ...]
    objective: int
    upper_bound: int
    gap_bp: int
    seconds: float
    seed: int
    moved: Sequence[str] | None = field(default=None)


class InfeasibleSchedule(AssertionError):
    """Our own mistake: a schedule breaks a hard rule and must not leave the planner."""
