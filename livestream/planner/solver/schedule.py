"""Between the instance and the solver's arrays: requests in, real sessions out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from livestream.planner import rules
from livestream.planner.solver.budget import Budget
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.grid import make_grid, make_remaining_grid
from livestream.planner.solver.keeping import keep_most
from livestream.planner.solver.plan import bound, plan
from livestream.planner.solver.studios import assign_studios
from livestream.planner.types import Effort, Instance, Progress, Session

Report = Callable[[Progress], None]

# What is left to do after the search: colouring, checking, reasons, writing.
_RESERVE_S = 0.3
# Somebody waits for a re-plan; what it may change is small, so more time would find nothing.
_REPLAN_S = 2.0
_REPLAN_ROUNDS = 12


def plan_all(
    instance: Instance, effort: Effort, elapsed_s: Callable[[], float], report: Report
) -> tuple[list[Session], int]:
    """Plan every request from nothing; gives the sessions and a proven upper bound."""
    budget = Budget(effort, elapsed_s, _RESERVE_S)

    def tell(step: str, objective: int, upper_bound: int) -> None:
        report(Progress(elapsed_s(), step, objective, upper_bound))

    found = plan(make_grid(instance, instance.requests), budget, tell)
    return read_sessions(found.calendar), found.upper_bound


def plan_around(
    instance: Instance,
    kept: Sequence[Session],
    cancelled: frozenset[str],
    effort: Effort,
    elapsed_s: Callable[[], float],
    report: Report,
) -> tuple[list[Session], int]:
    """Keep as many sessions as possible where they are, then place what else fits.

    Gives: the sessions, and an upper bound on every schedule without the cancelled requests, moved or not.
    """
    if effort.limit_s is not None:
        effort = replace(effort, limit_s=min(effort.limit_s, _REPLAN_S + elapsed_s()))
    stay = keep_most(kept, instance)
    fixed = rules.objective_of(stay, instance)
    staying = {session.request for session in stay}
    wanted = [request for request in instance.requests if request.id not in cancelled]
    open_requests = [request for request in wanted if request.id not in staying]

    def tell(step: str, objective: int, upper_bound: int) -> None:
        report(Progress(elapsed_s(), f"around kept sessions, {step}", fixed + objective, None))

    half = effort if effort.limit_s is None else replace(effort, limit_s=(effort.limit_s + elapsed_s()) / 2)
    grid = make_remaining_grid(instance, open_requests, stay)
    found = plan(grid, Budget(half, elapsed_s, 0.0), tell)
    sessions = [*stay, *read_sessions(found.calendar)]
    upper_bound = bound(make_grid(instance, wanted), Budget(effort, elapsed_s, _RESERVE_S), _REPLAN_ROUNDS)
    return sessions, upper_bound


def read_sessions(calendar: Calendar) -> list[Session]:
    """Write a calendar as sessions with real studios."""
    grid = calendar.grid
    studio_of = assign_studios([place for _, place in calendar.placed.values()], grid)
    return [
        Session(
            request=grid.requests[r].id,
            streamer=grid.instance.streamers[streamer].id,
            studio=grid.instance.studios[studio_of[r]].id,
            start_minute=int(grid.minute[place.point]),
            slots=int(grid.length[r]),
        )
        for r, (streamer, place) in calendar.placed.items()
    ]
