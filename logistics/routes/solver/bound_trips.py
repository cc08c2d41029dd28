"""How often vehicles must cross each bridge, stop at each station and leave the hub, by counting."""

from collections.abc import Sequence
from dataclasses import dataclass

from logistics.routes.solver.bound_needs import Demand
from logistics.routes.solver.bound_roads import RoadTree
from logistics.routes.types import VehicleType


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole numbers that hold in every plan, whatever else it does.

    `crossings[b]`: trips that go beyond bridge b; `vans[b]`: different vehicles that do;
    `stops[i]`: stops at station i; `trips`, `vehicles`: of the whole plan;
    `amounts[b]`: every need beyond bridge b, the whole plan's need last; `work_s`: time beyond bridge b.
    """

    crossings: list[int]
    vans: list[int]
    stops: dict[int, int]
    trips: int
    vehicles: int
    amounts: list[list[int]]
    work_s: list[int]


@dataclass(frozen=True, slots=True)
class Gentlest:
    """The most favourable value of each term over the whole fleet."""

    shift_s: int
    stop_s: int
    unit_s: int
    reload_s: int


def gentlest(fleet: Sequence[VehicleType]) -> Gentlest:
    """Take the longest shift and the shortest handling of any vehicle type."""
    return Gentlest(
        shift_s=max(kind.shift_s for kind in fleet),
        stop_s=min(kind.stop_s for kind in fleet),
        unit_s=min(kind.unit_s for kind in fleet),
        reload_s=min(kind.reload_s for kind in fleet),
    )


def count_trips(roads: RoadTree, demand: Demand, terms: Gentlest, reach_s: dict[int, int]) -> Counts:
    """Count crossings, stops, trips and vehicles from the far ends of the network inwards.

    Takes: `reach_s`, the least time from the hub to each node.
    Gives: numbers proven by capacity (⌈need ÷ capacity⌉) and by time: a vehicle that works beyond a bridge
    spends the way there and back on the road, so m vehicles bring at most m × (shift − 2 × way) of work.
    """
    n_bridges = len(roads.bridges)
    amounts = [[0] * len(demand.needs) for _ in range(n_bridges + 1)]
    work_s = [0] * (n_bridges + 1)
    stops: dict[int, int] = {}
    for station in demand.stations:
        here = [int(need.amount[station]) for need in demand.needs]
        stops[station] = max(1, demand.trips(here))
        beyond = roads.bridge_of[station]
        amounts[beyond] = [a + b for a, b in zip(amounts[beyond], here, strict=True)]
        work_s[beyond] += stops[station] * terms.stop_s + int(demand.units[station]) * terms.unit_s
    crossings, vans = [0] * n_bridges, [0] * n_bridges
    for b in range(n_bridges - 1, -1, -1):
        bridge = roads.bridges[b]
        trips = demand.trips(amounts[b])
        vans[b] = _count_vans(work_s[b], trips, 2 * reach_s[bridge.far], terms)
        crossings[b] = max(trips, vans[b])
        amounts[bridge.above] = [x + y for x, y in zip(amounts[bridge.above], amounts[b], strict=True)]
        work_s[bridge.above] += work_s[b] + 2 * bridge.duration_s * crossings[b]
    trips = demand.trips(amounts[-1])
    vehicles = _count_vans(work_s[-1], trips, 0, terms)
    return Counts(crossings, vans, stops, max(trips, vehicles), vehicles, amounts, work_s)


def _count_vans(work_s: int, trips: int, way_s: int, terms: Gentlest) -> int:
    """Find the least m with m × (shift + reload) ≥ work + max(trips, m) × (way + reload)."""
    if not trips and not work_s:
        return 0
    day_s = terms.shift_s + terms.reload_s
    each_s = way_s + terms.reload_s
    vans = max(1, -(-(work_s + trips * each_s) // day_s))
    if vans > trips and day_s > each_s:
        # More vehicles than loads: each comes only once.
        vans = max(trips + 1, -(-work_s // (day_s - each_s)))
    return vans
