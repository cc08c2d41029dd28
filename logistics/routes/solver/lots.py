"""Groups parcels into lots: what one stop handles together, so that thousands of parcels stay plannable."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from logistics.routes.network import Network
from logistics.routes.solver.filling import fullest
from logistics.routes.solver.loads import Load, cut_into_loads, find_valleys
from logistics.routes.solver.recut import Recutter
from logistics.routes.types import Direction, Parcel, VehicleType

# Half a vehicle: with loads cut along the roads, finer lots only slow the search (docs/routes.md).
LOTS_PER_VEHICLE = 2
READY_CLASS_S = 3_600
ANY_TIME_S = 2**40
# One load's parcels may be so much heavier than the day's.
UNEVEN = 1.08


Recut = Callable[[Recutter], list[Load]]


@dataclass(frozen=True, slots=True)
class Lot:
    """Parcels of one station that travel together; a stop may handle several lots.

    `ready_in_s` is the latest ready time of its deliveries, `due_in_s` the earliest due time; those with
    `_out_` are of its collections. `ANY_TIME_S` = no due time.
    """

    station: int
    parcels: tuple[Parcel, ...]
    units_in: int
    grams_in: int
    units_out: int
    grams_out: int
    ready_in_s: int
    due_in_s: int
    ready_out_s: int
    due_out_s: int

    @property
    def units(self) -> int:
        """Give the units handled at the stop, both ways."""
        return self.units_in + self.units_out

    @property
    def is_timed(self) -> bool:
        """Tell whether any ready or due time binds this lot."""
        return bool(self.ready_in_s or self.ready_out_s) or min(self.due_in_s, self.due_out_s) < ANY_TIME_S


def make_lot(station: int, parcels: Sequence[Parcel]) -> Lot:
    """Bind parcels of one station into a lot."""
    ins = [parcel for parcel in parcels if parcel.direction is Direction.IN]
    outs = [parcel for parcel in parcels if parcel.direction is Direction.OUT]
    return Lot(
        station=station,
        parcels=tuple(parcels),
        units_in=sum(parcel.units for parcel in ins),
        grams_in=sum(parcel.weight_g for parcel in ins),
        units_out=sum(parcel.units for parcel in outs),
        grams_out=sum(parcel.weight_g for parcel in outs),
        ready_in_s=max((parcel.ready_s for parcel in ins), default=0),
        due_in_s=min((_due_s(parcel) for parcel in ins), default=ANY_TIME_S),
        ready_out_s=max((parcel.ready_s for parcel in outs), default=0),
        due_out_s=min((_due_s(parcel) for parcel in outs), default=ANY_TIME_S),
    )


def _due_s(parcel: Parcel) -> int:
    return ANY_TIME_S if parcel.due_s is None else parcel.due_s


@dataclass(frozen=True, slots=True)
class Grouping:
    """A day in lots, and which lots were cut to fill a vehicle together (by index, far ends first)."""

    lots: tuple[Lot, ...]
    loads: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Parcels cut off a station's group; `load` numbers the load they were cut for, -1 = none."""

    parcels: list[Parcel]
    load: int = -1


def group_parcels(
    parcels: Sequence[Parcel],
    network: Network,
    fleet: Sequence[VehicleType],
    *,
    recut: Recut | None = None,
) -> Grouping:
    """Group a day's parcels into lots; this function will keep apart what times or size keep apart.

    Takes: parcels that some available vehicle could serve alone.
    Gives: lots by station; every lot can be served by some available vehicle on a trip of its own.
    Cost: O(parcels log parcels).
    """
    usable = [vehicle for vehicle in fleet if vehicle.available]
    if not parcels or not usable:
        return Grouping((), ())
    carrier = max(
        usable, key=lambda vehicle: (vehicle.available * vehicle.capacity_units, vehicle.capacity_units)
    )
    shift_s = max(vehicle.shift_s for vehicle in usable)
    by_station: dict[int, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        by_station[network.index[parcel.station]].append(parcel)
    groups = {
        station: _part_by_time(by_station[station], int(network.duration_s[0, station]), shift_s)
        for station in sorted(by_station)
    }
    cuts, drive = _cut_amounts(groups, network, carrier, recut)
    lots: list[Lot] = []
    loads: dict[int, list[int]] = defaultdict(list)
    for station, group_of in groups.items():
        pieces = [
            piece
            for key, group in group_of.items()
            for piece in _fill(group, carrier, cuts.get((station, *key), []))
        ]
        for piece in _join_directions(pieces):
            for lot in _until_servable(station, piece.parcels, usable, int(network.duration_s[0, station])):
                loads[piece.load].append(len(lots))
                lots.append(lot)
    return Grouping(
        tuple(lots),
        tuple(
            tuple(sorted(loads[number], key=lambda k: drive[lots[k].station]))
            for number in sorted(loads)
            if number >= 0
        ),
    )


_Groups = dict[tuple[Direction, int], list[Parcel]]


def _part_by_time(parcels: Iterable[Parcel], travel_s: int, shift_s: int) -> _Groups:
    """One group per direction and hour of readiness, the most urgent parcels first."""
    groups: _Groups = defaultdict(list)
    for parcel in parcels:
        binds = parcel.ready_s > (travel_s if parcel.direction is Direction.OUT else 0)
        hour = -(-parcel.ready_s // READY_CLASS_S) if binds else 0
        groups[parcel.direction, hour].append(parcel)
    latest = {Direction.IN: shift_s - travel_s, Direction.OUT: shift_s}
    for group in groups.values():
        group.sort(
            key=lambda parcel: (
                min(_due_s(parcel), latest[parcel.direction]),
                parcel.parcel,
            )
        )
    return {key: groups[key] for key in sorted(groups)}


_Cuts = dict[tuple[int, Direction, int], list[tuple[int, int]]]


def _cut_amounts(
    groups: Mapping[int, _Groups],
    network: Network,
    carrier: VehicleType,
    recut: Recut | None,
) -> tuple[_Cuts, Mapping[int, int]]:
    """The units (and the load) of each piece; and the rank of every station on a drive over all roads."""
    early = {
        station: (of.get((Direction.IN, 0), []), of.get((Direction.OUT, 0), []))
        for station, of in groups.items()
    }
    units = {station: (_sum_units(ins), _sum_units(outs)) for station, (ins, outs) in early.items()}
    room = _room(early.values(), carrier)
    cuts: _Cuts = defaultdict(list)
    valleys = find_valleys(network)
    loads = cut_into_loads(units, valleys, carrier, room)
    if recut is not None:
        loads = recut(Recutter(valleys, carrier, room, loads))
    for number, load in enumerate(loads):
        for station, (ins, outs) in load.pieces:
            if ins:
                cuts[station, Direction.IN, 0].append((ins, number))
            if outs:
                cuts[station, Direction.OUT, 0].append((outs, number))
    return cuts, valleys.drive_rank


def _room(early: Iterable[tuple[list[Parcel], list[Parcel]]], carrier: VehicleType) -> tuple[int, int]:
    """The units that a vehicle takes each way: fewer than its capacity where grams fill it first."""
    both = list(early)
    rooms = []
    for way in (0, 1):
        units = sum(_sum_units(groups[way]) for groups in both)
        grams = sum(parcel.weight_g for groups in both for parcel in groups[way])
        light = int(carrier.capacity_g * units / (grams * UNEVEN)) if grams else carrier.capacity_units
        rooms.append(max(1, min(carrier.capacity_units, light)))
    return rooms[0], rooms[1]


def _fill(
    parcels: Sequence[Parcel], carrier: VehicleType, cuts: Sequence[tuple[int, int]]
) -> Iterator[_Piece]:
    """Cut a group into pieces: whole loads where a station fills vehicles, halves for the rest.

    A piece that misses its amount by a unit would leave a parcel for which a full vehicle has no room, so
    each takes what fills its amount, the most urgent parcels first where there is a choice.
    """
    left = list(parcels)
    part = max(1, carrier.capacity_units // LOTS_PER_VEHICLE)
    amounts = iter(_in_parts(cuts or [(_sum_units(parcels), -1)], carrier.capacity_units))
    while left:
        amount, load = next(amounts, (part, -1))
        sizes = [parcel.units for parcel in left]
        chosen = fullest(sizes, range(len(left)), amount) or [0]
        piece = _light_enough([left[place] for place in sorted(chosen)], carrier, max(amount, part))
        yield _Piece(piece, load)
        taken = {parcel.parcel for parcel in piece}
        left = [parcel for parcel in left if parcel.parcel not in taken]


def _light_enough(parcels: list[Parcel], carrier: VehicleType, amount: int) -> list[Parcel]:
    """Take the first parcels that weigh no more than a vehicle's grams in proportion, one at least."""
    grams = 0
    for place, parcel in enumerate(parcels):
        grams += parcel.weight_g
        if place and grams * carrier.capacity_units > carrier.capacity_g * amount:
            return parcels[:place]
    return parcels


def _in_parts(cuts: Iterable[tuple[int, int]], capacity: int) -> Iterator[tuple[int, int]]:
    """Whole loads stay whole; smaller amounts are cut so that trips can be balanced."""
    part = max(1, capacity // LOTS_PER_VEHICLE)
    for amount, load in cuts:
        while amount >= capacity:
            yield capacity, load
            amount -= capacity
        while amount > 0:
            yield min(amount, part), load
            amount -= part


def _join_directions(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Let a collection travel with a delivery of its load where neither has times: one stop serves both."""
    joined: list[_Piece] = []
    free: dict[int, tuple[list[_Piece], list[_Piece]]] = defaultdict(lambda: ([], []))
    for piece in pieces:
        if any(parcel.ready_s or parcel.due_s is not None for parcel in piece.parcels):
            joined.append(piece)
        else:
            free[piece.load][piece.parcels[0].direction is Direction.OUT].append(piece)
    for load, (ins, outs) in free.items():
        both = min(len(ins), len(outs))
        joined.extend(_Piece(a.parcels + b.parcels, load) for a, b in zip(ins, outs, strict=False))
        joined.extend([*ins[both:], *outs[both:]])
    return joined


def _sum_units(parcels: Iterable[Parcel]) -> int:
    return sum(parcel.units for parcel in parcels)


def _until_servable(
    station: int, parcels: list[Parcel], usable: Sequence[VehicleType], travel_s: int
) -> list[Lot]:
    """Halve a piece until each half could be a trip of its own; a single parcel always can."""
    lot = make_lot(station, parcels)
    if len(parcels) == 1 or any(is_servable(lot, vehicle, travel_s) for vehicle in usable):
        return [lot]
    half = math.ceil(len(parcels) / 2)
    return [
        *_until_servable(station, parcels[:half], usable, travel_s),
        *_until_servable(station, parcels[half:], usable, travel_s),
    ]


def is_servable(lot: Lot, vehicle: VehicleType, travel_s: int) -> bool:
    """Tell whether one vehicle could serve this lot alone, straight from the hub and back."""
    fits = max(lot.units_in, lot.units_out) <= vehicle.capacity_units
    is_light = max(lot.grams_in, lot.grams_out) <= vehicle.capacity_g
    arrives_s = max(lot.ready_in_s + travel_s, lot.ready_out_s)
    returns_s = arrives_s + vehicle.stop_s + vehicle.unit_s * lot.units + travel_s
    return (
        fits and is_light and arrives_s <= lot.due_in_s and returns_s <= min(lot.due_out_s, vehicle.shift_s)
    )
