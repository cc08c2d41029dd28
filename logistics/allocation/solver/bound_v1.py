"""Cost rule `bound-v1`, frozen: the counted bound of every coalition's own parcels, all coalitions at once.

Nothing in this file may change while a contract period that began with it can still be replayed; an
improved rule is a new file. It stands on its own for the same reason: the plan's bound may improve freely.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logistics.allocation.types import CostsTooLarge
from logistics.routes.types import Direction, Instance, Parcel, VehicleType

Whole = NDArray[np.int64]

_LOW_BITS = 13
_LARGEST = 2**62
_EARTH_RADIUS_M = 6_371_000
_DETOUR = 1.45
_METRES_PER_SECOND = 30 / 3.6
# Needs of a set of parcels, in this order: units in, units out, grams in, grams out.
_NEEDS = 4


@dataclass(frozen=True, slots=True)
class _Cut:
    """A set of stations by its parcels, and what one trip into it costs at least.

    `amounts`: (couriers, 4) needs of each courier's parcels in the set; `millifen` and `seconds` per trip.
    """

    amounts: Whole
    millifen: int
    seconds: int


@dataclass(frozen=True, slots=True)
class _Terms:
    """The most favourable terms of any vehicle with `available` > 0, each by itself."""

    capacities: tuple[int, int, int, int]
    day_fen: int
    day_s: int
    km_fen: int
    stop_fen: int
    stop_s: int
    unit_s: int
    reload_s: int
    per_second: tuple[int, int]


def coalition_costs(
    instance: Instance, carried: Sequence[Sequence[Parcel]], subcontract_fen: Sequence[int | None]
) -> Whole:
    """Compute what every coalition would cost by itself at least, in fen.

    Takes: `carried`, one sequence of parcels per courier, all of them reachable and within some capacity;
    `subcontract_fen`, the price per unit at which each courier could give away its whole day, None = none.
    Gives: (2**n,) int64, index = bit mask of couriers, 0 for nobody; never falls when a courier joins.
    Refuses: `CostsTooLarge` when whole numbers could overflow.
    Cost: O(2**n × cuts that take more than one trip); docs/allocation.md says what was measured.
    Source: docs/allocation.md, rule `bound-v1`.
    """
    n = len(carried)
    terms = _terms_of([kind for kind in instance.fleet if kind.available > 0])
    cuts = _cuts_of(instance, carried, terms)
    _require_small(cuts, terms)
    millifen, seconds, trips = _add_up(cuts, n, terms)
    units = [sum(parcel.units for parcel in parcels) for parcels in carried]
    seconds += _subset_sums([count * terms.unit_s for count in units])
    seconds += trips * terms.reload_s
    fen, per_s = terms.per_second
    # Parts of a vehicle-day count pro rata beyond the first: whole days would make the cost of nearly
    # everybody jump, and couriers would seem to gain by leaving where only the rounding differs.
    costs: Whole = np.maximum((trips > 0) * terms.day_fen, -(-seconds * fen // per_s))
    costs += -(-millifen // 1000)
    for courier, price in enumerate(subcontract_fen):
        if price is not None:
            pairs = costs.reshape(-1, 2, 1 << courier)
            np.minimum(pairs[:, 1], pairs[:, 0] + price * units[courier], out=pairs[:, 1])
    return costs


def _terms_of(fleet: Sequence[VehicleType]) -> _Terms:
    units, grams = max(k.capacity_units for k in fleet), max(k.capacity_g for k in fleet)
    cheapest = min(fleet, key=lambda k: k.day_fen / (k.shift_s + k.reload_s))
    return _Terms(
        capacities=(units, units, grams, grams),
        day_fen=min(k.day_fen for k in fleet),
        day_s=max(k.shift_s + k.reload_s for k in fleet),
        km_fen=min(k.km_fen for k in fleet),
        stop_fen=min(k.stop_fen for k in fleet),
        stop_s=min(k.stop_s for k in fleet),
        unit_s=min(k.unit_s for k in fleet),
        reload_s=min(k.reload_s for k in fleet),
        per_second=(cheapest.day_fen, cheapest.shift_s + cheapest.reload_s),
    )


def _cuts_of(instance: Instance, carried: Sequence[Sequence[Parcel]], terms: _Terms) -> list[_Cut]:
    """List all cuts: the rings of both metrics, each station for its stops, and last everything at once."""
    names = {station.station: i for i, station in enumerate(instance.stations)}
    at_station: dict[int, Whole] = {}
    for courier, parcels in enumerate(carried):
        for parcel in parcels:
            amounts = at_station.setdefault(names[parcel.station], np.zeros((len(carried), _NEEDS), np.int64))
            side = int(parcel.direction is Direction.OUT)
            amounts[courier, side] += parcel.units
            amounts[courier, 2 + side] += parcel.weight_g
    hub = names[instance.hub.station]
    roads = _roads_of(instance, names)
    merged: dict[bytes, list[int]] = {}
    for metric in (0, 1):
        for amounts, width in _rings(roads, hub, metric, at_station):
            merged.setdefault(amounts.tobytes(), [0, 0])[metric] += 2 * width
    shape = (len(carried), _NEEDS)
    cuts = [
        _Cut(np.frombuffer(key, np.int64).reshape(shape), metres * terms.km_fen, seconds)
        for key, (metres, seconds) in merged.items()
    ]
    cuts.extend(_Cut(amounts, 1000 * terms.stop_fen, terms.stop_s) for amounts in at_station.values())
    cuts.append(_Cut(sum(at_station.values(), np.zeros(shape, np.int64)), 0, 0))
    return cuts


def _roads_of(instance: Instance, names: dict[str, int]) -> dict[int, list[tuple[int, int, int]]]:
    """List for each node its neighbours with metres and seconds; without roads everyone is a neighbour."""
    near: dict[int, list[tuple[int, int, int]]] = {}
    if instance.roads is not None:
        number = dict(names)
        for road in instance.roads:
            start, end = (number.setdefault(place, len(number)) for place in (road.start, road.end))
            near.setdefault(start, []).append((end, road.distance_m, road.duration_s))
            near.setdefault(end, []).append((start, road.distance_m, road.duration_s))
        return near
    places = [(math.radians(s.lat or 0.0), math.radians(s.lon or 0.0)) for s in instance.stations]
    for i, (lat, lon) in enumerate(places):
        for j, (other_lat, other_lon) in enumerate(places[:i]):
            half = math.sin((lat - other_lat) / 2) ** 2
            half += math.cos(lat) * math.cos(other_lat) * math.sin((lon - other_lon) / 2) ** 2
            metres = 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half))) * _DETOUR
            way = (round(metres), round(metres / _METRES_PER_SECOND))
            near.setdefault(i, []).append((j, *way))
            near.setdefault(j, []).append((i, *way))
    return near


def _rings(
    roads: dict[int, list[tuple[int, int, int]]], hub: int, metric: int, at_station: dict[int, Whole]
) -> list[tuple[Whole, int]]:
    """Cut the network by its distance from the hub; each connected part beyond is a cut of that width.

    A road between two nodes is never shorter than the difference of their distances, so the widths of all
    cuts that cross a road add up to its length at most: trips into the cuts pay for different metres.
    """
    away = _least(roads, hub, metric)
    parts = {node: node for node in away}

    def part_of(node: int) -> int:
        while parts[node] != node:
            parts[node] = parts[parts[node]]
            node = parts[node]
        return node

    held: dict[int, tuple[Whole, int]] = {}
    rings: list[tuple[Whole, int]] = []
    seen: set[int] = set()
    for node in sorted(away, key=lambda node: -away[node]):
        here = at_station.get(node)
        for neighbour in {part_of(way[0]) for way in roads.get(node, ()) if way[0] in seen}:
            parts[neighbour] = node
            amounts, since = held.pop(neighbour, (None, 0))
            if amounts is not None:
                rings.append((amounts, since - away[node]))
                here = amounts if here is None else here + amounts
        seen.add(node)
        if here is not None:
            held[node] = (here, away[node])
    return [(amounts, width) for amounts, width in rings if width > 0]


def _least(roads: dict[int, list[tuple[int, int, int]]], hub: int, metric: int) -> dict[int, int]:
    least: dict[int, int] = {}
    queue = [(0, hub)]
    while queue:
        away, node = heapq.heappop(queue)
        if node not in least:
            least[node] = away
            for way in roads.get(node, ()):
                if way[0] not in least:
                    heapq.heappush(queue, (away + way[1 + metric], way[0]))
    return least


def _require_small(cuts: Sequence[_Cut], terms: _Terms) -> None:
    """Refuse what could overflow: look at everybody together, in whole numbers without limit."""
    trips = [
        max(-(-int(a) // c) if c else 0 for a, c in zip(cut.amounts.sum(0), terms.capacities, strict=True))
        for cut in cuts
    ]
    millifen = sum(cut.millifen * count for cut, count in zip(cuts, trips, strict=True))
    seconds = sum(cut.seconds * count for cut, count in zip(cuts, trips, strict=True))
    units = int(cuts[-1].amounts[:, :2].sum())
    seconds += units * terms.unit_s + trips[-1] * terms.reload_s
    if millifen + 1000 * (seconds + terms.day_s) * max(1, terms.day_fen) >= _LARGEST:
        raise CostsTooLarge


def _add_up(cuts: Sequence[_Cut], n: int, terms: _Terms) -> tuple[Whole, Whole, Whole]:
    """Add up, for every coalition, the trips into all cuts times what each costs and takes."""
    once_millifen, once_s = np.zeros(1 << n, np.int64), np.zeros(1 << n, np.int64)
    often: list[tuple[_Counter, _Cut]] = []
    for cut in cuts[:-1]:
        if (cut.amounts.sum(0) <= terms.capacities).all():
            # Whoever comes needs one trip and everybody together needs no second.
            members = sum(1 << i for i in range(n) if cut.amounts[i].any())
            once_millifen[members] += cut.millifen
            once_s[members] += cut.seconds
        else:
            often.append((_Counter(cut.amounts, terms.capacities), cut))
    millifen, seconds = _covered(once_millifen), _covered(once_s)
    trips = np.zeros(1 << n, np.int64)
    everything = _Counter(cuts[-1].amounts, terms.capacities)
    low = min(n, _LOW_BITS)
    for high in range(1 << (n - low)):
        span = slice(high << low, (high + 1) << low)
        for counter, cut in often:
            count = counter.trips(high)
            millifen[span] += cut.millifen * count
            seconds[span] += cut.seconds * count
        trips[span] = everything.trips(high)
    return millifen, seconds, trips


class _Counter:
    """Counts the trips that coalitions take into one cut, a row of 2**low coalitions at a time."""

    def __init__(self, amounts: Whole, capacities: Sequence[int]) -> None:
        n = len(amounts)
        low = min(n, _LOW_BITS)
        needs: list[tuple[Whole, int]] = [
            (amounts[:, k], capacities[k]) for k in range(_NEEDS) if amounts[:, k].sum() > capacities[k]
        ]
        present = amounts.any(axis=1)
        if not needs or (present & ~np.any([column > 0 for column, _ in needs], axis=0)).any():
            # Anyone present takes a trip: ⌈present ÷ n⌉ says so in the same form as a need.
            there: Whole = np.asarray(present, np.int64)
            needs.append((there, n))
        self._capacities = [capacity for _, capacity in needs]
        self._low = [_narrow(_subset_sums(column[:low]), int(column.sum()) + most) for column, most in needs]
        self._high = [_subset_sums(column[low:]) for column, _ in needs]

    def trips(self, high: int) -> Whole:
        count: NDArray[np.signedinteger] | None = None
        for low, highs, capacity in zip(self._low, self._high, self._capacities, strict=True):
            more = (low + low.dtype.type(highs[high] + capacity - 1)) // low.dtype.type(capacity)
            count = more if count is None else np.maximum(count, more)
        if count is None:
            raise AssertionError("a counter has at least one need")
        return count.astype(np.int64)


def _narrow(sums: Whole, largest: int) -> NDArray[np.signedinteger]:
    """Halve the memory and double the speed where no sum ever passes thirty-two bits."""
    return sums.astype(np.int32) if largest < 2**31 else sums


def _subset_sums(values: Sequence[int] | Whole) -> Whole:
    sums = np.zeros(1, np.int64)
    for value in values:
        sums = np.concatenate((sums, sums + int(value)))
    return sums


def _covered(weights: Whole) -> Whole:
    """Turn the weight of each set of members into the weight of all sets that a coalition touches."""
    total = int(weights.sum())
    inside = weights.copy()
    width = 1
    while width < len(inside):
        pairs = inside.reshape(-1, 2, width)
        pairs[:, 1] += pairs[:, 0]
        width *= 2
    covered: Whole = total - inside[::-1]
    return covered
