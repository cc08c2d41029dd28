"""Plans from nothing: greedy, column generation with its bound, whole patterns, then neighbourhood search."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livestream.planner.solver import greedy
from livestream.planner.solver.bound import prove, trivial_bound
from livestream.planner.solver.budget import Budget
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.generation import Generation, whole_part
from livestream.planner.solver.grid import Grid
from livestream.planner.solver.master import Limits
from livestream.planner.solver.pricing import Pricer
from livestream.planner.solver.search import Search, place_columns, round_shares
from livestream.planner.solver.selection import select, trim

Report = Callable[[str, int, int], None]

_CLOSE = 2e-4
_ROUNDS = 60
_BATCHES = 8
_SHARE_FOR_BOUND = 0.6
_SHARE_FOR_SELECTION = 0.3
_NODES = 200


@dataclass(frozen=True)
class Found:
    """The best calendar found and a proven upper bound."""

    calendar: Calendar
    upper_bound: int


class Planner:
    """One planning run: keeps the best calendar and the best bound, and reports both."""

    def __init__(self, grid: Grid, budget: Budget, report: Report) -> None:
        self._grid = grid
        self._budget = budget
        self._report = report
        self._calendar = Calendar(grid)
        self._pricer = Pricer(grid)
        self._limits = Limits(self._pricer)
        self._bound = trivial_bound(grid, self._pricer.placeable)

    def run(self) -> Found:
        """Plan until the budget is spent or the bound is met."""
        greedy.fill(self._calendar, greedy.order_by_density(self._calendar))
        self._say("greedy")
        if self._pricer.lengths and not self._done():
            generation = self._generate()
            self._choose(generation)
            self._search(generation)
        return Found(self._calendar, self._bound)

    def _say(self, step: str) -> None:
        self._report(step, self._calendar.objective(), self._bound)

    def _done(self) -> bool:
        return self._calendar.objective() >= self._bound or not self._budget.allows(0)

    def _keep(self, calendar: Calendar) -> None:
        if calendar.objective() > self._calendar.objective():
            self._calendar = calendar

    def _generate(self) -> Generation:
        seed = self._budget.effort.seed
        generation = Generation(self._limits, whole_part(self._limits), seed=seed, batches=_BATCHES)
        until_s = self._budget.left_s() * (1 - _SHARE_FOR_BOUND)
        for _ in range(_ROUNDS):
            before = generation.best_value
            generation.step(limit_s=self._budget.left_s() - until_s)
            if generation.best_value < before and generation.best_duals is not None:
                proven = prove(self._pricer, self._limits.to_prices(generation.best_duals))
                self._bound = min(self._bound, proven)
                self._say("bound")
            if generation.dried_up or generation.gap() < _CLOSE or self._budget.left_s() <= until_s:
                break
        return generation

    def _choose(self, generation: Generation) -> None:
        columns = generation.master.columns
        self._keep(round_shares(self._limits, columns, generation.master.shares()))
        self._say("rounding")
        if self._done():
            return
        part = whole_part(self._limits)
        limit_s = self._budget.within(self._budget.left_s() * _SHARE_FOR_SELECTION)
        fitting = trim(self._limits, part, columns)
        chosen, _ = select(self._limits, part, fitting, start=[], limit_s=limit_s, nodes=_NODES)
        calendar = Calendar(self._grid)
        place_columns(self._limits, calendar, chosen)
        greedy.fill(calendar, greedy.order_by_density(calendar))
        self._keep(calendar)
        self._say("selection")

    def _search(self, generation: Generation) -> None:
        search = Search(
            self._limits, self._calendar, generation.master.columns, seed=self._budget.effort.seed
        )
        step = 0
        while self._budget.allows(step) and self._calendar.objective() < self._bound:
            search.step(self._budget)
            step += 1
            self._say(f"search {step}")


def plan(grid: Grid, budget: Budget, report: Report) -> Found:
    """Find a good calendar for every request of the grid, with a proven bound.

    Takes: `report`, told the step, the objective and the bound after every step.
    """
    if not np.any(grid.qualified) or not grid.points:
        return Found(Calendar(grid), 0)
    return Planner(grid, budget, report).run()


def bound(grid: Grid, budget: Budget, rounds: int) -> int:
    """Prove an upper bound alone, in at most so many rounds of column generation."""
    if not np.any(grid.qualified) or not grid.points:
        return 0
    pricer = Pricer(grid)
    best = trivial_bound(grid, pricer.placeable)
    limits = Limits(pricer)
    generation = Generation(limits, whole_part(limits), seed=budget.effort.seed, batches=_BATCHES)
    for _ in range(rounds if pricer.lengths else 0):
        if generation.dried_up or generation.gap() < _CLOSE or budget.left_s() <= 0:
            break
        generation.step(limit_s=budget.left_s())
    if generation.best_duals is not None:
        best = min(best, prove(pricer, limits.to_prices(generation.best_duals)))
    return best
