"""Groups parcels into lots: what one stop handles together, so that thousands of parcels stay plannable."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from logistics.routes.network import Network
from logistics.routes.types import Direction, Parcel, VehicleType

# A quarter of a vehicle: fine enough to fill trips and balance shifts, coarse enough for a fast search.
LOTS_PER_VEHICLE = 4
READY_CLASS_S = 3_600
ANY_TIME_S = 2**40


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


def group_parcels(parcels: Sequence[Parcel], network: Network, fleet: Sequence[VehicleType]) -> list[Lot]:
    """Group a day's parcels into lots; this function will keep apart what times or size keep apart.

    Takes: parcels that some available vehicle could serve alone.
    Gives: lots by station; every lot can be served by some available vehicle on a trip of its own.
    Cost: O(parcels log parcels).
    """
    usable = [vehicle for vehicle in fleet if vehicle.available]
    shift_s = max((vehicle.shift_s for vehicle in usable), default=0)
    by_station: dict[int, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        by_station[network.index[parcel.station]].append(parcel)
    lots: list[Lot] = []
    for station in sorted(by_station):
        travel_s = int(network.duration_s[0, station])
        groups = _part_by_time(by_station[station], travel_s, shift_s)
        pieces = [piece for group in groups for piece in _fill(group, usable)]
        for piece in _join_directions(pieces):
            lots.extend(_until_servable(station, piece, usable, travel_s))
    return lots


def _part_by_time(parcels: Iterable[Parcel], travel_s: int, shift_s: int) -> list[list[Parcel]]:
    """One group per direction and hour of readiness, the most urgent parcels first."""
    groups: dict[tuple[Direction, int], list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        binds = parcel.ready_s > (travel_s if parcel.direction is Direction.OUT else 0)
        hour = -(-parcel.ready_s // READY_CLASS_S) if binds else 0
        groups[parcel.direction, hour].append(parcel)
    latest = {Direction.IN: shift_s - travel_s, Direction.OUT: shift_s}
    for group in groups.values():
        group.sort(key=lambda parcel: (min(_due_s(parcel), latest[parcel.direction]), parcel.parcel))
    return [groups[key] for key in sorted(groups)]


def _fill(parcels: Sequence[Parcel], usable: Sequence[VehicleType]) -> list[list[Parcel]]:
    """Cut a group into pieces: whole loads first where a station fills vehicles, quarters for the rest."""
    carrier = max(
        usable, key=lambda vehicle: (vehicle.available * vehicle.capacity_units, vehicle.capacity_units)
    )
    units_left = sum(parcel.units for parcel in parcels)
    pieces: list[list[Parcel]] = []
    piece: list[Parcel] = []
    units = grams = 0
    share = 1
    for parcel in parcels:
        if not piece:
            share = 1 if units_left >= carrier.capacity_units else LOTS_PER_VEHICLE
        too_many = (units + parcel.units) * share > carrier.capacity_units
        too_heavy = (grams + parcel.weight_g) * share > carrier.capacity_g
        if piece and (too_many or too_heavy):
            pieces.append(piece)
            piece, units, grams = [], 0, 0
            share = 1 if units_left >= carrier.capacity_units else LOTS_PER_VEHICLE
        piece.append(parcel)
        units += parcel.units
        grams += parcel.weight_g
        units_left -= parcel.units
    return [*pieces, piece] if piece else pieces


def _join_directions(pieces: list[list[Parcel]]) -> list[list[Parcel]]:
    """Let a collection without times travel with a delivery without times: one stop serves both."""
    free: dict[Direction, list[list[Parcel]]] = {Direction.IN: [], Direction.OUT: []}
    joined: list[list[Parcel]] = []
    for piece in pieces:
        if any(parcel.ready_s or parcel.due_s is not None for parcel in piece):
            joined.append(piece)
        else:
            free[piece[0].direction].append(piece)
    ins, outs = free[Direction.IN], free[Direction.OUT]
    both = min(len(ins), len(outs))
    # The last pieces are the small ones, so small joins small and whole loads stay pairs of whole loads.
    joined.extend(ins[len(ins) - 1 - k] + outs[len(outs) - 1 - k] for k in range(both))
    joined.extend(ins[: len(ins) - both])
    joined.extend(outs[: len(outs) - both])
    return joined


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
