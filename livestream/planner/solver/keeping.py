"""Which sessions of an earlier schedule can stay exactly where they are: as many as possible."""

from collections import defaultdict
from collections.abc import Sequence

import highspy
import numpy as np

from livestream.planner import rules
from livestream.planner.types import DAY_MINUTES, WEEK_DAYS, Instance, Session

_WHOLE = 0.5


def keep_most(kept: Sequence[Session], instance: Instance) -> list[Session]:
    """Choose a largest set of sessions that is feasible without moving any; the worthier among equals.

    Cost: nothing to solve in the usual case that all can stay; else an integer program over the sessions.
    """
    able = [session for session in kept if not rules.faults_alone(session, instance)]
    if not rules.faults_together(able, instance):
        return able
    return _solve(able, instance)


def _solve(sessions: list[Session], instance: Instance) -> list[Session]:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    worth = [rules.objective_of([session], instance) for session in sessions]
    for one in worth:
        # One session more counts for more than all worth together.
        solver.addVar(0.0, 1.0)
        solver.changeColCost(solver.getNumCol() - 1, -1.0 - one / (1.0 + sum(worth)))
    count = len(sessions)
    kinds = np.array([highspy.HighsVarType.kInteger] * count)
    solver.changeColsIntegrality(count, np.arange(count, dtype=np.int32), kinds)
    for members, amounts, most in _limits(sessions, instance):
        columns = np.array(members, dtype=np.int32)
        solver.addRow(-highspy.kHighsInf, most, len(members), columns, np.array(amounts, dtype=np.float64))
    solver.run()
    values = solver.getSolution().col_value
    return [session for session, value in zip(sessions, values, strict=True) if value > _WHOLE]


def _limits(sessions: list[Session], instance: Instance) -> list[tuple[list[int], list[int], int]]:
    day_of, week_of, product_of = defaultdict(list), defaultdict(list), defaultdict(list)
    for k, session in enumerate(sessions):
        day = session.start_minute // DAY_MINUTES
        day_of[session.streamer, day].append(k)
        week_of[session.streamer, day // WEEK_DAYS].append(k)
        for product in instance.request_by_id[session.request].products:
            product_of[product].append(k)
    people = instance.streamer_by_id
    slots = [session.slots for session in sessions]
    rows = [(of, [slots[k] for k in of], people[who].max_slots_per_day) for (who, _), of in day_of.items()]
    rows += [(of, [slots[k] for k in of], people[who].max_slots_per_week) for (who, _), of in week_of.items()]
    rows += [(of, [1] * len(of), instance.products[id].sessions) for id, of in product_of.items()]
    rows += _cliques(sessions, [s.streamer for s in sessions], instance.rest_slots, instance)
    return rows + _cliques(sessions, [s.studio for s in sessions], instance.turnaround_slots, instance)


def _cliques(
    sessions: list[Session], owners: list[str], gap_slots: int, instance: Instance
) -> list[tuple[list[int], list[int], int]]:
    """Of the sessions that would run, or need their gap, when one starts, at most one can stay."""
    of_owner = defaultdict(list)
    for k, owner in enumerate(owners):
        of_owner[owner].append(k)
    rows = []
    for members in of_owner.values():
        for k in members:
            at = sessions[k].start_minute
            running = [m for m in members if _runs(sessions[m], at, gap_slots, instance)]
            if len(running) > 1:
                rows.append((running, [1] * len(running), 1))
    return rows


def _runs(session: Session, minute: int, gap_slots: int, instance: Instance) -> bool:
    until = session.start_minute + (session.slots + gap_slots) * instance.slot_minutes
    return session.start_minute <= minute < until
