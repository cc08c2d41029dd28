"""Cuts what the stations need into vehicle loads along the roads, from the far ends of the valleys inwards.

On a tree a road must be driven ⌈units beyond it ÷ capacity⌉ times. A load that is filled to the brim before
the next is begun comes close to that; pieces cut elsewhere (say in quarters) leave vehicles partly empty.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from logistics.routes.network import Network
from logistics.routes.types import VehicleType

_METRES_PER_KM = 1_000
_MOST_DETOUR = 1.1

# Units to deliver and units to collect.
TwoWay = tuple[int, int]


@dataclass(slots=True)
class Load:
    """A load being filled: deliveries and collections taken per station, and their sums."""

    pieces: list[tuple[int, TwoWay]] = field(default_factory=list)
    ins: int = 0
    outs: int = 0

    @property
    def fullness(self) -> int:
        """Give the units of the fuller direction."""
        return max(self.ins, self.outs)

    def take(self, station: int, part: TwoWay) -> None:
        """Put units of a station into the load."""
        self.pieces.append((station, part))
        self.ins += part[0]
        self.outs += part[1]

    def swallow(self, other: "Load") -> None:
        """Put everything of another load into this one."""
        for station, part in other.pieces:
            self.take(station, part)

    def has_room(self, ins: int, outs: int, capacity: int) -> bool:
        """Tell whether so much more fits both ways."""
        return self.ins + ins <= capacity and self.outs + outs <= capacity


def cut_into_loads(
    units: Mapping[int, TwoWay], network: Network, vehicle: VehicleType
) -> tuple[list[Load], dict[int, int]]:
    """Cut the stations' units into loads for one kind of vehicle; this function will split where it pays.

    Takes: `units` ≥ 0 per station index, all reachable.
    Gives: loads of at most one capacity each way, each station's pieces adding up to its units; and the rank
    of every node on one drive over all roads.
    Cost: O(nodes log nodes + pieces²) in the worst case, a few milliseconds for a county.
    """
    parents, away_m, order = _road_tree(network)
    open_at: dict[int, list[Load]] = defaultdict(list)
    closed: list[Load] = []
    for node in reversed(order):
        own = units.get(node, (0, 0))
        away_s = int(network.duration_s[0, node]) if node < len(network.names) else away_m[node] // 10
        least_gap = _gap_worth_filling(away_m[node], away_s, vehicle)
        loads = _merge(open_at.pop(node, []), vehicle.capacity_units)
        loads = _fill_with_own(loads, node, own, vehicle.capacity_units, least_gap)
        for load in loads:
            if node == 0 or vehicle.capacity_units - load.fullness < least_gap:
                closed.append(load)
            else:
                open_at[parents[node]].append(load)
    return closed, _drive_rank(parents, order)


def _drive_rank(parents: Mapping[int, int], order: Sequence[int]) -> dict[int, int]:
    """Number the nodes in the order in which one drive over the whole tree meets them."""
    children: dict[int, list[int]] = defaultdict(list)
    for node in order:
        if node != 0:
            children[parents[node]].append(node)
    rank: dict[int, int] = {}
    waiting = [0]
    while waiting:
        node = waiting.pop()
        rank[node] = len(rank)
        waiting.extend(reversed(children[node]))
    return rank


def _gap_worth_filling(away_m: int, away_s: int, vehicle: VehicleType) -> float:
    """The free units below which one more stop costs more than the emptiness."""
    second_fen = vehicle.day_fen / (vehicle.shift_s + vehicle.reload_s)
    stop_fen = vehicle.stop_fen + vehicle.stop_s * second_fen
    trip_fen = 2 * away_m * vehicle.km_fen / _METRES_PER_KM + (2 * away_s + vehicle.reload_s) * second_fen
    return max(1.0, vehicle.capacity_units * stop_fen / trip_fen) if trip_fen else 1.0


def _merge(loads: Sequence[Load], capacity: int) -> list[Load]:
    """Put loads of side valleys together, best fit decreasing; none is split."""
    merged: list[Load] = []
    for load in sorted(loads, key=lambda load: (-load.fullness, load.pieces)):
        fitting = [other for other in merged if other.has_room(load.ins, load.outs, capacity)]
        if fitting:
            max(fitting, key=lambda other: other.fullness).swallow(load)
        else:
            merged.append(load)
    return merged


def _fill_with_own(
    loads: list[Load], station: int, own: TwoWay, capacity: int, least_gap: float
) -> list[Load]:
    """Use a station's own units to fill what comes past, the fullest first; begin loads with the rest."""
    ins, outs = own
    begun: list[Load] = []
    while max(ins, outs) >= capacity:
        begun.append(Load())
        begun[-1].take(station, (min(ins, capacity), min(outs, capacity)))
        ins, outs = ins - begun[-1].ins, outs - begun[-1].outs
    fitting = [load for load in loads if load.has_room(ins, outs, capacity)]
    if max(ins, outs) and fitting:
        max(fitting, key=lambda load: load.fullness).take(station, (ins, outs))
        return [*begun, *loads]
    for load in sorted(loads, key=lambda load: -load.fullness):
        part = _part(ins, outs, capacity - load.ins, capacity - load.outs)
        if max(part) >= least_gap:
            load.take(station, part)
            ins, outs = ins - part[0], outs - part[1]
    if max(ins, outs):
        begun.append(Load())
        begun[-1].take(station, (ins, outs))
    return [*begun, *loads]


def _part(ins: int, outs: int, free_ins: int, free_outs: int) -> TwoWay:
    """The largest part of both, in equal proportion, that fits the free units."""
    if ins <= free_ins and outs <= free_outs:
        return ins, outs
    if ins * free_outs >= outs * free_ins:
        return free_ins, outs * free_ins // ins
    return ins * free_outs // outs, free_outs


def _road_tree(network: Network) -> tuple[dict[int, int], dict[int, int], list[int]]:
    """Parents and distances (m) in the tree of least paths from the hub, and the nodes from near to far.

    Without roads a station hangs on the last station that lies nearly on the way to it.
    """
    if network.edges is None:
        return _tree_of_detours(network)
    near: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for u, v, metres, _ in network.edges:
        near[u].append((v, metres))
        near[v].append((u, metres))
    parents: dict[int, int] = {}
    away_m: dict[int, int] = {}
    order: list[int] = []
    queue = [(0, 0, 0)]
    while queue:
        metres, node, parent = heapq.heappop(queue)
        if node in parents:
            continue
        parents[node], away_m[node] = parent, metres
        order.append(node)
        for other, more in near[node]:
            if other not in parents:
                heapq.heappush(queue, (metres + more, other, node))
    return parents, away_m, order


def _tree_of_detours(network: Network) -> tuple[dict[int, int], dict[int, int], list[int]]:
    metres = network.distance_m.tolist()
    order = sorted(range(len(metres)), key=lambda k: (metres[0][k], k))
    parents = {0: 0}
    for place, node in enumerate(order[1:], start=1):
        on_the_way = [
            other
            for other in order[1:place]
            if metres[0][other] + metres[other][node] <= _MOST_DETOUR * metres[0][node]
        ]
        parents[node] = min(on_the_way, key=lambda other: (metres[other][node], other), default=0)
    order.remove(0)
    return parents, dict(enumerate(metres[0])), [0, *order]
