"""Whole stations instead of their lots: the same parcels, the same days in finer words."""

from pathlib import Path

from logistics.routes.network import build_network
from logistics.routes.rules import refuse_hopeless
from logistics.routes.solver.coarse import coarsen
from logistics.routes.solver.lots import group_parcels
from logistics.routes.solver.schedule import Terrain, cost_fen, time_day
from logistics.routes.solver.simple import sweep
from tests.solvers.routes.planning import read_folder
from tests.solvers.routes.small import write_small


def test_days_of_whole_stations_are_days_of_their_lots(tmp_path: Path) -> None:
    bound_together = 0
    for seed in range(25):
        folder = tmp_path / str(seed)
        with_roads = write_small(folder, seed, stations=6, parcels=40)
        instance = read_folder(folder, with_roads=with_roads)
        network = build_network(instance)
        hopeful, _ = refuse_hopeless(instance, network)
        terrain = Terrain.of(group_parcels(hopeful, network, instance.fleet), instance.fleet, network)

        coarse = coarsen(terrain)

        assert sorted(k for own in coarse.members for k in own) == list(range(len(terrain.lots)))
        bound_together += len(terrain.lots) - len(coarse.terrain.lots)
        days, lost = sweep(coarse.terrain)
        finer = coarse.refine(days)
        served = [k for day in finer for trip in day.trips for k in trip]
        left = [k for number in lost for k in coarse.members[number]]
        assert sorted(served + left) == list(range(len(terrain.lots)))
        assert all(time_day(terrain, day) is not None for day in finer), f"seed {seed}"
        assert cost_fen(terrain, finer) == cost_fen(coarse.terrain, days), f"seed {seed}"
    assert bound_together > 100
