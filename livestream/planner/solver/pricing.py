"""Best day of every streamer under given prices, in whole numbers: the heart of bound and columns."""

from dataclasses import dataclass

import numpy as np

from livestream.planner.solver.grid import Flags, Grid, Ints
from livestream.planner.types import DAY_MINUTES, WEEK_DAYS

NEVER = np.int64(-(2**61))
_FINEST = 12


@dataclass(frozen=True)
class Place:
    """One session of a pattern: request, point at which it starts, and pool of studios."""

    request: int
    point: int
    pool: int


Pattern = tuple[Place, ...]


@dataclass(frozen=True)
class Prices:
    """What each scarce thing costs, in scaled whole numbers ≥ 0 (a dual solution).

    `request`: (requests,); `product`: (products,); `farmer`: (farmers,), what one more session of a farmer
    earns towards her bonus; `studio`: (pools, points), for each point covered with its turnaround;
    `week`: (streamers, weeks), for each slot on air; `night`: (streamers, points), for each point covered
    with its rest.
    """

    request: Ints
    product: Ints
    farmer: Ints
    studio: Ints
    week: Ints
    night: Ints


@dataclass(frozen=True)
class Days:
    """Priced streamer-days: `rows` of the pricer, what each (request, point) earns, and the tables of values.

    `best`: (lengths, rows, slots), `value`: (slots + 1, rows, limit + 1), both int64.
    """

    rows: Ints
    gain: Ints
    best: Ints
    value: Ints


def find_placeable(grid: Grid) -> Flags:
    """Tell which requests have a date, a qualified streamer and a fitting studio at all."""
    placeable = np.logical_and((grid.worth >= 0).any(axis=1), grid.qualified.any(axis=0))
    return placeable if grid.pools.cold.any() else np.logical_and(placeable, ~grid.cold)


def find_scale(grid: Grid) -> int:
    """Choose the power of two by which prices are multiplied so that all sums stay far inside 64 bits."""
    dearest = int(grid.worth.max(initial=0)) + int(grid.bonus.max(initial=0)) + 1
    terms = grid.points + len(grid.requests) + len(grid.product_sessions) + WEEK_DAYS
    return 1 << max(0, min(_FINEST, (2**58 // (dearest * terms)).bit_length() - 1))


def prefixed(values: Ints) -> Ints:
    """Add up each row from its beginning: one more column than before, the first 0."""
    return np.concatenate([np.zeros((len(values), 1), np.int64), values.cumsum(axis=1)], axis=1)


class Pricer:
    """Finds, for given prices, the best pattern of sessions for every streamer and day."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.dearest = int(grid.worth.max(initial=0)) + int(grid.bonus.max(initial=0))
        self.scale = find_scale(grid)
        self.pools = grid.pools
        self.placeable = find_placeable(grid)
        self.streamers, self.points = grid.reach.shape
        instance = grid.instance
        self._rest = instance.rest_slots
        night_minutes = DAY_MINUTES - instance.slots_per_day * instance.slot_minutes
        self.overnight = instance.turnaround_slots * instance.slot_minutes > night_minutes
        self._most = int(min(grid.slots_per_day, grid.max_day.max()))
        self.lengths = tuple(sorted({int(n) for n in grid.length[self.placeable] if n <= self._most}))
        turnaround = instance.turnaround_slots
        self.studio_end = {n: grid.cover_ends(n + turnaround) for n in self.lengths}
        self.rest_end = {n: grid.cover_ends(n + self._rest) for n in self.lengths}
        self._make_classes()
        self._make_rows()

    def _make_classes(self) -> None:
        """Group requests of one length that the same streamers may hold: price alone tells them apart."""
        grid = self.grid
        masks, mask_of = np.unique(grid.qualified, axis=1, return_inverse=True)
        mask_of = mask_of.reshape(-1)
        self.ordered: dict[int, Ints] = {}
        self._firsts: dict[int, Ints] = {}
        self._classes: dict[int, list[Ints]] = {}
        for n in self.lengths:
            of = np.flatnonzero(self.placeable & (grid.length == n))
            of = of[np.argsort(mask_of[of], kind="stable")]
            kinds, firsts = np.unique(mask_of[of], return_index=True)
            able = masks[:, kinds] & (n <= grid.max_day.max(axis=1))[:, None]
            self.ordered[n], self._firsts[n] = of, firsts
            self._classes[n] = [np.flatnonzero(row) for row in able]

    def _make_rows(self) -> None:
        """List the streamer-days on which anything can be placed."""
        grid = self.grid
        reach = grid.reach.reshape(self.streamers, grid.days, grid.slots_per_day)
        shortest = min(self.lengths, default=grid.slots_per_day + 1)
        active = (reach >= shortest).any(axis=2) & (grid.max_day >= shortest)
        self.streamer, self.day = np.nonzero(active)
        self.row_at = np.full((self.streamers, grid.days), -1, dtype=np.int64)
        self.row_at[self.streamer, self.day] = np.arange(len(self.streamer))
        self.limit = np.minimum(grid.max_day[self.streamer, self.day], self._most)
        bounds = np.searchsorted(self.streamer, np.arange(self.streamers + 1))
        self.rows_of = [np.arange(a, b) for a, b in zip(bounds, bounds[1:], strict=False)]
        self.all_rows = np.arange(len(self.streamer))

    def profit(self, prices: Prices) -> Ints:
        """Compute what each request earns at each point after paying all prices but the streamer's own.

        Gives: (requests, points) int64, `NEVER` where the request may not start.
        """
        grid = self.grid
        gain = grid.worth * self.scale
        shown = np.array([sum(int(prices.product[p]) for p in of) for of in grid.products], dtype=np.int64)
        gain -= (prices.request + shown - prices.farmer[grid.farmer])[:, None]
        sums = prefixed(prices.studio)
        for n in self.lengths:
            of = self.ordered[n]
            costs = sums[:, self.studio_end[n]] - sums[:, :-1]
            cold_costs = costs[self.pools.cold].min(axis=0, initial=-NEVER)
            gain[of] -= np.where(grid.cold[of, None], cold_costs, costs.min(axis=0))
        gain[grid.worth < 0] = NEVER
        return gain

    def price_days(self, gain: Ints, prices: Prices, rows: Ints) -> Days:
        """Find the best patterns of these streamer-days, given in order.

        Requests may repeat within a day; that can only raise the value, so it is good for a bound.
        Cost: O(streamer-days × slots × (classes + limit × lengths)).
        """
        grid, slots = self.grid, self.grid.slots_per_day
        days, day_of_row = np.unique(self.day[rows], return_inverse=True)
        who, who_of_row = np.unique(self.streamer[rows], return_inverse=True)
        points = (days[:, None] * slots + np.arange(slots)).reshape(-1)
        reach = grid.reach[np.ix_(who, points)]
        sums = prefixed(prices.night[who])
        week_prices = prices.week[np.ix_(who, np.repeat(days // WEEK_DAYS, slots))]
        best = np.full((len(self.lengths), len(who), len(points)), NEVER, dtype=np.int64)
        for i, n in enumerate(self.lengths):
            of = gain[self.ordered[n]]
            tops = np.maximum.reduceat(
                of if len(days) == grid.days else of[:, points], self._firsts[n], axis=0
            )
            for k, s in enumerate(who.tolist()):
                if len(self._classes[n][s]):
                    tops[self._classes[n][s]].max(axis=0, out=best[i, k])
            night = sums[:, self.rest_end[n][points]] - sums[:, points]
            best[i] -= week_prices * n + night
            best[i][reach < n] = NEVER
        by_day = best.reshape(len(self.lengths), len(who), len(days), slots)
        best_of_rows = np.ascontiguousarray(by_day[:, who_of_row, day_of_row])
        return Days(rows, gain, best_of_rows, self._combine(best_of_rows))

    def _combine(self, best: Ints) -> Ints:
        """Combine sessions into the best day, for every first free slot and number of slots left."""
        slots = self.grid.slots_per_day
        value = np.zeros((slots + 1, best.shape[1], self._most + 1), dtype=np.int64)
        for slot in range(slots - 1, -1, -1):
            here = value[slot]
            here[:] = value[slot + 1]
            for i, n in enumerate(self.lengths):
                if slot + n <= slots:
                    later = value[min(slot + n + self._rest, slots)]
                    np.maximum(here[:, n:], best[i, :, slot, None] + later[:, :-n], out=here[:, n:])
        return value

    def day_values(self, days: Days) -> Ints:
        """Give the value of the best pattern of each priced streamer-day."""
        values: Ints = days.value[0, np.arange(len(days.rows)), self.limit[days.rows]]
        return values

    def week_values(self, days: Days) -> Ints:
        """Combine the days of all streamers into best weeks within the weekly limit: (streamers, weeks)."""
        grid = self.grid
        most = int(min(grid.max_week.max(), self._most * WEEK_DAYS))
        week = np.zeros((self.streamers, grid.weeks, most + 1), dtype=np.int64)
        of_day = np.zeros((self.streamers, grid.days, self._most + 1), dtype=np.int64)
        capped = np.minimum(np.arange(self._most + 1)[None, :], self.limit[days.rows][:, None])
        at = self.streamer[days.rows], self.day[days.rows]
        of_day[at] = np.take_along_axis(days.value[0], capped, axis=1)
        for day in range(grid.days):
            before = week[:, day // WEEK_DAYS].copy()
            for used in range(1, min(self._most, most) + 1):
                better = week[:, day // WEEK_DAYS, used:]
                np.maximum(better, before[:, : most + 1 - used] + of_day[:, day, used, None], out=better)
        limits = np.minimum(grid.max_week, most)
        return np.take_along_axis(week, limits[:, :, None], axis=2)[:, :, 0]
