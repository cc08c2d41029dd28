"""Between the instance and the solver's arrays: requests in, real sessions out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from livestream.planner import rules
from livestream.planner.solver.budget import Budget
from livestream.planner.solver.calendar import Calendar
from livestream.planner.solver.grid import Grid, make_grid, make_remaining_grid
from livestream.planner.solver.keeping import keep_most
from livestream.planner.solver.plan import bound, plan
from livestream.planner.solver.pricing import Place
from livestream.planner.solver.studios import assign_studios
from livestream.planner.types import Effort, Instance, Progress, Session

Report = Callable[[Progress], None]

# What is not search: starting the program, colouring, checking, reasons, writing.
_RESERVE_S = 0.5
# Somebody waits for a re-plan; what it may change is small, so more time would find nothing.
_REPLAN_S = 2.2
_SHARE_FOR_PLACES = 0.4
_REPLAN_ROUNDS = 20


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

    grid = make_remaining_grid(instance, open_requests, stay)
    found = plan(grid, Budget(_first_part(effort, elapsed_s()), elapsed_s), tell)
    sessions = [*stay, *read_sessions(found.calendar)]
    known = write_calendar(make_grid(instance, wanted), sessions)
    return sessions, bound(known, Budget(effort, elapsed_s, _RESERVE_S), _REPLAN_ROUNDS)


def _first_part(effort: Effort, now_s: float) -> Effort:
    if effort.limit_s is None:
        return effort
    return replace(effort, limit_s=now_s + (effort.limit_s - now_s) * _SHARE_FOR_PLACES)


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


def write_calendar(grid: Grid, sessions: Sequence[Session]) -> Calendar:
    """Write feasible sessions into a calendar of this grid."""
    instance = grid.instance
    requests = {request.id: r for r, request in enumerate(grid.requests)}
    streamers = {streamer.id: s for s, streamer in enumerate(instance.streamers)}
    studios = {instance.studios[k].id: pool for pool, of in enumerate(grid.pools.studios) for k in of}
    calendar = Calendar(grid)
    for session in sessions:
        point = int(np.searchsorted(grid.minute, session.start_minute))
        place = Place(requests[session.request], point, studios[session.studio])
        calendar.add(streamers[session.streamer], place)
    return calendar
