"""Chooses whole patterns: the integer program over columns, by branch and cut."""

from collections.abc import Iterable, Sequence

import highspy
import numpy as np

from livestream.planner.solver.master import Column, Limits, Part
from livestream.planner.solver.pricing import Place

_WHOLE = 0.5
_SLACK = 1e-6


class Program:
    """The integer program in its primal form, its rows being the limits that a part can touch."""

    def __init__(self, limits: Limits, part: Part, columns: Sequence[Column]) -> None:
        self._limits = limits
        touched = limits.touched(part)
        row_of = (touched.cumsum() - 1).tolist()
        self.farmers = np.flatnonzero(part.bonus)
        self._columns = columns
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        upper, none = part.right_side[touched], np.zeros(0)
        lower, starts = np.full(len(upper), -highspy.kHighsInf), np.zeros(len(upper), np.int32)
        self.solver.addRows(len(upper), lower, upper, 0, starts, none.astype(np.int32), none)
        for farmer in self.farmers:
            at = np.array([row_of[limits.blocks.farmer + farmer]], dtype=np.int32)
            self.solver.addCol(-float(part.bonus[farmer]), 0.0, 1.0, 1, at, np.ones(1))
        count = len(columns)
        starts, rows, amounts = limits.uses_of(columns, touched, row_of)
        worth = np.array([-limits.worth_of(column) for column in columns], dtype=np.float64)
        self.solver.addCols(count, worth, np.zeros(count), np.ones(count), len(rows), starts, rows, amounts)
        kinds = np.array([highspy.HighsVarType.kInteger] * count)
        first = len(self.farmers)
        self.solver.changeColsIntegrality(count, np.arange(first, first + count, dtype=np.int32), kinds)

    def offer(self, start: Sequence[Column]) -> None:
        """Begin from a choice that fits; its columns must be the first ones."""
        grid, farmers = self._limits.grid, self.farmers.tolist()
        shown = {int(grid.farmer[place.request]) for column in start for place in column.pattern}
        values = [float(farmer in shown) for farmer in farmers]
        values += [1.0] * len(start) + [0.0] * (len(self._columns) - len(start))
        solution = highspy.HighsSolution()
        solution.col_value = values
        self.solver.setSolution(solution)

    def chosen(self) -> list[Column] | None:
        """Give the columns of the best solution, None when there is none."""
        solution = self.solver.getSolution()
        if not solution.value_valid:
            return None
        amounts = np.array(solution.col_value)[len(self.farmers) :]
        return [self._columns[k] for k in np.flatnonzero(amounts > _WHOLE).tolist()]


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
    program = Program(limits, part, columns)
    program.solver.setOptionValue("mip_max_nodes", nodes)
    program.solver.setOptionValue("time_limit", max(limit_s, 0.01))
    program.offer(start)
    program.solver.run()
    proven = program.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    chosen = program.chosen()
    return (list(start) if chosen is None else chosen), proven
