"""The cheapest plan of a handful of parcels, found by trying every order and every cut."""

import itertools
import math
from collections import Counter
from pathlib import Path

from tests.solvers.routes.checker import Case

CUTS = ("same trip", "next trip", "next vehicle")


def cheapest(folder: Path, *, with_roads: bool = True) -> int | None:
    """Give the least cost of serving every parcel, None when it cannot be done."""
    case = Case(folder, with_roads=with_roads)
    best: int | None = None
    for order in itertools.permutations(case.parcels):
        for cuts in itertools.product(CUTS, repeat=len(order) - 1):
            days = _days(order, cuts)
            cost = _fleet_cost(case, days)
            if cost is not None and (best is None or cost < best):
                best = cost
    return best


def _days(order: tuple[str, ...], cuts: tuple[str, ...]) -> list[list[list[str]]]:
    days = [[[order[0]]]]
    for parcel, cut in zip(order[1:], cuts, strict=True):
        if cut == "same trip":
            days[-1][-1].append(parcel)
        elif cut == "next trip":
            days[-1].append([parcel])
        else:
            days.append([[parcel]])
    return days


def _fleet_cost(case: Case, days: list[list[list[str]]]) -> int | None:
    """The cheapest way to give each day a type, no type more often than it is available."""
    prices = [
        {kind: cost for kind in case.fleet if (cost := _day_cost(case, day, kind)) is not None}
        for day in days
    ]
    best: int | None = None
    for kinds in itertools.product(*prices):
        if all(number <= case.fleet[kind]["available"] for kind, number in Counter(kinds).items()):
            cost = sum(price[kind] for price, kind in zip(prices, kinds, strict=True))
            best = cost if best is None else min(best, cost)
    return best


def _day_cost(case: Case, day: list[list[str]], kind: str) -> int | None:
    van = case.fleet[kind]
    cost, free = van["day_fen"], 0
    for trip in day:
        made = _trip(case, trip, van, free)
        if made is None:
            return None
        price, returns = made
        cost, free = cost + price, returns + van["reload_s"]
    return cost


def _trip(case: Case, trip: list[str], van: dict[str, int], free: int) -> tuple[int, int] | None:
    ins = [p for p in trip if case.parcels[p]["direction"] == "in"]
    load = [sum(case.number(p, column) for p in ins) for column in ("units", "weight_g")]
    room = [van["capacity_units"], van["capacity_g"]]
    now, here, metres, stops = max([free, *(case.ready(p) for p in ins)]), case.hub, 0, 0
    if load[0] > room[0] or load[1] > room[1]:
        return None
    for station, group in itertools.groupby(trip, key=lambda p: case.parcels[p]["station"]):
        handled = list(group)
        leg = case.way(here, station)
        if leg is None:
            return None
        outs = [p for p in handled if p not in ins]
        now = max([now + leg[1], *(case.ready(p) for p in outs)])
        if any(case.due(p) < now for p in handled if p in ins):
            return None
        for place, column in enumerate(("units", "weight_g")):
            load[place] += sum((1 if p in outs else -1) * case.number(p, column) for p in handled)
        if load[0] > room[0] or load[1] > room[1]:
            return None
        now += van["stop_s"] + van["unit_s"] * sum(case.number(p, "units") for p in handled)
        metres, stops, here = metres + leg[0], stops + 1, station
    back = case.way(here, case.hub)
    assert back is not None
    returns = now + back[1]
    if returns > van["shift_s"] or any(case.due(p) < returns for p in trip if p not in ins):
        return None
    return math.ceil((metres + back[0]) * van["km_fen"] / 1000) + stops * van["stop_fen"], returns
