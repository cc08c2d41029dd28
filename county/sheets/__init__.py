"""Tables from outside, CSV or XLSX: opened safely, read with row numbers, written without injection.

Four ways in, all refusing bad files with `county.errors.BadInput` (`FILE:LINE` and what was expected):

- `read_sheet(path, limits=...)` gives a `Sheet`: every non-blank row as text cells with its row number, what
  is wrong with single cells (formula without a value, merged, error value), hidden rows and hidden sheets.
  For product lists, couriers' daily parcel files and anything up to some 100,000 rows.
- `stream_rows(path, limits=...)` gives the same rows one at a time, without holding a CSV in memory.
- `prepare_csv(path, workspace=..., limits=...)` and `read_grid(path, limits=...)` are for millions of rows: a
  checked UTF-8 file for DuckDB, and the raw values of a workbook's first sheet.
- `county.sheets.columns.read_columns` takes single columns of a workbook in bulk; it stands apart, because it
  loads numpy, which the others can do without.

`write_workbook` writes XLSX and `safe_text` is the rule against cells that a spreadsheet would execute.
"""

from county.sheets.delimited import PreparedCsv, as_utf8, prepare_csv
from county.sheets.reading import cell_text, read_sheet, stream_rows
from county.sheets.types import CellTrouble, CloseLook, Grid, Limits, Sheet, SheetFormat, SheetRow, Value
from county.sheets.workbook import read_grid
from county.sheets.writing import Amount, safe_text, write_workbook

__all__ = [
    "Amount",
    "CellTrouble",
    "CloseLook",
    "Grid",
    "Limits",
    "PreparedCsv",
    "Sheet",
    "SheetFormat",
    "SheetRow",
    "Value",
    "as_utf8",
    "cell_text",
    "prepare_csv",
    "read_grid",
    "read_sheet",
    "safe_text",
    "stream_rows",
    "write_workbook",
]
