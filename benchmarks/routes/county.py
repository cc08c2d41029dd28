"""Makes mountain counties like Langao: a valley tree of roads, towns, villages and a day's parcels."""

import csv
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SEAT = (32.30, 108.90)
METRES_PER_DEGREE = 111_320.0
FLEET_HEADER = (
    "vehicle_type,available,capacity_units,capacity_g,shift_s,day_fen,km_fen,stop_fen,stop_s,unit_s,reload_s"
)
VAN = "van,400,380,700000,32400,27500,104,134,248,5,900"
TRUCK = "truck,20,700,1800000,32400,41000,158,160,300,5,1200"


@dataclass
class County:
    """A made-up county: rows of the four files."""

    stations: list[tuple[str, str, str, str, float, float]] = field(default_factory=list)
    roads: list[tuple[str, str, int, int]] = field(default_factory=list)
    parcels: list[tuple[str, str, str, str, int, int, str, str]] = field(default_factory=list)
    fleet: list[str] = field(default_factory=lambda: [VAN])

    def write(self, folder: Path) -> dict[str, Path]:
        """Write the county as the four files of `logistics plan`; this function will give their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = {name: folder / f"{name}.csv" for name in ("stations", "roads", "parcels", "fleet")}
        _write(paths["stations"], "station,name,town,kind,lat,lon", self.stations)
        _write(paths["roads"], "from,to,distance_m,duration_s", self.roads)
        _write(
            paths["parcels"], "parcel,courier,direction,station,units,weight_g,ready_s,due_s", self.parcels
        )
        paths["fleet"].write_text("\n".join([FLEET_HEADER, *self.fleet]) + "\n", encoding="utf-8")
        return paths


def _write(path: Path, header: str, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(header + "\n")
        csv.writer(out, lineterminator="\n").writerows(rows)


@dataclass
class _Place:
    name: str
    x: float
    y: float
    is_trunk: bool


def make_county(
    seed: int,
    *,
    parcels: int = 6_000,
    stations: int = 150,
    towns: int = 12,
    couriers: int = 21,
    passes: int = 0,
    timed_share: float = 0.0,
    out_share: float = 0.2,
    mixed_fleet: bool = False,
    shrink: float = 1.0,
) -> County:
    """Make one county from a seed; this function will give the same county for the same arguments.

    Takes: `stations` without the hub, towns and the county seat's own stations included; `passes`, roads over
    the ridges that make cycles; `timed_share` of the parcels carries ready or due times; `shrink` multiplies
    all roads.
    """
    rng = random.Random(f"county-{seed}")
    county = County(fleet=[VAN, TRUCK] if mixed_fleet else [VAN])
    weights = _Landscape(rng, county).build(stations=stations, towns=towns, passes=passes)
    county.roads = [
        (start, end, max(1, round(metres * shrink)), max(1, round(seconds * shrink)))
        for start, end, metres, seconds in county.roads
    ]
    _fill_with_parcels(rng, county, weights, parcels, couriers, timed_share, out_share)
    return county


class _Landscape:
    """Grows valleys from the county seat, puts towns along them and villages into the side valleys."""

    def __init__(self, rng: random.Random, county: County) -> None:
        self.rng, self.county = rng, county
        self.places = [_Place("hub", 0.0, 0.0, True)]
        self.ends: list[_Place] = []
        self.junctions = 0
        self.weights: dict[str, float] = {}

    def build(self, *, stations: int, towns: int, passes: int) -> dict[str, float]:
        self._add_station("hub", "T00", "hub", self.places[0])
        in_seat = max(1, min(12, stations // 12))
        valleys = max(3, min(8, towns // 2))
        heads = self._grow_valleys(valleys, towns, stations)
        for number in range(in_seat):
            self._seat_station(number + 1)
        self._towns_and_villages(heads, towns, stations - in_seat)
        self._passes(passes)
        return self.weights

    def _grow_valleys(self, valleys: int, towns: int, stations: int) -> list[list[_Place]]:
        """One list of trunk junctions per valley; a longer valley has more room for towns."""
        scale = math.sqrt(stations / 150)
        heads = []
        for valley in range(valleys):
            angle = 2 * math.pi * (valley + self.rng.uniform(-0.3, 0.3)) / valleys
            spot, trunk = self.places[0], []
            for _ in range(self.rng.randint(5, 11)):
                angle += self.rng.gauss(0, 0.25)
                spot = self._junction(spot, angle, self.rng.uniform(2_200, 5_200) * scale, trunk_road=True)
                trunk.append(spot)
            heads.append(trunk)
        return heads

    def _seat_station(self, number: int) -> None:
        angle, away = self.rng.uniform(0, 2 * math.pi), self.rng.uniform(700, 2_100)
        place = _Place(f"U{number:03d}", away * math.cos(angle), away * math.sin(angle), False)
        self._road(self.places[0], place, self.rng.uniform(1.1, 1.3), 6.4)
        self._add_station(place.name, "T00", "station", place)
        self.weights[place.name] = 7.0 * self.rng.lognormvariate(0, 0.4)

    def _towns_and_villages(self, heads: list[list[_Place]], towns: int, left: int) -> None:
        spots = [spot for trunk in heads for spot in trunk[1:]]
        centres = []
        for number, spot in enumerate(self.rng.sample(spots, min(towns, len(spots))), start=1):
            place = self._beside(f"T{number:02d}", spot, self.rng.uniform(150, 700), 7.5)
            self._add_station(place.name, place.name, "station", place)
            self.weights[place.name] = 4.5 * self.rng.lognormvariate(0, 0.5)
            centres.append((spot, place.name))
        sides = [(spot, name) for spot, name in centres]
        for number in range(1, left - len(centres) + 1):
            spot, town = self.rng.choice(sides)
            if self.rng.random() < 0.55:
                angle = self.rng.uniform(0, 2 * math.pi)
                spot = self._junction(spot, angle, self.rng.uniform(1_200, 4_500), trunk_road=False)
                sides.append((spot, town))
            place = self._beside(f"V{number:03d}", spot, self.rng.uniform(300, 3_200), 6.5)
            self._add_station(place.name, town, "station", place)
            self.weights[place.name] = self.rng.lognormvariate(0, 0.7)
            self.ends.append(place)

    def _passes(self, passes: int) -> None:
        """Join far ends of different towns that lie near each other across the ridge."""
        town_of = {row[0]: row[2] for row in self.county.stations}
        pairs = sorted(
            (math.hypot(a.x - b.x, a.y - b.y), a.name, b.name, a, b)
            for i, a in enumerate(self.ends)
            for b in self.ends[:i]
            if town_of[a.name] != town_of[b.name] and math.hypot(a.x, a.y) > 9_000
        )
        joined: set[str] = set()
        for _, _, _, a, b in pairs:
            if passes and not joined & {town_of[a.name], town_of[b.name]}:
                self._road(a, b, 1.7, 6.0)
                joined |= {town_of[a.name], town_of[b.name]}
                passes -= 1

    def _junction(self, start: _Place, angle: float, away: float, *, trunk_road: bool) -> _Place:
        self.junctions += 1
        place = _Place(
            f"J{self.junctions:03d}",
            start.x + away * math.cos(angle),
            start.y + away * math.sin(angle),
            trunk_road,
        )
        speed = self.rng.uniform(11.0, 13.5) if trunk_road else self.rng.uniform(6.0, 9.0)
        self._road(start, place, self.rng.uniform(1.15, 1.45), speed)
        self.places.append(place)
        return place

    def _beside(self, name: str, spot: _Place, away: float, speed: float) -> _Place:
        angle = self.rng.uniform(0, 2 * math.pi)
        place = _Place(name, spot.x + away * math.cos(angle), spot.y + away * math.sin(angle), False)
        self._road(spot, place, 1.2, speed)
        return place

    def _road(self, start: _Place, end: _Place, detour: float, metres_per_s: float) -> None:
        distance_m = max(1, round(math.hypot(start.x - end.x, start.y - end.y) * detour))
        self.county.roads.append((start.name, end.name, distance_m, max(1, round(distance_m / metres_per_s))))

    def _add_station(self, name: str, town: str, kind: str, place: _Place) -> None:
        lat = SEAT[0] + place.y / METRES_PER_DEGREE
        lon = SEAT[1] + place.x / (METRES_PER_DEGREE * math.cos(math.radians(SEAT[0])))
        self.county.stations.append((name, f"服务站{name}", town, kind, round(lat, 6), round(lon, 6)))


def _fill_with_parcels(
    rng: random.Random,
    county: County,
    weights: dict[str, float],
    parcels: int,
    couriers: int,
    timed_share: float,
    out_share: float,
) -> None:
    names = list(weights)
    bulk = [weights[name] for name in names]
    # Farm goods come from the villages, not from the county seat.
    farm = [weights[name] * (0.15 if name.startswith("U") else 1.0) for name in names]
    shares = [1 / (rank + 1) ** 0.9 for rank in range(couriers)]
    for number in range(1, parcels + 1):
        is_out = rng.random() < out_share
        station = rng.choices(names, farm if is_out else bulk)[0]
        courier = f"c{rng.choices(range(couriers), shares)[0] + 1:02d}"
        ready, due = _times(rng, is_out) if rng.random() < timed_share else ("", "")
        if is_out:
            units, weight = rng.choice((2, 3, 3, 4)), round(rng.uniform(2_000, 8_000))
        else:
            units, weight = rng.choices((1, 2, 3, 4), (90, 6, 3, 1))[0], round(100 + rng.expovariate(1 / 900))
        county.parcels.append(
            (f"P{number:06d}", courier, "out" if is_out else "in", station, units, weight, ready, due)
        )


def _times(rng: random.Random, is_out: bool) -> tuple[str, str]:
    """Fresh goods and school meals before the afternoon, farm goods before the linehaul leaves."""
    if is_out:
        return str(rng.choice((0, 1_800, 3_600))), str(rng.choice((28_800, 30_600, 32_400)))
    return str(rng.choice((0, 0, 0, 1_800))), str(rng.choice((25_200, 28_800, 30_600)))
