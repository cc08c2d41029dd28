"""Column generation: asks the pricer for patterns that the linear program lacks, until none is left."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livestream.planner.solver.grid import Ints
from livestream.planner.solver.master import Column, Floats, Limits, Master, Part
from livestream.planner.solver.pricing import NEVER, Days, Prices
from livestream.planner.solver.reading import read_patterns, read_sessions

# Where between the last duals (0) and the best ones (1) prices are tried; the first also gives columns.
_NEAR = (0.3,)
_ALONG = (0.5, 0.7, 0.9)
_STEP = 1.3
_MEMORY = 0.6
_NOISE = (0.6, 1.4)


@dataclass(frozen=True)
class _Priced:
    duals: Floats
    prices: Prices
    days: Days
    value: float


def whole_part(limits: Limits) -> Part:
    """Give the part that is the whole instance."""
    rows = np.ones(len(limits.pricer.streamer), dtype=np.bool_)
    return Part(limits.whole, limits.grid.bonus.astype(np.float64), limits.pricer.placeable, rows)


class Generation:
    """Column generation on one part of an instance."""

    def __init__(self, limits: Limits, part: Part, *, seed: int, batches: int, descents: int = 0) -> None:
        """Begin without columns.

        Takes: `batches`, into how many groups streamers are put that choose one after another; `descents`,
        subgradient steps after each linear program, worth their time when that takes seconds.
        """
        self.limits = limits
        self.pricer = limits.pricer
        self.part = part
        self.master = Master(limits, part)
        self.best_duals: Floats | None = None
        self.best_value = np.inf
        self.dried_up = False
        self._random = np.random.default_rng(seed)
        self._rows = np.flatnonzero(part.rows)
        self._streamers = np.unique(self.pricer.streamer[part.rows])
        self._batches = max(1, min(batches, len(self._streamers)))
        self._descents = descents
        self._pure = False

    def gap(self) -> float:
        """Say how far the relaxed bound still lies above the linear program, as a share of it."""
        return float((self.best_value - self.master.value) / max(self.master.value, 1.0))

    def step(self, left_s: Callable[[], float]) -> None:
        """Solve the linear program, price all patterns, and add those that earn something."""
        duals = self.master.solve(limit_s=left_s())
        if left_s() <= 0:
            return
        if self.best_duals is None or self._pure:
            tried = [self._price(duals)]
        else:
            # Wentges smoothing: prices between the last and the best ones swing less.
            best, along = self.best_duals, _ALONG if self._descents else _NEAR
            tried = [self._price(share * best + (1 - share) * duals) for share in along]
        fresh = self.master.add(self._diverse_columns(tried[0], left_s))
        if self._descents and left_s() > 0:
            fresh += self.master.add(self._diverse_columns(self._descend(left_s), left_s))
        self.dried_up = self._pure and not fresh
        self._pure = not fresh

    def stray(self, left_s: Callable[[], float]) -> None:
        """Add columns for prices near the best ones: whole plans need some that the program does not."""
        if self.best_duals is not None:
            noise = self._random.uniform(*_NOISE, size=len(self.best_duals))
            self.master.add(self._diverse_columns(self._price(self.best_duals * noise), left_s))

    def _price(self, duals: Floats) -> _Priced:
        part, blocks = self.part, self.limits.blocks
        farmers = slice(blocks.farmer, blocks.studio)
        duals[farmers] = np.minimum(duals[farmers], part.bonus)
        prices = self.limits.to_prices(duals)
        gain = self.pricer.profit(prices)
        gain[~part.requests] = NEVER
        days = self.pricer.price_days(gain, prices, self._rows)
        earned = self.pricer.day_values(days).sum() / self.pricer.scale
        limits = float(duals[: blocks.day] @ part.right_side[: blocks.day])
        value = limits + float((part.bonus - duals[farmers]).sum()) + float(earned)
        if value < self.best_value:
            self.best_value, self.best_duals = value, duals
        return _Priced(duals, prices, days, value)

    def _descend(self, left_s: Callable[[], float]) -> _Priced:
        """Lower the relaxed bound by subgradient steps from the best duals towards the linear program.

        Source: Polyak's step; deflection as in Camerini, Fratta and Maffioli 1975.
        """
        assert self.best_duals is not None
        weights = self.limits.step_weights()
        priced = self._price(self.best_duals.copy())
        direction = self._excess(priced)
        for _ in range(self._descents):
            move = direction * weights
            move[(priced.duals <= 0) & (move < 0)] = 0
            size = float(move @ direction)
            if size <= 0 or left_s() <= 0:
                break
            length = _STEP * max(priced.value - self.master.value, 0.0) / size
            priced = self._price(np.maximum(0.0, priced.duals + length * move))
            direction = (1 - _MEMORY) * self._excess(priced) + _MEMORY * direction
        return priced

    def _excess(self, priced: _Priced) -> Floats:
        """Give by how much the best patterns under these prices exceed each limit."""
        blocks = self.limits.blocks
        earning = self._earning(priced.days)
        sessions = read_sessions(self.pricer, priced.days, earning, priced.prices)
        excess = self.limits.use_together(priced.days.rows, earning, sessions) - self.part.right_side
        farmers = slice(blocks.farmer, blocks.studio)
        excess[farmers] += priced.duals[farmers] < self.part.bonus
        return excess

    def _earning(self, days: Days) -> Ints:
        return np.flatnonzero(self.pricer.day_values(days) > 0)

    def _diverse_columns(self, priced: _Priced, left_s: Callable[[], float]) -> list[Column]:
        """Let batches of streamers choose one after another, a request that was chosen being gone.

        So the columns of one round fit together, and far fewer rounds are needed than when all streamers
        ask for the same best requests.
        """
        gain = priced.days.gain.copy()
        columns = []
        for streamers in np.array_split(self._random.permutation(self._streamers), self._batches):
            if left_s() <= 0:
                break
            rows = self._rows[np.isin(self.pricer.streamer[self._rows], streamers)]
            days = self.pricer.price_days(gain, priced.prices, rows)
            patterns = read_patterns(self.pricer, days, self._earning(days), priced.prices)
            columns += [Column(row, pattern) for row, pattern in patterns]
            gain[[place.request for _, pattern in patterns for place in pattern]] = NEVER
        return columns
