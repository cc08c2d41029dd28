"""Opens a courier's statement, CSV or XLSX in any layout, as a table of texts that DuckDB can read.

A sound CSV is read as it is; a workbook, or a CSV with blank lines or line ends inside cells, is first
written out with only the columns that count.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from county.sheets import PreparedCsv, SheetFormat, Value, prepare_csv
from county.sheets.delimited import detect_encoding, iter_csv_rows
from county.sheets.reading import sheet_format
from logistics.statements.parsers.cells import MARK_SHIFTED, TOTAL_LETTER, is_blank
from logistics.statements.parsers.copying import write_out
from logistics.statements.parsers.headings import find_layout
from logistics.statements.parsers.opened import (
    HEAD_ROWS,
    LIMITS,
    OpenedStatement,
    TextTable,
    fields_of,
    find_totals,
)
from logistics.statements.types import Layout


def open_statement(path: Path, *, workspace: Path) -> OpenedStatement:
    """Open a statement and find its header.

    Takes: `workspace`, a folder of the caller's own for copies.
    Refuses: `BadInput` for a file that cannot be opened or has no header that is understood.
    """
    if sheet_format(path) is SheetFormat.XLSX:
        # Loading numpy takes longer than reading most months as CSV.
        from logistics.statements.parsers.workbook import open_workbook

        return open_workbook(path, workspace=workspace)
    prepared = prepare_csv(path, workspace=workspace, limits=LIMITS, needle=TOTAL_LETTER)
    head = list(islice(iter_csv_rows(path, encoding=prepared.encoding, limits=LIMITS), HEAD_ROWS))
    layout = find_layout(head, name=str(path))
    return _open_plain_csv(path, prepared, layout=layout, workspace=workspace)


# --- a sound CSV ------------------------------------------------------------------------------


def _open_plain_csv(path: Path, prepared: PreparedCsv, *, layout: Layout, workspace: Path) -> OpenedStatement:
    header_lines = _lines_of_head(prepared.path, layout.header_row)
    to_row = layout.header_row - header_lines
    table = TextTable(
        path=prepared.path,
        fields={name: column.at for name, column in fields_of(layout)},
        width=layout.width,
        skip=header_lines,
        first_row=layout.header_row + 1,
        rows=prepared.lines - header_lines,
    )

    def cells_of(rows: Iterable[int]) -> dict[int, list[str]]:
        wanted = [row - to_row for row in rows]
        return {line + to_row: _cells(text) for line, text in _lines(prepared, wanted)}

    def rewrite() -> OpenedStatement:
        return _open_odd_csv(path, layout=layout, workspace=workspace)

    found = {line + to_row: _cells(text) for line, text in prepared.found if line > header_lines}
    return OpenedStatement(layout, table, find_totals(found, layout), cells_of, rewrite)


def _lines_of_head(path: Path, rows: int) -> int:
    """Count the lines that the first rows take, more than the rows when a cell holds a line end."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        for _ in islice(reader, rows):
            pass
        return reader.line_num


def _cells(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("utf-8", errors="replace")]), [])


def _lines(prepared: PreparedCsv, wanted: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """Give some lines of a file; the last ones, mostly remarks, are found without reading all."""
    numbers = set(wanted)
    if not numbers:
        return
    tail = prepared.tail()
    if min(numbers) > prepared.lines - len(tail):
        first = prepared.lines - len(tail) + 1
        yield from ((number, line) for number, line in enumerate(tail, start=first) if number in numbers)
        return
    with prepared.path.open("rb") as file:
        for number, line in enumerate(islice(file, max(numbers)), start=1):
            if number in numbers:
                yield number, line


# --- any other CSV, through Python ------------------------------------------------------------


def _open_odd_csv(path: Path, *, layout: Layout, workspace: Path) -> OpenedStatement:
    encoding = detect_encoding(path, limits=LIMITS)
    rows: list[list[Value]] = [list(cells) for cells in iter_csv_rows(path, encoding=encoding, limits=LIMITS)]
    # A comma that is not in quotation marks makes a row longer than the others and moves its cells.
    lengths = Counter(len(cells) for cells in rows[layout.header_row :] if cells)
    usual = max(layout.width, max(lengths, key=lambda length: (lengths[length], -length), default=0))
    marks = {
        (number, layout.charges[0].at): MARK_SHIFTED
        for number, cells in enumerate(rows, start=1)
        if number > layout.header_row and _is_shifted(cells, width=layout.width, usual=usual)
    }
    return write_out(rows, layout=layout, marks=marks, workspace=workspace)


def _is_shifted(cells: Sequence[Value], *, width: int, usual: int) -> bool:
    return len(cells) > usual or any(not is_blank(str(cell)) for cell in cells[width:])
