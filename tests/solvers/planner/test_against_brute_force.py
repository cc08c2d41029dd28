"""Tiny instances whose optimum is known: the objective is never above it, the bound never below."""

from pathlib import Path

import pytest

from tests.solvers.planner.brute_force import best_objective
from tests.solvers.planner.checker import check_schedule
from tests.solvers.planner.planning import plan
from tests.solvers.planner.small import make_tiny


@pytest.mark.parametrize("tens", range(8))
def test_optimum_lies_between_objective_and_bound(tens: int, tmp_path: Path) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        instance = make_tiny(seed)

        schedule = plan(instance, tmp_path, iterations=4)
        optimum = best_objective(instance)

        assert check_schedule(instance, schedule) == []
        assert schedule["objective"] <= optimum <= schedule["upper_bound"], f"seed {seed}"
        assert schedule["objective"] == optimum, f"seed {seed}"
