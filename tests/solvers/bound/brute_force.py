"""The cheapest plan of a tiny day by trying everything; shares no code with the solver or the bound.

Ready and due times are left out: whatever they allow is a plan here too, so this optimum is a lower one.
"""

import math
from dataclasses import dataclass

from logistics.routes.types import Direction, Instance, Parcel, Station, VehicleType

Way = tuple[int, int]
State = tuple[str, int, int]
Effort = tuple[int, int, int]


def shortest_ways(instance: Instance) -> dict[tuple[str, str], Way]:
    """Compute least distance, then least duration, between all places (Floyd and Warshall)."""
    if instance.roads is None:
        return {
            (a.station, b.station): _great_circle(a, b) for a in instance.stations for b in instance.stations
        }
    ways: dict[tuple[str, str], Way] = {}
    places = {s.station for s in instance.stations}
    for road in instance.roads or ():
        places |= {road.start, road.end}
        for pair in ((road.start, road.end), (road.end, road.start)):
            ways[pair] = min(ways.get(pair, (10**12, 0)), (road.distance_m, road.duration_s))
    for place in places:
        ways[place, place] = (0, 0)
    for middle in places:
        for start in places:
            if (start, middle) not in ways:
                continue
            for end in places:
                if (middle, end) in ways:
                    first, second = ways[start, middle], ways[middle, end]
                    through = (first[0] + second[0], first[1] + second[1])
                    ways[start, end] = min(ways.get((start, end), (10**12, 0)), through)
    return ways


def _great_circle(start: Station, end: Station) -> Way:
    """Follow the sphere by the law of cosines' stable form, × 1.45, at 30 km/h (CONTRACTS.md §4)."""
    lat, lon, other_lat, other_lon = (
        math.radians(value or 0.0) for value in (start.lat, start.lon, end.lat, end.lon)
    )
    across = math.hypot(
        math.cos(other_lat) * math.sin(other_lon - lon),
        math.cos(lat) * math.sin(other_lat) - math.sin(lat) * math.cos(other_lat) * math.cos(other_lon - lon),
    )
    along = math.sin(lat) * math.sin(other_lat) + math.cos(lat) * math.cos(other_lat) * math.cos(
        other_lon - lon
    )
    metres = 6_371_000 * math.atan2(across, along) * 1.45
    return round(metres), round(metres * 3.6 / 30)


@dataclass
class _Trips:
    """All non-dominated efforts (metres, stops, seconds) of one trip for each set of parcels carried."""

    instance: Instance
    parcels: list[Parcel]
    kind: VehicleType
    ways: dict[tuple[str, str], Way]

    def efforts(self, carried: int) -> list[Effort]:
        ins = [i for i, p in enumerate(self.parcels) if carried >> i & 1 and p.direction is Direction.IN]
        outs = [i for i, p in enumerate(self.parcels) if carried >> i & 1 and p.direction is Direction.OUT]
        hub = self.instance.hub.station
        if not self._fits(ins):
            return []
        best: dict[State, list[Effort]] = {(hub, sum(1 << i for i in ins), 0): [(0, 0, 0)]}
        homes: list[Effort] = []
        everything = sum(1 << i for i in outs)
        queue = list(best)
        while queue:
            state = queue.pop()
            place, aboard_in, aboard_out = state
            for effort in list(best[state]):
                if not aboard_in and aboard_out == everything:
                    home = self.ways[place, hub]
                    homes.append((effort[0] + home[0], effort[1], effort[2] + home[1]))
                for after, more in self._next_stops(state, effort, everything):
                    kept = best.setdefault(after, [])
                    if not any(all(a <= b for a, b in zip(k, more, strict=True)) for k in kept):
                        kept.append(more)
                        queue.append(after)
        return _undominated(homes)

    def _next_stops(self, state: State, effort: Effort, outs: int) -> list[tuple[State, Effort]]:
        place, aboard_in, aboard_out = state
        found = []
        for station in {p.station for p in self.parcels}:
            here = sum(1 << i for i, p in enumerate(self.parcels) if p.station == station)
            for leave in _subsets(aboard_in & here):
                for take in _subsets(outs & ~aboard_out & here):
                    after_in, after_out = aboard_in & ~leave, aboard_out | take
                    aboard = [i for i in range(len(self.parcels)) if (after_in | after_out) >> i & 1]
                    if not (leave | take) or not self._fits(aboard):
                        continue
                    way = self.ways[place, station]
                    units = sum(p.units for i, p in enumerate(self.parcels) if (leave | take) >> i & 1)
                    more = (
                        effort[0] + way[0],
                        effort[1] + 1,
                        effort[2] + way[1] + self.kind.stop_s + units * self.kind.unit_s,
                    )
                    found.append(((station, after_in, after_out), more))
        return found

    def _fits(self, numbers: list[int]) -> bool:
        units = sum(self.parcels[i].units for i in numbers)
        grams = sum(self.parcels[i].weight_g for i in numbers)
        return units <= self.kind.capacity_units and grams <= self.kind.capacity_g


def cheapest_plan(instance: Instance, parcels: list[Parcel]) -> int | None:
    """Find the least cost in fen of any plan that serves the parcels, None when there is no plan."""
    ways = shortest_ways(instance)
    everything = (1 << len(parcels)) - 1
    plans: dict[int, int] = {0: 0}
    for kind in instance.fleet:
        days = _days(_Trips(instance, parcels, kind, ways), kind, everything)
        for _ in range(min(kind.available, len(parcels))):
            grown = dict(plans)
            for served, cost in plans.items():
                for more in _subsets(everything & ~served):
                    if more and more in days:
                        total = cost + days[more] + kind.day_fen
                        grown[served | more] = min(grown.get(served | more, total), total)
            plans = grown
    return plans.get(everything)


def _days(trips: _Trips, kind: VehicleType, everything: int) -> dict[int, int]:
    """Find the least trip cost of one vehicle's day for each set of parcels it can carry in its shift."""
    days: dict[int, list[tuple[int, int]]] = {}
    singles = {
        carried: sorted(
            {
                (-(-metres * kind.km_fen // 1000) + stops * kind.stop_fen, seconds)
                for metres, stops, seconds in trips.efforts(carried)
                if seconds <= kind.shift_s
            }
        )
        for carried in _subsets(everything)
        if carried
    }
    for carried in sorted(singles):
        options = list(singles[carried])
        for first in _subsets(carried):
            rest = carried & ~first
            if first and rest:
                options += [
                    (cost + more, seconds + longer + kind.reload_s)
                    for cost, seconds in singles[first]
                    for more, longer in days.get(rest, ())
                    if seconds + longer + kind.reload_s <= kind.shift_s
                ]
        if options:
            days[carried] = [
                o for o in set(options) if not any(p != o and p[0] <= o[0] and p[1] <= o[1] for p in options)
            ]
    return {carried: min(cost for cost, _ in options) for carried, options in days.items()}


def _subsets(mask: int) -> list[int]:
    found, subset = [0], mask
    while subset:
        found.append(subset)
        subset = (subset - 1) & mask
    return found


def _undominated(efforts: list[Effort]) -> list[Effort]:
    distinct = set(efforts)
    return [
        e
        for e in distinct
        if not any(o != e and all(a <= b for a, b in zip(o, e, strict=True)) for o in distinct)
    ]
