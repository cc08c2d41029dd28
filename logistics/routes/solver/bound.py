"""The proven lower bound of the joint plan: no plan that serves the same parcels costs less."""

import heapq
from collections.abc import Sequence

from logistics.routes.network import Network
from logistics.routes.solver.bound_needs import measure_demand
from logistics.routes.solver.bound_roads import split_at_bridges
from logistics.routes.solver.bound_trips import count_trips, gentlest
from logistics.routes.types import Bound, Instance, Parcel

NOTHING_SERVED = Bound(0, "nothing-served")


def lower_bound(
    instance: Instance, network: Network, served: Sequence[Parcel], *, time_limit_s: float | None = None
) -> Bound:
    """Prove a cost in fen below which no plan that serves `served` can be, on any road network.

    Takes: `served`, parcels that the fleet can serve; `time_limit_s`, None = as long as it takes (seconds).
    Gives: cost 0 when nothing is served.
    """
    fleet = [kind for kind in instance.fleet if kind.available > 0]
    if not served or not fleet:
        return NOTHING_SERVED
    demand = measure_demand(served, network.index, fleet)
    edges = network.edges if network.edges is not None else []
    roads = split_at_bridges(edges, 0, set(demand.stations))
    if network.edges is None:
        roads.bridge_of.update(dict.fromkeys(demand.stations, -1))
    reach_s = least_times(edges, 0)
    counts = count_trips(roads, demand, gentlest(fleet), reach_s)
    road_m = sum(2 * b.distance_m * n for b, n in zip(roads.bridges, counts.crossings, strict=True))
    cost_fen = (
        counts.vehicles * min(kind.day_fen for kind in fleet)
        + -(-road_m * min(kind.km_fen for kind in fleet) // 1000)
        + sum(counts.stops.values()) * min(kind.stop_fen for kind in fleet)
    )
    return Bound(cost_fen, "tree-count")


def least_times(edges: Sequence[tuple[int, int, int, int]], hub: int) -> dict[int, int]:
    """Compute the least time in seconds from the hub to every node, by any road."""
    near: dict[int, list[tuple[int, int]]] = {}
    for u, v, _, t in edges:
        near.setdefault(u, []).append((v, t))
        near.setdefault(v, []).append((u, t))
    times: dict[int, int] = {}
    queue = [(0, hub)]
    while queue:
        at_s, node = heapq.heappop(queue)
        if node not in times:
            times[node] = at_s
            for neighbour, more_s in near.get(node, ()):
                if neighbour not in times:
                    heapq.heappush(queue, (at_s + more_s, neighbour))
    return times
