"""Where roads run on a map: positions of stations and junctions, and the way between two of them."""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from logistics.routes.types import Instance, Station

Point = tuple[float, float]


@dataclass
class RoadMap:
    """Places on a flat map, north up, and the roads between them.

    Junctions have no position of their own: each is drawn in the middle of its neighbours.
    """

    at: dict[str, Point]
    roads: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def way(self, stations: Sequence[str]) -> list[str]:
        """Give the places passed from station to station, by the shortest roads; straight without roads."""
        places = list(stations[:1])
        for start, end in zip(stations, stations[1:], strict=False):
            places += self._path(start, end)[1:]
        return [place for place in places if place in self.at]

    def _path(self, start: str, end: str) -> list[str]:
        best, before = {start: 0}, {start: start}
        waiting = [(0, start)]
        while waiting:
            gone_m, place = heapq.heappop(waiting)
            if place == end:
                break
            for following, distance_m in self.roads.get(place, []):
                if gone_m + distance_m < best.get(following, gone_m + distance_m + 1):
                    best[following], before[following] = gone_m + distance_m, place
                    heapq.heappush(waiting, (best[following], following))
        if end not in before:
            return [start, end]
        path = [end]
        while path[-1] != start:
            path.append(before[path[-1]])
        return path[::-1]


def lay_out(instance: Instance) -> RoadMap:
    """Lay a tour's network out flat; empty when no station has a position."""
    placed = [each for each in instance.stations if has_position(each)]
    middle = math.radians(sum(each.lat or 0 for each in placed) / max(1, len(placed)))
    at = {each.station: ((each.lon or 0) * math.cos(middle), -(each.lat or 0)) for each in placed}
    roads: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for road in instance.roads or ():
        roads[road.start].append((road.end, road.distance_m))
        roads[road.end].append((road.start, road.distance_m))
    _place_junctions(at, roads)
    return RoadMap(at, dict(roads))


def has_position(station: Station) -> bool:
    """Tell whether a station has a position; 0, 0 stands for none."""
    return station.lat is not None and station.lon is not None and (station.lat, station.lon) != (0, 0)


def _place_junctions(at: dict[str, Point], roads: dict[str, list[tuple[str, int]]]) -> None:
    missing = sorted(place for place in roads if place not in at)
    while at and missing:
        found = {
            place: near
            for place in missing
            if (near := _middle([at[each] for each, _ in roads[place] if each in at]))
        }
        if not found:
            return
        at.update(found)
        missing = [place for place in missing if place not in found]


def _middle(points: Iterable[Point]) -> Point | None:
    near = list(points)
    if not near:
        return None
    return sum(x for x, _ in near) / len(near), sum(y for _, y in near) / len(near)
