"""Makes tiny random days on trees and on networks with cycles, small enough to try every plan."""

import random

from logistics.routes.types import (
    Direction,
    Instance,
    Parcel,
    Road,
    Station,
    StationKind,
    VehicleType,
)


def make_tiny_day(seed: int) -> Instance:
    """Make a day of up to six parcels, also with cycles, mixed fleets and heavy parcels."""
    rng = random.Random(f"tiny-{seed}")
    names = ["hub"] + [f"s{i}" for i in range(1, rng.randint(2, 5))]
    junctions = [f"j{i}" for i in range(rng.randint(0, 3))]
    hub = Station("hub", "", "", StationKind.HUB, 32.3, 108.9)
    stations = [hub] + [
        Station(
            name,
            "",
            "",
            StationKind.STATION,
            32.3 + rng.uniform(-0.1, 0.1),
            108.9 + rng.uniform(-0.1, 0.1),
        )
        for name in names[1:]
    ]
    return Instance(
        stations=tuple(stations),
        roads=_roads(rng, names + junctions) if seed % 7 else None,
        parcels=_parcels(rng, names[1:]),
        fleet=tuple(_vehicle(rng, i) for i in range(rng.choice((1, 1, 2)))),
        hub=hub,
    )


def _roads(rng: random.Random, places: list[str]) -> tuple[Road, ...]:
    rest = places[1:]
    rng.shuffle(rest)
    order = [places[0], *rest]
    roads = [
        Road(rng.choice(order[:i]), order[i], rng.randint(0, 9) * 997, rng.randint(0, 9) * 61)
        for i in range(1, len(order))
    ]
    for _ in range(rng.choice((0, 0, 1, 2, 4))):
        start, end = rng.sample(order, 2)
        roads.append(Road(start, end, rng.randint(0, 12) * 997, rng.randint(0, 9) * 61))
    return tuple(roads)


def _parcels(rng: random.Random, stations: list[str]) -> tuple[Parcel, ...]:
    size = rng.choice((3, 6, 10))
    return tuple(
        Parcel(
            parcel=f"p{i}",
            courier=f"c{rng.randint(1, 3)}",
            direction=rng.choice((Direction.IN, Direction.IN, Direction.OUT)),
            station=rng.choice(stations),
            units=rng.randint(1, size),
            weight_g=rng.choice((0, rng.randint(1, 5_000), rng.randint(1, 10_000))),
            ready_s=0,
            due_s=None,
        )
        for i in range(rng.randint(1, 6))
    )


def _vehicle(rng: random.Random, number: int) -> VehicleType:
    return VehicleType(
        vehicle_type=f"v{number}",
        available=rng.randint(1, 5),
        capacity_units=rng.choice((10, 10, 12, 20)),
        capacity_g=rng.choice((10_000, 15_000, 100_000)),
        shift_s=rng.choice((1_500, 2_500, 4_000, 30_000)),
        day_fen=rng.choice((0, 500, 27_500)),
        km_fen=rng.choice((0, 104, 1_500)),
        stop_fen=rng.choice((0, 134)),
        stop_s=rng.choice((0, 60, 248)),
        unit_s=rng.choice((0, 5, 30)),
        reload_s=rng.choice((0, 300, 900)),
    )
