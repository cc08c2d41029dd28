"""Writing workbooks that no spreadsheet program will execute: text stays text, numbers stay numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

_STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
_CELL_CHARACTERS = 32_767


@dataclass(frozen=True)
class Amount:
    """An amount of money for a cell: whole fen, written as a number in yuan with two decimals."""

    fen: int


Cell = str | int | float | date | Amount | None


def safe_text(text: str) -> str:
    """Make a text safe for a cell: what a spreadsheet could take for a formula gets a leading apostrophe."""
    clean = _CONTROL.sub("", text)
    guarded = f"'{clean}" if clean.startswith(_STARTS_OF_FORMULAS) else clean
    return guarded[:_CELL_CHARACTERS]


def write_workbook(path: Path, sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> None:
    """Write an XLSX workbook, one named sheet of rows after the other, in little memory.

    Takes: `sheets`, pairs of title and rows; a row is texts, numbers, dates, `Amount`s and `None`.
    Gives: texts through `safe_text`; numbers as numbers; amounts in yuan with the format `0.00`.
    """
    # Loading openpyxl takes half a second: readers do not wait for it.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = workbook.create_sheet(_NOT_IN_TITLES.sub(" ", title)[:31])

        def written(cell: Cell, sheet: Any = sheet) -> Any:
            if isinstance(cell, str):
                return safe_text(cell)
            if isinstance(cell, Amount):
                amount = WriteOnlyCell(sheet, value=Decimal(cell.fen) / 100)
                amount.number_format = "0.00"
                return amount
            return cell

        for row in rows:
            sheet.append([written(cell) for cell in row])
    workbook.save(path)
