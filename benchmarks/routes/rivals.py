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
# Depot, customers, demands; route sizes come from the paper's triangular distribution.
KINDS = (
    ("centre", "random", "1-100"),
    ("corner", "clustered", "50-100"),
    ("random", "mixed", "1-10"),
    ("centre", "clustered", "quadrant"),
    ("corner", "mixed", "many small"),
    ("random", "random", "unitary"),
    ("centre", "mixed", "5-10"),
    ("corner", "random", "quadrant"),
    ("random", "clustered", "1-100"),
)
SIZES = (100, 200, 400)
ROUTE_SIZES = (3.0, 6.0, 25.0)


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
        rounded: np.ndarray = np.rint(np.hypot(*(at[:, None] - at).transpose(2, 0, 1))).astype(np.int64)
        return rounded


def make_x(seed: int, customers: int) -> XInstance:
    """Make an instance the way set X was made; equal arguments give equal instances."""
    rng = random.Random(f"x-{seed}-{customers}")
    depot, spread, demand = KINDS[(seed - 1) % len(KINDS)]
    spots = {"centre": (GRID // 2, GRID // 2), "corner": (0, 0)}
    start = spots.get(depot, (rng.randint(0, GRID), rng.randint(0, GRID)))
    points = sorted(_customers(rng, spread, customers))
    demands = [_demand(rng, demand, point) for point in points]
    low, mode, high = ROUTE_SIZES
    capacity = math.ceil(rng.triangular(low, high, mode) * sum(demands) / customers)
    name = f"n{customers + 1} {depot}/{spread}/{demand}"
    return XInstance(name, [start, *points], [0, *demands], max(capacity, max(demands)))


def _customers(rng: random.Random, spread: str, customers: int) -> set[tuple[int, int]]:
    """Everywhere alike, or drawn to a few seeds (the nearer the likelier), or half of each."""
    seeds = [(rng.randint(0, GRID), rng.randint(0, GRID)) for _ in range(rng.randint(3, 8))]
    points = set() if spread == "random" else set(seeds)
    while len(points) < customers:
        spot = (rng.randint(0, GRID), rng.randint(0, GRID))
        is_free = spread == "random" or (spread == "mixed" and len(points) < customers / 2)
        if is_free or rng.random() < sum(math.exp(-math.dist(spot, seed) / 40) for seed in seeds):
            points.add(spot)
    return points


def _demand(rng: random.Random, kind: str, point: tuple[int, int]) -> int:
    if kind == "unitary":
        return 1
    if kind == "quadrant":
        is_even = (point[0] < GRID / 2) == (point[1] < GRID / 2)
        return rng.randint(1, 50) if is_even else rng.randint(51, 100)
    if kind == "many small":
        return rng.randint(1, 10) if rng.random() < 0.85 else rng.randint(50, 100)
    low, high = kind.split("-")
    return rng.randint(int(low), int(high))


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
    """Compare both, one core each, on X-like instances; one line of a Markdown table per instance."""
    yield "| X-like instance | PyVRP alone | ours | difference |"
    yield "|---|---|---|---|"
    differences = []
    for seed in seeds:
        instance = make_x(seed, SIZES[(seed - 1) // 3 % len(SIZES)])
        alone, ours = plain_pyvrp(instance, seconds, seed), our_planner(instance, seconds, seed)
        differences.append(100 * (ours / alone - 1))
        yield f"| {instance.name} | {alone:,} | {ours:,} | {differences[-1]:+.2f} % |"
    within = sum(difference <= 1 for difference in differences)
    yield f"\nAt most 1 % longer than PyVRP alone: {within} of {len(differences)} ({seconds:g} s each)."
