"""Hundreds of random counties, each plan read by the independent checker."""

from pathlib import Path

import pytest

from tests.solvers.routes.checker import check
from tests.solvers.routes.planning import plan_folder
from tests.solvers.routes.small import write_small

BLOCK = 15


@pytest.mark.parametrize("block", range(6))
def test_plans_with_vehicles_enough_have_no_fault(tmp_path: Path, block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        folder = tmp_path / str(seed)
        with_roads = write_small(folder, seed, stations=4 + seed % 9, parcels=10 + 7 * (seed % 8))

        plan_folder(folder, iterations=60, seed=seed, with_roads=with_roads)

        assert check(folder, folder / "plan.json", with_roads=with_roads) == [], f"seed {seed}"


@pytest.mark.parametrize("block", range(4))
def test_plans_with_too_few_vehicles_have_no_fault(tmp_path: Path, block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        folder = tmp_path / str(seed)
        with_roads = write_small(folder, seed, stations=3 + seed % 7, parcels=40, scarce=True)

        plan_folder(folder, iterations=60, seed=seed, with_roads=with_roads)

        assert check(folder, folder / "plan.json", with_roads=with_roads) == [], f"seed {seed}"


@pytest.mark.parametrize("block", range(4))
def test_plans_with_hopeless_parcels_and_short_times_have_no_fault(tmp_path: Path, block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        folder = tmp_path / str(seed)
        with_roads = write_small(folder, seed, stations=3 + seed % 6, parcels=25, tight=True)

        plan_folder(folder, iterations=60, seed=seed, with_roads=with_roads)

        assert check(folder, folder / "plan.json", with_roads=with_roads) == [], f"seed {seed}"
