"""Puts trips into vehicle days: exactly, with as many vehicles as it takes, or spread over a given number."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from logistics.routes.solver.filling import fill_days
from logistics.routes.solver.schedule import Terrain, TripOrder, VehicleDay, in_best_order, time_trip

MOST_IN_PACKS = 8


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


def fill(
    terrain: Terrain, trips: Sequence[LooseTrip], vehicles: Sequence[int], *, tries: int, seed: int
) -> list[VehicleDay] | None:
    """Fill exactly these vehicles with trips to the last second; None when no try manages.

    Ready and due times are kept by the order of a day's trips, or the day is one that cannot be kept.
    """
    days: list[VehicleDay] = []
    for kind, number in enumerate(vehicles):
        own = [trip for trip in trips if trip.kind == kind]
        vehicle = terrain.fleet[kind]
        sizes = [trip.duration_s + vehicle.reload_s for trip in own]
        filled = fill_days(sizes, number, vehicle.shift_s + vehicle.reload_s, tries=tries, seed=seed)
        if filled is None:
            return None
        for places in filled:
            if places:
                day = VehicleDay(kind, tuple(own[place].order for place in places))
                days.append(in_best_order(terrain, day) or day)
    return days


def retype(terrain: Terrain, trips: Sequence[LooseTrip], vehicles: Sequence[int]) -> list[LooseTrip] | None:
    """Give trips whose type has no vehicle here to a type that has; None when one fits none of them."""
    fitted: list[LooseTrip] = []
    for trip in trips:
        kinds = [trip.kind, *(kind for kind in range(len(vehicles)) if kind != trip.kind)]
        for kind in kinds:
            timed = time_trip(terrain, trip.order, terrain.fleet[kind], 0) if vehicles[kind] else None
            if timed is not None:
                fitted.append(LooseTrip(kind, trip.order, timed.returns_s - timed.departs_s))
                break
        else:
            return None
    return fitted


def spread(terrain: Terrain, trips: Sequence[LooseTrip], vehicles: Sequence[int]) -> list[VehicleDay]:
    """Spread trips over exactly these vehicles so that shifts overflow as little as swaps can manage."""
    days: list[VehicleDay] = []
    for kind, number in enumerate(vehicles):
        own = [trip for trip in trips if trip.kind == kind]
        if not own:
            continue
        vehicle = terrain.fleet[kind]
        sizes = [trip.duration_s + vehicle.reload_s for trip in own]
        for places in fill_bins(sizes, number, vehicle.shift_s + vehicle.reload_s):
            if places:
                day = VehicleDay(kind, tuple(own[place].order for place in places))
                days.append(in_best_order(terrain, day) or day)
    return days


def fill_bins(sizes: Sequence[int], bins: int, room: int) -> list[list[int]]:
    """Put items into bins; this function will keep moving and swapping while the overflow shrinks.

    Gives: the places of the items per bin. The overflow is squared, so that it is shared before it is gone.
    """
    held: list[list[int]] = [[] for _ in range(bins)]
    load = [0] * bins
    for place in sorted(range(len(sizes)), key=lambda place: (-sizes[place], place)):
        emptiest = min(range(bins), key=lambda b: (load[b], b))
        held[emptiest].append(place)
        load[emptiest] += sizes[place]
    while True:
        change = _best_exchange(sizes, held, load, room)
        if change is None:
            return held
        a, b, outs, backs = change
        held[a] = [place for place in held[a] if place not in outs] + list(backs)
        held[b] = [place for place in held[b] if place not in backs] + list(outs)
        moved = sum(sizes[place] for place in outs) - sum(sizes[place] for place in backs)
        load[a] -= moved
        load[b] += moved


_Exchange = tuple[int, int, tuple[int, ...], tuple[int, ...]]


def _best_exchange(
    sizes: Sequence[int], held: Sequence[Sequence[int]], load: Sequence[int], room: int
) -> _Exchange | None:
    """The exchange of at most two items against at most two that shrinks the squared overflow most."""
    best_gain, best = 0, None
    over = [max(0, amount - room) ** 2 for amount in load]
    for a in range(len(held)):
        if not over[a]:
            continue
        packs_a = _packs(held[a])
        for b in range(len(held)):
            if b == a or load[b] >= load[a]:
                continue
            for backs in _packs(held[b]):
                back = sum(sizes[place] for place in backs)
                for outs in packs_a:
                    moved = sum(sizes[place] for place in outs) - back
                    after = max(0, load[a] - moved - room) ** 2 + max(0, load[b] + moved - room) ** 2
                    if over[a] + over[b] - after > best_gain:
                        best_gain, best = over[a] + over[b] - after, (a, b, outs, backs)
    return best


def _packs(items: Sequence[int]) -> list[tuple[int, ...]]:
    few = items[:MOST_IN_PACKS]
    return [(), *((item,) for item in items), *combinations(few, 2)]


def least_vehicles(terrain: Terrain, trips: Sequence[LooseTrip]) -> list[int]:
    """Count, per type, the vehicles below which these trips cannot fit even if time could be poured."""
    needed = []
    for kind, vehicle in enumerate(terrain.fleet):
        own = [trip.duration_s + vehicle.reload_s for trip in trips if trip.kind == kind]
        needed.append(-(-sum(own) // (vehicle.shift_s + vehicle.reload_s)))
    return needed


def idle_share(terrain: Terrain, trips: Sequence[LooseTrip], vehicles: Sequence[int]) -> float:
    """Compute which share of the vehicles' time these trips would leave idle; below 0 they cannot fit."""
    room = sum(n * (v.shift_s + v.reload_s) for n, v in zip(vehicles, terrain.fleet, strict=True))
    needed = sum(trip.duration_s + terrain.fleet[trip.kind].reload_s for trip in trips)
    return 1 - needed / room if room else -1.0
