"""Opens a courier's statement, CSV or XLSX in any layout, as a table of texts that DuckDB can read.

A sound CSV is read as it is; a workbook, or a CSV with blank lines or line ends inside cells, is first
written out with only the columns that count.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import compress, islice
from operator import and_, itemgetter, not_
from pathlib import Path
from typing import cast

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
from county.sheets.delimited import detect_encoding, iter_csv_rows
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
_BLOCK = 4096
_MERGED = MARKS[CellTrouble.MERGED]
_JUST_TOTAL = frozenset(f"{word}{end}" for word in ("合计", "总计", "小计") for end in ("", ":", "："))

CellsOf = Callable[[Iterable[int]], dict[int, list[str]]]


@dataclass(frozen=True)
class TextTable:
    """Where the statement's texts are, in words that DuckDB understands.

    `fields` says which field of the file (from 0) holds `waybill`, `kind`, `weight`, `province`, `cod`
    and the charges `c0`, `c1`, …; `width` is the number of fields. With `row_field` the file tells the row
    numbers itself, else they count from `first_row` and there must be `rows` of them if the file is sound.
    """

    path: Path
    fields: dict[str, int]
    width: int
    skip: int = 0
    first_row: int = 1
    rows: int | None = None
    row_field: int | None = None


@dataclass(frozen=True)
class OpenedStatement:
    """A statement before its rows are looked at.

    `total_rows` say that they are totals; `cells_of` gives the full texts of some rows for a closer look;
    `rewrite` opens the same file the careful way when the table turns out not to be sound.
    """

    layout: Layout
    table: TextTable
    total_rows: tuple[int, ...]
    cells_of: CellsOf
    rewrite: Callable[[], "OpenedStatement"] | None = None
    hidden_rows: tuple[int, ...] = ()
    hidden_sheets: tuple[str, ...] = ()


def open_statement(path: Path, *, workspace: Path) -> OpenedStatement:
    """Open a statement and find its header.

    Takes: `workspace`, a folder of the caller's own for copies.
    Refuses: `BadInput` for a file that cannot be opened or has no header that is understood.
    """
    if sheet_format(path) is SheetFormat.XLSX:
        return _open_workbook(path, workspace=workspace)
    prepared = prepare_csv(path, workspace=workspace, limits=LIMITS, needle="计")
    head = list(islice(iter_csv_rows(path, encoding=prepared.encoding, limits=LIMITS), _HEAD_ROWS))
    layout = find_layout(head, name=str(path))
    return _open_plain_csv(path, prepared, layout=layout, workspace=workspace)


def _fields(layout: Layout) -> list[tuple[str, Column]]:
    """Name the columns that count as the tables call them."""
    single = {
        "waybill": layout.waybill,
        "kind": layout.kind,
        "weight": layout.weight,
        "province": layout.province,
        "cod": layout.cod,
    }
    charges = {f"c{index}": column for index, column in enumerate(layout.charges)}
    return [(name, column) for name, column in (single | charges).items() if column is not None]


# --- a sound CSV ------------------------------------------------------------------------------


def _open_plain_csv(path: Path, prepared: PreparedCsv, *, layout: Layout, workspace: Path) -> OpenedStatement:
    header_lines = _lines_of_head(prepared.path, layout.header_row)
    to_row = layout.header_row - header_lines
    table = TextTable(
        path=prepared.path,
        fields={name: column.at for name, column in _fields(layout)},
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
    return OpenedStatement(layout, table, _totals(found, layout), cells_of, rewrite)


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


def _totals(rows: dict[int, list[str]], layout: Layout) -> tuple[int, ...]:
    at = layout.waybill.at
    return tuple(
        row for row, cells in rows.items() if says_total(cells, waybill=cells[at] if at < len(cells) else "")
    )


# --- anything else, through Python ------------------------------------------------------------


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
    return _write_out(rows, layout=layout, marks=marks, workspace=workspace)


def _is_shifted(cells: Sequence[Value], *, width: int, usual: int) -> bool:
    return len(cells) > usual or any(not is_blank(str(cell)) for cell in cells[width:])


def _open_workbook(path: Path, *, workspace: Path) -> OpenedStatement:
    grid = read_grid(path, limits=LIMITS)
    head = [[cell_text(value) for value in row] for row in islice(grid.values, _HEAD_ROWS)]
    layout = find_layout(head, name=str(path))
    marks = {place: MARKS[trouble] for place, trouble in grid.troubles.items()}
    opened = _write_out(grid.values, layout=layout, marks=marks, workspace=workspace)
    hidden = tuple(row for row in grid.hidden_rows if row > layout.header_row)
    return OpenedStatement(
        layout, opened.table, opened.total_rows, opened.cells_of, None, hidden, grid.hidden_sheets
    )


def _write_out(
    rows: Iterable[list[Value]],
    *,
    layout: Layout,
    marks: dict[tuple[int, int], str],
    workspace: Path,
) -> OpenedStatement:
    """Write the columns that count into a CSV of their own, the row number first."""
    first = layout.header_row + 1
    fields = _fields(layout)
    columns, labels = _take(islice(rows, layout.header_row, None), [column.at for _, column in fields])
    texts = [
        _texts(values, is_exact=name == "waybill") for values, (name, _) in zip(columns, fields, strict=True)
    ]
    numbers = range(first, first + len(texts[0]))
    _mark(texts, fields, marks, rows=numbers)
    plain = workspace / "statement.columns.csv"
    with plain.open("w", encoding="utf-8", newline="", errors="replace") as file:
        csv.writer(file, lineterminator="\n").writerows(zip(numbers, *texts, strict=True))
    table = TextTable(
        path=plain,
        fields={name: index for index, (name, _) in enumerate(fields, start=1)},
        width=len(fields) + 1,
        row_field=0,
    )
    known = {first + at: _row_texts(row, first + at, marks, layout) for at, row in labels.items()}

    def cells_of(wanted: Iterable[int]) -> dict[int, list[str]]:
        found = set(wanted)
        missing = found - known.keys()
        last = max(missing, default=0)
        # Making the rows of a workbook anew takes a while; nearly all that are wanted are known.
        others = {
            number: _row_texts(row, number, marks, layout)
            for number, row in enumerate(islice(rows, last), start=1)
            if number in missing
        }
        return others | {number: known[number] for number in found & known.keys()}

    return OpenedStatement(layout, table, _totals(known, layout), cells_of)


def _take(
    body: Iterable[list[Value]], places: Sequence[int]
) -> tuple[list[list[Value]], dict[int, list[Value]]]:
    """Take some columns out of rows, the first of them that of the waybills, in one pass.

    Gives: the columns; and in full, by their place from 0, the rows that may be no charges: totals, remarks,
    blank ones, the header again.
    """
    width = max(places) + 1
    take, take_waybill = itemgetter(*places, places[0]), itemgetter(places[0])
    rows = iter(body)
    labels: dict[int, list[Value]] = {}
    taken: list[tuple[Value, ...]] = []
    # Whole blocks go through functions written in C; a step of Python for every row costs three times that.
    while block := list(islice(rows, _BLOCK)):
        if len(min(block, key=len)) < width:
            block = [row + [""] * (width - len(row)) for row in block]
        has_no_total = map(_JUST_TOTAL.isdisjoint, block)
        is_number = map(_is_plain_number, map(take_waybill, block))
        doubtful = map(not_, map(and_, has_no_total, is_number))
        labels.update(compress(enumerate(block, start=len(taken)), doubtful))
        taken += map(take, block)
    columns = [list(column) for column in zip(*taken, strict=True)][:-1] if taken else [[] for _ in places]
    return columns, labels


def _is_plain_number(waybill: Value) -> bool:
    """Tell whether a cell holds nothing but the number of a waybill, and is therefore no label."""
    return type(waybill) is not str or (waybill.isascii() and waybill.strip(" \t'").isalnum())


def _mark(
    texts: Sequence[list[str]],
    fields: Sequence[tuple[str, Column]],
    marks: dict[tuple[int, int], str],
    *,
    rows: range,
) -> None:
    """Write the marks of troubled cells over their texts.

    A merged waybill number still is one for its first row; an amount in a merged cell is nobody's.
    """
    by_column = {column.at: (name, text) for (name, column), text in zip(fields, texts, strict=True)}
    for (row, at), mark in marks.items():
        name, text = by_column.get(at, ("", []))
        is_money = name.startswith("c")
        if text and row in rows and (is_money or mark != _MERGED):
            text[row - rows.start] = mark


def _row_texts(
    row: Sequence[Value], number: int, marks: dict[tuple[int, int], str], layout: Layout
) -> list[str]:
    cells = [cell_text(value) for value in row]
    cells += [""] * (layout.width - len(cells))
    for at, cell in enumerate(cells):
        mark = marks.get((number, at))
        # A cell whose content is lost is not blank; one that is merely covered by a merged cell is.
        if mark and mark != _MERGED and is_blank(cell):
            cells[at] = mark
    return cells


def _texts(values: list[Value], *, is_exact: bool) -> list[str]:
    """Write one column as texts, marking values that are no text and no number."""
    known: dict[Value, str] = _ExactTexts() if is_exact else _Texts()
    kinds = set(map(type, values))
    if kinds == {str}:
        return cast(list[str], values)
    if bool in kinds:
        # True and 1 are the same key.
        return [known[value] if type(value) is not bool else MARK_OTHER_TYPE for value in values]
    if is_exact:
        return [value if type(value) is str else known[value] for value in values]
    # Amounts, weights and provinces are few different values.
    return list(map(known.__getitem__, values))


class _Texts(dict[Value, str]):
    """Texts of values, each worked out once."""

    def __missing__(self, value: Value) -> str:
        is_time = isinstance(value, date | datetime | time | timedelta)
        text = MARK_OTHER_TYPE if is_time else cell_text(value)
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
