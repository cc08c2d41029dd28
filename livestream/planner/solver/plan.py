"""Plans from nothing: greedy, column generation with its bound, whole patterns, then neighbourhood search."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livestream.planner.solver import greedy
from livestream.planner.solver.beside import BoundBeside, can_fork
from livestream.planner.solver.bound import prove, trivial_bound
from livestream.planner.solver.budget import Budget
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.generation import Generation, whole_part
from livestream.planner.solver.grid import Grid
from livestream.planner.solver.master import Limits
from livestream.planner.solver.pricing import Pricer
from livestream.planner.solver.search import Search, columns_of, place_columns, round_shares
from livestream.planner.solver.selection import select, trim

Report = Callable[[str, int, int], None]

_CLOSE = 1e-6
_ROUNDS = 80
# From this many pairs of requests and streamer-days on, a linear program takes seconds, and subgradient
# steps help it along.
_MANY_PAIRS = 500_000
_DESCENTS = 6
_STREAMERS_PER_BATCH = 12
_FEWEST_BATCHES = 8
_SHARE_BEFORE_SEARCH = 0.25
_SHARE_WITHOUT_SECOND_PROCESS = 0.6
_MOST_COLUMNS = 8000
_SELECTION_S = 6.0
_SHARE_FOR_SELECTION = 0.15
_NODES = 50


@dataclass(frozen=True)
class Found:
    """The best calendar found and a proven upper bound."""

    calendar: Calendar
    upper_bound: int


def begin_generation(limits: Limits, known: Calendar, seed: int) -> Generation:
    """Begin column generation on the whole instance from a known plan, with the habits that suit its size."""
    batches = max(_FEWEST_BATCHES, limits.pricer.streamers // _STREAMERS_PER_BATCH)
    pairs = len(limits.pricer.streamer) * len(limits.grid.requests)
    descents = _DESCENTS if pairs >= _MANY_PAIRS else 0
    part = whole_part(limits)
    generation = Generation(limits, part, seed=seed, batches=batches, descents=descents)
    generation.master.add(columns_of(limits, known, part.rows))
    return generation


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
        self._beside: BoundBeside | None = None

    def run(self) -> Found:
        """Plan until the budget is spent or the bound is met."""
        greedy.fill(self._calendar, greedy.order_by_density(self._calendar))
        self._say("greedy")
        if self._pricer.lengths and not self._done(0):
            try:
                generation = self._generate()
                self._round(generation)
                self._choose(generation)
                self._search(generation)
            finally:
                if self._beside is not None:
                    self._beside.stop()
        return Found(self._calendar, self._bound)

    def _say(self, step: str) -> None:
        if self._beside is not None:
            self._bound = self._beside.lowest(self._bound)
        self._report(step, self._calendar.objective(), self._bound)

    def _done(self, step: int) -> bool:
        return self._calendar.objective() >= self._bound or not self._budget.allows(step)

    def _keep(self, calendar: Calendar) -> None:
        if calendar.objective() > self._calendar.objective():
            self._calendar = calendar

    def _generate(self) -> Generation:
        """Generate columns until none is left or their share of the time is over."""
        budget = self._budget
        generation = begin_generation(self._limits, self._calendar, budget.effort.seed)
        fork = budget.timed and budget.effort.processes > 1 and can_fork()
        share = _SHARE_BEFORE_SEARCH if fork else _SHARE_WITHOUT_SECOND_PROCESS
        until_s = budget.left_s() * (1 - share) if budget.timed else 0.0
        for _ in range(_ROUNDS):
            before = generation.best_value
            generation.step(lambda: budget.left_s() - until_s)
            if generation.best_value < before and generation.best_duals is not None:
                prices = self._limits.to_prices(generation.best_duals)
                self._bound = min(self._bound, prove(self._pricer, prices))
                self._say("bound")
            if generation.dried_up or generation.gap() < _CLOSE:
                return generation
            if budget.left_s() <= until_s:
                break
        if fork:
            self._beside = BoundBeside(generation, budget)
        return generation

    def _round(self, generation: Generation) -> None:
        columns, shares = generation.master.columns, generation.master.shares()
        self._keep(round_shares(self._limits, columns, shares))
        self._say("rounding")

    def _choose(self, generation: Generation) -> None:
        """Choose among all columns at once, where they are not too many for one integer program."""
        columns = generation.master.columns
        if len(columns) > _MOST_COLUMNS or self._done(0):
            return
        part = whole_part(self._limits)
        limit_s = self._budget.within(min(_SELECTION_S, self._budget.left_s() * _SHARE_FOR_SELECTION))
        fitting = trim(self._limits, part, columns)
        chosen, _ = select(self._limits, part, fitting, start=[], limit_s=limit_s, nodes=_NODES)
        calendar = Calendar(self._grid)
        place_columns(self._limits, calendar, chosen)
        greedy.fill(calendar, greedy.order_by_density(calendar))
        self._keep(calendar)
        self._say("selection")

    def _search(self, generation: Generation) -> None:
        seed = self._budget.effort.seed
        search = Search(self._limits, self._calendar, generation.master.columns, seed=seed)
        step = 0
        while not self._done(step):
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


def bound(known: Calendar, budget: Budget, rounds: int) -> int:
    """Prove an upper bound alone, in at most so many rounds of column generation.

    Takes: `known`, a good plan; the better it is, the fewer rounds are needed. The bound does not rest on it.
    """
    grid = known.grid
    if not np.any(grid.qualified) or not grid.points:
        return 0
    pricer = Pricer(grid)
    best = trivial_bound(grid, pricer.placeable)
    limits = Limits(pricer)
    generation = begin_generation(limits, known, budget.effort.seed)
    for _ in range(rounds if pricer.lengths else 0):
        if generation.dried_up or generation.gap() < _CLOSE or budget.left_s() <= 0:
            break
        generation.step(budget.left_s)
    if generation.best_duals is not None:
        best = min(best, prove(pricer, limits.to_prices(generation.best_duals)))
    return best
