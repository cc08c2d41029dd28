"""The linear program over streamer-day patterns: what every limit is worth, and which patterns to combine."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from livestream.planner.solver.grid import Flags, Grid
from livestream.planner.solver.pricing import Pattern, Pricer, Prices
from livestream.planner.types import WEEK_DAYS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """One pattern of one streamer-day (a row of the pricer)."""

    row: int
    pattern: Pattern


@dataclass(frozen=True)
class Blocks:
    """Where each family of limits begins among the rows of the linear program (requests come first)."""

    product: int
    farmer: int
    studio: int
    week: int
    night: int
    day: int
    end: int


@dataclass(frozen=True)
class Part:
    """The part of an instance that is free to change; the rest is fixed.

    `right_side`: what the fixed rest leaves of each limit; `bonus`: what each farmer's first session still
    brings; `requests`: which may be placed; `rows`: the streamer-days that are free.
    """

    right_side: Floats
    bonus: Floats
    requests: Flags
    rows: Flags


class Limits:
    """The limits of an instance as rows of a linear program, and what a column takes of each."""

    def __init__(self, pricer: Pricer) -> None:
        self.pricer = pricer
        self.grid = pricer.grid
        self.night_points = _find_night_points(self.grid)
        self._nights = int(self.night_points.sum())
        self._night_row = self.night_points.cumsum() - 1
        self.blocks = self._lay_out()
        self.whole = self._fill()

    def _lay_out(self) -> Blocks:
        grid, pools = self.grid, self.pricer.pools
        product = len(grid.requests)
        farmer = product + len(grid.product_sessions)
        studio = farmer + grid.farmers
        week = studio + len(pools.studios) * grid.points
        night = week + self.pricer.streamers * grid.weeks
        day = night + self.pricer.streamers * self._nights
        return Blocks(product, farmer, studio, week, night, day, day + len(self.pricer.streamer))

    def _fill(self) -> Floats:
        grid, blocks = self.grid, self.blocks
        limits = np.ones(blocks.end)
        limits[blocks.product : blocks.farmer] = grid.product_sessions
        limits[blocks.farmer : blocks.studio] = 0
        limits[blocks.studio : blocks.week] = self.pricer.pools.capacity.reshape(-1)
        limits[blocks.week : blocks.night] = grid.max_week.reshape(-1)
        return limits

    def use_of(self, column: Column) -> Counter[int]:
        """Count how much of each limit a column takes."""
        grid, pricer, blocks = self.grid, self.pricer, self.blocks
        streamer, day = int(pricer.streamer[column.row]), int(pricer.day[column.row])
        use: Counter[int] = Counter({blocks.day + column.row: 1})
        for place in column.pattern:
            length = int(grid.length[place.request])
            use[place.request] += 1
            use.update(blocks.product + product for product in grid.products[place.request])
            use[blocks.farmer + int(grid.farmer[place.request])] -= 1
            studio = blocks.studio + place.pool * grid.points
            use.update(range(studio + place.point, studio + int(pricer.studio_end[length][place.point])))
            use[blocks.week + streamer * grid.weeks + day // WEEK_DAYS] += length
            if self._nights:
                resting = np.arange(place.point, int(pricer.rest_end[length][place.point]))
                nightly = self._night_row[resting[self.night_points[resting]]]
                use.update((blocks.night + streamer * self._nights + nightly).tolist())
        return use

    def step_weights(self) -> Floats:
        """Weigh the limits against each other for subgradient steps, by the amounts columns take of them."""
        blocks = self.blocks
        weights = np.ones(blocks.end)
        weights[blocks.studio : blocks.week] = 1 / 3
        weights[blocks.week : blocks.night] = 1 / 5
        weights[blocks.day :] = 0
        return weights

    def touched(self, part: Part) -> Flags:
        """Tell which limits the columns of a part can use."""
        grid, pricer, blocks = self.grid, self.pricer, self.blocks
        touched = np.zeros(blocks.end, dtype=np.bool_)
        touched[: blocks.product] = part.requests
        shown = {product for r in np.flatnonzero(part.requests) for product in grid.products[r]}
        touched[[blocks.product + product for product in shown]] = True
        touched[blocks.farmer : blocks.studio] = part.bonus > 0
        days = np.zeros(grid.days, dtype=np.bool_)
        days[pricer.day[part.rows]] = True
        # A turnaround that reaches into later days needs their studio rows as well.
        days |= pricer.overnight
        points = np.repeat(days, grid.slots_per_day)
        touched[blocks.studio : blocks.week] = np.tile(points, len(pricer.pools.studios))
        streamers = np.zeros(pricer.streamers, dtype=np.bool_)
        streamers[pricer.streamer[part.rows]] = True
        touched[blocks.week : blocks.night] = np.repeat(streamers, grid.weeks)
        touched[blocks.night : blocks.day] = np.repeat(streamers, self._nights)
        touched[blocks.day :] = part.rows
        return touched

    def worth_of(self, column: Column) -> int:
        """Add up what the sessions of a column are worth, bonuses aside."""
        return sum(int(self.grid.worth[place.request, place.point]) for place in column.pattern)

    def to_prices(self, duals: Floats) -> Prices:
        """Round duals to the pricer's whole numbers; any rounding keeps the bound valid."""
        grid, pricer, blocks = self.grid, self.pricer, self.blocks
        whole = np.rint(np.clip(duals, 0, pricer.dearest) * pricer.scale).astype(np.int64)
        night = np.zeros((pricer.streamers, grid.points), dtype=np.int64)
        night[:, self.night_points] = whole[blocks.night : blocks.day].reshape(pricer.streamers, -1)
        return Prices(
            request=whole[: blocks.product],
            product=whole[blocks.product : blocks.farmer],
            farmer=np.minimum(whole[blocks.farmer : blocks.studio], grid.bonus * pricer.scale),
            studio=whole[blocks.studio : blocks.week].reshape(len(pricer.pools.studios), grid.points),
            week=whole[blocks.week : blocks.night].reshape(pricer.streamers, grid.weeks),
            night=night,
        )


def _find_night_points(grid: Grid) -> Flags:
    """Tell at which points a session of an earlier day can still keep its streamer resting."""
    marks = np.zeros(grid.points, dtype=np.bool_)
    for day in range(grid.days - 1):
        last = (day + 1) * grid.slots_per_day - 1
        marks[last + 1 : grid.cover_end(last, 1 + grid.instance.rest_slots)] = True
    return marks


class Program:
    """A HiGHS model whose rows are those limits that a part can touch."""

    def __init__(self, limits: Limits, part: Part) -> None:
        self.limits = limits
        self.part = part
        self.touched = limits.touched(part)
        self._row_of = (self.touched.cumsum() - 1).tolist()
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        upper, none = part.right_side[self.touched], np.zeros(0)
        lower = np.full(len(upper), -highspy.kHighsInf)
        starts = np.zeros(len(upper), np.int32)
        self.solver.addRows(len(upper), lower, upper, 0, starts, none.astype(np.int32), none)
        self.farmers = np.flatnonzero(part.bonus)
        for farmer in self.farmers:
            at = np.array([self._row_of[limits.blocks.farmer + farmer]], dtype=np.int32)
            self.solver.addCol(-float(part.bonus[farmer]), 0.0, 1.0, 1, at, np.ones(1))

    def add(self, columns: Sequence[Column]) -> None:
        """Append patterns as variables ≥ 0 after the farmers' bonuses."""
        starts: list[int] = []
        rows: list[int] = []
        amounts: list[int] = []
        for column in columns:
            starts.append(len(rows))
            for row, amount in self.limits.use_of(column).items():
                if self.touched[row]:
                    rows.append(self._row_of[row])
                    amounts.append(amount)
        self.solver.addCols(
            len(columns),
            np.array([-self.limits.worth_of(column) for column in columns], dtype=np.float64),
            np.zeros(len(columns)),
            np.full(len(columns), highspy.kHighsInf),
            len(rows),
            np.array(starts, dtype=np.int32),
            np.array(rows, dtype=np.int32),
            np.array(amounts, dtype=np.float64),
        )

    def limit_time(self, limit_s: float) -> None:
        """Let the next run take at most so many seconds."""
        # HiGHS counts its time limit from the making of the solver.
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + max(limit_s, 0.01))

    def duals(self) -> Floats:
        """Give the dual of every limit of the instance, each ≥ 0 and 0 for those that cannot be touched."""
        duals = np.zeros(len(self.touched))
        duals[self.touched] = np.maximum(0.0, -np.array(self.solver.getSolution().row_dual))
        return duals

    def amounts(self) -> Floats:
        """Give how much of each pattern the last solution uses."""
        return np.array(self.solver.getSolution().col_value, dtype=np.float64)[len(self.farmers) :]


class Master:
    """A linear program that grows by columns."""

    def __init__(self, limits: Limits, part: Part) -> None:
        self.columns: list[Column] = []
        self.value = 0.0
        self._known: set[Column] = set()
        self._program = Program(limits, part)
        # Columns are added to a primal feasible basis, so the primal simplex goes on where it stood.
        self._program.solver.setOptionValue("simplex_strategy", 4)

    def add(self, columns: Iterable[Column]) -> int:
        """Add the columns that are new; gives how many were."""
        fresh = [c for c in dict.fromkeys(columns) if c.pattern and c not in self._known]
        self._known.update(fresh)
        self.columns += fresh
        if fresh:
            self._program.add(fresh)
        return len(fresh)

    def solve(self, *, limit_s: float) -> Floats:
        """Solve the linear program as far as the time goes; gives the dual of every limit, each ≥ 0."""
        self._program.limit_time(limit_s)
        self._program.solver.run()
        self.value = -float(self._program.solver.getObjectiveValue())
        return self._program.duals()

    def shares(self) -> Floats:
        """Give how much of each column the last solution uses."""
        return self._program.amounts()
