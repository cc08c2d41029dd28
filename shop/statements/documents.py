"""Statements and reports as tables for a spreadsheet, safe to open, and as CSV or XLSX bytes."""

import csv
import io
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from county.money import format_yuan
from county.sheets import Amount, safe_text, write_workbook
from shop.statements.types import FileForm

Cell = str | int | date | Amount
TYPES = {
    FileForm.CSV: "text/csv",
    FileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def table_bytes(form: FileForm, *, title: str, rows: Sequence[Sequence[Cell]]) -> bytes:
    """Write a table whose first row is its head; texts become safe cells, amounts numbers in yuan."""
    if form is FileForm.CSV:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerows([_plain(cell) for cell in row] for row in rows)
        return ("\ufeff" + text.getvalue()).encode()
    with tempfile.TemporaryDirectory(prefix="statement-") as folder:
        path = Path(folder) / "table.xlsx"
        write_workbook(path, [(title, rows)])
        return path.read_bytes()


def _plain(cell: Cell) -> str | int:
    match cell:
        case Amount():
            return format_yuan(cell.fen)
        case date():
            return cell.isoformat()
        case str():
            return safe_text(cell)
    return cell
