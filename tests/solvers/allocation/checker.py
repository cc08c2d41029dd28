"""Reads an allocation like an auditor: costs, shares, stability worked out anew from the text of the rule.

Everything in whole numbers and fractions, coalition by coalition; only the types of the day are shared.
"""

import math
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from scipy.optimize import linprog

from logistics.routes.types import Instance, Parcel, VehicleType

Coalition = frozenset[str]
Near = dict[str, list[tuple[str, int, int]]]


def check_allocation(instance: Instance, prices: dict[str, int | None], result: dict[str, Any]) -> list[str]:
    """Give every fault of an allocation in the form of allocation.json."""
    costs = coalition_costs(instance, prices)
    shares = {share["courier"]: share["share_fen"] for share in result["shares"]}
    members = sorted(max(costs, key=len))
    bill_fen = result["bill_fen"]
    faults = []
    if sum(shares.values()) != bill_fen:
        faults.append(f"shares sum to {sum(shares.values())}, the bill is {bill_fen}")
    faults += [f"{name} carries nothing and pays" for name in shares if name not in members and shares[name]]
    faults += _wrong_counts(instance, result)
    if members:
        faults += _wrong_shares(instance, costs, members, shares, result)
        faults += _wrong_stability(costs, members, shares, result)
    return faults


def coalition_costs(instance: Instance, prices: dict[str, int | None]) -> dict[Coalition, int]:
    """Cost every coalition of the couriers that have something to carry, by the text of `bound-v1`."""
    fleet = [kind for kind in instance.fleet if kind.available > 0]
    near = _near(instance)
    away = [_least(near, instance.hub.station, metric) for metric in (0, 1)]
    carried: dict[str, list[Parcel]] = {}
    for parcel in instance.parcels:
        if parcel.station in away[0] and any(
            parcel.units <= k.capacity_units and parcel.weight_g <= k.capacity_g for k in fleet
        ):
            carried.setdefault(parcel.courier, []).append(parcel)
    cuts = [_cuts(near, away[metric], metric) for metric in (0, 1)]
    coalitions = [
        frozenset(chosen)
        for size in range(len(carried) + 1)
        for chosen in combinations(sorted(carried), size)
    ]
    joint = {c: _cost([p for name in c for p in carried[name]], fleet, cuts) for c in coalitions}
    return {c: _with_prices(c, joint, carried, prices) for c in coalitions}


def _with_prices(
    coalition: Coalition,
    joint: dict[Coalition, int],
    carried: dict[str, list[Parcel]],
    prices: dict[str, int | None],
) -> int:
    """Let any members give their whole day away instead, whatever is cheapest."""
    fen = {
        name: price * sum(p.units for p in carried[name])
        for name in coalition
        if (price := prices.get(name)) is not None
    }
    return min(
        joint[coalition - set(given)] + sum(fen[name] for name in given)
        for size in range(len(fen) + 1)
        for given in combinations(sorted(fen), size)
    )


def _near(instance: Instance) -> Near:
    near: Near = {}
    if instance.roads is not None:
        for road in instance.roads:
            near.setdefault(road.start, []).append((road.end, road.distance_m, road.duration_s))
            near.setdefault(road.end, []).append((road.start, road.distance_m, road.duration_s))
        return near
    for one in instance.stations:
        for other in instance.stations:
            if one.station != other.station:
                metres = _great_circle_m(one.lat or 0, one.lon or 0, other.lat or 0, other.lon or 0) * 1.45
                near.setdefault(one.station, []).append((other.station, round(metres), round(metres * 0.12)))
    return near


def _great_circle_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    a, b, turn = math.radians(lat), math.radians(other_lat), math.radians(lon - other_lon)
    half = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(half))


def _least(near: Near, hub: str, metric: int) -> dict[str, int]:
    """Distances from the hub by going round until nothing gets shorter (Bellman and Ford)."""
    away, changed = {hub: 0}, True
    while changed:
        changed = False
        for start in list(away):
            for end, *lengths in near.get(start, []):
                if away[start] + lengths[metric] < away.get(end, 2**60):
                    away[end] = away[start] + lengths[metric]
                    changed = True
    return away


def _cuts(near: Near, away: dict[str, int], metric: int) -> list[tuple[frozenset[str], int]]:
    """Give, for every width between two rings, the connected parts of the network beyond the inner one."""
    rings = sorted(set(away.values()))
    cuts = []
    for inner, outer in zip(rings, rings[1:], strict=False):
        left = {node for node, distance in away.items() if distance >= outer}
        while left:
            part, waiting = set(), [left.pop()]
            while waiting:
                node = waiting.pop()
                part.add(node)
                fresh = {end for end, *_ in near.get(node, []) if end in left}
                left -= fresh
                waiting += fresh
            cuts.append((frozenset(part), outer - inner))
    return cuts


def _trips(parcels: list[Parcel], fleet: list[VehicleType]) -> int:
    if not parcels:
        return 0
    units, grams = max(k.capacity_units for k in fleet), max(k.capacity_g for k in fleet)
    loads = [1]
    for way in ("in", "out"):
        loads.append(math.ceil(Fraction(sum(p.units for p in parcels if p.direction == way), units)))
        heavy = sum(p.weight_g for p in parcels if p.direction == way)
        loads.append(math.ceil(Fraction(heavy, grams)) if heavy else 0)
    return max(loads)


def _cost(
    parcels: list[Parcel], fleet: list[VehicleType], cuts: list[list[tuple[frozenset[str], int]]]
) -> int:
    if not parcels:
        return 0
    metres, seconds = (
        sum(2 * width * _trips([p for p in parcels if p.station in part], fleet) for part, width in of_metric)
        for of_metric in cuts
    )
    stops = sum(
        _trips([p for p in parcels if p.station == station], fleet)
        for station in {p.station for p in parcels}
    )
    seconds += stops * min(k.stop_s for k in fleet)
    seconds += sum(p.units for p in parcels) * min(k.unit_s for k in fleet)
    seconds += _trips(parcels, fleet) * min(k.reload_s for k in fleet)
    per_second = min(Fraction(k.day_fen, k.shift_s + k.reload_s) for k in fleet)
    days = max(min(k.day_fen for k in fleet), math.ceil(seconds * per_second))
    ways = Fraction(metres * min(k.km_fen for k in fleet), 1000) + stops * min(k.stop_fen for k in fleet)
    return days + math.ceil(ways)


def _wrong_counts(instance: Instance, result: dict[str, Any]) -> list[str]:
    return [
        f"{share['courier']} has another number of parcels or units"
        for share in result["shares"]
        for mine in [[p for p in instance.parcels if p.courier == share["courier"]]]
        if (share["parcels"], share["units"]) != (len(mine), sum(p.units for p in mine))
    ]


def _wrong_shares(
    instance: Instance,
    costs: dict[Coalition, int],
    members: list[str],
    shares: dict[str, int],
    result: dict[str, Any],
) -> list[str]:
    whole, bill_fen = costs[frozenset(members)], result["bill_fen"]
    if result["method"] == "volume" or not whole:
        units = {n: sum(p.units for p in instance.parcels if p.courier == n) for n in members}
        right = {n: Fraction(bill_fen * units[n], sum(units.values())) for n in members}
    elif result["method"] == "shapley":
        right = {n: bill_fen * _shapley(n, members, costs) / whole for n in members}
    else:
        return _wrong_equal_saving(costs, members, shares, bill_fen)
    return [f"{n} pays {shares[n]}, not {float(right[n])}" for n in members if abs(shares[n] - right[n]) >= 1]


def _shapley(courier: str, members: list[str], costs: dict[Coalition, int]) -> Fraction:
    n = len(members)
    value = Fraction(0)
    for coalition in costs:
        if courier not in coalition:
            weight = Fraction(1, n * math.comb(n - 1, len(coalition)))
            value += weight * (costs[coalition | {courier}] - costs[coalition])
    return value


def _wrong_equal_saving(
    costs: dict[Coalition, int], members: list[str], shares: dict[str, int], bill_fen: int
) -> list[str]:
    """Look whether the shares are as stable as any, and as equal as any that are: two linear programmes."""
    whole = costs[frozenset(members)]
    alone = np.array([costs[frozenset([n])] for n in members], float) / whole
    mine = np.array([shares[n] for n in members]) / max(bill_fen, 1)
    inner = [c for c in costs if 0 < len(c) < len(members)]
    inside = np.array([[float(n in c) for n in members] for c in inner]).reshape(len(inner), len(members))
    parts = np.array([costs[c] for c in inner]) / whole
    rounding = len(members) / max(bill_fen, 1) + 1e-6
    if len(members) == 1 or not bill_fen:
        return []
    n = len(members)
    equal = alone / alone.sum()
    if (inside @ equal <= parts + 1e-9).all():
        return [] if abs(mine - equal).max() <= rounding else ["savings could be equal and are not"]
    # Unknowns: the shares, the lowest and the highest relative share, what coalitions must give up.
    rows = [np.hstack([inside, np.zeros((len(inner), 2)), -np.ones((len(inner), 1))])]
    rows.append(np.hstack([-np.diag(1 / alone), np.ones((n, 1)), np.zeros((n, 2))]))
    rows.append(np.hstack([np.diag(1 / alone), np.zeros((n, 1)), -np.ones((n, 1)), np.zeros((n, 1))]))
    limits = np.concatenate([parts, np.zeros(2 * n)])
    all_paid = np.concatenate([np.ones(n), np.zeros(3)]).reshape(1, -1)
    bounds: list[tuple[float, float | None]] = [(0.0, None)] * (n + 3)
    stable = linprog(
        [0.0] * (n + 2) + [1.0], A_ub=np.vstack(rows), b_ub=limits, A_eq=all_paid, b_eq=[1.0], bounds=bounds
    )
    bounds[-1] = (0.0, stable.fun + 1e-9)
    even = linprog(
        [0.0] * n + [-1.0, 1.0, 0.0],
        A_ub=np.vstack(rows),
        b_ub=limits,
        A_eq=all_paid,
        b_eq=[1.0],
        bounds=bounds,
    )
    faults = []
    if (inside @ mine - parts).max() > stable.fun + rounding:
        faults.append("a coalition would gain more by leaving than it has to")
    relative = mine / alone
    if relative.max() - relative.min() > even.fun + 2 * rounding / alone.min():
        faults.append("relative savings differ more than they have to")
    return faults


def _wrong_stability(
    costs: dict[Coalition, int], members: list[str], shares: dict[str, int], result: dict[str, Any]
) -> list[str]:
    whole, bill_fen = costs[frozenset(members)], result["bill_fen"]
    scaled = {c: math.ceil(Fraction(fen * bill_fen, whole)) if whole else 0 for c, fen in costs.items()}
    said = result["stability"]
    faults = [
        f"{share['courier']} alone is {share['alone_fen']}"
        for share in result["shares"]
        if share["alone_fen"] != scaled.get(frozenset([share["courier"]]), 0)
    ]
    excess = {}
    for coalition in costs:
        if 0 < len(coalition) < len(members):
            beyond = sum(shares[n] for n in coalition) - scaled[coalition]
            # A surplus of one fen for each further member is the rounding of shares.
            excess[coalition] = beyond if beyond <= 0 else max(0, beyond - len(coalition) + 1)
    leaving = sorted(n for n in members if excess.get(frozenset([n]), 0) > 0)
    if said["pays_more_than_alone"] != leaving:
        faults.append(f"who pays more than alone: {said['pays_more_than_alone']} instead of {leaving}")
    if said["blocking_coalitions"] != sum(value > 0 for value in excess.values()):
        faults.append("the number of blocking coalitions is wrong")
    worst = said["worst"]
    if excess and worst["excess_fen"] != max(excess.values()):
        faults.append("another coalition is worse off")
    if excess and excess.get(frozenset(worst["couriers"])) != worst["excess_fen"]:
        faults.append("the worst coalition does not have the excess that is said")
    return faults
