"""The linear program over streamer-day patterns: what every limit is worth, and which patterns to combine."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from livestream.planner.solver.grid import Flags, Grid, Ints
from livestream.planner.solver.pricing import Pattern, Pricer, Prices
from livestream.planner.solver.reading import Sessions
from livestream.planner.types import WEEK_DAYS

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]


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

    def use_together(self, rows: Ints, earning: Ints, sessions: Sessions) -> Floats:
        """Add up how much of each limit many columns take: `use_of` in arrays.

        Takes: `rows`, the streamer-days that were priced; `earning`, those of them that have a column;
        `sessions` of these columns.
        """
        grid, pricer, blocks = self.grid, self.pricer, self.blocks
        use, of_session = np.zeros(blocks.end), rows[sessions.k]
        length = grid.length[sessions.request]
        np.add.at(use, blocks.day + rows[earning], 1)
        np.add.at(use, sessions.request, 1)
        shown = [blocks.product + p for request in sessions.request for p in grid.products[request]]
        np.add.at(use, np.array(shown, np.int64), 1)
        np.add.at(use, blocks.farmer + grid.farmer[sessions.request], -1)
        weeks = pricer.streamer[of_session] * grid.weeks + pricer.day[of_session] // WEEK_DAYS
        np.add.at(use, blocks.week + weeks, length)
        studio_ends, rest_ends = np.zeros((2, len(length)), np.int64)
        for n in pricer.lengths:
            mine = length == n
            studio_ends[mine] = pricer.studio_end[n][sessions.point[mine]]
            rest_ends[mine] = pricer.rest_end[n][sessions.point[mine]]
        pools = len(pricer.pools.studios)
        covered = _covered(sessions.pool, sessions.point, studio_ends, (pools, grid.points))
        use[blocks.studio : blocks.week] = covered.reshape(-1)
        if self._nights:
            shape = (pricer.streamers, grid.points)
            resting = _covered(pricer.streamer[of_session], sessions.point, rest_ends, shape)
            use[blocks.night : blocks.day] = resting[:, self.night_points].reshape(-1)
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

    def uses_of(
        self, columns: Sequence[Column], touched: Flags, index_of: Sequence[int]
    ) -> tuple[Counts, Counts, Floats]:
        """Write what columns take of the touched limits as a sparse matrix: starts, indices, amounts."""
        starts: list[int] = []
        at: list[int] = []
        amounts: list[int] = []
        for column in columns:
            starts.append(len(at))
            for limit, amount in self.use_of(column).items():
                if touched[limit]:
                    at.append(index_of[limit])
                    amounts.append(amount)
        return np.array(starts, np.int32), np.array(at, np.int32), np.array(amounts, np.float64)

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


def _covered(lines: Ints, begins: Ints, ends: Ints, shape: tuple[int, int]) -> Ints:
    """Count how many stretches `[begin, end)` cover each place of each line."""
    changes = np.zeros((shape[0], shape[1] + 1), dtype=np.int64)
    np.add.at(changes, (lines, begins), 1)
    np.add.at(changes, (lines, ends), -1)
    covered: Ints = changes.cumsum(axis=1)[:, :-1]
    return covered


def _find_night_points(grid: Grid) -> Flags:
    """Tell at which points a session of an earlier day can still keep its streamer resting."""
    marks = np.zeros(grid.points, dtype=np.bool_)
    for day in range(grid.days - 1):
        last = (day + 1) * grid.slots_per_day - 1
        marks[last + 1 : grid.cover_end(last, 1 + grid.instance.rest_slots)] = True
    return marks


class Master:
    """The linear program in its dual form: prices are variables, and no pattern may earn more than it pays.

    Adding a pattern adds a constraint, after which the dual simplex goes on where it stood; that takes less
    than half the time of adding a variable to the primal form.
    """

    def __init__(self, limits: Limits, part: Part) -> None:
        self.columns: list[Column] = []
        self.value = 0.0
        self._limits = limits
        self._known: set[Column] = set()
        self._touched = limits.touched(part)
        self._variable_of = (self._touched.cumsum() - 1).tolist()
        self._farmers = np.flatnonzero(part.bonus)
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._price_limits(part)

    def _price_limits(self, part: Part) -> None:
        """Add a price for every limit, and what is left of each farmer's bonus when her sessions are paid."""
        costs = np.concatenate([part.right_side[self._touched], np.ones(len(self._farmers))])
        count, none = len(costs), np.zeros(0)
        upper = np.full(count, highspy.kHighsInf)
        starts = np.zeros(count, np.int32)
        self._solver.addCols(count, costs, np.zeros(count), upper, 0, starts, none.astype(np.int32), none)
        for k, farmer in enumerate(self._farmers.tolist()):
            price = self._variable_of[self._limits.blocks.farmer + farmer]
            pair = np.array([price, count - len(self._farmers) + k], dtype=np.int32)
            self._solver.addRow(float(part.bonus[farmer]), highspy.kHighsInf, 2, pair, np.ones(2))

    def add(self, columns: Iterable[Column]) -> int:
        """Add the columns that are new; gives how many were."""
        fresh = [c for c in dict.fromkeys(columns) if c.pattern and c not in self._known]
        self._known.update(fresh)
        self.columns += fresh
        if fresh:
            starts, at, amounts = self._limits.uses_of(fresh, self._touched, self._variable_of)
            worth = np.array([self._limits.worth_of(column) for column in fresh], dtype=np.float64)
            upper = np.full(len(fresh), highspy.kHighsInf)
            self._solver.addRows(len(fresh), worth, upper, len(at), starts, at, amounts)
        return len(fresh)

    def solve(self, *, limit_s: float) -> Floats:
        """Solve as far as the time goes; gives every limit's price, ≥ 0, and 0 where untouched."""
        # HiGHS counts its time limit from the making of the solver.
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(limit_s, 0.01))
        self._solver.run()
        self.value = float(self._solver.getObjectiveValue())
        prices = np.zeros(len(self._touched))
        count = int(self._touched.sum())
        prices[self._touched] = np.maximum(0.0, np.array(self._solver.getSolution().col_value)[:count])
        return prices

    def shares(self) -> Floats:
        """Give how much of each column the last solution uses."""
        return np.array(self._solver.getSolution().row_dual, dtype=np.float64)[len(self._farmers) :]
