"""What a table from outside is made of: rows with their numbers, troubled cells, limits."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

Value = str | int | float | bool | date | datetime | time | timedelta


class SheetFormat(StrEnum):
    """The kinds of table files that are read."""

    CSV = "csv"
    XLSX = "xlsx"


class CellTrouble(StrEnum):
    """Why a cell's content cannot be trusted although the file itself is sound."""

    FORMULA_WITHOUT_VALUE = "formula_without_value"
    MERGED = "merged"
    ERROR_VALUE = "error_value"


@dataclass(frozen=True)
class Limits:
    """How big a table may be before it is refused unread.

    Source: rows and cell length are Excel's own limits (Excel specifications and limits, Microsoft).
    """

    rows: int = 1_048_576
    columns: int = 702
    cell_characters: int = 32_767
    file_bytes: int = 1 << 30
    unpacked_bytes: int = 2 << 30
    parts: int = 2_000
    # The workbook reader keeps one value for every place of the used rectangle, written or not.
    places: int = 48_000_000


@dataclass(frozen=True)
class CloseLook:
    """Which texts make a row worth a closer look: those with `letter` in them for which `is_due` says so."""

    letter: str
    is_due: Callable[[str], bool]


@dataclass(frozen=True)
class SheetRow:
    """One non-blank row: `number` counts from 1 as a spreadsheet does; `cells` are texts, blank ones `""`."""

    number: int
    cells: tuple[str, ...]
    troubles: Mapping[int, CellTrouble] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a file, every non-blank row in order, and what the eye would not see."""

    name: str
    format: SheetFormat
    encoding: str
    rows: tuple[SheetRow, ...]
    hidden_rows: tuple[int, ...] = ()
    hidden_sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """The raw values of a workbook's first sheet.

    `values` are its rows from row 1 on, a list of the columns from the first on, blank = `""`; the lists may
    be of different length. They are made as one goes through them, as often as one likes.
    `troubles` is keyed by (row number, column from 0).
    """

    name: str
    sheet: str
    values: Iterable[list[Value]]
    troubles: Mapping[tuple[int, int], CellTrouble]
    hidden_rows: tuple[int, ...]
    hidden_sheets: tuple[str, ...]
