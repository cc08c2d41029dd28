"""Readers of the four files of a plan: stations, roads, parcels and fleet."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from county.errors import BadInput, Fault
from logistics.routes.types import (
    Direction,
    Instance,
    Parcel,
    Road,
    Station,
    StationKind,
    VehicleType,
)

LONGEST_TEXT = 200
LARGEST_NUMBER = 1_000_000_000
LARGEST_ROAD = 10_000_000
LARGEST_RATE_FEN = 100_000_000
_WHOLE = re.compile(r"[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,4}(\.[0-9]{1,20})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_STATION_COLUMNS = ("station", "name", "town", "kind")
_ROAD_COLUMNS = ("from", "to", "distance_m", "duration_s")
_PARCEL_COLUMNS = ("parcel", "courier", "direction", "station", "units", "weight_g")
_FLEET_COLUMNS = (
    "vehicle_type",
    "available",
    "capacity_units",
    "capacity_g",
    "shift_s",
    "day_fen",
    "km_fen",
    "stop_fen",
    "stop_s",
    "unit_s",
    "reload_s",
)


def read_instance(*, stations: Path, roads: Path | None, parcels: Path, fleet: Path) -> Instance:
    """Read the four files of a day; this function will look at all of them before it complains.

    Takes: CSV files in UTF-8 (with or without byte order mark) or GB18030; `roads` None = great circles.
    Refuses: `BadInput` with one fault per thing wrong, `FILE:LINE` and what was expected.
    Source: CONTRACTS.md §4.
    """
    faults: list[Fault] = []
    places = _read_stations(stations, faults, with_degrees=roads is None)
    links = None if roads is None else _read_roads(roads, faults)
    loads = _read_parcels(parcels, faults, {place.station: place for place in places})
    types = _read_fleet(fleet, faults)
    hubs = [place for place in places if place.kind is StationKind.HUB]
    if faults:
        raise BadInput(faults)
    return Instance(
        tuple(places), None if links is None else tuple(links), tuple(loads), tuple(types), hubs[0]
    )


@dataclass
class _Row:
    """One line of a file by column name, and the place to put its faults."""

    where: str
    cells: dict[str, str]
    faults: list[Fault]
    is_sound: bool = True

    def complain(self, what: str) -> None:
        self.is_sound = False
        self.faults.append(Fault(self.where, what))

    def text(self, column: str, *, may_be_empty: bool = False) -> str:
        value = self.cells.get(column, "").strip()
        if not value and not may_be_empty:
            self.complain(f"{column} is empty, expected a name")
        elif len(value) > LONGEST_TEXT:
            self.complain(f"{column} has {len(value)} characters, expected at most {LONGEST_TEXT}")
        elif _CONTROL.search(value):
            self.complain(f"{column} contains a control character, expected plain text")
        else:
            return value
        return ""

    def whole(self, column: str, *, least: int = 0, most: int = LARGEST_NUMBER) -> int:
        value = self.cells.get(column, "").strip()
        if _WHOLE.fullmatch(value) and least <= int(value) <= most:
            return int(value)
        self.complain(f"{column} is {_shown(value)}, expected a whole number from {least} to {most}")
        return least

    def seconds(self, column: str) -> int | None:
        return self.whole(column) if self.cells.get(column, "").strip() else None

    def degrees(self, column: str, *, most: int, must_be: bool) -> float | None:
        value = self.cells.get(column, "").strip()
        if not value and not must_be:
            return None
        if _DECIMAL.fullmatch(value) and abs(float(value)) <= most:
            return float(value)
        self.complain(f"{column} is {_shown(value)}, expected degrees from -{most} to {most}")
        return None


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:40] + "…") if value else "empty"


def _read_stations(path: Path, faults: list[Fault], *, with_degrees: bool) -> list[Station]:
    columns = _STATION_COLUMNS + (("lat", "lon") if with_degrees else ())
    places: list[Station] = []
    found_faults = len(faults)

    def read(row: _Row) -> Station:
        kind = row.text("kind")
        if kind and kind not in set(StationKind):
            row.complain(f"kind is {_shown(kind)}, expected hub or station")
        if kind == StationKind.HUB and any(place.kind is StationKind.HUB for place in places):
            row.complain("this is a second hub, expected exactly one")
        return Station(
            station=row.text("station"),
            name=row.text("name", may_be_empty=True),
            town=row.text("town", may_be_empty=True),
            kind=StationKind.HUB if kind == StationKind.HUB else StationKind.STATION,
            lat=row.degrees("lat", most=90, must_be=with_degrees),
            lon=row.degrees("lon", most=180, must_be=with_degrees),
        )

    _collect(path, columns, faults, read, lambda place: place.station, "station", places)
    if len(faults) == found_faults and not any(place.kind is StationKind.HUB for place in places):
        faults.append(Fault(f"{path}:1", "there is no hub, expected exactly one line of kind hub"))
    return places


def _read_roads(path: Path, faults: list[Fault]) -> list[Road]:
    def read(row: _Row) -> Road:
        road = Road(
            start=row.text("from"),
            end=row.text("to"),
            distance_m=row.whole("distance_m", most=LARGEST_ROAD),
            duration_s=row.whole("duration_s", most=LARGEST_ROAD),
        )
        if row.is_sound and road.start == road.end:
            row.complain(f"the road leads from {_shown(road.start)} to itself, expected two places")
        return road

    return _collect(path, _ROAD_COLUMNS, faults, read)


def _read_parcels(path: Path, faults: list[Fault], places: dict[str, Station]) -> list[Parcel]:
    directions = {str(direction): direction for direction in Direction}
    names: dict[str, str] = {}

    def read(row: _Row) -> Parcel:
        direction = row.text("direction")
        if direction and direction not in directions:
            row.complain(f"direction is {_shown(direction)}, expected in or out")
        courier, station = row.text("courier"), row.text("station")
        place = places.get(station)
        if station and place is None:
            row.complain(f"station {_shown(station)} is unknown, expected one of the stations file")
        elif place is not None and place.kind is StationKind.HUB:
            row.complain(f"station {_shown(station)} is the hub, expected a station of kind station")
        ready_s, due_s = row.seconds("ready_s") or 0, row.seconds("due_s")
        if due_s is not None and due_s < ready_s:
            row.complain(f"due_s {due_s} is before ready_s {ready_s}, expected it later or equal")
        # Names repeat thousands of times: one object each keeps a large day small.
        return Parcel(
            parcel=row.text("parcel"),
            courier=names.setdefault(courier, courier),
            direction=directions.get(direction, Direction.IN),
            station=names.setdefault(station, station),
            units=row.whole("units", least=1),
            weight_g=row.whole("weight_g"),
            ready_s=ready_s,
            due_s=due_s,
        )

    return _collect(path, _PARCEL_COLUMNS, faults, read, lambda parcel: parcel.parcel, "parcel")


def _read_fleet(path: Path, faults: list[Fault]) -> list[VehicleType]:
    def read(row: _Row) -> VehicleType:
        return VehicleType(
            vehicle_type=row.text("vehicle_type"),
            available=row.whole("available", most=1_000_000),
            capacity_units=row.whole("capacity_units"),
            capacity_g=row.whole("capacity_g"),
            shift_s=row.whole("shift_s", least=1, most=LARGEST_ROAD),
            day_fen=row.whole("day_fen", most=LARGEST_RATE_FEN),
            km_fen=row.whole("km_fen", most=LARGEST_RATE_FEN),
            stop_fen=row.whole("stop_fen", most=LARGEST_RATE_FEN),
            stop_s=row.whole("stop_s", most=LARGEST_ROAD),
            unit_s=row.whole("unit_s", most=LARGEST_ROAD),
            reload_s=row.whole("reload_s", most=LARGEST_ROAD),
        )

    found_faults = len(faults)
    types = _collect(path, _FLEET_COLUMNS, faults, read, lambda kind: kind.vehicle_type, "vehicle_type")
    if len(faults) == found_faults and not types:
        faults.append(Fault(f"{path}:1", "there is no vehicle type, expected at least one line"))
    return types


_Thing = TypeVar("_Thing")


def _collect(
    path: Path,
    columns: Sequence[str],
    faults: list[Fault],
    read: Callable[[_Row], _Thing],
    name_of: Callable[[_Thing], str] | None = None,
    name_column: str = "",
    into: list[_Thing] | None = None,
) -> list[_Thing]:
    things: list[_Thing] = [] if into is None else into
    seen: dict[str, str] = {}
    for row in _rows(path, columns, faults):
        thing = read(row)
        name = name_of(thing) if name_of else ""
        if name and name in seen:
            row.complain(f"{name_column} {_shown(name)} appears again after {seen[name]}, expected it once")
        seen.setdefault(name, f"line {row.where.rsplit(':', 1)[1]}")
        if row.is_sound or into is not None:
            things.append(thing)
    return things


def _rows(path: Path, columns: Sequence[str], faults: list[Fault]) -> Iterator[_Row]:
    text = _decode(path, faults)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"{path}:{reader.line_num}"
            if header is None:
                header = [cell.strip() for cell in cells]
                if not _is_header_sound(where, header, columns, faults):
                    return
            elif len(cells) > len(header):
                faults.append(Fault(where, f"{len(cells)} fields, expected {len(header)} as in the header"))
            else:
                yield _Row(where, dict(zip(header, cells, strict=False)), faults)
    except csv.Error as error:
        faults.append(
            Fault(f"{path}:{max(1, reader.line_num)}", f"not readable as CSV ({error}), expected one record")
        )
        return
    if header is None:
        faults.append(Fault(f"{path}:1", f"the file is empty, expected a header with {', '.join(columns)}"))


def _is_header_sound(where: str, header: list[str], columns: Sequence[str], faults: list[Fault]) -> bool:
    missing = [column for column in columns if column not in header]
    twice = [column for column in columns if header.count(column) > 1]
    faults.extend(
        Fault(where, f"column {column} is missing, expected it in the header") for column in missing
    )
    faults.extend(Fault(where, f"column {column} appears twice, expected it once") for column in twice)
    return not missing and not twice


def _decode(path: Path, faults: list[Fault]) -> str | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        faults.append(Fault(f"{path}:1", f"cannot be read ({error.strerror}), expected a CSV file"))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as utf8_error:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            line = content[: utf8_error.start].count(b"\n") + 1
            faults.append(Fault(f"{path}:{line}", "not readable as text, expected UTF-8 or GB18030"))
            return None
