"""Tiny counties whose best plan is known: never better than it, hardly ever worse, the bound never above."""

import json
from pathlib import Path

from tests.solvers.routes.brute_force import cheapest
from tests.solvers.routes.checker import check
from tests.solvers.routes.planning import plan_folder
from tests.solvers.routes.small import write_small

COUNTIES = 40


def test_tiny_plans_lie_between_bound_and_optimum(tmp_path: Path) -> None:
    best_found = whole = 0
    for seed in range(COUNTIES):
        folder = tmp_path / str(seed)
        with_roads = write_small(folder, 1_000 + seed, stations=2 + seed % 3, parcels=3 + seed % 2)

        plan = plan_folder(folder, iterations=150, seed=seed, with_roads=with_roads)

        optimum = cheapest(folder, with_roads=with_roads)
        assert check(folder, folder / "plan.json", with_roads=with_roads) == [], f"seed {seed}"
        if optimum is not None:
            assert not plan.unserved, f"seed {seed}"
            assert plan.lower_bound.cost_fen <= optimum <= plan.totals.cost_fen, f"seed {seed}"
            whole += 1
            best_found += plan.totals.cost_fen == optimum
        else:
            assert plan.unserved, f"seed {seed}"
    assert whole >= 25
    assert best_found >= whole - 2


def test_plans_repeat_exactly(tmp_path: Path) -> None:
    with_roads = write_small(tmp_path, 77, stations=14, parcels=120)
    texts = []
    for _ in range(2):
        plan_folder(tmp_path, iterations=400, seed=3, with_roads=with_roads)
        plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
        texts.append(json.dumps({**plan, "solver": None}))

    assert texts[0] == texts[1]
