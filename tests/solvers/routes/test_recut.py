"""Loads cut along the roads and cut anew: nothing lost, nothing too full, never dearer."""

import random
from collections import Counter
from itertools import count

import numpy as np

from logistics.routes.network import Network
from logistics.routes.solver.loads import Load, TwoWay, cut_into_loads, find_valleys
from logistics.routes.solver.recut import Recutter
from logistics.routes.types import VehicleType

VAN = VehicleType("van", 40, 380, 700_000, 32_400, 27_500, 104, 134, 248, 5, 900)
STEPS = 400


def _network(roads: list[tuple[int, int, int]], stations: int) -> Network:
    """Roads as (from, to, metres); the first nodes are hub and stations; 10 m/s everywhere."""
    nodes = 1 + max(max(u, v) for u, v, _ in roads)
    away = np.full((nodes, nodes), 2**40, np.int64)
    np.fill_diagonal(away, 0)
    for u, v, metres in roads:
        away[u, v] = away[v, u] = metres
    for k in range(nodes):
        away = np.minimum(away, away[:, [k]] + away[[k], :])
    names = tuple(f"S{k}" for k in range(stations + 1))
    own = away[: stations + 1, : stations + 1]
    edges = [(min(u, v), max(u, v), metres, metres // 10) for u, v, metres in roads]
    return Network(names, {name: k for k, name in enumerate(names)}, own, own // 10, edges, nodes)


def _recut(
    units: dict[int, TwoWay], network: Network, room: TwoWay, seed: int
) -> tuple[list[Load], float, float]:
    valleys = find_valleys(network)
    first = cut_into_loads(units, valleys, VAN, room)
    recutter = Recutter(valleys, VAN, room, first)
    steps = count()
    best = recutter.best_of(2, lambda: next(steps) / STEPS, seed=seed)
    return best, recutter.total(first), recutter.total(best)


def test_three_side_valleys_far_away_share_two_vehicles() -> None:
    # 30 km to a fork, three stations 2 km behind it, 250 units each: two vans, one station visited by both.
    network = _network([(0, 4, 30_000), (4, 1, 2_000), (4, 2, 2_000), (4, 3, 2_000)], 3)

    loads, before, after = _recut({1: (250, 0), 2: (250, 0), 3: (250, 0)}, network, (380, 380), 1)

    assert len(loads) == 2
    assert sum(len(load.pieces) for load in loads) == 4
    assert after < before


def test_cutting_anew_loses_nothing_and_is_never_dearer() -> None:
    for seed in range(12):
        rng = random.Random(seed)
        stations = rng.randint(2, 14)
        roads = [(rng.randrange(k), k, rng.randint(300, 9_000)) for k in range(1, stations + 1)]
        network = _network(roads, stations)
        units = {k: (rng.randint(0, 500), rng.randint(0, 200)) for k in range(1, stations + 1)}
        room = (380, rng.choice((380, 300)))

        loads, before, after = _recut(units, network, room, seed)

        ins: Counter[int] = Counter()
        outs: Counter[int] = Counter()
        for load in loads:
            assert load.ins <= room[0] and load.outs <= room[1], f"seed {seed}"
            for station, (part_in, part_out) in load.pieces:
                ins[station] += part_in
                outs[station] += part_out
        assert {k: (ins[k], outs[k]) for k in units} == units, f"seed {seed}"
        assert after <= before + 1e-6, f"seed {seed}"


def test_cutting_anew_repeats_exactly() -> None:
    network = _network([(0, 1, 5_000), (1, 2, 4_000), (1, 3, 6_000), (3, 4, 900)], 4)
    units = {1: (120, 40), 2: (300, 0), 3: (210, 90), 4: (250, 10)}

    assert _recut(units, network, (380, 380), 3)[0] == _recut(units, network, (380, 380), 3)[0]
