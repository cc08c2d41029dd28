"""The anchor: a plain local search (insert, move, swap) from the same greedy plan, for the same time."""

import random
import time

from livestream.planner.solver import greedy
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.grid import Grid


def search_locally(grid: Grid, *, limit_s: float, seed: int) -> tuple[Calendar, int]:
    """Improve the greedy plan by single insertions, moves and swaps until the time is over.

    Gives: the calendar and the number of steps tried. Steps that do not lower the objective are kept.
    """
    ends = time.perf_counter() + limit_s
    rng = random.Random(seed)
    calendar = Calendar(grid)
    greedy.fill(calendar, greedy.order_by_density(calendar))
    everyone = range(len(grid.requests))
    steps = 0
    while time.perf_counter() < ends:
        steps += 1
        waiting = [request for request in everyone if request not in calendar.placed]
        placed = list(calendar.placed)
        kind = rng.random()
        if waiting and kind < 0.2:
            _insert(calendar, rng.choice(waiting))
        elif placed and (kind < 0.5 or not waiting):
            _replace(calendar, rng.choice(placed), [])
        elif placed:
            _replace(calendar, rng.choice(placed), [rng.choice(waiting)])
    return calendar, steps


def _insert(calendar: Calendar, request: int) -> bool:
    found = calendar.best_place(request)
    if found is not None:
        calendar.add(found[1], found[2])
    return found is not None


def _replace(calendar: Calendar, leaves: int, comes: list[int]) -> None:
    """Take one session out, put others in, then the first one where it fits best; undo what made it worse."""
    before = calendar.objective()
    streamer, place = calendar.remove(leaves)
    came = [request for request in [*comes, leaves] if _insert(calendar, request)]
    if calendar.objective() < before:
        for request in came:
            calendar.remove(request)
        calendar.add(streamer, place)
