"""Opens a statement that is a workbook: its columns in bulk, or value by value where that is not sure."""

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from county.sheets import CellTrouble, CloseLook, Value, cell_text, read_grid
from county.sheets.columns import Cells, read_columns
from county.sheets.contents import SEPARATOR
from county.sheets.scanning import Wanted
from logistics.statements.parsers.cells import MARK_OTHER_TYPE, MARKS, TOTAL_LETTER, has_total_word
from logistics.statements.parsers.copying import ExactTexts, Texts, write_out
from logistics.statements.parsers.headings import find_layout
from logistics.statements.parsers.opened import (
    HEAD_ROWS,
    LIMITS,
    OpenedStatement,
    fields_of,
    find_totals,
    is_money,
    own_table,
)
from logistics.statements.types import Layout


def open_workbook(path: Path, *, workspace: Path) -> OpenedStatement:
    """Open a workbook and find its header; refuses as `open_statement`."""
    layouts: list[Layout] = []

    def choose(head: list[Cells]) -> Wanted:
        layout = find_layout([_in_a_row(_without_lost(cells)) for cells in head], name=str(path))
        layouts.append(layout)
        fields = fields_of(layout)
        return Wanted(
            below=layout.header_row,
            columns=tuple(column.at for _, column in fields),
            texts=tuple(_writer_of(name) for name, _ in fields),
            amounts=frozenset(column.at for name, column in fields if is_money(name)),
        )

    plain = workspace / "statement.columns.csv"
    look = CloseLook(TOTAL_LETTER, has_total_word)
    file = read_columns(path, look=look, choose=choose, target=plain, limits=LIMITS)
    if file is None:
        return _open_grid(path, workspace=workspace)
    layout = layouts[-1]
    known = {row: _in_a_row(cells, width=layout.width) for row, cells in file.close.items()}

    def cells_of(wanted: Iterable[int]) -> dict[int, list[str]]:
        numbers = set(wanted)
        others = file.find_rows(numbers - known.keys())
        return {row: known.get(row) or _in_a_row(others.get(row, {}), width=layout.width) for row in numbers}

    hidden = tuple(row for row in file.hidden_rows if row > layout.header_row)
    table = own_table(plain, fields_of(layout), separator=SEPARATOR)
    return OpenedStatement(
        layout, table, find_totals(known, layout), cells_of, None, hidden, file.hidden_sheets
    )


def _without_lost(cells: Cells) -> Cells:
    return {at: value for at, value in cells.items() if not isinstance(value, CellTrouble)}


def _in_a_row(cells: Cells, *, width: int = 0) -> list[str]:
    """Write cells as texts from the first column on; a cell whose content is lost is not blank."""
    texts = [""] * max(width, max(cells, default=-1) + 1)
    for at, value in cells.items():
        texts[at] = MARKS[value] if isinstance(value, CellTrouble) else cell_text(value)
    return texts


def _writer_of(name: str) -> Callable[[Value | CellTrouble], str]:
    known = ExactTexts() if name == "waybill" else Texts()

    def write(value: Value | CellTrouble) -> str:
        if isinstance(value, CellTrouble):
            return MARKS[value]
        # True and 1 are the same key.
        return MARK_OTHER_TYPE if isinstance(value, bool) else known[value]

    return write


def _open_grid(path: Path, *, workspace: Path) -> OpenedStatement:
    grid = read_grid(path, limits=LIMITS)
    head = [[cell_text(value) for value in row] for row in islice(grid.values, HEAD_ROWS)]
    layout = find_layout(head, name=str(path))
    marks = {place: MARKS[trouble] for place, trouble in grid.troubles.items()}
    opened = write_out(grid.values, layout=layout, marks=marks, workspace=workspace)
    hidden = tuple(row for row in grid.hidden_rows if row > layout.header_row)
    return OpenedStatement(
        layout, opened.table, opened.total_rows, opened.cells_of, None, hidden, grid.hidden_sheets
    )
