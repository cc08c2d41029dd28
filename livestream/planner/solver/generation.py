"""Column generation: asks the pricer for patterns that the linear program lacks, until none is left."""

import numpy as np

from livestream.planner.solver.grid import Ints
from livestream.planner.solver.master import Column, Floats, Limits, Master, Part
from livestream.planner.solver.pricing import NEVER, Prices

_SMOOTHING = 0.3


def whole_part(limits: Limits) -> Part:
    """Give the part that is the whole instance."""
    grid, pricer = limits.grid, limits.pricer
    bonus = grid.bonus.astype(np.float64)
    rows = np.ones(len(pricer.streamer), dtype=np.bool_)
    return Part(limits.whole, bonus, pricer.placeable, rows)


class Generation:
    """Column generation on one part of an instance."""

    def __init__(self, limits: Limits, part: Part, *, seed: int, batches: int) -> None:
        self.limits = limits
        self.pricer = limits.pricer
        self.part = part
        self.master = Master(limits, part)
        self.best_duals: Floats | None = None
        self.best_value = np.inf
        self.dried_up = False
        self._random = np.random.default_rng(seed)
        self._streamers = np.unique(self.pricer.streamer[part.rows])
        self._batches = max(1, min(batches, len(self._streamers)))

    def gap(self) -> float:
        """Say how far the relaxed bound still lies above the linear program, as a share of it."""
        return float((self.best_value - self.master.value) / max(self.master.value, 1.0))

    def step(self, *, limit_s: float) -> None:
        """Solve the linear program, price all patterns, and add those that earn something."""
        duals = self.master.solve(limit_s=limit_s)
        if self.best_duals is not None:
            # Wentges smoothing: prices between the last and the best ones swing less.
            duals = _SMOOTHING * self.best_duals + (1 - _SMOOTHING) * duals
        prices = self.limits.to_prices(duals)
        gain = self.pricer.profit(prices)
        gain[~self.part.requests] = NEVER
        self._note_bound(duals, gain, prices)
        self.dried_up = self.master.add(self._diverse_columns(gain, prices)) == 0

    def _note_bound(self, duals: Floats, gain: Ints, prices: Prices) -> None:
        days = self.pricer.price_days(gain, prices, self._streamers)
        free = self.part.rows[days.rows]
        earned = self.pricer.day_values(days)[free].sum() / self.pricer.scale
        blocks = self.limits.blocks
        priced = duals[: blocks.day] @ self.part.right_side[: blocks.day]
        bonus = np.maximum(self.part.bonus - duals[blocks.farmer : blocks.studio], 0).sum()
        if priced + bonus + earned < self.best_value:
            self.best_value = float(priced + bonus + earned)
            self.best_duals = duals

    def _diverse_columns(self, gain: Ints, prices: Prices) -> list[Column]:
        """Let batches of streamers choose one after another, a request that was chosen being gone.

        So the columns of one round fit together, and far fewer rounds are needed than when all streamers
        ask for the same best requests.
        """
        gain = gain.copy()
        columns = []
        for streamers in np.array_split(self._random.permutation(self._streamers), self._batches):
            days = self.pricer.price_days(gain, prices, streamers)
            taken: set[int] = set()
            for k in np.flatnonzero((self.pricer.day_values(days) > 0) & self.part.rows[days.rows]):
                pattern = self.pricer.read_pattern(days, int(k), prices)
                columns.append(Column(int(days.rows[k]), pattern))
                taken.update(place.request for place in pattern)
            gain[list(taken)] = NEVER
        return columns
