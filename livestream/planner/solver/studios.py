"""Gives every session a real studio of its pool."""

from collections.abc import Iterable

from livestream.planner.solver.grid import Grid
from livestream.planner.solver.pricing import Place


def assign_studios(places: Iterable[Place], grid: Grid) -> dict[int, int]:
    """Colour the sessions of each pool with its studios, in order of start.

    Takes: places that never need more studios at once than their pool has.
    Gives: the studio number of each request.
    Source: interval graphs are perfect, so colouring by start needs no more colours than sessions at once.
    """
    free_from = [0] * len(grid.instance.studios)
    studio_of = {}
    for place in sorted(places, key=lambda place: (place.point, place.request)):
        slots = int(grid.length[place.request]) + grid.instance.turnaround_slots
        free = [studio for studio in grid.pools.studios[place.pool] if free_from[studio] <= place.point]
        studio_of[place.request] = free[0]
        free_from[free[0]] = grid.cover_end(place.point, slots)
    return studio_of
