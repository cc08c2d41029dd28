"""Plans sessions, from nothing or around a schedule that is kept, and checks every plan before giving it."""

from collections.abc import Callable, Sequence

from livestream.planner import rules
from livestream.planner.types import Effort, Instance, Progress, Schedule, Session

Report = Callable[[Progress], None]


def plan_sessions(
    instance: Instance, *, effort: Effort, elapsed_s: Callable[[], float], report: Report
) -> Schedule:
    """Plan all requests of an instance.

    Takes: `elapsed_s`, seconds since the command began; `report`, told of every step.
    Gives: a feasible schedule with a proven upper bound; with `effort.iterations` always the same one.
    """
    # The solver's libraries take a second to load: only those who plan pay for it.
    from livestream.planner.solver import schedule

    sessions, bound = schedule.plan_all(instance, effort, elapsed_s, report)
    return _finish(instance, sessions, bound, effort, elapsed_s(), cancelled=frozenset(), moved=None)


def replan_sessions(
    instance: Instance,
    *,
    kept: Sequence[Session],
    cancelled: frozenset[str],
    effort: Effort,
    elapsed_s: Callable[[], float],
    report: Report,
) -> Schedule:
    """Plan again around a schedule: fewest moves first, then the objective.

    Takes: `kept`, the sessions of the earlier schedule that were not cancelled, feasible or not any more;
    `cancelled`, requests that are no longer wanted.
    Gives: a feasible schedule whose `moved` lists every kept session that changed or lost its place.
    """
    from livestream.planner.solver import schedule

    sessions, bound = schedule.plan_around(instance, kept, cancelled, effort, elapsed_s, report)
    now_at = {session.request: session for session in sessions}
    moved = [session.request for session in kept if now_at.get(session.request) != session]
    return _finish(instance, sessions, bound, effort, elapsed_s(), cancelled=cancelled, moved=moved)


def _finish(
    instance: Instance,
    sessions: Sequence[Session],
    bound: int,
    effort: Effort,
    seconds: float,
    *,
    cancelled: frozenset[str],
    moved: Sequence[str] | None,
) -> Schedule:
    rules.require_feasible(sessions, instance)
    objective = rules.objective_of(sessions, instance)
    rules.require_bounded(objective, bound)
    return Schedule(
        sessions=tuple(sorted(sessions, key=lambda session: (session.start_minute, session.request))),
        unplaced=tuple(rules.explain_unplaced(sessions, instance, leave_out=cancelled)),
        objective=objective,
        upper_bound=bound,
        gap_bp=rules.gap_bp_of(objective, bound),
        seconds=seconds,
        seed=effort.seed,
        moved=moved,
    )
