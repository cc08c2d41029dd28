"""The bound holds for any prices whatever, and its whole numbers cannot overflow."""

from pathlib import Path

import numpy as np
import pytest

from livestream.planner.solver.bound import prove, trivial_bound
from livestream.planner.solver.grid import make_grid
from livestream.planner.solver.master import Limits
from livestream.planner.solver.pricing import Pricer
from tests.solvers.planner.brute_force import best_objective
from tests.solvers.planner.planning import plan, read
from tests.solvers.planner.small import make_small, make_tiny


@pytest.mark.parametrize("seed", [3, 5, 6, 8, 11, 14, 17, 23])
def test_any_prices_give_a_bound_above_the_optimum(seed: int, tmp_path: Path) -> None:
    instance = make_tiny(seed)
    parsed = read(instance, tmp_path)
    limits = Limits(Pricer(make_grid(parsed, parsed.requests)))
    optimum = best_objective(instance)
    random = np.random.default_rng(seed)

    bounds = []
    for strength in (0.0, 1.0, 30.0, 300.0, 3000.0) * 4:
        shown = random.random(limits.blocks.end) < 0.5
        prices = limits.to_prices(random.random(limits.blocks.end) * strength * shown)
        bounds.append(prove(limits.pricer, prices))

    assert min(bounds) >= optimum
    assert trivial_bound(limits.grid, limits.pricer.placeable) >= optimum


def test_rest_over_midnight_is_priced_and_stays_valid(tmp_path: Path) -> None:
    overnight = [seed for seed in range(200) if make_small(seed)["opens"] == "00:00"][:12]
    for seed in overnight:
        instance = make_small(seed)
        instance["rest_slots"], instance["turnaround_slots"] = 20, 20

        few, many = plan(instance, tmp_path, iterations=0), plan(instance, tmp_path, iterations=6)

        assert many["objective"] <= min(few["upper_bound"], many["upper_bound"])


def test_largest_allowed_numbers_do_not_overflow(tmp_path: Path) -> None:
    for seed in range(12):
        plain = make_small(seed)
        factor = 100_000
        huge = {**plain, "first_session_bonus": plain["first_session_bonus"] * factor}
        huge["default_weight"] = plain["default_weight"] * factor // 10
        huge["weights"] = [{**row, "weight": row["weight"] * factor // 120} for row in plain["weights"]]

        schedule = plan(huge, tmp_path)

        assert 0 <= schedule["objective"] <= schedule["upper_bound"]
        assert schedule["gap_bp"] >= 0
