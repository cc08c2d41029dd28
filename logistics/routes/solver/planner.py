"""The search for a good plan: a first sweep, good trips, fewer vehicles, then fewer kilometres."""

from collections import Counter
from collections.abc import Callable, Sequence

from logistics.routes.rules import gap_bp
from logistics.routes.solver.budget import Budget
from logistics.routes.solver.companion import Line
from logistics.routes.solver.model import MILLI, Task
from logistics.routes.solver.packing import (
    LooseTrip,
    fill,
    idle_share,
    least_vehicles,
    loosen,
    pack,
    retype,
    spread,
)
from logistics.routes.solver.schedule import Terrain, VehicleDay, cost_fen, order_cost_fen
from logistics.routes.solver.search import Found, search
from logistics.routes.solver.simple import insert_left_over, load_trips, mend, sweep

# Shares of the whole budget for each step; measured on counties of 150 stations (docs/routes.md).
TRIPS_SHARE = 0.15
SQUEEZE_SHARE = 0.1
POLISH_SHARE = 0.1
SQUEEZE_TRIES = 3
STALE_STEPS = 15_000
STALE_STEPS_PER_LOT = 300
# Below this share of idle time a squeeze has next to no chance and gets a single try.
HARDLY_ROOM = 0.004
# What divides the price of a second every other time.
CHEAPER_BY = 10
# Tries at filling vehicles: while a search goes on, and between two searches.
FEW_TRIES = 5
MANY_TRIES = 300
MOST_INSERTED = 60
MOST_INSERTED_ON_THE_WAY = 6


# Days known before the search, and the lots that they leave out.
Start = tuple[list[VehicleDay], list[int]]


class Planner:
    """Keeps the best plan that passed the exact clock while methods take turns."""

    def __init__(
        self,
        terrain: Terrain,
        budget: Budget,
        *,
        seed: int,
        bound_fen: int,
        on_best: Callable[[str, int], None],
        line: Line | None = None,
        start: Start | None = None,
    ) -> None:
        self.terrain, self.budget, self.seed, self.bound_fen = terrain, budget, seed, bound_fen
        self.tell = on_best
        self.line = line
        self.start = start
        self.available = tuple(vehicle.available for vehicle in terrain.fleet)
        self.days: list[VehicleDay] = []
        self.all_lots = set(range(len(terrain.lots)))
        self.lost: list[int] = list(range(len(terrain.lots)))
        self.cost_fen = 0
        self.polished_fen = -1
        self.rounds = 0
        self.idle_steps = 0
        self.fills = 0

    def run(self) -> tuple[list[VehicleDay], list[int]]:
        """Plan; this function will give days that can be kept and the lots for which no vehicle was left."""
        if not self.terrain.lots:
            return [], []
        if self.start is not None:
            self._keep("start", *self.start)
        if self.lost:
            days, lost = sweep(self.terrain)
            if len(lost) <= MOST_INSERTED:
                days, lost = insert_left_over(self.terrain, days, lost)
            self._keep("sweep", days, lost)
        if self.lost:
            self._serve_most()
        while not self.lost and not self._is_done():
            trips = self._find_trips()
            self._squeeze(trips)
            if self.cost_fen != self.polished_fen:
                self._polish()
                self.polished_fen = self.cost_fen
            self.rounds += 1
        return self.days, self.lost

    def _is_done(self) -> bool:
        self._listen()
        return self.budget.is_spent or self._is_proven() or self._is_stale()

    def _is_stale(self) -> bool:
        """Small counties are finished long before their time: nothing better came for very long."""
        return self.idle_steps > STALE_STEPS + STALE_STEPS_PER_LOT * len(self.terrain.lots)

    def _is_proven(self) -> bool:
        """The gap rounds to nothing: more search would only shift fractions of a fen per trip."""
        return not self.lost and gap_bp(self.cost_fen, self.bound_fen) <= 0 < self.bound_fen

    def _listen(self) -> bool:
        """Take over what the search beside this one has found; tell whether that ends the present step."""
        vehicles_fen = self._days_fen(self._used())
        for days, lost in self.line.receive() if self.line is not None else []:
            self._keep("beside", days, lost, is_own=False)
        return self._is_proven() or self._days_fen(self._used()) < vehicles_fen

    def _rank(self, cost: int, lost: Sequence[int]) -> tuple[int, int]:
        return sum(len(self.terrain.lots[k].parcels) for k in lost), cost

    def _keep(
        self, step: str, days: Sequence[VehicleDay], lost: Sequence[int], *, is_own: bool = True
    ) -> bool:
        """Keep a plan when it is better than the best; its days must keep the exact clock."""
        cost = cost_fen(self.terrain, days)
        if self.days and self._rank(cost, lost) >= self._rank(self.cost_fen, self.lost):
            return False
        self.days, self.lost, self.cost_fen = list(days), list(lost), cost
        self.idle_steps = 0
        if self.line is not None and is_own:
            self.line.send(days, lost)
        self.tell(step, cost)
        return True

    def _keep_searched(
        self,
        step: str,
        days: Sequence[VehicleDay],
        unplanned: Sequence[int] = (),
        *,
        most_inserted: int = MOST_INSERTED,
    ) -> bool:
        """Bring a search's days in line with the exact clock, then keep them when they are better."""
        sound: list[VehicleDay] = []
        left = list(unplanned)
        for day in days:
            whole, taken = mend(self.terrain, day)
            left.extend(taken)
            if whole.trips:
                sound.append(whole)
        if len(left) > most_inserted:
            return False
        if left:
            sound, left = insert_left_over(self.terrain, sound, left)
        return self._keep(step, sound, left)

    def _second_milli(self) -> tuple[int, ...]:
        """What a second of a vehicle's day costs when the day is fully used."""
        return tuple(-(-v.day_fen * MILLI // (v.shift_s + v.reload_s)) for v in self.terrain.fleet)

    def _priced_by_the_second(self, days: Sequence[VehicleDay]) -> int:
        """Price single trips by kilometres, stops and time, in milli-fen."""
        seconds, fleet = self._second_milli(), self.terrain.fleet
        trips = loosen(self.terrain, days)
        return sum(
            MILLI * order_cost_fen(self.terrain, trip.order, fleet[trip.kind])
            + (trip.duration_s + fleet[trip.kind].reload_s) * seconds[trip.kind]
            for trip in trips
        )

    def _find_trips(self) -> list[LooseTrip]:
        """Good trips, each as if a vehicle could be hired for it by the second.

        Every other time seconds are cheap: the vehicles found may have time to spare for fewer kilometres.
        """
        seconds = self._second_milli()
        if self.rounds % 2:
            seconds = tuple(price // CHEAPER_BY for price in seconds)
        fleet = self.terrain.fleet
        start = [VehicleDay(day.kind, (order,)) for day in self.days for order in day.trips]
        if not self.rounds:
            start = min(start, load_trips(self.terrain), key=self._priced_by_the_second)
        most = len(start) + 10
        task = Task(
            self.terrain,
            vehicles=tuple(most if number else 0 for number in self.available),
            may_reload=False,
            day_milli=tuple(v.reload_s * seconds[kind] for kind, v in enumerate(fleet)),
            second_milli=seconds,
        )
        found = self._search(task, TRIPS_SHARE, start=start, on_trips=self._keep_filled)
        trips = loosen(self.terrain, found.days or start)
        if {k for trip in trips for k in trip.order} != self.all_lots:
            trips = loosen(self.terrain, start)
        days, left = pack(self.terrain, trips, self.available)
        self._keep_searched("trips", days, left)
        return trips

    def _keep_filled(self, days: Sequence[VehicleDay]) -> None:
        """Keep the trips that a search has just found if they fit into few enough vehicles."""
        trips = loosen(self.terrain, days)
        if {k for trip in trips for k in trip.order} != self.all_lots:
            return
        vehicles = least_vehicles(self.terrain, trips)
        self._fill(trips, vehicles, FEW_TRIES, "trips")

    def _fill(self, trips: Sequence[LooseTrip], vehicles: Sequence[int], tries: int, step: str) -> bool:
        """Fill these vehicles with trips and keep that if it is better; tell whether they fit."""
        if any(number > most for number, most in zip(vehicles, self.available, strict=True)):
            return False
        fleet = self.terrain.fleet
        cost = sum(order_cost_fen(self.terrain, trip.order, fleet[trip.kind]) for trip in trips)
        if cost + self._days_fen(vehicles) >= self.cost_fen:
            return False
        self.fills += 1
        days = fill(self.terrain, trips, vehicles, tries=tries, seed=self.fills)
        if days is None:
            return False
        self._keep_searched(step, days, most_inserted=MOST_INSERTED_ON_THE_WAY)
        return self._used() == list(vehicles)

    def _squeeze(self, trips: Sequence[LooseTrip]) -> None:
        """From the fewest vehicles thinkable upwards, look for a plan that fits into them."""
        vehicles = least_vehicles(self.terrain, trips)
        if self.rounds:
            vehicles = self._one_less(vehicles)
        while not self._is_done():
            used = self._used()
            vehicles = [min(number, most) for number, most in zip(vehicles, self.available, strict=True)]
            if sum(vehicles) >= sum(used) or self._days_fen(vehicles) >= self._days_fen(used):
                return
            if self._is_worth(vehicles) and (
                self._fill(trips, vehicles, MANY_TRIES, "fill") or self._fits_into(trips, vehicles)
            ):
                return
            grow = max(range(len(vehicles)), key=lambda kind: used[kind] - vehicles[kind])
            vehicles[grow] += 1

    def _one_less(self, least: Sequence[int]) -> list[int]:
        """The vehicles used without one of a type, the types taking turns, never fewer than thinkable."""
        fewer = self._used()
        spare = [kind for kind, number in enumerate(fewer) if number > least[kind]]
        if spare:
            fewer[spare[self.rounds % len(spare)]] -= 1
        return fewer

    def _is_worth(self, vehicles: Sequence[int]) -> bool:
        """Tell whether a plan with these vehicles could be cheaper than the best and yet not below the bound.

        The kilometres of the best plan are close to the fewest; a tenth of a day's price is left for doubt.
        """
        saved_fen = self._days_fen(self._used()) - self._days_fen(vehicles)
        doubt_fen = min(v.day_fen for v in self.terrain.fleet) // 10
        return self.cost_fen - saved_fen + doubt_fen >= self.bound_fen

    def _polish(self) -> None:
        """Fewer kilometres with the vehicles found, or with one less where one turns out to be needless."""
        task = Task(
            self.terrain,
            tuple(self._used()),
            may_reload=True,
            day_milli=tuple(vehicle.day_fen * MILLI for vehicle in self.terrain.fleet),
            second_milli=tuple(0 for _ in self.available),
        )
        self._search(task, POLISH_SHARE, start=self.days, step="polish")

    def _fits_into(self, trips: Sequence[LooseTrip], vehicles: Sequence[int]) -> bool:
        """Look for a plan with exactly these vehicles, starting with trips spread over them.

        Each try that misses hands its nearest miss to the next one, its trips spread anew.
        """
        zero = tuple(0 for _ in vehicles)
        task = Task(self.terrain, tuple(vehicles), may_reload=True, day_milli=zero, second_milli=zero)
        is_roomy = idle_share(self.terrain, trips, vehicles) > HARDLY_ROOM
        for turn in range(SQUEEZE_TRIES if is_roomy else 1):
            fitted = retype(self.terrain, trips, vehicles)
            if fitted is None:
                return False
            start = spread(self.terrain, fitted, vehicles)
            found = self._search(task, SQUEEZE_SHARE, start=start, until_feasible=True, step="squeeze")
            if self._used() == list(vehicles):
                return True
            if self._is_done():
                return False
            missed = loosen(self.terrain, found.nearest or [])
            if turn % 2 == 0 and {k for trip in missed for k in trip.order} == self.all_lots:
                trips = missed
        return False

    def _serve_most(self) -> None:
        """Too few vehicles: every parcel left out costs more than any detour."""
        dearest = max(cost_fen(self.terrain, [VehicleDay(0, ((k,),))]) for k in range(len(self.terrain.lots)))
        task = Task(
            self.terrain,
            self.available,
            may_reload=True,
            day_milli=tuple(vehicle.day_fen * MILLI for vehicle in self.terrain.fleet),
            second_milli=tuple(0 for _ in self.available),
            prize_milli=4 * MILLI * max(1, dearest),
        )
        self._search(task, 1.0, start=self.days, step="serve most")

    def _used(self) -> list[int]:
        used = Counter(day.kind for day in self.days)
        return [used[kind] for kind in range(len(self.terrain.fleet))]

    def _days_fen(self, vehicles: Sequence[int]) -> int:
        return sum(n * v.day_fen for n, v in zip(vehicles, self.terrain.fleet, strict=True))

    def _search(
        self,
        task: Task,
        share: float,
        *,
        start: Sequence[VehicleDay],
        until_feasible: bool = False,
        step: str = "",
        on_trips: Callable[[list[VehicleDay]], None] | None = None,
    ) -> Found:
        part = self.budget.part(share)
        had = part.steps

        def news(days: list[VehicleDay]) -> bool:
            # Trips without reload are no plan yet: only the packed days are.
            if step:
                self._keep_searched(step, days, most_inserted=MOST_INSERTED_ON_THE_WAY)
            elif on_trips is not None:
                on_trips(days)
            return self._is_proven()

        found = search(
            task,
            part,
            seed=self.seed,
            start=start,
            until_feasible=until_feasible,
            is_overtaken=self._listen,
            on_best=news if (step or on_trips) and task.prize_milli is None else None,
        )
        if had is not None:
            self.budget.spend(found.steps)
        if step and found.days is not None:
            self._keep_searched(step, found.days, found.unplanned)
        self.seed += 1
        self.idle_steps += found.steps
        return found
