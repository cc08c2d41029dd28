"""The second process continues the bound where the first one stopped."""

from pathlib import Path

from livestream.planner.solver.beside import BoundBeside, can_fork
from livestream.planner.solver.bound import prove
from livestream.planner.solver.budget import Budget
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.grid import make_grid
from livestream.planner.solver.master import Limits
from livestream.planner.solver.plan import begin_generation, plan
from livestream.planner.solver.pricing import Pricer
from livestream.planner.types import Effort
from tests.solvers.planner.planning import read
from tests.solvers.planner.small import make_small

EFFORT = Effort(3600.0, None, 1, processes=2)


def test_second_process_lowers_the_bound_of_the_first(tmp_path: Path) -> None:
    parsed = read(make_small(1001, requests=60, streamers=12, studios=5), tmp_path)
    grid = make_grid(parsed, parsed.requests)
    limits, budget = Limits(Pricer(grid)), Budget(EFFORT, lambda: 0.0)
    generation = begin_generation(limits, Calendar(grid), 1)
    generation.step(budget.left_s)
    assert generation.best_duals is not None
    first = prove(limits.pricer, limits.to_prices(generation.best_duals))
    found = plan(grid, Budget(Effort(None, 2, 1), lambda: 0.0), lambda *_: None)

    bound = first
    if can_fork():
        beside = BoundBeside(generation, budget)
        while (lower := beside.lowest(bound, wait_s=60.0)) < bound:
            bound = lower
        beside.stop()

    assert found.calendar.objective() <= bound
    assert bound < first or not can_fork()
