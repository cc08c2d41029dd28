"""Ready and due times: early goods prove more vehicles, and never more than the cheapest timed plan has."""

import random
from dataclasses import replace

import pytest

from logistics.routes.network import build_network
from logistics.routes.solver.bound import lower_bound
from logistics.routes.types import Direction, Instance
from tests.solvers.bound.brute_force import cheapest_plan, shortest_ways
from tests.solvers.bound.brute_force_times import cheapest_timed_plan
from tests.solvers.bound.test_known_bounds import VAN, make_day
from tests.solvers.bound.tiny_days import make_tiny_day


def make_timed_day(seed: int) -> Instance:
    """Make a tiny day of which most parcels have tight times that some vehicle could keep."""
    rng = random.Random(f"times-{seed}")
    day = make_tiny_day(seed)
    ways = shortest_ways(day)
    kind = day.fleet[0]
    parcels = []
    for parcel in day.parcels[:4]:
        way_s = ways[day.hub.station, parcel.station][1]
        ready_s = rng.choice((0, 0, rng.randint(0, kind.shift_s // 2)))
        handling_s = kind.stop_s + parcel.units * kind.unit_s
        least_s = way_s + (handling_s if parcel.direction is Direction.OUT else 0)
        due_s = ready_s + least_s + rng.choice((0, 60, 300, 900))
        is_timed = rng.random() < 0.8
        parcels.append(replace(parcel, ready_s=ready_s, due_s=due_s) if is_timed else parcel)
    return replace(day, parcels=tuple(parcels))


@pytest.mark.parametrize("first", range(0, 300, 20))
def test_no_bound_lies_above_the_cheapest_plan_that_keeps_all_times(first: int) -> None:
    compared = 0
    for seed in range(first, first + 20):
        day = make_timed_day(seed)
        cheapest = cheapest_timed_plan(day, list(day.parcels))
        if cheapest is not None:
            bound = lower_bound(day, build_network(day), day.parcels)
            assert bound.cost_fen <= cheapest, f"seed {seed}: {bound} above {cheapest}"
            compared += 1
    assert compared >= 3


@pytest.mark.parametrize("seed", range(30))
def test_without_times_both_searches_agree(seed: int) -> None:
    day = make_tiny_day(seed)
    parcels = list(day.parcels[:4])

    assert cheapest_timed_plan(day, parcels) == cheapest_plan(day, parcels)


def test_goods_due_early_take_vehicles_early() -> None:
    roads = [("hub", f"s{i}", 5_000, 1_000) for i in range(6)]
    day = make_day(roads, {f"s{i}": [1] for i in range(6)})
    hasty = replace(day, parcels=tuple(replace(p, due_s=2_000) for p in day.parcels))

    calm_fen = lower_bound(day, build_network(day), day.parcels).cost_fen
    hasty_fen = lower_bound(hasty, build_network(hasty), hasty.parcels).cost_fen

    # 2,000 s, 1,000 s on the last way home and 210 s at the last stop: one valley a van, 2,210 s each.
    assert VAN.shift_s == 30_000
    assert calm_fen == 20_000 + 60_000 + 600
    assert hasty_fen == 5 * 20_000 + 60_000 + 600
