"""A plain plan in one sweep, and the insertion of lots that a search left over."""

from collections.abc import Iterable, Sequence
from itertools import permutations

from logistics.routes.solver.schedule import (
    Terrain,
    TripOrder,
    VehicleDay,
    in_best_order,
    latest_due_s,
    order_cost_fen,
    time_day,
    time_trip,
)

# A vehicle that found no room for this many lots in a row is taken to be full: keeps the sweep linear.
MISSES_BEFORE_FULL = 40
# Up to so many stops all orders of a load are tried: 120.
MOST_PERMUTED = 5


def sweep(terrain: Terrain) -> tuple[list[VehicleDay], list[int]]:
    """Make a first plan: lots in the order of a walk along the roads, each trip filled before the next.

    Gives: vehicle days that can be kept, and the lots for which no vehicle was left.
    Cost: O(lots × lots of a trip), plus the sort.
    """
    urgent_first = sorted(_walk(terrain), key=lambda k: latest_due_s(terrain.lots[k]) // 7_200)
    days: list[VehicleDay] = []
    left = urgent_first
    for kind in _cheapest_first(terrain):
        for _ in range(terrain.fleet[kind].available):
            if not left:
                break
            day, left = _fill_day(terrain, kind, left)
            if not day.trips:
                break
            days.append(day)
    return days, left


def _cheapest_first(terrain: Terrain) -> list[int]:
    def price(kind: int) -> tuple[float, int]:
        vehicle = terrain.fleet[kind]
        return (vehicle.day_fen + vehicle.km_fen * 200) / max(1, vehicle.capacity_units), kind

    return sorted(range(len(terrain.fleet)), key=price)


def _walk(terrain: Terrain) -> list[int]:
    """Lots from the nearest to the hub on, always to the nearest station not yet seen."""
    by_station: dict[int, list[int]] = {}
    for k, lot in enumerate(terrain.lots):
        by_station.setdefault(lot.station, []).append(k)
    left, at, order = set(by_station), 0, []
    while left:
        row = terrain.distance_m[at]
        at = min(left, key=lambda station: (row[station], station))
        left.remove(at)
        order.extend(by_station[at])
    return order


def _fill_day(terrain: Terrain, kind: int, lots: Sequence[int]) -> tuple[VehicleDay, list[int]]:
    vehicle = terrain.fleet[kind]
    trips: list[TripOrder] = []
    trip: TripOrder = ()
    free_s = 0
    left: list[int] = []
    for number, k in enumerate(lots):
        if len(left) == MISSES_BEFORE_FULL:
            return VehicleDay(kind, (*trips, trip) if trip else tuple(trips)), [*left, *lots[number:]]
        longer = time_trip(terrain, (*trip, k), vehicle, free_s)
        if longer is not None:
            trip = (*trip, k)
            continue
        if trip:
            done = time_trip(terrain, trip, vehicle, free_s)
            next_free_s = done.returns_s + vehicle.reload_s if done else 0
            if done and time_trip(terrain, (k,), vehicle, next_free_s) is not None:
                trips.append(trip)
                trip, free_s = (k,), next_free_s
                continue
        left.append(k)
    return VehicleDay(kind, (*trips, trip) if trip else tuple(trips)), left


def load_trips(terrain: Terrain) -> list[VehicleDay]:
    """Make a trip of each load that the roads suggested, and find the other lots a place on one of them.

    Gives: single trips that can be kept; a load that takes too long is halved until it does not.
    """
    trips: list[tuple[int, TripOrder]] = []
    for load in terrain.loads:
        trips.extend(_halved(terrain, _roomy_order(terrain, load)))
    at_station: dict[int, list[int]] = {}
    for number, (_, order) in enumerate(trips):
        for k in order:
            at_station.setdefault(terrain.lots[k].station, []).append(number)
    held = {k for _, order in trips for k in order}
    for k in (k for k in range(len(terrain.lots)) if k not in held):
        for number in at_station.get(terrain.lots[k].station, []):
            kind, order = trips[number]
            place = next(
                i for i, other in enumerate(order) if terrain.lots[other].station == terrain.lots[k].station
            )
            longer = (*order[: place + 1], k, *order[place + 1 :])
            if time_trip(terrain, longer, terrain.fleet[kind], 0) is not None:
                trips[number] = (kind, longer)
                break
        else:
            trips.extend(_halved(terrain, (k,)))
    return [VehicleDay(kind, (order,)) for kind, order in trips]


def _roomy_order(terrain: Terrain, order: TripOrder) -> TripOrder:
    """Order a load's stops so that what is collected finds room; the order given is kept when none does.

    A trip may leave full and come back full and yet be overloaded on the way. Where there are too many
    orders to try them all, those that deliver much early are.
    """
    kinds = [terrain.fleet[kind] for kind in _cheapest_first(terrain) if terrain.fleet[kind].available]
    if any(time_trip(terrain, order, kind, 0) is not None for kind in kinds):
        return order
    at_station: dict[int, list[int]] = {}
    for k in order:
        at_station.setdefault(terrain.lots[k].station, []).append(k)
    stops = list(at_station.values())

    def surplus(stop: list[int]) -> int:
        return sum(terrain.lots[k].units_in - terrain.lots[k].units_out for k in stop)

    by_surplus = sorted(stops, key=surplus, reverse=True)
    orders: Iterable[Sequence[list[int]]] = permutations(stops)
    if len(stops) > MOST_PERMUTED:
        # One stop at a time is put off to the end; on a tree it is passed again on the way back.
        put_off = [[*(s for s in stops if s is not late), late] for late in stops[:-1]]
        orders = [stops[::-1], *put_off, *(other[::-1] for other in put_off), by_surplus]
    best: tuple[int, TripOrder] | None = None
    for other in orders:
        flat = tuple(k for stop in other for k in stop)
        price_fen = order_cost_fen(terrain, flat, kinds[0])
        if (best is None or price_fen < best[0]) and any(
            time_trip(terrain, flat, kind, 0) is not None for kind in kinds
        ):
            best = (price_fen, flat)
    return order if best is None else best[1]


def _halved(terrain: Terrain, order: TripOrder) -> list[tuple[int, TripOrder]]:
    for kind in _cheapest_first(terrain):
        vehicle = terrain.fleet[kind]
        if vehicle.available and time_trip(terrain, order, vehicle, 0) is not None:
            return [(kind, order)]
    if len(order) < 2:
        raise ValueError("a lot that no vehicle can serve")
    half = len(order) // 2
    return [*_halved(terrain, order[:half]), *_halved(terrain, order[half:])]


def mend(terrain: Terrain, day: VehicleDay) -> tuple[VehicleDay, list[int]]:
    """Take as few lots as it finds out of a day that cannot be kept, until it can.

    Gives: the day without them, its trips possibly in another order, and the lots taken out.
    """
    taken: list[int] = []
    while day.trips:
        kept = in_best_order(terrain, day)
        if kept is not None:
            return kept, taken
        lots = sorted((k for order in day.trips for k in order), key=lambda k: (terrain.lots[k].units, k))
        cures = (k for k in lots if in_best_order(terrain, _without(day, k)) is not None)
        timed = [k for k in lots if terrain.lots[k].is_timed]
        worst = min(timed or lots, key=lambda k: (latest_due_s(terrain.lots[k]), k))
        taken.append(next(cures, worst))
        day = _without(day, taken[-1])
    return day, taken


def _without(day: VehicleDay, lot: int) -> VehicleDay:
    trips = (tuple(k for k in order if k != lot) for order in day.trips)
    return VehicleDay(day.kind, tuple(order for order in trips if order))


def insert_left_over(
    terrain: Terrain, days: Iterable[VehicleDay], left: Iterable[int]
) -> tuple[list[VehicleDay], list[int]]:
    """Put left-over lots where they cost least, opening trips and vehicles where needed.

    Gives: the days with the lots, and the lots for which no place was left.
    Cost: every place of every day is timed exactly; meant for few lots.
    """
    days = list(days)
    lost: list[int] = []
    for k in sorted(left, key=lambda k: (latest_due_s(terrain.lots[k]), -terrain.lots[k].units, k)):
        best: tuple[int, int, VehicleDay] | None = None
        for number, day in enumerate(days):
            for extra_fen, other in _places(terrain, day, k):
                if (best is None or extra_fen < best[0]) and time_day(terrain, other) is not None:
                    best = (extra_fen, number, other)
        fresh = _fresh_day(terrain, days, k)
        if fresh is not None and (best is None or fresh[0] < best[0]):
            days.append(fresh[1])
        elif best is not None:
            days[best[1]] = best[2]
        else:
            lost.append(k)
    return days, lost


def _places(terrain: Terrain, day: VehicleDay, k: int) -> Iterable[tuple[int, VehicleDay]]:
    kind = terrain.fleet[day.kind]
    for t, order in enumerate(day.trips):
        now_fen = order_cost_fen(terrain, order, kind)
        for place in range(len(order) + 1):
            longer = (*order[:place], k, *order[place:])
            trips = (*day.trips[:t], longer, *day.trips[t + 1 :])
            yield order_cost_fen(terrain, longer, kind) - now_fen, VehicleDay(day.kind, trips)
    alone_fen = order_cost_fen(terrain, (k,), kind)
    for t in range(len(day.trips) + 1):
        yield alone_fen, VehicleDay(day.kind, (*day.trips[:t], (k,), *day.trips[t:]))


def _fresh_day(terrain: Terrain, days: Sequence[VehicleDay], k: int) -> tuple[int, VehicleDay] | None:
    best: tuple[int, VehicleDay] | None = None
    for kind, vehicle in enumerate(terrain.fleet):
        used = sum(1 for day in days if day.kind == kind)
        day = VehicleDay(kind, ((k,),))
        if used < vehicle.available and time_day(terrain, day) is not None:
            price_fen = vehicle.day_fen + order_cost_fen(terrain, (k,), vehicle)
            if best is None or price_fen < best[0]:
                best = (price_fen, day)
    return best
