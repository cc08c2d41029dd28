"""The trip search beside plain PyVRP on instances like CVRPLIB's set X, in the same time.

Source: Uchoa and others, New benchmark instances for the capacitated vehicle routing problem, European
Journal of Operational Research 257(3), 2017, §4 (positions of depot and customers, demands, route sizes).
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from logistics.routes.network import Network
from logistics.routes.solver.budget import Budget
from logistics.routes.solver.lots import group_parcels
from logistics.routes.solver.planner import Planner
from logistics.routes.solver.schedule import Terrain
from logistics.routes.types import Direction, Parcel, VehicleType

GRID = 1_000
KINDS = (
    ("centre", "random", (1, 100), 9.0),
    ("corner", "clustered", (50, 100), 5.0),
    ("random", "mixed", (1, 10), 15.0),
)


@dataclass(frozen=True)
class XInstance:
    """Depot first; `demands[0]` = 0; distances are Euclidean, rounded."""

    name: str
    points: list[tuple[int, int]]
    demands: list[int]
    capacity: int

    def distances(self) -> np.ndarray:
        """Give the (n, n) int64 matrix of rounded distances."""
        at = np.array(self.points, dtype=np.float64)
        return np.rint(np.hypot(*(at[:, None] - at).transpose(2, 0, 1))).astype(np.int64)


def make_x(seed: int, customers: int) -> XInstance:
    """Make an instance the way set X was made; equal arguments give equal instances."""
    rng = random.Random(f"x-{seed}-{customers}")
    depot, spread, (low, high), route_size = KINDS[seed % len(KINDS)]
    start = {"centre": (500, 500), "corner": (0, 0)}.get(depot, (rng.randint(0, GRID), rng.randint(0, GRID)))
    seeds = [(rng.randint(0, GRID), rng.randint(0, GRID)) for _ in range(rng.randint(3, 8))]
    points = set() if spread == "random" else set(seeds)
    while len(points) < customers:
        spot = (rng.randint(0, GRID), rng.randint(0, GRID))
        pull = sum(math.exp(-math.dist(spot, centre) / 40) for centre in seeds)
        is_free = spread == "random" or (spread == "mixed" and len(points) < customers / 2)
        if is_free or rng.random() < pull:
            points.add(spot)
    demands = [rng.randint(low, high) for _ in range(customers)]
    capacity = math.ceil(route_size * sum(demands) / customers)
    name = f"X-like n{customers + 1} {depot}/{spread}"
    return XInstance(name, [start, *sorted(points)], [0, *demands], max(capacity, max(demands)))


def plain_pyvrp(instance: XInstance, seconds: float, seed: int) -> int:
    """Solve with PyVRP's own `solve`; this function will give the best distance."""
    distances = instance.distances()
    n = len(instance.points)
    problem = pyvrp.ProblemData(
        [pyvrp.Location(*point) for point in instance.points],
        [pyvrp.Client(k, delivery=[instance.demands[k]]) for k in range(1, n)],
        [pyvrp.Depot(0)],
        [pyvrp.VehicleType(n, [instance.capacity])],
        [distances],
        [np.zeros_like(distances)],
    )
    return int(pyvrp.solve(problem, MaxRuntime(seconds), seed=seed, collect_stats=False).cost())


def our_planner(instance: XInstance, seconds: float, seed: int) -> int:
    """Solve with the planner of `logistics plan`: one parcel per customer, vehicles without a day's price."""
    distances = instance.distances()
    names = tuple(str(k) for k in range(len(instance.points)))
    index = {name: k for k, name in enumerate(names)}
    network = Network(names, index, distances, np.zeros_like(distances), None, len(names))
    fleet = (VehicleType("van", len(names), instance.capacity, 1, 1_000_000, 0, 1_000, 0, 0, 0, 0),)
    parcels = [
        Parcel(names[k], "c1", Direction.IN, names[k], instance.demands[k], 0) for k in range(1, len(names))
    ]
    terrain = Terrain.of(group_parcels(parcels, network, fleet), fleet, network)
    planner = Planner(
        terrain, Budget.of_seconds(seconds), seed=seed, bound_fen=0, on_best=lambda _step, _cost: None
    )
    planner.run()
    return planner.cost_fen


def run_rivals(seeds: Sequence[int], *, seconds: float) -> Iterator[str]:
    """Compare both on X-like instances of 100, 200 and 400 customers."""
    yield "instance                             PyVRP       ours  difference"
    for seed in seeds:
        for customers in (100, 200, 400):
            instance = make_x(seed, customers)
            alone, ours = plain_pyvrp(instance, seconds, seed), our_planner(instance, seconds, seed)
            yield f"{instance.name:32s} {alone:9d}  {ours:9d}  {100 * (ours / alone - 1):+.2f} %"
