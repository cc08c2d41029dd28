"""Hundreds of random instances: every schedule passes the independent checker."""

from pathlib import Path

import pytest

from tests.solvers.planner.checker import check_schedule
from tests.solvers.planner.planning import plan
from tests.solvers.planner.small import make_small


@pytest.mark.parametrize("tens", range(24))
def test_random_instances_have_no_fault(tens: int, tmp_path: Path) -> None:
    for seed in range(10 * tens, 10 * tens + 10):
        instance = make_small(seed)

        faults = check_schedule(instance, plan(instance, tmp_path))

        assert faults == [], f"seed {seed}"


def test_larger_random_instances_have_no_fault(tmp_path: Path) -> None:
    for seed in range(1000, 1006):
        instance = make_small(seed, requests=60, streamers=12, studios=5)

        faults = check_schedule(instance, plan(instance, tmp_path))

        assert faults == [], f"seed {seed}"
