"""A day as PyVRP sees it: lots as clients, types as profiles, the hub as depot and reload depot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyvrp import Activity, ActivityType, Client, Depot, Location, ProblemData, Route, Solution
from pyvrp import VehicleType as SearchVehicle

from logistics.routes.network import UNREACHABLE
from logistics.routes.solver.lots import Lot
from logistics.routes.solver.schedule import Terrain, TripOrder, VehicleDay
from logistics.routes.types import VehicleType

# Costs inside the search are thousandths of a fen, because a metre costs less than a fen.
MILLI = 1_000
_FAR = 2**40


@dataclass(frozen=True)
class Task:
    """What one search looks for.

    `vehicles`: how many of each type may be used; `may_reload`: a vehicle makes several trips; `day_milli`,
    `second_milli`: what a vehicle's day and each second of it cost in this search; `prize_milli`: what
    leaving one parcel out costs, None = every lot must be served.
    """

    terrain: Terrain
    vehicles: tuple[int, ...]
    may_reload: bool
    day_milli: tuple[int, ...]
    second_milli: tuple[int, ...]
    prize_milli: int | None = None


class Model:
    """The terrain as PyVRP sees it: a client per lot, a profile and a reload depot per vehicle type.

    PyVRP knows release times at the hub (a delivery that is not ready yet) but no due times there (a
    collection that must be home). Read backwards in time a collection is a delivery and its due time a
    release time: where collections with due times outnumber deliveries with ready times, the model runs
    backwards.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        terrain = task.terrain
        self.kinds = [kind for kind, number in enumerate(task.vehicles) if number]
        self.fleet = [terrain.fleet[kind] for kind in self.kinds]
        self.end_s = max(vehicle.shift_s for vehicle in self.fleet)
        due_home = sum(lot.due_out_s < self.end_s for lot in terrain.lots)
        self.is_backwards = due_home > sum(lot.ready_in_s > 0 for lot in terrain.lots)
        profiles = [self._profile(vehicle) for vehicle in self.fleet]
        self.data = ProblemData(
            [Location(0, 0) for _ in range(len(terrain.network.names))],
            [self._client(lot) for lot in terrain.lots],
            [Depot(0), *(Depot(0, service_duration=vehicle.reload_s) for vehicle in self.fleet)],
            [self._vehicle(place, kind) for place, kind in enumerate(self.kinds)],
            [distance for distance, _ in profiles],
            [duration for _, duration in profiles],
        )

    def _profile(self, vehicle: VehicleType) -> tuple[np.ndarray, np.ndarray]:
        """Costs (milli-fen) and durations (s), (n, n) int64; a stop is paid on the way in, once per stop."""
        network = self.task.terrain.network
        goes_to_stop = ~np.eye(len(network.names), dtype=bool)
        goes_to_stop[:, 0] = False
        is_far = network.distance_m >= UNREACHABLE
        cost = network.distance_m * vehicle.km_fen + goes_to_stop * (vehicle.stop_fen * MILLI)
        duration = network.duration_s + goes_to_stop * vehicle.stop_s
        both = np.where(is_far, _FAR, cost), np.where(is_far, _FAR, duration)
        return (both[0].T.copy(), both[1].T.copy()) if self.is_backwards else both

    def _client(self, lot: Lot) -> Client:
        stop_s, unit_s = min(v.stop_s for v in self.fleet), max(v.unit_s for v in self.fleet)
        handling_s = unit_s * lot.units
        travel_s = self.task.terrain.duration_s[lot.station][0]
        # Handling begins `stop_s` after the arrival. Between a ready time and the earliest begin, and between
        # the latest end and a due time, lies at least the straight way from or to the hub.
        earliest_s = max(
            lot.ready_out_s + stop_s if lot.ready_out_s else 0,
            lot.ready_in_s + travel_s + stop_s if lot.ready_in_s else 0,
        )
        latest_s = min(lot.due_in_s + stop_s, lot.due_out_s - travel_s - handling_s, self.end_s - handling_s)
        latest_s = max(0, latest_s)
        earliest_s = min(earliest_s, latest_s)
        ins, outs = [lot.units_in, lot.grams_in], [lot.units_out, lot.grams_out]
        release_s = lot.ready_in_s
        if self.is_backwards:
            ins, outs = outs, ins
            earliest_s, latest_s = (
                self.end_s - latest_s - handling_s,
                self.end_s - earliest_s - handling_s,
            )
            release_s = max(0, self.end_s - lot.due_out_s)
        return Client(
            location=lot.station,
            delivery=ins,
            pickup=outs,
            service_duration=handling_s,
            tw_early=earliest_s,
            tw_late=latest_s,
            release_time=min(release_s, latest_s),
            prize=0 if self.task.prize_milli is None else self.task.prize_milli * len(lot.parcels),
            required=self.task.prize_milli is None,
        )

    def _vehicle(self, place: int, kind: int) -> SearchVehicle:
        task, vehicle = self.task, self.task.terrain.fleet[kind]
        return SearchVehicle(
            num_available=task.vehicles[kind],
            capacity=[vehicle.capacity_units, vehicle.capacity_g],
            fixed_cost=task.day_milli[kind],
            tw_early=self.end_s - vehicle.shift_s if self.is_backwards else 0,
            tw_late=self.end_s if self.is_backwards else vehicle.shift_s,
            unit_distance_cost=1,
            unit_duration_cost=task.second_milli[kind],
            profile=place,
            reload_depots=[place + 1] if task.may_reload else [],
        )

    def solution(self, days: Sequence[VehicleDay]) -> Solution:
        """Say days in PyVRP's words."""
        routes = []
        for day in days:
            place = self.kinds.index(day.kind)
            steps: list[Activity] = []
            for number, order in enumerate(self._turned(day.trips)):
                if number:
                    steps.append(Activity(ActivityType.DEPOT, place + 1))
                steps.extend(Activity(ActivityType.CLIENT, k) for k in order)
            routes.append(Route(self.data, steps, place))
        return Solution(self.data, routes)

    def days(self, solution: Solution) -> list[VehicleDay]:
        """Say PyVRP's routes as days."""
        days = []
        for route in solution.routes():
            trips: list[list[int]] = [[]]
            for step in route:
                if step.is_client():
                    trips[-1].append(step.idx)
                elif trips[-1]:
                    trips.append([])
            orders = self._turned([tuple(order) for order in trips if order])
            if orders:
                days.append(VehicleDay(self.kinds[route.vehicle_type()], orders))
        return days

    def _turned(self, trips: Sequence[TripOrder]) -> tuple[TripOrder, ...]:
        """A day's trips in the direction of the model's time."""
        return tuple(trip[::-1] for trip in reversed(trips)) if self.is_backwards else tuple(trips)
