"""Cuts some loads anew, again and again: what counting roads asks for, found by trying.

A few loads that share a road are poured out and cut another way, with chance at every choice; what costs
less is kept. Costs are those of a trip along the tree of least paths: exact where roads make a tree.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from math import exp

from logistics.routes.solver.loads import Load, TwoWay, Valleys, gap_worth_filling
from logistics.routes.types import VehicleType

_METRES_PER_KM = 1_000
MOST_POURED = 6
# Steps without gain after which more are not worth their time.
LEAST_IDLE, IDLE_PER_LOAD = 300, 400
INWARDS_SHARE = 0.5
# What a step may make worse at first, as a part of a mean load's cost; it falls to nothing.
FIRST_HEAT = 0.003
TOO_LONG_FEN = 1e7


class Recutter:
    """Keeps loads and makes them cheaper."""

    def __init__(self, valleys: Valleys, vehicle: VehicleType, room: TwoWay, loads: Sequence[Load]) -> None:
        self.valleys, self.vehicle, self.room = valleys, vehicle, room
        self.rng = random.Random()
        self.second_fen = vehicle.day_fen / (vehicle.shift_s + vehicle.reload_s)
        self.rank = {node: place for place, node in enumerate(valleys.order)}
        self.first = [_tidy(load) for load in loads]
        self.loads: list[Load] = []
        self.ways: list[frozenset[int]] = []
        self.costs: list[float] = []

    def best_of(self, turns: int, is_over: Callable[[], float], *, seed: int) -> list[Load]:
        """Cut anew several times from the first loads; this function will give the cheapest end."""
        ends = (self.run(is_over, seed=seed + turn) for turn in range(turns))
        return min(ends, key=self.total)

    def run(self, is_over: Callable[[], float], *, seed: int) -> list[Load]:
        """Cut anew until nothing is found any more or `is_over` says 1 (it tells the share of time gone)."""
        self.rng.seed(f"recut-{seed}")
        self.loads = list(self.first)
        self.ways = [self._way(load) for load in self.loads]
        self.costs = [self._cost(load, way) for load, way in zip(self.loads, self.ways, strict=True)]
        best, best_cost = list(self.loads), sum(self.costs)
        now = best_cost
        mean = best_cost / max(1, len(self.loads))
        idle = 0
        while (gone := is_over()) < 1 and idle < LEAST_IDLE + IDLE_PER_LOAD * len(self.loads):
            idle += 1
            chosen = self._choose()
            if len(chosen) < 2:
                continue
            poured: dict[int, TwoWay] = defaultdict(lambda: (0, 0))
            for number in chosen:
                for station, (ins, outs) in self.loads[number].pieces:
                    poured[station] = (poured[station][0] + ins, poured[station][1] + outs)
            recipe = self._cut if self.rng.random() < INWARDS_SHARE else self._cut_along
            cut = [_tidy(load) for load in recipe(poured)]
            ways = [self._way(load) for load in cut]
            costs = [self._cost(load, way) for load, way in zip(cut, ways, strict=True)]
            change = sum(costs) - sum(self.costs[number] for number in chosen)
            heat = mean * FIRST_HEAT * (1 - gone)
            if change <= 0 or self.rng.random() < exp(-change / max(1e-9, heat)):
                self._replace(chosen, cut, ways, costs)
                now += change
                if now < best_cost - 1e-6:
                    idle = 0
                    best, best_cost = list(self.loads), now
        return best

    def total(self, loads: Sequence[Load]) -> float:
        """Price loads, in fen, seconds included."""
        return sum(self._cost(load, self._way(load)) for load in loads)

    def _replace(
        self,
        chosen: Sequence[int],
        cut: Sequence[Load],
        ways: Sequence[frozenset[int]],
        costs: Sequence[float],
    ) -> None:
        for number in sorted(chosen, reverse=True):
            for column in (self.loads, self.ways, self.costs):
                del column[number]
        self.loads.extend(cut)
        self.ways.extend(ways)
        self.costs.extend(costs)

    def _choose(self) -> list[int]:
        """A load, and others that pass a place on its way: the farther the place, the closer they are."""
        if not self.loads:
            return []
        first = self.rng.randrange(len(self.loads))
        way = sorted(self.ways[first])
        node = way[self.rng.randrange(len(way))] if way else 0
        near = [
            number
            for number, other in enumerate(self.ways)
            if number != first and (not node or node in other)
        ]
        count = min(len(near), self.rng.randint(1, MOST_POURED - 1))
        return [first, *self.rng.sample(near, count)]

    def _way(self, load: Load) -> frozenset[int]:
        """All nodes that the load comes past, without the hub."""
        passed: set[int] = set()
        parents = self.valleys.parents
        for station, _ in load.pieces:
            node = station
            while node and node not in passed:
                passed.add(node)
                node = parents[node]
        return frozenset(passed)

    def _cost(self, load: Load, way: frozenset[int]) -> float:
        vehicle, valleys = self.vehicle, self.valleys
        metres = 2 * sum(valleys.road_m[node] for node in way)
        stops = len(load.pieces)
        seconds = (
            2 * sum(valleys.road_s[node] for node in way)
            + stops * vehicle.stop_s
            + (load.ins + load.outs) * vehicle.unit_s
        )
        too_long = max(0, seconds - vehicle.shift_s)
        return (
            metres * vehicle.km_fen / _METRES_PER_KM
            + stops * vehicle.stop_fen
            + (seconds + vehicle.reload_s) * self.second_fen
            + (TOO_LONG_FEN + too_long * 100 if too_long else 0.0)
        )

    def _cut(self, poured: dict[int, TwoWay]) -> list[Load]:
        """Cut what was poured out from the far ends inwards, with chance at every choice."""
        rng, valleys, room = self.rng, self.valleys, self.room
        keenness, zeal = rng.choice((0.0, 0.3, 1.0, 1.0, 3.0)), rng.choice((0.0, 0.2, 0.5, 1.0))
        nodes = {0}
        for station in poured:
            node = station
            while node not in nodes:
                nodes.add(node)
                node = valleys.parents[node]
        open_at: dict[int, list[Load]] = defaultdict(list)
        closed: list[Load] = []
        for node in sorted(nodes, key=lambda node: -self.rank[node]):
            loads = _merge_by_chance(open_at.pop(node, []), room, rng)
            gap = gap_worth_filling(valleys.away_m[node], valleys.away_s[node], self.vehicle)
            loads = _fill_by_chance(loads, node, poured.get(node, (0, 0)), room, gap * keenness, rng)
            if len(loads) > 1 and rng.random() < zeal:
                loads = _pour_over_by_chance(loads, room, rng)
            for load in loads:
                if not node or not min(load.room_left(room)):
                    closed.append(load)
                else:
                    open_at[valleys.parents[node]].append(load)
        return closed

    def _cut_along(self, poured: dict[int, TwoWay]) -> list[Load]:
        """Fill one load after the other on a drive over the valleys, these taken in an order of chance."""
        rng, room = self.rng, self.room
        children: dict[int, list[int]] = defaultdict(list)
        seen = {0}
        for station in poured:
            node = station
            while node not in seen:
                seen.add(node)
                children[self.valleys.parents[node]].append(node)
                node = self.valleys.parents[node]
        order: list[int] = []
        waiting = [0]
        while waiting:
            node = waiting.pop()
            order.append(node)
            rng.shuffle(children[node])
            waiting.extend(children[node])
        if rng.random() < 0.5:
            order.reverse()
        loads: list[Load] = []
        for station in order:
            ins, outs = poured.get(station, (0, 0))
            while ins or outs:
                part = _part(ins, outs, *loads[-1].room_left(room)) if loads else (0, 0)
                if not max(part):
                    loads.append(Load())
                    continue
                loads[-1].take(station, part)
                ins, outs = ins - part[0], outs - part[1]
        return loads


def _tidy(load: Load) -> Load:
    """Bring what a load takes at one station together."""
    taken: dict[int, TwoWay] = {}
    for station, (ins, outs) in load.pieces:
        if ins or outs:
            had = taken.get(station, (0, 0))
            taken[station] = (had[0] + ins, had[1] + outs)
    return Load(list(taken.items()), load.ins, load.outs)


def _merge_by_chance(loads: list[Load], room: TwoWay, rng: random.Random) -> list[Load]:
    """Put loads of side valleys together, mostly the largest first into the fullest that has room."""
    if len(loads) < 2:
        return loads
    merged: list[Load] = []
    for load in sorted(loads, key=lambda load: -load.fullness * rng.uniform(0.6, 1.0)):
        fitting = [other for other in merged if other.has_room(load.ins, load.outs, room)]
        if fitting and rng.random() < 0.93:
            max(fitting, key=lambda other: other.fullness * rng.uniform(0.7, 1.0)).swallow(load)
        else:
            merged.append(load)
    return merged


def _fill_by_chance(
    loads: list[Load], station: int, own: TwoWay, room: TwoWay, least: float, rng: random.Random
) -> list[Load]:
    """Give a station's units to the loads that come past and to loads of its own, in one of several ways."""
    ins, outs = own
    if not (ins or outs):
        return loads
    begun: list[Load] = []

    def begin_whole() -> None:
        nonlocal ins, outs
        while ins >= room[0] or outs >= room[1]:
            begun.append(Load())
            begun[-1].take(station, (min(ins, room[0]), min(outs, room[1])))
            ins, outs = ins - begun[-1].ins, outs - begun[-1].outs

    if rng.random() < 0.7:
        begin_whole()
    fitting = [load for load in loads if load.has_room(ins, outs, room)]
    if fitting and rng.random() < 0.85:
        chosen = max(fitting, key=lambda load: load.fullness * rng.uniform(0.7, 1.0))
        chosen.take(station, (ins, outs))
        return [*begun, *loads]
    for load in sorted(loads, key=lambda load: -load.fullness * rng.uniform(0.5, 1.0)):
        part = _part(ins, outs, *load.room_left(room))
        if max(part) >= max(1.0, least) and rng.random() < 0.8:
            load.take(station, part)
            ins, outs = ins - part[0], outs - part[1]
    begin_whole()
    if max(ins, outs):
        begun.append(Load())
        begun[-1].take(station, (ins, outs))
    return [*begun, *loads]


def _pour_over_by_chance(loads: list[Load], room: TwoWay, rng: random.Random) -> list[Load]:
    """Share one load out among the free room of the others, if it is enough: a vehicle less from here on."""
    spare = min(loads, key=lambda load: load.fullness * rng.uniform(0.5, 1.0))
    others = [load for load in loads if load is not spare]
    if sum(load.room_left(room)[0] for load in others) < spare.ins:
        return loads
    if sum(load.room_left(room)[1] for load in others) < spare.outs:
        return loads
    others.sort(key=lambda load: load.fullness * rng.uniform(0.7, 1.0))
    filled = [Load(list(load.pieces), load.ins, load.outs) for load in others]
    pieces = sorted(spare.pieces, key=lambda piece: -max(piece[1]) * rng.uniform(0.5, 1.0))
    for station, (ins, outs) in pieces:
        fitting = [load for load in filled if load.has_room(ins, outs, room)]
        if fitting:
            max(fitting, key=lambda load: load.fullness).take(station, (ins, outs))
            continue
        for load in filled:
            part = _part(ins, outs, *load.room_left(room))
            if max(part):
                load.take(station, part)
                ins, outs = ins - part[0], outs - part[1]
        if ins or outs:
            return loads
    return filled


def _part(ins: int, outs: int, free_ins: int, free_outs: int) -> TwoWay:
    """As much of the fuller direction as fits, and of the other what fits beside it."""
    return min(ins, free_ins), min(outs, free_outs)
