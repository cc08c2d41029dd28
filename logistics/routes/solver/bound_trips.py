"""What every plan must do on the way: crossings of roads and cuts, stops, trips and vehicles, by counting."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from logistics.routes.solver.bound_cuts import Cut, CutProblem
from logistics.routes.solver.bound_needs import Demand
from logistics.routes.solver.bound_roads import Block, RoadTree
from logistics.routes.types import VehicleType

# With so many roads a second search would cost as much as the first and find the same sets.
_MANY_ROADS = 4_000


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that at least `trips` trips pay for: `metres` and `seconds` each, `stops` stops each.

    `amounts`: the needs it serves, one per need of the demand; a fleet of several types must carry them.
    """

    amounts: tuple[int, ...]
    trips: int
    metres: float = 0.0
    seconds: float = 0.0
    stops: int = 0


@dataclass(frozen=True, slots=True)
class Duties:
    """All duties of a plan; `whole` is the duty of leaving the hub, `vehicles` how many must do so."""

    roads: tuple[Duty, ...]
    stops: tuple[Duty, ...]
    whole: Duty
    vehicles: int


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


@dataclass(eq=False)
class _Load:
    """What lies at a node or beyond a bridge: all needs, seconds of work, reach of the farthest station."""

    amounts: np.ndarray[tuple[int], np.dtype[np.int64]]
    work_s: float = 0.0
    farthest_s: int = 0

    def add(self, other: "_Load", more_s: float = 0.0) -> None:
        self.amounts = self.amounts + other.amounts
        self.work_s += other.work_s + more_s
        self.farthest_s = max(self.farthest_s, other.farthest_s)


@dataclass(eq=False)
class DutyCounter:
    """Counts duties from the far ends of the network inwards.

    `reach_s`: the least time from the hub to each node; `is_over` tells when the time is up.
    Numbers are proven by capacity (⌈need ÷ capacity⌉) and by time: a vehicle that works beyond a bridge
    spends the way there and back on the road, so m vehicles bring at most m × (shift − 2 × way) of work.
    `span_s`: all parcels of the demand fall due within such a span; then a vehicle's time is the span, and
    once the way home from its last (or out to its first) stop and the handling there.
    `floors`: crossings of each bridge and, last, vehicles that are proven already.
    """

    network: RoadTree
    demand: Demand
    terms: Gentlest
    reach_s: dict[int, int]
    is_over: Callable[[], bool]
    span_s: int | None = None
    floors: Sequence[int] = ()
    crossings: list[int] = field(default_factory=list)
    _roads: list[Duty] = field(default_factory=list)
    _at_node: dict[int, _Load] = field(default_factory=dict)

    def count(self) -> Duties:
        """Count everything; this function will give numbers that hold in every plan."""
        floors = self.floors or [0] * (len(self.network.bridges) + 1)
        self.crossings = [0] * len(self.network.bridges)
        stops = [self._count_stops(station) for station in self.demand.stations]
        beyond = [self._nothing() for _ in range(len(self.network.bridges) + 1)]
        blocks: dict[int, list[Block]] = {}
        for block in self.network.blocks:
            blocks.setdefault(block.above, []).append(block)
        for station in self.demand.stations:
            beyond[self.network.bridge_of[station]].add(self._at_node[station])
        for b in range(len(self.network.bridges) - 1, -1, -1):
            bridge = self.network.bridges[b]
            beyond[b].work_s += sum(self._pay_for_block(block) for block in blocks.get(b, ()))
            trips = max(self._trips_into(beyond[b], self.reach_s[bridge.far]), floors[b])
            self.crossings[b] = trips
            way_s = 2 * bridge.duration_s
            self._roads.append(self._duty(beyond[b], trips, 2 * bridge.distance_m, way_s))
            beyond[bridge.above].add(beyond[b], trips * way_s)
            if self.network.block_of[bridge.near] >= 0:
                self._at_node.setdefault(bridge.near, self._nothing()).add(beyond[b], trips * way_s)
        beyond[-1].work_s += sum(self._pay_for_block(block) for block in blocks.get(-1, ()))
        loads = self.demand.trips(beyond[-1].amounts.tolist())
        vehicles = max(self._vans_into(beyond[-1], loads, 0), floors[-1])
        whole = self._duty(beyond[-1], max(loads, vehicles))
        return Duties(tuple(self._roads), tuple(stops), whole, vehicles)

    def _nothing(self) -> _Load:
        return _Load(np.zeros(len(self.demand.needs), np.int64))

    def _duty(self, load: _Load, trips: int, metres: float = 0.0, seconds: float = 0.0) -> Duty:
        return Duty(tuple(load.amounts.tolist()), trips, metres, seconds)

    def _count_stops(self, station: int) -> Duty:
        here = np.array([need.amount[station] for need in self.demand.needs], np.int64)
        stops = max(1, self.demand.trips(here.tolist()))
        units = int(self.demand.units[station])
        work_s = stops * self.terms.stop_s + units * self.terms.unit_s
        self._at_node[station] = _Load(here, work_s, self.reach_s[station])
        return Duty(tuple(here.tolist()), stops, stops=1)

    def _trips_into(self, load: _Load, reach_s: int) -> int:
        loads = self.demand.trips(load.amounts.tolist())
        return max(loads, self._vans_into(load, loads, reach_s))

    def _vans_into(self, load: _Load, loads: int, reach_s: int) -> int:
        day_s = self.terms.shift_s + self.terms.reload_s
        if self.span_s is not None:
            last_s = self.terms.stop_s + self.terms.unit_s * int(self.demand.units.max())
            day_s = min(day_s, self.span_s + load.farthest_s + last_s + self.terms.reload_s)
        return _count_vans(load.work_s, loads, 2 * reach_s, day_s, self.terms.reload_s)

    def _pay_for_block(self, block: Block) -> float:
        """Pack cuts in a block, one packing for metres and one for seconds; give the seconds it takes."""
        metres = self._pack(block, 2, ())
        seconds = self._pack(block, 3, [cut for cut, _, _ in metres])
        for inside, width, trips in metres:
            self._roads.append(self._duty(self._load_of(inside), trips, metres=2 * width))
        for inside, width, trips in seconds:
            self._roads.append(self._duty(self._load_of(inside), trips, seconds=2 * width))
        return sum(2 * width * trips for _, width, trips in seconds)

    def _load_of(self, nodes: Iterable[int]) -> _Load:
        load = self._nothing()
        for node in nodes:
            if node in self._at_node:
                load.add(self._at_node[node])
        return load

    def _pack(
        self, block: Block, measure: int, known: Sequence[frozenset[int]]
    ) -> list[tuple[frozenset[int], float, int]]:
        """Pack cuts of a block for one measure of its roads (2: metres, 3: seconds)."""
        if not any(node in self._at_node for node in block.nodes):
            return []
        group = _merge_free_roads(block, measure)
        members: list[list[int]] = [[] for _ in range(max(group.values()) + 1)]
        for node in block.nodes:
            members[group[node]].append(node)
        roads = [road for road in block.roads if road[measure] > 0 and group[road[0]] != group[road[1]]]
        if not roads:
            return []

        def nodes_of(inside: frozenset[int]) -> frozenset[int]:
            return frozenset(node for number in inside for node in members[number])

        loads = [self._load_of(nodes) for nodes in members]
        amounts = np.array([load.amounts for load in loads]).reshape(len(members), len(self.demand.needs))
        work_s = np.array([load.work_s for load in loads])
        reach_s = [min(self.reach_s[node] for node in nodes) for nodes in members]
        farthest_s = [load.farthest_s for load in loads]

        def count(inside: frozenset[int]) -> int:
            numbers = sorted(inside)
            farthest = max(farthest_s[number] for number in numbers)
            load = _Load(amounts[numbers].sum(axis=0), float(work_s[numbers].sum()), farthest)
            return self._trips_into(load, min(reach_s[number] for number in numbers))

        problem = CutProblem(
            nodes=len(members),
            starts=np.array([group[road[0]] for road in roads], np.int64),
            ends=np.array([group[road[1]] for road in roads], np.int64),
            lengths=np.array([road[measure] for road in roads], np.float64),
            wanted=[i for i, nodes in enumerate(members) if any(node in self._at_node for node in nodes)],
            count=count,
            is_over=self.is_over,
            is_settled=bool(known) and len(roads) > _MANY_ROADS,
            known=[
                inside
                for inside in (frozenset(group[node] for node in nodes) for nodes in known)
                if 0 not in inside
            ],
        )
        cuts: list[Cut] = problem.solve()
        return [(nodes_of(cut.inside), cut.width, problem.trips[cut.inside]) for cut in cuts]


def _merge_free_roads(block: Block, measure: int) -> dict[int, int]:
    """Number the nodes so that those joined by roads of length 0 share a number, the entry's being 0."""
    parent = {node: node for node in block.nodes}

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for road in block.roads:
        if not road[measure]:
            parent[find(road[0])] = find(road[1])
    numbers: dict[int, int] = {}
    return {node: numbers.setdefault(find(node), len(numbers)) for node in block.nodes}


def _count_vans(work_s: float, trips: int, way_s: int, day_s: int, reload_s: int) -> int:
    """Find the least m with m × day ≥ work + max(trips, m) × (way + reload), a day including one reload."""
    # Real work is a whole number of seconds; the tolerance absorbs the floats of a packing of cuts.
    work = math.ceil(work_s - 1e-3)
    if not trips and not work:
        return 0
    each_s = way_s + reload_s
    if day_s <= each_s:
        return max(1, trips)
    vans = max(1, -(-(work + trips * each_s) // day_s))
    if vans > trips:
        # More vehicles than loads: each comes only once.
        vans = max(trips + 1, -(-work // (day_s - each_s)))
    return vans
