"""What the stations need, measured so that a set of stations knows how often a vehicle must come."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logistics.routes.types import Direction, Parcel, VehicleType

# A parcel that fills more than this part of a vehicle is bulky: dual feasible functions are worth their time.
_BULKY_PARTS = 6

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Need:
    """One way to count trips: any set of stations takes ⌈Σ `amount` ÷ `capacity`⌉ of them at least.

    `amount`: (n,) int64 by station index, hub = 0; `capacity` of the roomiest vehicle.
    `by_type`: the same measure's capacity for each vehicle type, or empty when it cannot tell types apart.
    """

    amount: Whole
    capacity: int
    by_type: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Demand:
    """All needs of the parcels served. `units`: (n,) int64 handled at each station, both directions."""

    needs: tuple[Need, ...]
    units: Whole
    stations: tuple[int, ...]

    def trips(self, amounts: Sequence[int]) -> int:
        """Count the trips that a set takes at least, given its sum of each need's amounts."""
        return max(
            (-(-amount // need.capacity) for amount, need in zip(amounts, self.needs, strict=True)), default=0
        )


def measure_demand(parcels: Sequence[Parcel], index: dict[str, int], fleet: Sequence[VehicleType]) -> Demand:
    """Measure what parcels need of a fleet, in units and in grams, for each direction.

    Takes: `fleet`, only types of which there is a vehicle.
    Source: dual feasible functions for bulky parcels, S. P. Fekete and J. Schepers, New classes of lower
    bounds for bin packing problems, 2001.
    """
    n = len(index)
    at = np.fromiter((index[parcel.station] for parcel in parcels), np.int64, len(parcels))
    is_in = np.fromiter((parcel.direction is Direction.IN for parcel in parcels), np.bool_, len(parcels))
    units = np.fromiter((parcel.units for parcel in parcels), np.int64, len(parcels))
    grams = np.fromiter((parcel.weight_g for parcel in parcels), np.int64, len(parcels))
    needs: list[Need] = []
    for sizes, capacities in (
        (units, tuple(kind.capacity_units for kind in fleet)),
        (grams, tuple(kind.capacity_g for kind in fleet)),
    ):
        for chosen in (is_in, ~is_in):
            needs.extend(_needs_of(sizes[chosen], at[chosen], n, capacities))
    handled = np.zeros(n, np.int64)
    np.add.at(handled, at, units)
    stations = tuple(int(i) for i in np.unique(at))
    return Demand(tuple(needs), handled, stations)


def _needs_of(sizes: Whole, at: Whole, n: int, capacities: tuple[int, ...]) -> list[Need]:
    roomiest = max(capacities)
    if not len(sizes) or not sizes.any() or roomiest <= 0:
        return []
    needs = [Need(_sum_by_station(sizes, at, n), roomiest, capacities)]
    bulky = sizes * _BULKY_PARTS > roomiest
    if bulky.any():
        needs.extend(
            Need(_sum_by_station(weights, at, n), capacity)
            for weights, capacity in _dual_feasible(sizes, roomiest)
        )
    return needs


def _sum_by_station(sizes: Whole, at: Whole, n: int) -> Whole:
    amount = np.zeros(n, np.int64)
    np.add.at(amount, at, sizes)
    return amount


def _dual_feasible(sizes: Whole, capacity: int) -> list[tuple[Whole, int]]:
    """Weigh parcels by functions that never let a full vehicle weigh more than its capacity."""
    weighed: list[tuple[Whole, int]] = []
    for k in range(1, _BULKY_PARTS):
        parts = (k + 1) * sizes
        exact = parts % capacity == 0
        weighed.append((np.where(exact, k * sizes, parts // capacity * capacity), k * capacity))
    for part in range(3, _BULKY_PARTS + 1):
        small = capacity // part
        middle = np.where(sizes < small, 0, sizes)
        weighed.append((np.where(sizes > capacity - small, capacity, middle), capacity))
    return weighed
