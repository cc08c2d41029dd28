"""Exact times and costs of a vehicle's day, from the order in which it serves its lots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations

from logistics.routes.network import Network
from logistics.routes.rules import trip_cost_fen
from logistics.routes.solver.lots import ANY_TIME_S, Grouping, Lot
from logistics.routes.types import Direction, Stop, Trip, VehicleType

MOST_PERMUTED = 4

# A trip is the order of its lots (by index); a day is the order of a vehicle's trips.
TripOrder = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VehicleDay:
    """What one vehicle does: its type (index into the fleet) and its trips in order."""

    kind: int
    trips: tuple[TripOrder, ...]


@dataclass(frozen=True, slots=True)
class Halt:
    """A stop of a trip: lots handled there and its times."""

    station: int
    lots: tuple[int, ...]
    arrives_s: int
    departs_s: int


@dataclass(frozen=True, slots=True)
class TimedTrip:
    """A trip with its times, keeping every due time and capacity."""

    departs_s: int
    returns_s: int
    distance_m: int
    halts: tuple[Halt, ...]


@dataclass(frozen=True)
class Terrain:
    """The lots, fleet and distances that every part of the solver works on, as plain lists for speed."""

    lots: tuple[Lot, ...]
    fleet: tuple[VehicleType, ...]
    network: Network
    distance_m: list[list[int]] = field(repr=False)
    duration_s: list[list[int]] = field(repr=False)
    loads: tuple[TripOrder, ...] = ()

    @classmethod
    def of(cls, grouping: Grouping, fleet: Sequence[VehicleType], network: Network) -> "Terrain":
        """Lay the terrain out for lots, fleet and network."""
        return cls(
            lots=grouping.lots,
            fleet=tuple(fleet),
            network=network,
            distance_m=network.distance_m.tolist(),
            duration_s=network.duration_s.tolist(),
            loads=grouping.loads,
        )

    @cached_property
    def is_timed(self) -> bool:
        """Tell whether any lot has a ready or due time."""
        return any(lot.is_timed for lot in self.lots)


def time_trip(terrain: Terrain, order: Sequence[int], kind: VehicleType, free_s: int) -> TimedTrip | None:
    """Time one trip from the moment its vehicle is free; None when it breaks a due time, a load or the shift.

    Neighbouring lots of one station share a stop. A vehicle that would arrive before a collection is ready
    waits where it is, so that it arrives when the collection is.
    """
    lots = [terrain.lots[k] for k in order]
    units, grams = sum(lot.units_in for lot in lots), sum(lot.grams_in for lot in lots)
    if units > kind.capacity_units or grams > kind.capacity_g:
        return None
    departs_s = max([free_s, *(lot.ready_in_s for lot in lots)])
    at, clock_s, distance_m, back_by_s = 0, departs_s, 0, kind.shift_s
    halts: list[Halt] = []
    for group in _by_stop(lots, order):
        here = terrain.lots[group[0]].station
        there = [terrain.lots[k] for k in group]
        arrives_s = max(clock_s + terrain.duration_s[at][here], *(lot.ready_out_s for lot in there), 0)
        units += sum(lot.units_out - lot.units_in for lot in there)
        grams += sum(lot.grams_out - lot.grams_in for lot in there)
        if units > kind.capacity_units or grams > kind.capacity_g:
            return None
        if arrives_s > min(lot.due_in_s for lot in there):
            return None
        wait_s = arrives_s - clock_s - terrain.duration_s[at][here]
        if wait_s and halts:
            last = halts.pop()
            halts.append(Halt(last.station, last.lots, last.arrives_s, last.departs_s + wait_s))
        elif wait_s:
            departs_s += wait_s
        clock_s = arrives_s + kind.stop_s + kind.unit_s * sum(lot.units for lot in there)
        halts.append(Halt(here, group, arrives_s, clock_s))
        distance_m += terrain.distance_m[at][here]
        back_by_s = min(back_by_s, *(lot.due_out_s for lot in there))
        at = here
    returns_s = clock_s + terrain.duration_s[at][0]
    if returns_s > back_by_s:
        return None
    return TimedTrip(departs_s, returns_s, distance_m + terrain.distance_m[at][0], tuple(halts))


def _by_stop(lots: Sequence[Lot], order: Sequence[int]) -> list[tuple[int, ...]]:
    groups: list[list[int]] = []
    at = -1
    for k, lot in zip(order, lots, strict=True):
        if lot.station != at:
            groups.append([])
            at = lot.station
        groups[-1].append(k)
    return [tuple(group) for group in groups]


def time_day(terrain: Terrain, day: VehicleDay) -> list[TimedTrip] | None:
    """Time a vehicle's day in the order given; None when it cannot be kept."""
    kind = terrain.fleet[day.kind]
    timed: list[TimedTrip] = []
    free_s = 0
    for order in day.trips:
        trip = time_trip(terrain, order, kind, free_s)
        if trip is None:
            return None
        timed.append(trip)
        free_s = trip.returns_s + kind.reload_s
    return timed


def in_best_order(terrain: Terrain, day: VehicleDay) -> VehicleDay | None:
    """Order a day's trips so that it can be kept; None when no order tried can be."""
    if time_day(terrain, day) is not None:
        return day

    def urgency(order: TripOrder) -> tuple[int, int]:
        lots = [terrain.lots[k] for k in order]
        due_s = min(min(lot.due_in_s for lot in lots), min(lot.due_out_s for lot in lots))
        return due_s, max(max(lot.ready_in_s for lot in lots), max(lot.ready_out_s for lot in lots))

    if not terrain.is_timed:
        return None
    orders = [tuple(sorted(day.trips, key=key)) for key in (urgency, lambda trip: urgency(trip)[::-1])]
    if len(day.trips) <= MOST_PERMUTED:
        orders.extend(permutations(day.trips))
    for trips in orders:
        other = VehicleDay(day.kind, trips)
        if time_day(terrain, other) is not None:
            return other
    return None


def day_cost_fen(terrain: Terrain, day: VehicleDay) -> int:
    """Price a vehicle's day: its fixed price, the kilometres and the stops of its trips."""
    kind = terrain.fleet[day.kind]
    return kind.day_fen + sum(order_cost_fen(terrain, order, kind) for order in day.trips)


def order_cost_fen(terrain: Terrain, order: Sequence[int], kind: VehicleType) -> int:
    """Price a trip by the order of its lots, whatever its times."""
    at = distance_m = stops = 0
    for k in order:
        here = terrain.lots[k].station
        if here != at:
            distance_m += terrain.distance_m[at][here]
            stops += 1
            at = here
    return trip_cost_fen(distance_m + terrain.distance_m[at][0], stops, kind)


def cost_fen(terrain: Terrain, days: Sequence[VehicleDay]) -> int:
    """Price a set of vehicle days."""
    return sum(day_cost_fen(terrain, day) for day in days)


def write_trips(terrain: Terrain, days: Sequence[VehicleDay]) -> tuple[Trip, ...]:
    """Write vehicle days out as trips with stops and parcels; raises ValueError when one cannot be kept."""
    trips: list[Trip] = []
    numbers: dict[int, int] = {}
    for day in sorted(days, key=lambda day: (day.kind, [list(order) for order in day.trips])):
        kind = terrain.fleet[day.kind]
        timed = time_day(terrain, day)
        if timed is None:
            raise ValueError("a vehicle day cannot be kept")
        numbers[day.kind] = numbers.get(day.kind, 0) + 1
        name = f"{kind.vehicle_type}-{numbers[day.kind]}"
        for number, trip in enumerate(timed, start=1):
            stops = tuple(_write_stop(terrain, halt) for halt in trip.halts)
            trips.append(
                Trip(
                    name,
                    kind.vehicle_type,
                    number,
                    trip.departs_s,
                    trip.returns_s,
                    trip.distance_m,
                    stops,
                )
            )
    return tuple(trips)


def _write_stop(terrain: Terrain, halt: Halt) -> Stop:
    parcels = [parcel for k in halt.lots for parcel in terrain.lots[k].parcels]
    return Stop(
        station=terrain.network.names[halt.station],
        arrives_s=halt.arrives_s,
        departs_s=halt.departs_s,
        deliver=tuple(sorted(p.parcel for p in parcels if p.direction is Direction.IN)),
        collect=tuple(sorted(p.parcel for p in parcels if p.direction is Direction.OUT)),
    )


def latest_due_s(lot: Lot) -> int:
    """Give the earliest due time of a lot, `ANY_TIME_S` when it has none."""
    return min(lot.due_in_s, lot.due_out_s, ANY_TIME_S)
