"""The proven upper bound: Lagrangian relaxation in whole numbers, so that no rounding spoils it."""

from dataclasses import replace

import numpy as np

from livestream.planner.solver.grid import Flags, Grid, Ints
from livestream.planner.solver.pricing import Pricer, Prices


def _total(amounts: Ints) -> int:
    """Add up without the limit of 64 bits."""
    whole: list[int] = amounts.reshape(-1).tolist()
    return sum(whole)


def _dot(limits: Ints, prices: Ints) -> int:
    pairs = zip(limits.reshape(-1).tolist(), prices.reshape(-1).tolist(), strict=True)
    return sum(limit * price for limit, price in pairs if price)


def price_of_limits(pricer: Pricer, prices: Prices) -> int:
    """Add up price × limit over all limits but the weekly ones, and what farmers' bonuses still earn."""
    grid = pricer.grid
    studio = _dot(pricer.pools.capacity, prices.studio)
    product = _dot(grid.product_sessions, prices.product)
    bonus = _total(np.maximum(0, grid.bonus * pricer.scale - prices.farmer))
    return _total(prices.request) + product + bonus + studio + _total(prices.night)


def prove(pricer: Pricer, prices: Prices) -> int:
    """Compute an upper bound on every schedule's objective from any prices ≥ 0.

    Gives: Σ price × limit + Σ best week of each streamer under these prices, rounded down, which is valid
    because the objective is whole. Weekly limits are kept inside the weeks, so their own prices are dropped.
    Source: Lagrangian relaxation (Geoffrion 1974); docs/planner.md has the proof.
    """
    unweekly = replace(prices, week=np.zeros_like(prices.week))
    days = pricer.price_days(pricer.profit(unweekly), unweekly, pricer.all_rows)
    weeks = _total(pricer.week_values(days)) if pricer.lengths else 0
    return (price_of_limits(pricer, unweekly) + weeks) // pricer.scale


def trivial_bound(grid: Grid, placeable: Flags) -> int:
    """Bound the objective by every request at its best hour and every farmer's bonus."""
    tops = np.maximum(grid.worth.max(axis=1, initial=0), 0)
    farmers = np.unique(grid.farmer[placeable])
    return _total(tops[placeable]) + _total(grid.bonus[farmers])
