"""What a tour was planned from, and its plan, as text that stays the same for ever."""

import json
from typing import Any

from logistics.routes.types import (
    Baseline,
    BaselineName,
    Bound,
    Direction,
    Instance,
    Parcel,
    Plan,
    Road,
    Solver,
    Station,
    StationKind,
    Stop,
    Totals,
    Trip,
    Unserved,
    UnservedReason,
    VehicleType,
)


def write_instance(instance: Instance) -> str:
    """Write a planner's input as one line of JSON: rows in the order of their dataclass's fields."""
    document = {
        "stations": [
            [each.station, each.name, each.town, each.kind.value, each.lat, each.lon]
            for each in instance.stations
        ],
        "roads": None
        if instance.roads is None
        else [[each.start, each.end, each.distance_m, each.duration_s] for each in instance.roads],
        "parcels": [
            [
                each.parcel,
                each.courier,
                each.direction.value,
                each.station,
                each.units,
                each.weight_g,
                each.ready_s,
                each.due_s,
            ]
            for each in instance.parcels
        ],
        "fleet": [{name: getattr(each, name) for name in VehicleType.__slots__} for each in instance.fleet],
        "hub": instance.hub.station,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def read_instance(text: str) -> Instance:
    """Read a planner's input that `write_instance` wrote."""
    document = json.loads(text)
    stations = tuple(
        Station(code, name, town, StationKind(kind), lat, lon)
        for code, name, town, kind, lat, lon in document["stations"]
    )
    roads = document["roads"]
    return Instance(
        stations=stations,
        roads=None if roads is None else tuple(Road(*each) for each in roads),
        parcels=tuple(
            Parcel(number, courier, Direction(direction), *rest)
            for number, courier, direction, *rest in document["parcels"]
        ),
        fleet=tuple(VehicleType(**each) for each in document["fleet"]),
        hub=next(each for each in stations if each.station == document["hub"]),
    )


def read_plan(text: str) -> Plan:
    """Read a plan that `logistics.routes.documents.write_plan` wrote."""
    document = json.loads(text)
    return Plan(
        trips=tuple(_trip(each) for each in document["trips"]),
        unserved=tuple(
            Unserved(each["parcel"], UnservedReason(each["reason"])) for each in document["unserved"]
        ),
        totals=Totals(**document["totals"]),
        lower_bound=Bound(**document["lower_bound"]),
        gap_bp=document["gap_bp"],
        baselines=tuple(
            Baseline(**{**each, "name": BaselineName(each["name"])}) for each in document["baselines"]
        ),
        solver=Solver(**document["solver"]),
    )


def _trip(trip: dict[str, Any]) -> Trip:
    stops = tuple(
        Stop(
            station=each["station"],
            arrives_s=each["arrives_s"],
            departs_s=each["departs_s"],
            deliver=tuple(each["deliver"]),
            collect=tuple(each["collect"]),
        )
        for each in trip["stops"]
    )
    return Trip(**{**trip, "stops": stops})
