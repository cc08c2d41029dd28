"""No bound lies above the cheapest plan of a tiny day, whatever the network and the fleet."""

import pytest

from logistics.routes.network import build_network
from logistics.routes.solver.bound import lower_bound
from tests.solvers.bound.brute_force import cheapest_plan
from tests.solvers.bound.tiny_days import make_tiny_day


@pytest.mark.parametrize("first", range(0, 400, 20))
def test_no_bound_lies_above_the_cheapest_plan_of_a_tiny_day(first: int) -> None:
    compared = 0
    for seed in range(first, first + 20):
        instance = make_tiny_day(seed)
        cheapest = cheapest_plan(instance, list(instance.parcels))
        if cheapest is not None:
            bound = lower_bound(instance, build_network(instance), instance.parcels)
            assert 0 <= bound.cost_fen <= cheapest, f"seed {seed}: {bound} above {cheapest}"
            compared += 1
    assert compared >= 5
