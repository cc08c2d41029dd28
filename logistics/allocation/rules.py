"""Pure decisions of sharing: who comes first in ties, exact Shapley weights, which coalitions would leave."""

from collections.abc import Sequence
from math import factorial

from logistics.routes.types import Parcel

CourierKey = tuple[tuple[tuple[str, str, int, int, int, int], ...], int]


def courier_key(parcels: Sequence[Parcel], subcontract_fen: int | None) -> CourierKey:
    """Describe a courier by its day alone; this function will give equal keys to equal days.

    Couriers are put in this order before anything is computed, so that neither their names nor their order
    in a file can move a fen; names only decide between couriers whose days are equal.
    """
    day = sorted(
        (p.station, str(p.direction), p.units, p.weight_g, p.ready_s, -1 if p.due_s is None else p.due_s)
        for p in parcels
    )
    return tuple(day), -1 if subcontract_fen is None else subcontract_fen


def shapley_weights(with_member: Sequence[Sequence[int]], by_size: Sequence[int]) -> list[int]:
    """Compute whole-number weights in exact proportion to the Shapley values.

    Takes: `by_size[s]`, the costs of all coalitions of s members added up; `with_member[i][s]`, of those that
    courier i is in.
    Gives: Shapley value × n! for each courier; they sum to n! × the cost of all.
    Source: L. S. Shapley, A value for n-person games, 1953: a joiner to s others weighs s! (n − 1 − s)! ÷ n!.
    """
    n = len(with_member)
    return [
        sum(factorial(s) * factorial(n - 1 - s) * (mine[s + 1] - (by_size[s] - mine[s])) for s in range(n))
        for mine in with_member
    ]
