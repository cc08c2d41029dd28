"""Reads a courier's statement, CSV or XLSX in any layout, into DuckDB as texts with row numbers.

A sound CSV is read by DuckDB directly; a workbook or a CSV with blank lines or line ends inside cells is
first written out with only the columns that count. Both end in the same table `raw`: `row`, `waybill`,
`kind`, `weight`, `province`, `cod` and the charges `c0`, `c1`, … as the cells say them.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import duckdb

from county.errors import BadInput, Fault
from county.sheets import (
    CellTrouble,
    Limits,
    PreparedCsv,
    SheetFormat,
    Value,
    cell_text,
    prepare_csv,
    read_grid,
)
from county.sheets.delimited import iter_csv_rows
from county.sheets.reading import sheet_format
from logistics.statements.parsers.cells import (
    MARK_LONG_NUMBER,
    MARK_OTHER_TYPE,
    MARK_SHIFTED,
    MARKS,
    is_blank,
    says_total,
)
from logistics.statements.parsers.headings import find_layout
from logistics.statements.types import Column, Layout

LIMITS = Limits()
_HEAD_ROWS = 200
_MANY = 100_000

Cells = Callable[[Iterable[int]], dict[int, list[str]]]


@dataclass(frozen=True)
class LoadedStatement:
    """A statement whose rows below the header are in the view `statement`.

    `total_rows` say that they are totals; `cells_of` gives the full texts of some rows for a closer look.
    """

    layout: Layout
    total_rows: tuple[int, ...]
    cells_of: Cells
    hidden_rows: tuple[int, ...] = ()
    hidden_sheets: tuple[str, ...] = ()


def load_statement(connection: duckdb.DuckDBPyConnection, path: Path, *, workspace: Path) -> LoadedStatement:
    """Read a statement into the table `raw`.

    Refuses: `BadInput` for a file that cannot be opened, has no header that is understood, or no rows.
    """
    if sheet_format(path) is SheetFormat.XLSX:
        return _load_workbook(connection, path, workspace=workspace)
    prepared = prepare_csv(path, workspace=workspace, limits=LIMITS, needle="计")
    head = list(islice(iter_csv_rows(path, encoding=prepared.encoding, limits=LIMITS), _HEAD_ROWS))
    layout = find_layout(head, name=str(path))
    return _load_plain_csv(connection, prepared, layout=layout) or _load_odd_csv(
        connection, path, encoding=prepared.encoding, layout=layout, workspace=workspace
    )


def _fields(layout: Layout) -> list[tuple[str, Column]]:
    """Name the columns of `raw` and say where each comes from."""
    single = {
        "waybill": layout.waybill,
        "kind": layout.kind,
        "weight": layout.weight,
        "province": layout.province,
        "cod": layout.cod,
    }
    charges = {f"c{index}": column for index, column in enumerate(layout.charges)}
    return [(name, column) for name, column in (single | charges).items() if column is not None]


def _select(layout: Layout, *, sources: Sequence[str]) -> str:
    named = dict(zip([name for name, _ in _fields(layout)], sources, strict=True))
    missing = [
        f"NULL::VARCHAR AS {name}" for name in ("kind", "weight", "province", "cod") if name not in named
    ]
    return ", ".join([*(f"{source} AS {name}" for name, source in named.items()), *missing])


# --- CSV read by DuckDB -----------------------------------------------------------------------


def _load_plain_csv(
    connection: duckdb.DuckDBPyConnection, prepared: PreparedCsv, *, layout: Layout
) -> LoadedStatement | None:
    """Read the file by DuckDB; `None` when its lines are not simply its rows."""
    header_lines = _lines_of_head(prepared.path, layout.header_row)
    types = {f"f{at}": "VARCHAR" for at in range(layout.width)}
    columns = _select(layout, sources=[f"f{column.at}" for _, column in _fields(layout)])
    first_row = layout.header_row + 1
    if len(prepared.found) > _MANY:
        return None
    try:
        connection.execute(
            f"""
            CREATE OR REPLACE TABLE raw AS
            SELECT {columns}
            FROM read_csv($path, auto_detect = false, header = false, skip = $skip, columns = {types},
                delim = ',', quote = '"', escape = '"', null_padding = true)
            """,
            {"path": str(prepared.path), "skip": header_lines},
        )
    except (duckdb.Error, UnicodeDecodeError):
        return None
    found = connection.execute("SELECT count(*) FROM raw").fetchone()
    if found is None or found[0] != prepared.lines - header_lines:
        return None
    connection.execute(
        f"CREATE OR REPLACE VIEW statement AS SELECT (rowid + {first_row})::INTEGER AS row, * FROM raw"
    )

    def cells_of(rows: Iterable[int]) -> dict[int, list[str]]:
        wanted = {row - layout.header_row + header_lines: row for row in rows}
        return {wanted[line]: cells for line, cells in _lines(prepared.path, wanted)}

    candidates = [line - header_lines + layout.header_row for line in prepared.found if line > header_lines]
    return LoadedStatement(layout, _totals(cells_of(candidates), layout), cells_of)


def _lines_of_head(path: Path, rows: int) -> int:
    """Count the lines that the first rows take, more than the rows when a cell holds a line end."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        for _ in islice(reader, rows):
            pass
        return reader.line_num


def _lines(path: Path, wanted: Iterable[int]) -> Iterator[tuple[int, list[str]]]:
    numbers = set(wanted)
    if not numbers:
        return
    last = max(numbers)
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, last), start=1):
            if number in numbers:
                yield number, next(csv.reader([line.decode("utf-8", errors="replace")]), [])


def _totals(rows: dict[int, list[str]], layout: Layout) -> tuple[int, ...]:
    at = layout.waybill.at
    return tuple(
        row for row, cells in rows.items() if says_total(cells, waybill=cells[at] if at < len(cells) else "")
    )


# --- anything else, through Python ------------------------------------------------------------


def _load_odd_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, *, encoding: str, layout: Layout, workspace: Path
) -> LoadedStatement:
    rows: list[list[str]] = []
    shifted: list[int] = []
    for number, cells in enumerate(iter_csv_rows(path, encoding=encoding, limits=LIMITS), start=1):
        if number > layout.header_row and any(not is_blank(cell) for cell in cells[layout.width :]):
            shifted.append(number)
        rows.append(cells)
    marks = {(row, layout.charges[0].at): MARK_SHIFTED for row in shifted}
    return _load_rows(connection, rows, layout=layout, marks=marks, workspace=workspace)


def _load_workbook(connection: duckdb.DuckDBPyConnection, path: Path, *, workspace: Path) -> LoadedStatement:
    grid = read_grid(path, limits=LIMITS)
    head = [[cell_text(value) for value in row] for row in islice(grid.values, _HEAD_ROWS)]
    layout = find_layout(head, name=str(path))
    marks = {place: MARKS[trouble] for place, trouble in grid.troubles.items()}
    loaded = _load_rows(connection, grid.values, layout=layout, marks=marks, workspace=workspace)
    hidden = tuple(row for row in grid.hidden_rows if row > layout.header_row)
    return LoadedStatement(layout, loaded.total_rows, loaded.cells_of, hidden, grid.hidden_sheets)


def _load_rows(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Sequence[Value]],
    *,
    layout: Layout,
    marks: dict[tuple[int, int], str],
    workspace: Path,
) -> LoadedStatement:
    body = rows[layout.header_row :]
    first = layout.header_row + 1
    fields = _fields(layout)
    texts = [_texts(body, column, is_exact=name == "waybill") for name, column in fields]
    for (row, at), mark in marks.items():
        for (name, column), text in zip(fields, texts, strict=True):
            # A merged waybill number still is one for its first row; an amount in a merged cell is nobody's.
            is_money = name[0] == "c"
            if column.at == at and first <= row < first + len(body) and (is_money or mark != _MERGED):
                text[row - first] = mark
    plain = workspace / "statement.columns.csv"
    with plain.open("w", encoding="utf-8", newline="", errors="replace") as file:
        csv.writer(file, lineterminator="\n").writerows(
            zip(range(first, first + len(body)), *texts, strict=True)
        )
    types = {"row": "INTEGER"} | {f"f{index}": "VARCHAR" for index in range(len(fields))}
    columns = _select(layout, sources=[f"f{index}" for index in range(len(fields))])
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE raw AS
        SELECT row, {columns}
        FROM read_csv($path, auto_detect = false, header = false, columns = {types},
            delim = ',', quote = '"', escape = '"')
        """,
        {"path": str(plain)},
    )
    connection.execute("CREATE OR REPLACE VIEW statement AS SELECT * FROM raw")

    def cells_of(numbers: Iterable[int]) -> dict[int, list[str]]:
        return {number: _row_texts(rows, number, marks, layout) for number in numbers}

    candidates = [
        number
        for number, (row, waybill) in enumerate(zip(body, texts[0], strict=True), start=first)
        if not _JUST_TOTAL.isdisjoint(row) or (not waybill.isalnum() and _mentions_total(row))
    ]
    return LoadedStatement(layout, _totals(cells_of(candidates), layout), cells_of)


_MERGED = MARKS[CellTrouble.MERGED]
_JUST_TOTAL = frozenset(f"{word}{end}" for word in ("合计", "总计", "小计") for end in ("", ":", "："))


def _mentions_total(row: Sequence[Value]) -> bool:
    return any(type(value) is str and "计" in value for value in row)


def _row_texts(
    rows: Sequence[Sequence[Value]], number: int, marks: dict[tuple[int, int], str], layout: Layout
) -> list[str]:
    cells = [cell_text(value) for value in rows[number - 1]]
    cells += [""] * (layout.width - len(cells))
    for at, cell in enumerate(cells):
        mark = marks.get((number, at))
        # A cell whose content is lost is not blank; one that is merely covered by a merged cell is.
        if mark and mark != _MERGED and is_blank(cell):
            cells[at] = mark
    return cells


def _texts(body: Sequence[Sequence[Value]], column: Column, *, is_exact: bool) -> list[str]:
    """Take one column as texts, marking values that are no text and no number."""
    at = column.at
    values = [row[at] if at < len(row) else "" for row in body]
    known: _Texts | _ExactTexts = _ExactTexts() if is_exact else _Texts()
    if bool in set(map(type, values)):
        # True and 1 are the same key.
        return [known[value] if type(value) is not bool else MARK_OTHER_TYPE for value in values]
    return [known[value] for value in values]


class _Texts(dict[Value, str]):
    """Texts of values, each worked out once."""

    def __missing__(self, value: Value) -> str:
        text = MARK_OTHER_TYPE if isinstance(value, date | datetime | time | timedelta) else cell_text(value)
        self[value] = text
        return text


class _ExactTexts(_Texts):
    """Texts of waybill numbers: a number cell holds 15 digits, what is longer was cut."""

    def __missing__(self, value: Value) -> str:
        if isinstance(value, float) and abs(value) >= 1e15:
            is_whole = value < 2**53 and int(value) % 10 != 0
            text = str(int(value)) if is_whole else MARK_LONG_NUMBER
            self[value] = text
            return text
        return super().__missing__(value)


def require_rows(loaded: LoadedStatement, *, rows: int, name: str) -> None:
    """Refuse a statement without a single row below its header."""
    if rows == 0:
        what = f"no rows below the header on row {loaded.layout.header_row}; expected at least one charge"
        raise BadInput([Fault(f"{name}:{loaded.layout.header_row}", what)])
