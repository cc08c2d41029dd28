"""Reading any table into rows of text: the comfortable way in, for files that fit into memory."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from county.sheets.delimited import detect_encoding, iter_csv_rows, refuse, refuse_folder
from county.sheets.types import CellTrouble, Grid, Limits, Sheet, SheetFormat, SheetRow, Value
from county.sheets.workbook import read_grid


def read_sheet(path: Path, *, limits: Limits | None = None) -> Sheet:
    """Read the first sheet of a CSV or XLSX file as rows of text with their row numbers.

    Takes: `path`, whose ending says the format (`.csv`, `.xlsx`); `limits`, by default those of a statement.
    Gives: all non-blank rows; numbers as shortest text, dates as ISO text; see `Sheet`.
    Refuses: `BadInput` for a file that is not what its name says, broken, or beyond the limits.
    """
    limits = limits or Limits()
    if sheet_format(path) is SheetFormat.CSV:
        encoding = detect_encoding(path, limits=limits)
        return Sheet(str(path), SheetFormat.CSV, encoding, tuple(_csv_rows(path, encoding, limits)))
    grid = read_grid(path, limits=limits)
    rows = tuple(_grid_rows(grid))
    return Sheet(str(path), SheetFormat.XLSX, "utf-8", rows, grid.hidden_rows, grid.hidden_sheets)


def stream_rows(path: Path, *, limits: Limits | None = None) -> Iterator[SheetRow]:
    """Read the rows of `read_sheet` one at a time; a CSV of any length then needs little memory."""
    limits = limits or Limits()
    if sheet_format(path) is SheetFormat.CSV:
        yield from _csv_rows(path, detect_encoding(path, limits=limits), limits)
    else:
        yield from _grid_rows(read_grid(path, limits=limits))


def sheet_format(path: Path) -> SheetFormat:
    """Tell the format from the file's ending; refuses any other ending, and a folder."""
    refuse_folder(path)
    match path.suffix.casefold():
        case ".csv" | ".txt":
            return SheetFormat.CSV
        case ".xlsx" | ".xlsm":
            return SheetFormat.XLSX
    raise refuse(str(path), 1, f"the ending {path.suffix or '(none)'} is not known; expected .csv or .xlsx")


def cell_text(value: Value) -> str:
    """Write a workbook's value as text: no exponent, no trailing `.0`, ISO dates, TRUE and FALSE.

    A number keeps the 15 significant digits that a spreadsheet shows.
    """
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return f"{int(value)}" if value.is_integer() and abs(value) < 1e15 else _decimal_text(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


def _decimal_text(value: float) -> str:
    text = f"{value:.15g}"
    return f"{Decimal(text):f}" if "e" in text else text


def _csv_rows(path: Path, encoding: str, limits: Limits) -> Iterator[SheetRow]:
    for number, cells in enumerate(iter_csv_rows(path, encoding=encoding, limits=limits), start=1):
        if any(cell and not cell.isspace() for cell in cells):
            yield SheetRow(number, tuple(cells))


def _grid_rows(grid: Grid) -> Iterator[SheetRow]:
    hidden = frozenset(grid.hidden_rows)
    troubles: dict[int, dict[int, CellTrouble]] = {}
    for (row, column), trouble in grid.troubles.items():
        troubles.setdefault(row, {})[column] = trouble
    for number, values in enumerate(grid.values, start=1):
        cells = tuple(map(cell_text, values))
        own = troubles.get(number, {})
        has_lost_content = any(trouble is not CellTrouble.MERGED for trouble in own.values())
        if has_lost_content or any(cell and not cell.isspace() for cell in cells):
            yield SheetRow(number, cells, own, number in hidden)
