"""The proven lower bound of the joint plan: no plan that serves the same parcels costs less."""

import heapq
from collections.abc import Sequence

import numpy as np

from county import clock
from logistics.routes.network import Network
from logistics.routes.solver.bound_fleet import cheapest_fleet
from logistics.routes.solver.bound_needs import measure_demand
from logistics.routes.solver.bound_roads import Block, Edge, RoadTree, split_at_bridges
from logistics.routes.solver.bound_trips import DutyCounter, gentlest
from logistics.routes.solver.bound_windows import narrow_spans
from logistics.routes.types import Bound, Instance, Parcel

NOTHING_SERVED = Bound(0, "nothing-served")


def lower_bound(
    instance: Instance, network: Network, served: Sequence[Parcel], *, time_limit_s: float | None = None
) -> Bound:
    """Prove a cost in fen below which no plan that serves `served` can be, on any road network.

    Takes: `served`, parcels that the fleet can serve; `time_limit_s` ends the search of cuts early.
    Gives: cost 0 when nothing is served; without a time limit the same bound for the same input.
    Cost: milliseconds on a tree; docs/bound.md says what was measured.
    Source: docs/bound.md.
    """
    fleet = [kind for kind in instance.fleet if kind.available > 0]
    if not served or not fleet:
        return NOTHING_SERVED
    started_s = clock.monotonic_s()

    def is_over() -> bool:
        return time_limit_s is not None and clock.monotonic_s() > started_s + time_limit_s

    demand = measure_demand(served, network.index, fleet)
    if network.edges is None:
        roads, reach_s = _all_pairs(network, demand.stations)
    else:
        roads = split_at_bridges(network.edges, 0, set(demand.stations))
        reach_s = least_times(network.edges, 0)
    terms = gentlest(fleet)
    floors = [0] * (len(roads.bridges) + 1)
    for span_s, parcels in narrow_spans(served, terms.shift_s) if network.edges is not None else ():
        if is_over():
            break
        part = DutyCounter(
            roads, measure_demand(parcels, network.index, fleet), terms, reach_s, is_over, span_s=span_s
        )
        vehicles = part.count().vehicles
        floors = [max(pair) for pair in zip(floors, [*part.crossings, vehicles], strict=True)]
    duties = DutyCounter(roads, demand, terms, reach_s, is_over, floors=floors).count()
    cost_fen = cheapest_fleet(fleet, demand, duties)
    return Bound(cost_fen, _method(roads, network))


def _method(roads: RoadTree, network: Network) -> str:
    if network.edges is None:
        return "great-circle-cuts"
    return "tree-and-cuts" if roads.blocks else "tree"


def _all_pairs(network: Network, stations: Sequence[int]) -> tuple[RoadTree, dict[int, int]]:
    """Make one block of the hub and all stations, every pair joined by its own way."""
    nodes = [0, *stations]
    ways = [
        (u, v, int(network.distance_m[u, v]), int(network.duration_s[u, v]))
        for place, u in enumerate(nodes)
        for v in nodes[place + 1 :]
    ]
    between = network.duration_s[np.ix_(nodes, nodes)]
    reach = between[0]
    # Rounding to whole seconds may make a way over a third place shorter by a second or two.
    while ((shorter := (reach[:, None] + between).min(axis=0)) < reach).any():
        reach = shorter
    reach_s = {node: int(time_s) for node, time_s in zip(nodes, reach, strict=True)}
    inside = dict.fromkeys(nodes, -1)
    return RoadTree((), (Block(tuple(nodes), tuple(ways), -1),), inside, dict.fromkeys(nodes, 0)), reach_s


def least_times(edges: Sequence[Edge], hub: int) -> dict[int, int]:
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
