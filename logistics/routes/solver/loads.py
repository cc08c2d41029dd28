"""Cuts what the stations need into vehicle loads along the roads, from the far ends of the valleys inwards.

On a tree a road must be driven ⌈units beyond it ÷ capacity⌉ times. A load that is filled to the brim before
the next is begun comes close to that; pieces cut elsewhere (say in quarters) leave vehicles partly empty.
"""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

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

    def room_left(self, room: TwoWay) -> TwoWay:
        """Give the units that still fit, each way."""
        return max(0, room[0] - self.ins), max(0, room[1] - self.outs)

    def take(self, station: int, part: TwoWay) -> None:
        """Put units of a station into the load."""
        self.pieces.append((station, part))
        self.ins += part[0]
        self.outs += part[1]

    def swallow(self, other: "Load") -> None:
        """Put everything of another load into this one."""
        for station, part in other.pieces:
            self.take(station, part)

    def has_room(self, ins: int, outs: int, room: TwoWay) -> bool:
        """Tell whether so much more fits both ways."""
        return self.ins + ins <= room[0] and self.outs + outs <= room[1]


@dataclass(frozen=True, eq=False)
class Valleys:
    """The tree of least paths from the hub: parents, ways from the hub, and the nodes from near to far.

    `away_m`, `away_s`: from the hub to the node; `road_m`, `road_s`: from its parent to the node.
    """

    parents: dict[int, int]
    away_m: dict[int, int]
    away_s: dict[int, int]
    order: list[int]

    @cached_property
    def road_m(self) -> dict[int, int]:
        """Metres from its parent to each node."""
        return {node: max(0, self.away_m[node] - self.away_m[self.parents[node]]) for node in self.order}

    @cached_property
    def road_s(self) -> dict[int, int]:
        """Seconds from its parent to each node."""
        return {node: max(0, self.away_s[node] - self.away_s[self.parents[node]]) for node in self.order}

    @cached_property
    def drive_rank(self) -> dict[int, int]:
        """Number the nodes in the order in which one drive over the whole tree meets them."""
        return _drive_rank(self.parents, self.order)


def cut_into_loads(
    units: Mapping[int, TwoWay], valleys: Valleys, vehicle: VehicleType, room: TwoWay
) -> list[Load]:
    """Cut the stations' units into loads for one kind of vehicle; this function will split where it pays.

    Takes: `units` ≥ 0 per station index, all reachable; `room` > 0, the units that a vehicle takes each way.
    Gives: loads of at most `room` each way, each station's pieces adding up to its units.
    Cost: O(nodes log nodes + pieces²) in the worst case, a few milliseconds for a county.
    """
    open_at: dict[int, list[Load]] = defaultdict(list)
    closed: list[Load] = []
    for node in reversed(valleys.order):
        own = units.get(node, (0, 0))
        least_gap = gap_worth_filling(valleys.away_m[node], valleys.away_s[node], vehicle)
        loads = _merge(open_at.pop(node, []), room)
        loads = _fill_with_own(loads, node, own, room, least_gap)
        for load in loads:
            if node == 0 or min(load.room_left(room)) < least_gap:
                closed.append(load)
            else:
                open_at[valleys.parents[node]].append(load)
    return closed


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


def gap_worth_filling(away_m: int, away_s: int, vehicle: VehicleType) -> float:
    """The free units below which one more stop costs more than the emptiness."""
    second_fen = vehicle.day_fen / (vehicle.shift_s + vehicle.reload_s)
    stop_fen = vehicle.stop_fen + vehicle.stop_s * second_fen
    trip_fen = 2 * away_m * vehicle.km_fen / _METRES_PER_KM + (2 * away_s + vehicle.reload_s) * second_fen
    return max(1.0, vehicle.capacity_units * stop_fen / trip_fen) if trip_fen else 1.0


def _merge(loads: Sequence[Load], room: TwoWay) -> list[Load]:
    """Put loads of side valleys together, best fit decreasing; none is split."""
    merged: list[Load] = []
    for load in sorted(loads, key=lambda load: (-load.fullness, load.pieces)):
        fitting = [other for other in merged if other.has_room(load.ins, load.outs, room)]
        if fitting:
            max(fitting, key=lambda other: other.fullness).swallow(load)
        else:
            merged.append(load)
    return merged


def _fill_with_own(
    loads: list[Load], station: int, own: TwoWay, room: TwoWay, least_gap: float
) -> list[Load]:
    """Use a station's own units to fill what comes past, the fullest first; begin loads with the rest."""
    ins, outs = own
    begun: list[Load] = []
    while ins >= room[0] or outs >= room[1]:
        begun.append(Load())
        begun[-1].take(station, (min(ins, room[0]), min(outs, room[1])))
        ins, outs = ins - begun[-1].ins, outs - begun[-1].outs
    fitting = [load for load in loads if load.has_room(ins, outs, room)]
    if max(ins, outs) and fitting:
        max(fitting, key=lambda load: load.fullness).take(station, (ins, outs))
        return [*begun, *loads]
    for load in sorted(loads, key=lambda load: -load.fullness):
        part = _part(ins, outs, *load.room_left(room))
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


def find_valleys(network: Network) -> Valleys:
    """Find the tree of least paths from the hub.

    Without roads a station hangs on the last station that lies nearly on the way to it.
    """
    if network.edges is None:
        return _tree_of_detours(network)
    near: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for u, v, metres, seconds in network.edges:
        near[u].append((v, metres, seconds))
        near[v].append((u, metres, seconds))
    parents: dict[int, int] = {}
    away_m: dict[int, int] = {}
    away_s: dict[int, int] = {}
    order: list[int] = []
    queue = [(0, 0, 0, 0)]
    while queue:
        metres, seconds, node, parent = heapq.heappop(queue)
        if node in parents:
            continue
        parents[node], away_m[node], away_s[node] = parent, metres, seconds
        order.append(node)
        for other, more_m, more_s in near[node]:
            if other not in parents:
                heapq.heappush(queue, (metres + more_m, seconds + more_s, other, node))
    return Valleys(parents, away_m, away_s, order)


def _tree_of_detours(network: Network) -> Valleys:
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
    away_s = dict(enumerate(network.duration_s[0].tolist()))
    return Valleys(parents, dict(enumerate(metres[0])), away_s, [0, *order])
