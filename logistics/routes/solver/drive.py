"""One drive over the tree of least paths: how far apart stations are and how long a trip to some takes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from logistics.routes.solver.loads import Valleys

MOST_NEAR = 30


@dataclass(frozen=True, eq=False)
class Drive:
    """Stations by their place on the drive; neighbours there share the longest way.

    `away_s`: seconds from the hub per place; `meet_s[i][j]`: seconds from the hub to where the ways to two
    places part; `near[i]`: up to 30 other places, the nearest first.
    """

    stations: list[int]
    place: dict[int, int] = field(repr=False)
    away_s: list[int] = field(repr=False)
    meet_s: list[list[int]] = field(repr=False)
    near: list[list[int]] = field(repr=False)

    @classmethod
    def over(cls, valleys: Valleys, wanted: Iterable[int]) -> "Drive":
        """Put stations in the order of a drive; this function will measure all pairs, O(stations²)."""
        stations = sorted(set(wanted), key=lambda station: valleys.drive_rank[station])
        depth_s = {0: 0}
        for node in valleys.order:
            if node:
                depth_s[node] = depth_s[valleys.parents[node]] + valleys.road_s[node]
        away_s = [depth_s[station] for station in stations]
        forks = [_fork_s(valleys, depth_s, a, b) for a, b in zip(stations, stations[1:], strict=False)]
        meet_s = [[0] * len(stations) for _ in stations]
        for i, own_s in enumerate(away_s):
            meet_s[i][i] = least_s = own_s
            # The way to a station leaves the drive at the lowest fork between.
            for j in range(i + 1, len(stations)):
                least_s = min(least_s, forks[j - 1])
                meet_s[i][j] = meet_s[j][i] = least_s
        return cls(
            stations,
            {station: place for place, station in enumerate(stations)},
            away_s,
            meet_s,
            [_near(i, away_s, meet_s[i]) for i in range(len(stations))],
        )

    def one_way_s(self, places: Collection[int]) -> int:
        """Add up the roads to these places, each once: half of what a trip to them drives."""
        away_s, meet_s = self.away_s, self.meet_s
        order = sorted(places)
        row = meet_s[order[0]]
        total_s = away_s[order[0]]
        for place in order[1:]:
            total_s += away_s[place] - row[place]
            row = meet_s[place]
        return total_s


def _fork_s(valleys: Valleys, depth_s: dict[int, int], a: int, b: int) -> int:
    """The seconds from the hub to where the ways to two stations part."""
    passed = {0}
    while a:
        passed.add(a)
        a = valleys.parents[a]
    while b not in passed:
        b = valleys.parents[b]
    return depth_s[b]


def _near(i: int, away_s: list[int], row: list[int]) -> list[int]:
    others = sorted((j for j in range(len(row)) if j != i), key=lambda j: away_s[j] - 2 * row[j])
    return others[:MOST_NEAR]
