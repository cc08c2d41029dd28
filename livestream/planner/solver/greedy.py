"""The first plan: requests by value density, each in its best free place, the tightest window first."""

from collections.abc import Sequence

from livestream.planner.solver.calendar import Calendar


def order_by_density(calendar: Calendar) -> list[int]:
    """Sort all requests by what a slot of them can earn at best, the densest first."""
    grid = calendar.grid
    tops = grid.worth.max(axis=1, initial=-1)
    density = [
        (int(tops[r]) + int(grid.bonus[grid.farmer[r]])) / int(grid.length[r])
        for r in range(len(grid.requests))
    ]
    return sorted(range(len(grid.requests)), key=lambda r: (-density[r], r))


def fill(calendar: Calendar, order: Sequence[int]) -> None:
    """Place every request that is not placed yet and still fits, in this order.

    Cost: O(requests × qualified streamers × points), all in arrays.
    """
    for request in order:
        if request not in calendar.placed:
            found = calendar.best_place(request)
            if found is not None:
                calendar.add(found[1], found[2])
