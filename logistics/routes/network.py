"""Distances and durations between the hub and the stations, and the road graph below them."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from logistics.routes.types import Instance, Road, Station

EARTH_RADIUS_M = 6_371_000
DETOUR = 1.45
METRES_PER_SECOND = 30 / 3.6
UNREACHABLE = 2**42
_EXACT_IN_FLOAT = 2**53

Matrix = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """What lies between the stops.

    `names`: hub first, then the stations in file order; `index` is its inverse.
    `distance_m`, `duration_s`: (n, n) int64, row = from, `UNREACHABLE` where no road leads.
    `edges`: the road graph as (u, v, distance_m, duration_s), u < v, at most one per pair; nodes 0 … n-1 are
    `names`, n … n_nodes-1 junctions. None when there are no roads and travel is by great circles.
    """

    names: tuple[str, ...]
    index: dict[str, int] = field(repr=False)
    distance_m: Matrix = field(repr=False)
    duration_s: Matrix = field(repr=False)
    edges: list[tuple[int, int, int, int]] | None = field(repr=False)
    n_nodes: int

    def is_reachable(self, station: int) -> bool:
        """Tell whether a station's index can be reached from the hub."""
        return bool(self.distance_m[0, station] < UNREACHABLE)


def build_network(instance: Instance) -> Network:
    """Build the matrices of an instance; this function will take the least-distance path between two stops.

    Gives: a `Network`; among paths of equal distance the one of least duration counts.
    Cost: one Dijkstra per stop, O(stops × roads × log nodes).
    """
    stops = [instance.hub, *(s for s in instance.stations if s.station != instance.hub.station)]
    names = tuple(stop.station for stop in stops)
    index = {name: i for i, name in enumerate(names)}
    if instance.roads is None:
        distance_m, duration_s = _great_circles(stops)
        return Network(names, index, distance_m, duration_s, None, len(names))
    edges, n_nodes = _number_roads(instance.roads, index)
    distance_m, duration_s = _least_paths(edges, n_nodes, len(names))
    return Network(names, index, distance_m, duration_s, edges, n_nodes)


def _great_circles(stops: Sequence[Station]) -> tuple[Matrix, Matrix]:
    lat = np.radians(np.array([stop.lat for stop in stops], dtype=np.float64))
    lon = np.radians(np.array([stop.lon for stop in stops], dtype=np.float64))
    half = (
        np.sin((lat[:, None] - lat) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    )
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))) * DETOUR
    np.fill_diagonal(metres, 0.0)
    return np.rint(metres).astype(np.int64), np.rint(metres / METRES_PER_SECOND).astype(np.int64)


def _number_roads(
    roads: Sequence[Road], index: dict[str, int]
) -> tuple[list[tuple[int, int, int, int]], int]:
    number = dict(index)
    best: dict[tuple[int, int], tuple[int, int]] = {}
    for road in roads:
        start = number.setdefault(road.start, len(number))
        end = number.setdefault(road.end, len(number))
        pair = (min(start, end), max(start, end))
        length = (road.distance_m, road.duration_s)
        best[pair] = min(best.get(pair, length), length)
    return [(u, v, *best[u, v]) for u, v in sorted(best)], len(number)


def _least_paths(edges: list[tuple[int, int, int, int]], n_nodes: int, n_stops: int) -> tuple[Matrix, Matrix]:
    whole_m = sum(edge[2] for edge in edges)
    scale = sum(edge[3] for edge in edges) + 1
    # One number carries both (distance first, duration second) as long as a float holds it exactly.
    if (whole_m + 1) * scale >= _EXACT_IN_FLOAT or any(d == 0 and t == 0 for _, _, d, t in edges):
        return _least_paths_slowly(edges, n_nodes, n_stops)
    weights = [d * scale + t for _, _, d, t in edges]
    graph = csr_matrix(
        (weights, ([e[0] for e in edges], [e[1] for e in edges])), shape=(n_nodes, n_nodes), dtype=np.float64
    )
    found = dijkstra(graph, directed=False, indices=np.arange(n_stops))[:, :n_stops]
    none = ~np.isfinite(found)
    whole = np.where(none, 0, found).astype(np.int64)
    distance_m, duration_s = whole // scale, whole % scale
    distance_m[none] = duration_s[none] = UNREACHABLE
    return distance_m, duration_s


def _least_paths_slowly(
    edges: list[tuple[int, int, int, int]], n_nodes: int, n_stops: int
) -> tuple[Matrix, Matrix]:
    near: list[list[tuple[int, int, int]]] = [[] for _ in range(n_nodes)]
    for u, v, d, t in edges:
        near[u].append((v, d, t))
        near[v].append((u, d, t))
    distance_m = np.full((n_stops, n_stops), UNREACHABLE, dtype=np.int64)
    duration_s = distance_m.copy()
    for start in range(n_stops):
        for stop, (d, t) in _one_to_all(near, start).items():
            if stop < n_stops:
                distance_m[start, stop], duration_s[start, stop] = d, t
    return distance_m, duration_s


def _one_to_all(near: list[list[tuple[int, int, int]]], start: int) -> dict[int, tuple[int, int]]:
    settled: dict[int, tuple[int, int]] = {}
    queue = [(0, 0, start)]
    while queue:
        d, t, node = heapq.heappop(queue)
        if node in settled:
            continue
        settled[node] = (d, t)
        for neighbour, more_m, more_s in near[node]:
            if neighbour not in settled:
                heapq.heappush(queue, (d + more_m, t + more_s, neighbour))
    return settled
