"""The instance as arrays: who may hold what, where a session may start, and what it is worth there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livestream.planner import rules
from livestream.planner.types import DAY_MINUTES, WEEK_DAYS, Instance, Request, Session

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pools:
    """Studios that are alike for the planner, gathered in pools.

    `studios`: the studios of each pool; `cold`: (pools,) whether they are cold; `capacity`: (pools, points)
    int64, how many of them are free at each point.
    """

    studios: tuple[tuple[int, ...], ...]
    cold: Flags
    capacity: Ints

    def allowed(self, cold: bool) -> list[int]:
        """Give the pools that a session may use."""
        return [pool for pool in range(len(self.studios)) if self.cold[pool] or not cold]


@dataclass(frozen=True)
class Grid:
    """Arrays over requests r, streamers s, and points (every slot start of every day, in order of time).

    `minute`: (points,) minutes since midnight before day 0. `worth`: (requests, points) int64, what a
    request earns when it starts at a point, -1 where it may not. `reach`: (streamers, points) int64, the
    longest session that may start at a point. `qualified`: (streamers, requests) bool. `max_day`:
    (streamers, days) and `max_week`: (streamers, weeks), slots still free. `bonus`: (farmers,), what a
    farmer's first session brings.
    """

    instance: Instance
    requests: tuple[Request, ...]
    days: int
    slots_per_day: int
    weeks: int
    minute: Ints
    worth: Ints
    length: Ints
    cold: Flags
    farmer: Ints
    products: tuple[tuple[int, ...], ...]
    product_sessions: Ints
    reach: Ints
    qualified: Flags
    max_day: Ints
    max_week: Ints
    pools: Pools
    bonus: Ints

    @property
    def points(self) -> int:
        """Count the slot starts of the whole horizon."""
        return self.days * self.slots_per_day

    @property
    def farmers(self) -> int:
        """Count the farmers."""
        return len(self.bonus)

    def cover_end(self, point: int, slots: int) -> int:
        """Give the first point at or after `point` that `slots` slots from there no longer cover."""
        until = int(self.minute[point]) + slots * self.instance.slot_minutes
        return int(np.searchsorted(self.minute, until))

    def cover_ends(self, slots: int) -> Ints:
        """Give `cover_end` for every point at once."""
        return np.searchsorted(self.minute, self.minute + slots * self.instance.slot_minutes)


def _worth(requests: Sequence[Request], instance: Instance) -> Ints:
    days, slots = instance.days, instance.slots_per_day
    weights = np.array([rules.weigh_slots(instance, day) for day in range(days)], dtype=np.int64)
    sums = np.concatenate(
        [np.zeros((days, 1), np.int64), weights.reshape(days, slots).cumsum(axis=1)], axis=1
    )
    worth = np.full((len(requests), days, slots), -1, dtype=np.int64)
    for r, request in enumerate(requests):
        first, last = rules.dates_of(request, instance)
        if request.slots <= slots and first <= last:
            ends = sums[first : last + 1, request.slots :]
            begins = sums[first : last + 1, : slots - request.slots + 1]
            worth[r, first : last + 1, : slots - request.slots + 1] = request.value * (ends - begins)
    return worth.reshape(len(requests), days * slots)


def _reach(instance: Instance) -> Ints:
    reach = np.zeros((len(instance.streamers), instance.days, instance.slots_per_day), dtype=np.int64)
    for s, streamer in enumerate(instance.streamers):
        for window in streamer.windows:
            _count_down(reach[s, window.day], window.from_minute, window.to_minute, instance)
    return reach.reshape(len(instance.streamers), instance.days * instance.slots_per_day)


def _count_down(row: Ints, from_minute: int, to_minute: int, instance: Instance) -> None:
    ends = (min(to_minute, instance.closes_minute) - instance.opens_minute) // instance.slot_minutes
    begins = -(-(max(from_minute, instance.opens_minute) - instance.opens_minute) // instance.slot_minutes)
    for slot in range(begins, ends):
        row[slot] = ends - slot


def _minutes(instance: Instance) -> Ints:
    days = np.arange(instance.days, dtype=np.int64)[:, None] * DAY_MINUTES + instance.opens_minute
    minutes: Ints = (days + np.arange(instance.slots_per_day) * instance.slot_minutes).reshape(-1)
    return minutes


def _pools(instance: Instance, requests: Sequence[Request], points: int) -> Pools:
    """Split the studios into warm and cold ones, unless every session can use every studio."""
    cold = tuple(k for k, studio in enumerate(instance.studios) if studio.cold)
    warm = tuple(k for k, studio in enumerate(instance.studios) if not studio.cold)
    apart = bool(warm) and any(rules.needs_cold(request, instance) for request in requests)
    studios = (warm, cold) if apart else (warm + cold,)
    flags = [False, True] if apart else [not warm]
    sizes = np.array([len(of) for of in studios], dtype=np.int64)
    return Pools(studios, np.array(flags, dtype=np.bool_), np.repeat(sizes[:, None], points, axis=1))


def make_grid(instance: Instance, requests: Sequence[Request]) -> Grid:
    """Turn an instance into arrays, with these of its requests (the others are not to be placed)."""
    farmers: dict[str, int] = {}
    products: dict[str, int] = {}
    farmer = [farmers.setdefault(rules.farmer_of(request, instance), len(farmers)) for request in requests]
    shown = [tuple(products.setdefault(p, len(products)) for p in request.products) for request in requests]
    minute = _minutes(instance)
    weeks = -(-instance.days // WEEK_DAYS)
    qualified = [[rules.is_qualified(s, r, instance) for r in requests] for s in instance.streamers]
    max_day = np.array([[s.max_slots_per_day] for s in instance.streamers], dtype=np.int64)
    max_week = np.array([[s.max_slots_per_week] for s in instance.streamers], dtype=np.int64)
    return Grid(
        instance=instance,
        requests=tuple(requests),
        days=instance.days,
        slots_per_day=instance.slots_per_day,
        weeks=weeks,
        minute=minute,
        worth=_worth(requests, instance),
        length=np.array([request.slots for request in requests], dtype=np.int64),
        cold=np.array([rules.needs_cold(request, instance) for request in requests], dtype=np.bool_),
        farmer=np.array(farmer, dtype=np.int64),
        products=tuple(shown),
        product_sessions=np.array([instance.products[p].sessions for p in products], dtype=np.int64),
        reach=_reach(instance),
        qualified=np.array(qualified, dtype=np.bool_).reshape(len(instance.streamers), len(requests)),
        max_day=np.repeat(max_day, instance.days, axis=1),
        max_week=np.repeat(max_week, weeks, axis=1),
        pools=_pools(instance, requests, len(minute)),
        bonus=np.full(len(farmers), instance.first_session_bonus, dtype=np.int64),
    )


def make_remaining_grid(instance: Instance, requests: Sequence[Request], kept: Sequence[Session]) -> Grid:
    """Turn what kept sessions leave of an instance into arrays; every studio is a pool of its own.

    Takes: `kept`, feasible sessions that stay exactly where they are; `requests`, those to be placed.
    """
    whole = make_grid(instance, requests)
    streamers = {streamer.id: s for s, streamer in enumerate(instance.streamers)}
    studios = {studio.id: k for k, studio in enumerate(instance.studios)}
    reach, max_day, max_week = whole.reach.copy(), whole.max_day.copy(), whole.max_week.copy()
    capacity = np.ones((len(studios), whole.points), dtype=np.int64)
    for session in kept:
        s, day = streamers[session.streamer], session.start_minute // DAY_MINUTES
        max_day[s, day] -= session.slots
        max_week[s, day // WEEK_DAYS] -= session.slots
        point = int(np.searchsorted(whole.minute, session.start_minute))
        capacity[studios[session.studio], point : _end(whole, point, session, instance.turnaround_slots)] = 0
        before = (session.start_minute - whole.minute[:point]) // instance.slot_minutes - instance.rest_slots
        reach[s, :point] = np.minimum(reach[s, :point], np.maximum(before, 0))
        reach[s, point : _end(whole, point, session, instance.rest_slots)] = 0
    cold = np.array([studio.cold for studio in instance.studios], dtype=np.bool_)
    return replace(
        whole,
        reach=reach,
        max_day=max_day,
        max_week=max_week,
        pools=Pools(tuple((k,) for k in studios.values()), cold, capacity),
        product_sessions=_sessions_left(whole, kept),
        bonus=_bonus_left(whole, kept),
    )


def _end(grid: Grid, point: int, session: Session, gap_slots: int) -> int:
    return grid.cover_end(point, session.slots + gap_slots)


def _sessions_left(grid: Grid, kept: Sequence[Session]) -> Ints:
    shown = Counter(p for session in kept for p in grid.instance.request_by_id[session.request].products)
    left = grid.product_sessions.copy()
    for request, products in zip(grid.requests, grid.products, strict=True):
        for name, product in zip(request.products, products, strict=True):
            left[product] = grid.instance.products[name].sessions - shown[name]
    return left


def _bonus_left(grid: Grid, kept: Sequence[Session]) -> Ints:
    instance = grid.instance
    farmers = {rules.farmer_of(instance.request_by_id[session.request], instance) for session in kept}
    left = grid.bonus.copy()
    for request, farmer in zip(grid.requests, grid.farmer, strict=True):
        if rules.farmer_of(request, instance) in farmers:
            left[farmer] = 0
    return left
