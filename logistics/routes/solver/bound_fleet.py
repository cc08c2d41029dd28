"""The cheapest fleet for all duties: whole vehicles of every type, time paid by prices per second."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from logistics.routes.solver.bound_needs import Demand
from logistics.routes.solver.bound_trips import Duties, Duty
from logistics.routes.types import VehicleType

Real = NDArray[np.float64]

# Prices of a second, as multiples of what a vehicle-day costs per second.
_PRICE_STEPS = (0.0, 0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 50.0)
_MOST_PRICES = 600
_MOST_PAIRS = 50_000_000
# How prices are turned up and down where the bound is weakest, and how finely at last.
_FIRST_STEP = 1.3
_LAST_STEP = 1.01
_NEVER_FEN = 1e4
_MOST_TURNS = 40


def cheapest_fleet(fleet: Sequence[VehicleType], demand: Demand, duties: Duties) -> int:
    """Prove a cost in fen for all duties together, over every number of vehicles of each type.

    A vehicle-day of type k gives `shift + reload` seconds for driving, stops, units and one reload per trip.
    For prices w of a second every duty takes the cheapest types by itself: no plan with n vehicles costs
    less than Σ n × day + (all duties at prices w) − Σ n × w × (shift + reload), whatever w ≥ 0; the bound is
    the least over all n of the greatest over the prices tried.
    """
    if len(fleet) == 1:
        return _one_type(fleet[0], demand, duties)
    day_s = np.array([kind.shift_s + kind.reload_s for kind in fleet], np.float64)
    day_fen = np.array([kind.day_fen for kind in fleet], np.float64)
    duty_costs = _Costs(fleet, demand, duties)
    prices = list(_prices(day_fen / day_s))
    values = [duty_costs.at(price) for price in prices]
    fleets = _fleets(fleet, duties, len(prices))
    if fleets is None:
        # Parts of vehicles are fewer than whole ones: still a bound.
        proven = [
            v for v, price in zip(values, prices, strict=True) if (day_fen >= price * day_s - 1e-9).all()
        ]
        return math.ceil(max(proven, default=0.0) - 1e-3)
    planes = _Planes(fleet, fleets, day_fen, day_s)
    for price, value in zip(prices, values, strict=True):
        planes.add(price, value)
    _turn_prices(planes, duty_costs)
    return math.ceil(planes.least() - 1e-3)


class _Planes:
    """The greatest proven cost of each listed fleet, over all prices tried so far."""

    def __init__(self, fleet: Sequence[VehicleType], fleets: Real, day_fen: Real, day_s: Real) -> None:
        self.fleets = fleets
        self._day_fen, self._day_s = day_fen, day_s
        # The last number listed of a type stands for all larger ones, too.
        self._is_open = (fleets == fleets.max(axis=0)) & (
            fleets.max(axis=0) < np.array([kind.available for kind in fleet])
        )
        self._greatest = np.zeros(len(fleets))
        self._prices: list[Real] = []
        self._values: list[float] = []

    def add(self, price: Real, value: float) -> None:
        """Take the plane of one price in; it says nothing of open fleets that it would favour."""
        slope = self._day_fen - price * self._day_s
        plane = value + self.fleets @ slope
        plane[(self._is_open & (slope < 0)).any(axis=1)] = 0.0
        np.maximum(self._greatest, plane, out=self._greatest)
        self._prices.append(price)
        self._values.append(value)

    def least(self) -> float:
        """Give the proven cost of the fleet for which it is least."""
        return float(self._greatest.min())

    def weakest(self) -> tuple[Real, Real]:
        """Give the fleet for which least is proven, and the price that proves it."""
        weakest = self.fleets[int(np.argmin(self._greatest))]
        slopes = self._day_fen - np.array(self._prices) * self._day_s
        best: Real = self._prices[int(np.argmax(np.array(self._values) + slopes @ weakest))]
        return weakest, best


def _turn_prices(planes: _Planes, duty_costs: "_Costs") -> None:
    """Turn the prices up and down where the bound is weakest, until that brings no more."""
    step = _FIRST_STEP
    for _ in range(_MOST_TURNS):
        before = planes.least()
        counts, best = planes.weakest()
        # A type that the fleet does not have may be as dear as it likes.
        spared = np.where(counts > 0, best, _NEVER_FEN)
        for turn in product((1 / step, 1.0, step), repeat=len(best)):
            for price in (best * np.array(turn), spared * np.array(turn)):
                planes.add(price, duty_costs.at(price))
        if planes.least() < before * (1 + 1e-5):
            step = math.sqrt(step)
            if step < _LAST_STEP:
                break


def _one_type(kind: VehicleType, demand: Demand, duties: Duties) -> int:
    """One type: nothing trades off, every duty takes its least number of trips."""
    metres = sum(duty.trips * duty.metres for duty in duties.roads)
    stops = sum(duty.trips for duty in duties.stops)
    road_fen = math.ceil(metres * kind.km_fen / 1000 - 1e-3)
    return duties.vehicles * kind.day_fen + road_fen + stops * kind.stop_fen


def _prices(natural: Real) -> Real:
    """Combine price steps of all types; the natural prices come together in one, too."""
    steps: Sequence[float] = _PRICE_STEPS
    while len(steps) ** len(natural) > _MOST_PRICES:
        steps = steps[:-1]
    combined = np.array(list(product(steps, repeat=len(natural))), np.float64) * natural
    floor = max(float(natural.max()), 1e-3)
    urgent = np.outer(np.array([1.0, 10.0, 100.0]) * floor, np.ones(len(natural)))
    prices: Real = np.vstack((combined, urgent))
    return prices


@dataclass(frozen=True, eq=False)
class _Table:
    """Duties of one sort as arrays: (duties,) trips, metres, seconds; (duties, needs) amounts."""

    trips: Real
    metres: Real
    seconds: Real
    amounts: Real


class _Costs:
    """What all duties cost at given prices of a second, each served by the cheapest mix of types."""

    def __init__(self, fleet: Sequence[VehicleType], demand: Demand, duties: Duties) -> None:
        self._fleet = fleet
        told_apart = [i for i, need in enumerate(demand.needs) if need.by_type]
        self._capacity = np.array([demand.needs[i].by_type for i in told_apart], np.float64)
        self._roads = _table(duties.roads, told_apart)
        self._stops = _table(duties.stops, told_apart)
        self._whole = _table([duties.whole], told_apart)
        self._units = float(demand.units.sum())

    def at(self, price: Real) -> float:
        """Add up all duties at these prices per second of each type."""
        km = np.array([kind.km_fen for kind in self._fleet]) / 1000
        stop_fen = np.array(
            [kind.stop_fen + w * kind.stop_s for kind, w in zip(self._fleet, price, strict=True)]
        )
        reload_fen = np.array([w * kind.reload_s for kind, w in zip(self._fleet, price, strict=True)])
        unit_fen = min(w * kind.unit_s for kind, w in zip(self._fleet, price, strict=True))
        roads = self._roads
        each = np.outer(roads.metres, km) + np.outer(roads.seconds, price)
        return float(
            self._cheapest(roads, each)
            + self._cheapest(self._stops, np.tile(stop_fen, (len(self._stops.trips), 1)))
            + self._cheapest(self._whole, reload_fen.reshape(1, -1))
            + unit_fen * self._units
        )

    def _cheapest(self, table: _Table, each: Real) -> float:
        """Serve every duty by whole trips of two types, or by parts of trips of more types."""
        if not len(table.trips):
            return 0.0
        if each.shape[1] == 2:
            return float(np.minimum(self._mix(table, each), self._mix(table, each, first=1)).sum())
        least = table.trips * each.min(axis=1)
        for need, capacity in enumerate(self._capacity):
            able = capacity > 0
            least = np.maximum(least, table.amounts[:, need] * (each[:, able] / capacity[able]).min(axis=1))
        return float(least.sum())

    def _mix(self, table: _Table, each: Real, first: int = 0) -> Real:
        """Try every number of trips of one type and fill up with the other: exact for two types."""
        second = 1 - first
        best = np.full(len(table.trips), np.inf)
        roomy = self._trips_of(table.amounts, first)
        most = np.where(np.isfinite(roomy), np.maximum(roomy, table.trips), table.trips)
        for count in range(int(most.max()) + 1):
            left = np.maximum(table.amounts - count * self._capacity[:, first], 0.0)
            others = np.maximum(self._trips_of(left, second), table.trips - count)
            cost = count * each[:, first] + np.where(others > 0, others, 0.0) * each[:, second]
            best = np.minimum(best, np.where(np.isfinite(others), cost, np.inf))
        return best

    def _trips_of(self, amounts: Real, kind: int) -> Real:
        """Count the trips of one type that carry all amounts; inf where it has no room at all."""
        capacity = self._capacity[:, kind]
        with np.errstate(divide="ignore", invalid="ignore"):
            trips = np.where(amounts > 0, np.ceil(amounts / capacity - 1e-9), 0.0)
        counted: Real = trips.max(axis=1, initial=0.0)
        return counted


def _table(duties: Sequence[Duty], told_apart: Sequence[int]) -> _Table:
    return _Table(
        trips=np.array([duty.trips for duty in duties], np.float64),
        metres=np.array([duty.metres for duty in duties], np.float64),
        seconds=np.array([duty.seconds for duty in duties], np.float64),
        amounts=np.array([[duty.amounts[i] for i in told_apart] for duty in duties], np.float64).reshape(
            len(duties), len(told_apart)
        ),
    )


def _fleets(fleet: Sequence[VehicleType], duties: Duties, prices: int) -> Real | None:
    """List all numbers of vehicles of each type that could do, (fleets, types); None when too many."""
    enough = int(duties.whole.trips) * 4 + 4
    most = [min(kind.available, enough) for kind in fleet]
    if math.prod(count + 1 for count in most) * prices > _MOST_PAIRS:
        return None
    listed = np.array(list(product(*(range(count + 1) for count in most))), np.float64)
    listed = listed[listed.sum(axis=1) >= duties.vehicles]
    return listed if len(listed) else None
