"""What a plan costs, what a vehicle may do, and the check that every plan passes before it is written."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logistics.routes.network import Network
from logistics.routes.types import (
    Direction,
    Instance,
    Parcel,
    PlanInfeasible,
    Stop,
    Totals,
    Trip,
    Unserved,
    UnservedReason,
    VehicleType,
)

METRES_PER_KM = 1_000


def trip_cost_fen(distance_m: int, stops: int, vehicle: VehicleType) -> int:
    """Price one trip without its vehicle's day: kilometres rounded up to the fen, and a fee per stop."""
    return -(-distance_m * vehicle.km_fen // METRES_PER_KM) + stops * vehicle.stop_fen


def gap_bp(cost_fen: int, bound_fen: int) -> int:
    """Say how far a cost is above its bound, in basis points rounded half up; 0 when the bound is 0."""
    if bound_fen == 0:
        return 0
    return (2 * (cost_fen - bound_fen) * 10_000 + bound_fen) // (2 * bound_fen)


def total_up(trips: Sequence[Trip], fleet: Sequence[VehicleType]) -> Totals:
    """Add up a plan's trips; a vehicle's day is paid once however many trips it makes."""
    types = {vehicle.vehicle_type: vehicle for vehicle in fleet}
    vehicles = {trip.vehicle: types[trip.vehicle_type] for trip in trips}
    running_fen = sum(
        trip_cost_fen(trip.distance_m, len(trip.stops), types[trip.vehicle_type]) for trip in trips
    )
    return Totals(
        cost_fen=running_fen + sum(vehicle.day_fen for vehicle in vehicles.values()),
        distance_m=sum(trip.distance_m for trip in trips),
        duration_s=sum(trip.returns_s - trip.departs_s for trip in trips),
        vehicles=len(vehicles),
        trips=len(trips),
        stops=sum(len(trip.stops) for trip in trips),
        parcels=sum(len(stop.deliver) + len(stop.collect) for trip in trips for stop in trip.stops),
    )


def refuse_hopeless(instance: Instance, network: Network) -> tuple[list[Parcel], list[Unserved]]:
    """Part the parcels that a vehicle of its own could serve from those that nothing can.

    Gives: the parcels worth planning, and the others with the first reason that fits: `over_capacity` (too
    big or heavy for every type), `unreachable` (no road), `due_impossible` (no vehicle that carries it could
    go there and back in time, the end of the shift being the latest time), `no_vehicle_left` (the types that
    could are not available).
    """
    hopeful: list[Parcel] = []
    hopeless: list[Unserved] = []
    for parcel in instance.parcels:
        reason = _reason_alone(parcel, instance.fleet, network)
        if reason is None:
            hopeful.append(parcel)
        else:
            hopeless.append(Unserved(parcel.parcel, reason))
    return hopeful, hopeless


def _reason_alone(parcel: Parcel, fleet: Sequence[VehicleType], network: Network) -> UnservedReason | None:
    carrying = [
        vehicle
        for vehicle in fleet
        if parcel.units <= vehicle.capacity_units and parcel.weight_g <= vehicle.capacity_g
    ]
    station = network.index[parcel.station]
    if not carrying:
        return UnservedReason.OVER_CAPACITY
    if not network.is_reachable(station):
        return UnservedReason.UNREACHABLE
    travel_s = int(network.duration_s[0, station])
    in_time = [vehicle for vehicle in carrying if _is_in_time_alone(parcel, vehicle, travel_s)]
    if not in_time:
        return UnservedReason.DUE_IMPOSSIBLE
    if all(vehicle.available == 0 for vehicle in in_time):
        return UnservedReason.NO_VEHICLE_LEFT
    return None


def _is_in_time_alone(parcel: Parcel, vehicle: VehicleType, travel_s: int) -> bool:
    at_stop_s = vehicle.stop_s + vehicle.unit_s * parcel.units
    due_s = vehicle.shift_s if parcel.due_s is None else parcel.due_s
    if parcel.direction is Direction.IN:
        arrives_s = parcel.ready_s + travel_s
        return arrives_s <= due_s and arrives_s + at_stop_s + travel_s <= vehicle.shift_s
    returns_s = max(parcel.ready_s, travel_s) + at_stop_s + travel_s
    return returns_s <= min(due_s, vehicle.shift_s)


def require_feasible(
    trips: Sequence[Trip], unserved: Sequence[Unserved], *, instance: Instance, network: Network
) -> None:
    """Check a plan against every rule of CONTRACTS.md §4; this function will raise when one is broken.

    Refuses: `PlanInfeasible` with a sentence per broken rule.
    Cost: O(stops + parcels).
    """
    broken = [
        *_broken_promises(trips, unserved, instance),
        *_broken_shifts(trips, instance),
    ]
    road = _Road(network, {parcel.parcel: parcel for parcel in instance.parcels})
    types = {vehicle.vehicle_type: vehicle for vehicle in instance.fleet}
    for trip in trips:
        if trip.vehicle_type in types and not broken:
            broken.extend(road.faults_of(trip, types[trip.vehicle_type]))
    if broken:
        raise PlanInfeasible(broken)


def _broken_promises(
    trips: Sequence[Trip], unserved: Sequence[Unserved], instance: Instance
) -> Iterable[str]:
    """Every parcel is served once or unserved once, and nothing else is."""
    counts = Counter(
        parcel for trip in trips for stop in trip.stops for parcel in (*stop.deliver, *stop.collect)
    )
    counts.update(parcel.parcel for parcel in unserved)
    for parcel in instance.parcels:
        if counts[parcel.parcel] != 1:
            yield f"parcel {parcel.parcel} appears {counts[parcel.parcel]} times"
    known = {parcel.parcel for parcel in instance.parcels}
    for name in counts:
        if name not in known:
            yield f"parcel {name} is not in the instance"


def _broken_shifts(trips: Sequence[Trip], instance: Instance) -> Iterable[str]:
    """Vehicles exist, make one trip at a time with a reload in between, and keep their shift."""
    types = {vehicle.vehicle_type: vehicle for vehicle in instance.fleet}
    days: dict[str, list[Trip]] = defaultdict(list)
    for trip in trips:
        days[trip.vehicle].append(trip)
    used = Counter(day[0].vehicle_type for day in days.values())
    for name, number in used.items():
        if name not in types or number > types[name].available:
            yield f"{number} vehicles of type {name} are used, more than there are"
    for vehicle, day in days.items():
        if len({trip.vehicle_type for trip in day}) > 1:
            yield f"{vehicle} has two types"
        elif day[0].vehicle_type in types:
            yield from _broken_day(vehicle, day, types[day[0].vehicle_type])


def _broken_day(vehicle: str, day: list[Trip], kind: VehicleType) -> Iterable[str]:
    free_s = 0
    for number, trip in enumerate(sorted(day, key=lambda trip: trip.trip), start=1):
        if trip.trip != number:
            yield f"{vehicle} has no trip {number}"
        if trip.departs_s < free_s:
            yield f"{vehicle} trip {number} departs at {trip.departs_s} s before {free_s} s"
        if trip.returns_s > kind.shift_s:
            yield f"{vehicle} trip {number} returns at {trip.returns_s} s after the shift"
        free_s = trip.returns_s + kind.reload_s


@dataclass(frozen=True)
class _Road:
    """Follows one trip stop by stop."""

    network: Network
    parcels: dict[str, Parcel]

    def faults_of(self, trip: Trip, kind: VehicleType) -> list[str]:
        faults: list[str] = []
        where = f"{trip.vehicle} trip {trip.trip}"
        delivered = [self.parcels[name] for stop in trip.stops for name in stop.deliver]
        units, grams = sum(p.units for p in delivered), sum(p.weight_g for p in delivered)
        if not trip.stops:
            faults.append(f"{where} stops nowhere")
        if units > kind.capacity_units or grams > kind.capacity_g:
            faults.append(f"{where} leaves with {units} units and {grams} g aboard")
        if any(parcel.ready_s > trip.departs_s for parcel in delivered):
            faults.append(f"{where} leaves before a parcel is ready")
        at, clock_s, distance_m = 0, trip.departs_s, 0
        for stop in trip.stops:
            here = self.network.index[stop.station]
            faults.extend(f"{where} at {stop.station}: {what}" for what in self._at_stop(stop, kind))
            if stop.arrives_s != clock_s + int(self.network.duration_s[at, here]) or here == at:
                faults.append(f"{where} cannot arrive at {stop.station} at {stop.arrives_s} s")
            units += self._sum(stop.collect)[0] - self._sum(stop.deliver)[0]
            grams += self._sum(stop.collect)[1] - self._sum(stop.deliver)[1]
            if units > kind.capacity_units or grams > kind.capacity_g:
                faults.append(f"{where} leaves {stop.station} with {units} units and {grams} g aboard")
            distance_m += int(self.network.distance_m[at, here])
            at, clock_s = here, stop.departs_s
        distance_m += int(self.network.distance_m[at, 0])
        if trip.returns_s != clock_s + int(self.network.duration_s[at, 0]):
            faults.append(f"{where} cannot return at {trip.returns_s} s")
        if trip.distance_m != distance_m:
            faults.append(f"{where} is {distance_m} m long, not {trip.distance_m} m")
        collected = (self.parcels[name] for stop in trip.stops for name in stop.collect)
        if any(parcel.due_s is not None and parcel.due_s < trip.returns_s for parcel in collected):
            faults.append(f"{where} brings a parcel to the hub too late")
        return faults

    def _sum(self, names: Sequence[str]) -> tuple[int, int]:
        return sum(self.parcels[n].units for n in names), sum(self.parcels[n].weight_g for n in names)

    def _at_stop(self, stop: Stop, kind: VehicleType) -> Iterable[str]:
        if not stop.deliver and not stop.collect:
            yield "nothing is handled"
        handled_s = kind.stop_s + kind.unit_s * (self._sum(stop.deliver)[0] + self._sum(stop.collect)[0])
        if stop.departs_s < stop.arrives_s + handled_s:
            yield f"leaves at {stop.departs_s} s, before its work is done"
        for direction, names in ((Direction.IN, stop.deliver), (Direction.OUT, stop.collect)):
            for parcel in (self.parcels[name] for name in names):
                if parcel.direction is not direction or parcel.station != stop.station:
                    yield f"{parcel.parcel} does not belong here"
                if direction is Direction.IN and parcel.due_s is not None and stop.arrives_s > parcel.due_s:
                    yield f"{parcel.parcel} arrives too late"
                if direction is Direction.OUT and stop.arrives_s < parcel.ready_s:
                    yield f"{parcel.parcel} is not ready"
