"""Share a bill among couriers: the one way in for the command line, jobs and pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from county import money
from county.money import Fen
from logistics.allocation import rules
from logistics.allocation.solver import bound_v1, coalitions
from logistics.allocation.solver.equal_saving import equal_saving
from logistics.allocation.types import (
    MOST_COURIERS,
    Allocation,
    CostRule,
    CourierTerms,
    Method,
    NothingToShare,
    Share,
    Stability,
    TooManyCouriers,
    WorstCoalition,
)
from logistics.routes.types import Instance, Parcel

_COST_RULES: dict[CostRule, Callable[..., NDArray[np.int64]]] = {
    CostRule.BOUND_V1: bound_v1.coalition_costs,
}
# Solver answers are turned into whole weights this fine before the bill is split.
_WEIGHT_PARTS = 10**12


@dataclass(frozen=True, slots=True)
class _Member:
    """A courier with something to carry today."""

    courier: str
    parcels: tuple[Parcel, ...]
    subcontract_fen: int | None


def allocate(
    *,
    instance: Instance,
    couriers: Sequence[CourierTerms] = (),
    bill_fen: int,
    method: Method,
    cost_rule: CostRule = CostRule.BOUND_V1,
) -> Allocation:
    """Share a bill among the couriers of a day and check every coalition's wish to leave.

    Takes: `couriers`, the whole pool or nothing (then the couriers of the parcels, without sub-contracting);
    `bill_fen` ≥ 0.
    Gives: shares by courier name that sum to the bill; 0 for a courier without a parcel to carry.
    Refuses: `TooManyCouriers` above 21 with parcels, `NothingToShare` when a bill has no parcel to fall on,
    `CostsTooLarge`.
    Cost: O(2**couriers); docs/allocation.md says what was measured.
    """
    members, not_carried = _members(instance, couriers)
    if len(members) > MOST_COURIERS:
        raise TooManyCouriers(count=len(members), most=MOST_COURIERS)
    if not members and bill_fen:
        raise NothingToShare(bill_fen=bill_fen)
    shares_fen: list[Fen] = []
    scaled = np.zeros(1, np.int64)
    if members:
        costs = _COST_RULES[cost_rule](
            instance, [m.parcels for m in members], [m.subcontract_fen for m in members]
        )
        shares_fen = money.split(bill_fen, _weights(method, costs, members))
        scaled = coalitions.scale_to_bill(costs, bill_fen)
    return Allocation(
        method=method,
        cost_rule=cost_rule,
        bill_fen=Fen(bill_fen),
        shares=_shares(instance, couriers, members, shares_fen, scaled),
        stability=_stability(members, shares_fen, scaled),
        not_carried=not_carried,
    )


def _members(instance: Instance, couriers: Sequence[CourierTerms]) -> tuple[list[_Member], int]:
    """List the couriers with parcels to carry in an order that depends on their days, and count the rest."""
    prices = {terms.courier: terms.subcontract_fen for terms in couriers}
    reached = _reached(instance)
    fleet = [kind for kind in instance.fleet if kind.available > 0]
    days: dict[str, list[Parcel]] = {}
    not_carried = 0
    for parcel in instance.parcels:
        fits = any(parcel.units <= k.capacity_units and parcel.weight_g <= k.capacity_g for k in fleet)
        if fits and parcel.station in reached:
            days.setdefault(parcel.courier, []).append(parcel)
        else:
            not_carried += 1
    members = [_Member(courier, tuple(parcels), prices.get(courier)) for courier, parcels in days.items()]
    members.sort(key=lambda m: (rules.courier_key(m.parcels, m.subcontract_fen), m.courier))
    return members, not_carried


def _reached(instance: Instance) -> set[str]:
    if instance.roads is None:
        return {station.station for station in instance.stations}
    near: dict[str, list[str]] = {}
    for road in instance.roads:
        near.setdefault(road.start, []).append(road.end)
        near.setdefault(road.end, []).append(road.start)
    reached, waiting = {instance.hub.station}, [instance.hub.station]
    while waiting:
        fresh = set(near.get(waiting.pop(), ())) - reached
        reached |= fresh
        waiting.extend(fresh)
    return reached


def _weights(method: Method, costs: NDArray[np.int64], members: Sequence[_Member]) -> list[int]:
    units = [sum(parcel.units for parcel in member.parcels) for member in members]
    # Prices of zero make every coalition free: then only the load is left to go by.
    if method is Method.VOLUME or not costs[-1]:
        return units
    if method is Method.SHAPLEY:
        return coalitions.shapley(costs)
    parts = equal_saving(costs)
    keys = [rules.courier_key(member.parcels, member.subcontract_fen) for member in members]
    alike = [[j for j, other in enumerate(keys) if other == key] for key in keys]
    # The solver's last digits may tell equal couriers apart; the mean of equals is just as good and fair.
    return [round(_WEIGHT_PARTS * sum(parts[j] for j in group) / len(group)) for group in alike]


def _shares(
    instance: Instance,
    couriers: Sequence[CourierTerms],
    members: Sequence[_Member],
    shares_fen: Sequence[Fen],
    scaled: NDArray[np.int64],
) -> tuple[Share, ...]:
    place = {member.courier: i for i, member in enumerate(members)}
    names = {terms.courier for terms in couriers} | {parcel.courier for parcel in instance.parcels}
    parcels = dict.fromkeys(names, 0)
    units = dict.fromkeys(names, 0)
    for parcel in instance.parcels:
        parcels[parcel.courier] += 1
        units[parcel.courier] += parcel.units
    return tuple(
        Share(
            courier=name,
            share_fen=shares_fen[place[name]] if name in place else Fen(0),
            alone_fen=Fen(int(scaled[1 << place[name]])) if name in place else Fen(0),
            parcels=parcels[name],
            units=units[name],
        )
        for name in sorted(names)
    )


def _stability(members: Sequence[_Member], shares_fen: Sequence[Fen], scaled: NDArray[np.int64]) -> Stability:
    n = len(members)
    excess = coalitions.excesses(shares_fen, scaled)[1:-1]
    if not len(excess):
        return Stability((), 0, WorstCoalition((), 0))
    worst = int(np.argmax(excess)) + 1
    return Stability(
        pays_more_than_alone=tuple(
            sorted(members[i].courier for i in range(n) if shares_fen[i] > int(scaled[1 << i]))
        ),
        blocking_coalitions=int(np.count_nonzero(excess > 0)),
        worst=WorstCoalition(
            tuple(sorted(members[i].courier for i in range(n) if worst >> i & 1)), int(excess[worst - 1])
        ),
    )
