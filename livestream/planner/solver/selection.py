"""Chooses whole patterns: the integer program over columns, by branch and cut."""

from collections.abc import Iterable, Sequence

import highspy
import numpy as np

from livestream.planner.solver.master import Column, Limits, Part, Program
from livestream.planner.solver.pricing import Place

_WHOLE = 0.5
_SLACK = 1e-6


def trim(limits: Limits, part: Part, columns: Iterable[Column]) -> list[Column]:
    """Cut patterns down to the sessions that the part can still take; keep those that fit by themselves."""
    fitting: dict[tuple[int, Place], bool] = {}

    def fits(row: int, place: Place) -> bool:
        key = (row, place)
        if key not in fitting:
            fitting[key] = _fits_alone(limits, part, Column(row, (place,)))
        return fitting[key]

    cut = (Column(c.row, tuple(p for p in c.pattern if fits(c.row, p))) for c in columns if part.rows[c.row])
    return [c for c in dict.fromkeys(cut) if c.pattern and _fits_alone(limits, part, c)]


def _fits_alone(limits: Limits, part: Part, column: Column) -> bool:
    if not all(part.requests[place.request] for place in column.pattern):
        return False
    return all(amount <= part.right_side[row] + _SLACK for row, amount in limits.use_of(column).items())


def select(
    limits: Limits,
    part: Part,
    columns: Sequence[Column],
    *,
    start: Sequence[Column],
    limit_s: float,
    nodes: int,
) -> tuple[list[Column], bool]:
    """Choose columns of highest worth that fit together in this part.

    Takes: `columns` that fit by themselves; `start`, a choice that fits, to begin with.
    Gives: the best choice found within `limit_s` seconds and `nodes` nodes, and whether it is proven best.
    """
    columns = list(dict.fromkeys([*start, *columns]))
    if not columns:
        return [], True
    program = Program(limits, part)
    program.add(columns)
    solver = program.solver
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_max_nodes", nodes)
    count, first = len(columns), len(program.farmers)
    kinds = np.array([highspy.HighsVarType.kInteger] * count)
    solver.changeColsIntegrality(count, np.arange(first, first + count, dtype=np.int32), kinds)
    _offer_start(program, count, start)
    program.limit_time(limit_s)
    solver.run()
    proven = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if not solver.getSolution().value_valid:
        return list(start), proven
    return [columns[k] for k in np.flatnonzero(program.amounts() > _WHOLE)], proven


def _offer_start(program: Program, count: int, start: Sequence[Column]) -> None:
    grid = program.limits.grid
    shown = {int(grid.farmer[place.request]) for column in start for place in column.pattern}
    values = np.zeros(len(program.farmers) + count)
    values[: len(program.farmers)] = [farmer in shown for farmer in program.farmers.tolist()]
    values[len(program.farmers) : len(program.farmers) + len(start)] = 1.0
    solution = highspy.HighsSolution()
    solution.col_value = values.tolist()
    program.solver.setSolution(solution)
