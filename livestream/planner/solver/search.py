"""Large-neighbourhood search: frees some streamer-days, prices them anew, and combines the best patterns."""

from collections import defaultdict

import numpy as np

from livestream.planner.solver import greedy
from livestream.planner.solver.budget import Budget
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.generation import Generation
from livestream.planner.solver.grid import Flags
from livestream.planner.solver.master import Column, Floats, Limits, Part
from livestream.planner.solver.pricing import Place
from livestream.planner.solver.selection import select, trim

_STEP_S = 4.0
_NODES = 150
_ROUNDS = 12
_CLOSE = 5e-4
_STRAYS = 1
_STRAYS_WHEN_SMALL = 4
_SMALL = 40
_FIRST_SIZE = 100
_SMALLEST = 20
_GROWTH = 1.2
_LARGEST = 0.7


def free_part(limits: Limits, calendar: Calendar, rows: Flags) -> Part:
    """Free these streamer-days; what is placed on the others stays and takes its share of every limit."""
    grid, pricer, blocks = limits.grid, limits.pricer, limits.blocks
    right_side = limits.whole.copy()
    requests = pricer.placeable.copy()
    bonus = grid.bonus.astype(np.float64)
    for streamer, place in calendar.placed.values():
        row = int(pricer.row_at[streamer, place.point // grid.slots_per_day])
        if not rows[row]:
            for limit, amount in limits.use_of(Column(row, (place,))).items():
                right_side[limit] -= amount
            requests[place.request] = False
            bonus[grid.farmer[place.request]] = 0.0
    right_side[blocks.farmer : blocks.studio] = 0.0
    return Part(right_side, bonus, requests, rows)


def columns_of(limits: Limits, calendar: Calendar, rows: Flags) -> list[Column]:
    """Write what is placed on these streamer-days as columns."""
    pricer, slots = limits.pricer, limits.grid.slots_per_day
    places_of: dict[int, list[Place]] = defaultdict(list)
    for streamer, place in calendar.placed.values():
        row = int(pricer.row_at[streamer, place.point // slots])
        if rows[row]:
            places_of[row].append(place)
    return [
        Column(row, tuple(sorted(places, key=lambda place: place.point)))
        for row, places in sorted(places_of.items())
    ]


def place_columns(limits: Limits, calendar: Calendar, columns: list[Column]) -> None:
    """Add every session of these columns to the calendar."""
    for column in columns:
        for place in column.pattern:
            calendar.add(int(limits.pricer.streamer[column.row]), place)


def round_shares(limits: Limits, columns: list[Column], shares: Floats) -> Calendar:
    """Make a plan of the linear program's solution: the largest shares first, then what still fits."""
    calendar = Calendar(limits.grid)
    for k in np.argsort(-shares, kind="stable"):
        if shares[k] <= 0:
            break
        streamer = int(limits.pricer.streamer[columns[k].row])
        for place in columns[k].pattern:
            calendar.add_if_free(streamer, place)
    greedy.fill(calendar, greedy.order_by_density(calendar))
    return calendar


class Search:
    """Improves a calendar, step by step; never makes it worse."""

    def __init__(self, limits: Limits, calendar: Calendar, pool: list[Column], *, seed: int) -> None:
        self.limits = limits
        self.calendar = calendar
        self._random = np.random.default_rng(seed)
        self._order = greedy.order_by_density(calendar)
        self._size = float(_FIRST_SIZE)
        self._pool: dict[int, list[Column]] = defaultdict(list)
        for column in pool:
            self._pool[column.row].append(column)

    def step(self, budget: Budget) -> None:
        """Free one neighbourhood and put it together anew."""
        rows = self._choose_rows()
        current = columns_of(self.limits, self.calendar, rows)
        part = free_part(self.limits, self.calendar, rows)
        columns = self._price(part, current, budget)
        chosen, proven = select(
            self.limits, part, columns, start=current, limit_s=budget.within(_STEP_S), nodes=_NODES
        )
        self._replace(current, chosen)
        # The largest neighbourhood that can be solved is the best one; a whole one would not vary any more.
        most = max(_SMALLEST, _LARGEST * len(self.limits.pricer.streamer))
        self._size = min(most, self._size * _GROWTH) if proven else max(_SMALLEST, self._size / _GROWTH)

    def _replace(self, current: list[Column], chosen: list[Column]) -> None:
        before = self.calendar.objective()
        for column in current:
            for place in column.pattern:
                self.calendar.remove(place.request)
        place_columns(self.limits, self.calendar, chosen)
        if self.calendar.objective() < before:
            for column in chosen:
                for place in column.pattern:
                    self.calendar.remove(place.request)
            place_columns(self.limits, self.calendar, current)
        greedy.fill(self.calendar, self._order)

    def _price(self, part: Part, current: list[Column], budget: Budget) -> list[Column]:
        seed = int(self._random.integers(2**31))
        generation = Generation(self.limits, part, seed=seed, batches=4)
        known = [column for row in np.flatnonzero(part.rows) for column in self._pool[int(row)]]
        generation.master.add([*current, *trim(self.limits, part, known)])
        for _ in range(_ROUNDS):
            if budget.left_s() <= 0:
                break
            generation.step(lambda: budget.within(_STEP_S))
            if generation.dried_up or generation.gap() < _CLOSE:
                break
        strays = _STRAYS_WHEN_SMALL if part.rows.sum() <= _SMALL else _STRAYS
        for _ in range(strays if budget.left_s() > 0 else 0):
            generation.stray(budget.left_s)
        return trim(self.limits, part, generation.master.columns)

    def _choose_rows(self) -> Flags:
        """Pick streamers who could swap sessions, on all days; or all streamers on a few days."""
        pricer = self.limits.pricer
        if len(pricer.streamer) <= _SMALLEST:
            return np.ones(len(pricer.streamer), dtype=np.bool_)
        if self._random.random() < 0.5:
            return self._rows_of_streamers()
        return self._rows_of_days()

    def _rows_of_days(self) -> Flags:
        pricer, days = self.limits.pricer, self.limits.grid.days
        first = int(self._random.integers(days))
        rows = np.zeros(len(pricer.streamer), dtype=np.bool_)
        for day in (np.arange(days) + first) % days:
            if rows.sum() >= self._size:
                break
            rows |= pricer.day == day
        spare = np.flatnonzero(rows)
        surplus = max(0, len(spare) - round(self._size * _GROWTH))
        rows[self._random.permutation(spare)[:surplus]] = False
        return rows

    def _rows_of_streamers(self) -> Flags:
        pricer, grid = self.limits.pricer, self.limits.grid
        wish = int(self._random.integers(len(grid.requests)))
        related = grid.qualified[:, wish] * 0.5 + self._random.random(pricer.streamers)
        rows = np.zeros(len(pricer.streamer), dtype=np.bool_)
        for streamer in np.argsort(-related, kind="stable"):
            if rows.sum() >= self._size:
                break
            rows[pricer.rows_of[streamer]] = True
        return rows
