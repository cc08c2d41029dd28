"""Puts trips into vehicle days: exactly, with as many vehicles as it takes, or spread over a given number."""

from collections.abc import Sequence
from dataclasses import dataclass

from logistics.routes.solver.schedule import Terrain, TripOrder, VehicleDay, in_best_order, time_trip


@dataclass(frozen=True, slots=True)
class LooseTrip:
    """A trip that has no vehicle yet; `duration_s` counts from its departure to its return."""

    kind: int
    order: TripOrder
    duration_s: int


def loosen(terrain: Terrain, days: Sequence[VehicleDay]) -> list[LooseTrip]:
    """Take the trips out of their days, the longest first; trips that cannot be kept at all are left out."""
    loose = []
    for day in days:
        for order in day.trips:
            timed = time_trip(terrain, order, terrain.fleet[day.kind], 0)
            if timed is not None:
                loose.append(LooseTrip(day.kind, order, timed.returns_s - timed.departs_s))
    return sorted(loose, key=lambda trip: (-trip.duration_s, trip.kind, trip.order))


def pack(
    terrain: Terrain, trips: Sequence[LooseTrip], vehicles: Sequence[int]
) -> tuple[list[VehicleDay], list[int]]:
    """Pack trips into as few days as best fit decreasing finds, each day timed exactly.

    Gives: days that can be kept, and the lots of trips for which no vehicle was left.
    """
    days: list[VehicleDay] = []
    load_s: list[int] = []
    left: list[int] = []
    for trip in trips:
        kind = terrain.fleet[trip.kind]
        fitting = [
            place
            for place, day in enumerate(days)
            if day.kind == trip.kind and load_s[place] + kind.reload_s + trip.duration_s <= kind.shift_s
        ]
        for place in sorted(fitting, key=lambda place: -load_s[place]):
            longer = in_best_order(terrain, VehicleDay(trip.kind, (*days[place].trips, trip.order)))
            if longer is not None:
                days[place] = longer
                load_s[place] += kind.reload_s + trip.duration_s
                break
        else:
            if sum(1 for day in days if day.kind == trip.kind) < vehicles[trip.kind]:
                days.append(VehicleDay(trip.kind, (trip.order,)))
                load_s.append(trip.duration_s)
            else:
                left.extend(trip.order)
    return days, left


def spread(terrain: Terrain, trips: Sequence[LooseTrip], vehicles: Sequence[int]) -> list[VehicleDay]:
    """Spread trips over exactly these vehicles, the longest trip to the emptiest day; shifts may overflow."""
    days: list[VehicleDay] = []
    for kind, number in enumerate(vehicles):
        own = [trip for trip in trips if trip.kind == kind]
        load_s = [0] * number
        orders: list[list[TripOrder]] = [[] for _ in range(number)]
        for trip in own:
            place = min(range(number), key=lambda place: (load_s[place], place))
            load_s[place] += trip.duration_s + terrain.fleet[kind].reload_s
            orders[place].append(trip.order)
        for order in orders:
            day = VehicleDay(kind, tuple(order))
            days.append(in_best_order(terrain, day) or day)
    return [day for day in days if day.trips]


def least_vehicles(terrain: Terrain, trips: Sequence[LooseTrip]) -> list[int]:
    """Count, per type, the vehicles below which these trips cannot fit even if time could be poured."""
    needed = []
    for kind, vehicle in enumerate(terrain.fleet):
        own = [trip.duration_s + vehicle.reload_s for trip in trips if trip.kind == kind]
        needed.append(-(-sum(own) // (vehicle.shift_s + vehicle.reload_s)))
    return needed
