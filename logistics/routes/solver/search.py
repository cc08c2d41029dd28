"""PyVRP behind plain arguments: trips alone, or the days of a given set of vehicles.

Source: Wouda, Lan and Kool, PyVRP: a high-performance VRP solver package, INFORMS Journal on Computing 36(4),
2024; version 0.14.1 (iterated local search, several trips by reload depots).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from pyvrp import CostEvaluator, RandomNumberGenerator, Solution
from pyvrp.IteratedLocalSearch import (
    IteratedLocalSearch,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
)
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from logistics.routes.solver.budget import Budget
from logistics.routes.solver.model import MILLI, Model, Task
from logistics.routes.solver.schedule import VehicleDay

# PyVRP's own 25 costs a third of the steps here and finds no more.
MOST_PERTURBED = 15
STEPS_BETWEEN_QUESTIONS = 32


@dataclass
class Found:
    """What a search brought: the best feasible days (None when none) and the nearest miss."""

    days: list[VehicleDay] | None
    cost_milli: int
    nearest: list[VehicleDay] | None = None
    late_s: int = 0
    steps: int = 0
    unplanned: list[int] = field(default_factory=list)


def search(
    task: Task,
    budget: Budget,
    *,
    seed: int,
    start: Sequence[VehicleDay] | None = None,
    until_feasible: bool = False,
    on_best: Callable[[list[VehicleDay]], bool] | None = None,
    is_overtaken: Callable[[], bool] | None = None,
) -> Found:
    """Look for good days; this function will stop when the budget is spent or `on_best` says it is enough.

    Takes: `start`, days to begin with, which may break due times or the shift; `until_feasible` stops at the
    first plan that keeps all rules; `is_overtaken` is asked now and then and stops the search too.
    Gives: days in PyVRP's view of the rules; the caller times them exactly.
    """
    model = Model(task)
    rng = RandomNumberGenerator(seed=seed)
    improve = LocalSearch(
        model.data,
        rng,
        compute_neighbours(model.data, NeighbourhoodParams()),
        PerturbationManager(PerturbationParams(1, MOST_PERTURBED)),
    )
    for operator in OPERATORS:
        if operator.supports(model.data):
            improve.add_operator(operator(model.data))
    is_hard = until_feasible or task.terrain.is_timed
    prices = _SwingingPrices(model) if is_hard else _Prices(model)
    if start is None:
        first = improve(Solution.make_random(model.data, rng), prices.cost_evaluator(), exhaustive=True)
    else:
        first = model.solution(start)
    watch = _Watch(model, budget, on_best, until_feasible, is_overtaken)
    watch.look_at(first)
    watch.is_enough = until_feasible and first.is_feasible()
    algorithm = IteratedLocalSearch(
        model.data, prices, improve, first, IteratedLocalSearchParams(callbacks=watch)
    )
    result = algorithm.run(watch.is_over, collect_stats=False)
    budget.spend(result.num_iterations)
    best = result.best if result.best.is_feasible() else None
    return Found(
        days=None if best is None else model.days(best),
        cost_milli=result.cost() if best is not None else 0,
        nearest=None if watch.nearest is None else model.days(watch.nearest),
        late_s=watch.late_s,
        steps=result.num_iterations,
        unplanned=[] if best is None else [activity.idx for activity in best.unplanned()],
    )


class _Prices:
    """What breaking a rule costs during a search.

    Overload is dear. Lateness is priced so that about two plans in three keep their times.
    """

    STEPS_PER_PHASE = 100
    FIRST_LEVEL = 8.0
    OVERLOAD = 10.0

    def __init__(self, model: Model) -> None:
        fleet = model.fleet
        day_milli = max(1, max(v.day_fen for v in fleet)) * MILLI
        out_and_back = float(np.median(model.data.distance_matrix(0)[0][1:])) * 2
        trip_milli = max(1.0, out_and_back + day_milli / 2)
        self.units = [
            min(1e8, max(1.0, self.OVERLOAD * trip_milli / max(1, min(v.capacity_units for v in fleet)))),
            min(1e8, max(0.1, self.OVERLOAD * trip_milli / max(1, min(v.capacity_g for v in fleet)))),
        ]
        shift_s = min(v.shift_s for v in fleet)
        self.second = max(1.0, day_milli / shift_s, out_and_back / shift_s)
        self.steps = 0
        self.level = self.FIRST_LEVEL
        self.sound = 0

    def register(self, solution: Solution) -> None:
        """Count a step and whether it kept the rules."""
        self.steps += 1
        self.sound += solution.time_warp() == 0
        if self.steps % self.STEPS_PER_PHASE == 0:
            self.level = self._next_level(self.sound / self.STEPS_PER_PHASE)
            self.sound = 0

    def _next_level(self, share: float) -> float:
        if share < 0.55:
            return min(1_000.0, self.level * 1.35)
        return max(0.5, self.level * 0.8) if share > 0.75 else self.level

    def cost_evaluator(self) -> CostEvaluator:
        """Give the prices of this moment."""
        return CostEvaluator(self.units, self.second * self.level, 1.0)


class _SwingingPrices(_Prices):
    """Prices for squeezing the work into fewer vehicles, or between many ready and due times.

    A manager that raises its price as long as nothing feasible is found makes such a search stand still. Here
    lateness swings between cheap (to let lots move) and dear (to come home).
    """

    STEPS_PER_PHASE = 500
    FIRST_LEVEL = 1.0
    SWING = (0.3, 1.0, 3.0, 1.0)

    def _next_level(self, share: float) -> float:
        phase = self.steps // self.STEPS_PER_PHASE
        return super()._next_level(share) if share > 0.02 else self.SWING[phase % len(self.SWING)]


class _Watch(IteratedLocalSearchCallbacks):  # type: ignore[misc]
    """Follows a search: its nearest miss, its news, its end."""

    def __init__(
        self,
        model: Model,
        budget: Budget,
        on_best: Callable[[list[VehicleDay]], bool] | None,
        until_feasible: bool,
        is_overtaken: Callable[[], bool] | None,
    ) -> None:
        self.is_overtaken, self.steps = is_overtaken, 0
        self.model, self.on_news, self.until_feasible = model, on_best, until_feasible
        self.is_spent = budget.stopper()
        self.nearest: Solution | None = None
        self.late_s = 0
        self.is_enough = False

    def is_over(self, best_cost: int) -> bool:
        """Tell PyVRP whether to stop."""
        self.steps += 1
        if self.is_overtaken is not None and self.steps % STEPS_BETWEEN_QUESTIONS == 0:
            self.is_enough = self.is_enough or self.is_overtaken()
        return self.is_enough or self.is_spent(best_cost)

    def look_at(self, solution: Solution) -> None:
        """Keep the plan that is least late among those that fit."""
        late_s = solution.time_warp()
        if any(solution.excess_load()) or not solution.is_complete():
            return
        if self.nearest is None or late_s < self.late_s:
            self.nearest, self.late_s = solution, late_s

    def on_iteration(
        self, current: Solution, candidate: Solution, best: Solution, cost_evaluator: CostEvaluator
    ) -> None:
        """Look at every plan the search passes."""
        if self.nearest is None or candidate.time_warp() < self.late_s:
            self.look_at(candidate)

    def on_best(self, best: Solution) -> None:
        """Pass good news on."""
        if best.is_feasible():
            self.is_enough = self.until_feasible
            if self.on_news is not None:
                self.is_enough = self.on_news(self.model.days(best)) or self.is_enough
