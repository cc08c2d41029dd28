"""Draws a tour for the desk: the map, the comparison with other ways of working, the trips in rows."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from logistics.parcels.types import Direction
from logistics.routes.types import BaselineName, Plan, StationKind
from logistics.tours.roadmap import lay_out
from logistics.tours.types import LineState, TourBook, TourTrip, TripState

WIDTH = 1000
MARGIN = 40
# So many kinds of line can be told apart by colour and dashes together; then they begin again.
LINE_KINDS = 6
_UNSERVED = re.compile(r"\((\d+) parcels unserved\)")


@dataclass(frozen=True)
class MapDot:
    """A station on the map; `is_stop` when a van of the tour halts there."""

    x: int
    y: int
    name: str
    is_hub: bool
    is_stop: bool


@dataclass(frozen=True)
class MapWay:
    """A trip on the map: its points as SVG wants them, its name beside its farthest stop."""

    name: str
    kind: int
    points: str
    x: int
    y: int


@dataclass(frozen=True)
class TourMap:
    """The county's stations and a tour's trips, north on top."""

    width: int
    height: int
    roads: tuple[tuple[int, int, int, int], ...]
    dots: tuple[MapDot, ...]
    ways: tuple[MapWay, ...]


@dataclass(frozen=True)
class Comparison:
    """Another way of working beside the plan; `saving_bp` is negative where the plan costs more."""

    name: BaselineName
    cost_fen: int
    saving_bp: int
    distance_m: int
    vehicles: int
    unserved: int


@dataclass(frozen=True)
class TripLine:
    """A trip as a row of the desk's table."""

    trip_id: UUID
    vehicle_id: UUID
    vehicle: str
    name: str
    kind: int
    state: TripState
    departs_at: datetime
    returns_at: datetime
    distance_m: int
    deliver: int
    collect: int
    done_stops: int
    stations: tuple[str, ...]


def draw_map(book: TourBook) -> TourMap | None:
    """Draw the roads, the stations and the trips along the roads; None when no station has a position."""
    laid = lay_out(book.instance)
    if not laid.at:
        return None
    left, top = min(x for x, _ in laid.at.values()), min(y for _, y in laid.at.values())
    wide = max(x for x, _ in laid.at.values()) - left
    high = max(y for _, y in laid.at.values()) - top
    scale = (WIDTH - 2 * MARGIN) / max(wide, high / 1.2, 1e-6)
    at = {
        code: (round(MARGIN + (x - left) * scale), round(MARGIN + (y - top) * scale))
        for code, (x, y) in laid.at.items()
    }
    halts = {stop.station for trip in book.trips for stop in trip.stops}
    dots = tuple(
        MapDot(*at[each.station], each.name, each.kind is StationKind.HUB, each.station in halts)
        for each in book.instance.stations
        if each.station in at
    )
    hub = book.instance.hub.station
    ways = tuple(
        _way(line.name, line.kind, laid.way([hub, *(stop.station for stop in trip.stops), hub]), at)
        for trip, line in zip(book.trips, trip_lines(book), strict=True)
    )
    roads = tuple(
        (*at[each.start], *at[each.end])
        for each in book.instance.roads or ()
        if each.start in at and each.end in at
    )
    width, height = round(2 * MARGIN + wide * scale), round(2 * MARGIN + high * scale)
    return TourMap(max(width, 200), height, roads, dots, ways)


def _way(name: str, kind: int, places: Sequence[str], at: Mapping[str, tuple[int, int]]) -> MapWay:
    points = [at[place] for place in places]
    home = points[0] if points else (0, 0)
    far = max(points, key=lambda point: math.dist(point, home), default=home)
    return MapWay(name, kind, " ".join(f"{x},{y}" for x, y in points), *far)


def compare(plan: Plan) -> list[Comparison]:
    """Put the plan beside each other way of working that was planned with it."""
    compared = []
    for each in plan.baselines:
        saving = each.cost_fen - plan.totals.cost_fen
        lost = _UNSERVED.search(each.what)
        compared.append(
            Comparison(
                name=each.name,
                cost_fen=each.cost_fen,
                saving_bp=round(saving * 10_000 / each.cost_fen) if each.cost_fen else 0,
                distance_m=each.distance_m,
                vehicles=each.vehicles,
                unserved=int(lost[1]) if lost else 0,
            )
        )
    return compared


def trip_lines(book: TourBook) -> list[TripLine]:
    """List the trips in the order in which they leave; a name is the van's number and its trip's."""
    vans = {each.id: (number, each) for number, each in enumerate(book.vehicles, 1)}
    names = {each.station: each.name for each in book.instance.stations}
    return [
        TripLine(
            trip_id=trip.id,
            vehicle_id=trip.vehicle_id,
            vehicle=vans[trip.vehicle_id][1].vehicle,
            name=f"{vans[trip.vehicle_id][0]}-{trip.trip}",
            kind=(number - 1) % LINE_KINDS + 1,
            state=trip.state,
            departs_at=book.tour.departs_at + timedelta(seconds=trip.departs_s),
            returns_at=book.tour.departs_at + timedelta(seconds=trip.returns_s),
            distance_m=trip.distance_m,
            deliver=count_lines(trip, Direction.IN),
            collect=count_lines(trip, Direction.OUT),
            done_stops=sum(stop.done_at is not None for stop in trip.stops),
            stations=tuple(names.get(stop.station, stop.station) for stop in trip.stops),
        )
        for number, trip in enumerate(book.trips, 1)
    ]


def count_lines(trip: TourTrip, direction: Direction) -> int:
    """Count a trip's parcels in one direction, without those dropped from it."""
    return sum(
        line.direction is direction and line.state is not LineState.DROPPED
        for stop in trip.stops
        for line in stop.lines
    )
