"""Opening XLSX workbooks safely and finding what the fast reader does not tell.

The fast reader (calamine) gives an empty text for a formula without a stored value and for an error value,
and does not know hidden rows; those are looked up in the sheet's own XML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from county.sheets.archive import (
    BROKEN,
    NO_SHEET,
    PASSWORD,
    cut_at_rows,
    list_sheets,
    open_archive,
    read_chunks,
    require_workbook,
)
from county.sheets.delimited import refuse
from county.sheets.types import CellTrouble, Grid, Limits, Value

# Patterns that begin with a fixed text run several times faster; a name space prefix (`<x:row`) is rare.
_ROW = re.compile(rb"<row\b([^>]*)>")
_PREFIXED_ROW = re.compile(rb"<\w+:row\b([^>]*)>")
_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_WIDE = re.compile(rb'r="([A-Z]{2,})[0-9]')
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*>')
_FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(<(?:\w+:)?v\b[^>]*(?:/>|></(?:\w+:)?v>))?\s*</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')


@dataclass
class Findings:
    """What the look into a sheet's XML has found so far."""

    rows: int = 0
    columns: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    troubles: dict[tuple[int, int], CellTrouble] = field(default_factory=dict)


class _Unplaced(Exception):
    """A troubled cell does not say where it stands."""


def read_grid(path: Path, *, limits: Limits) -> Grid:
    """Read the first sheet of an XLSX workbook as raw values.

    Refuses: `BadInput` for anything that is not a sound XLSX workbook without password, that unpacks to more
    than the limits allow, declares entities, or whose first sheet is larger than the limits.
    Cost: the time of calamine, and about a third of it for the look into the XML.
    """
    import python_calamine

    name = str(path)
    require_workbook(path, limits=limits)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            kinds = python_calamine.SheetTypeEnum
            sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == kinds.WorkSheet]
            if not sheets:
                raise refuse(name, 1, NO_SHEET)
            first = sheets[0].name
            findings = _look_into_sheet(path, sheet=first, limits=limits)
            table = workbook.get_sheet_by_name(first)
    except _Unplaced as error:
        raise refuse(
            name, 1, "cells that do not say where they stand; open and save the workbook once"
        ) from error
    except python_calamine.PasswordError as error:
        raise refuse(name, 1, PASSWORD) from error
    except (python_calamine.CalamineError, OSError) as error:
        raise refuse(name, 1, BROKEN) from error
    # Below the last value there may be rows that hold nothing but a troubled cell.
    last = min(max((row for row, _ in findings.troubles), default=0), findings.rows)
    visible = python_calamine.SheetVisibleEnum.Visible
    hidden_sheets = tuple(sheet.name for sheet in sheets if sheet.visible != visible)
    return Grid(
        name, first, _Rows(table, least=last), findings.troubles, tuple(findings.hidden_rows), hidden_sheets
    )


class _Rows:
    """The rows of a sheet as lists, made anew whenever one goes through them; all at once are many."""

    def __init__(self, table: Any, *, least: int) -> None:
        self._table = table
        self._blank_after = max(0, least - (table.end[0] + 1 if table.end else 0))

    def __iter__(self) -> Iterator[list[Value]]:
        left: list[Value] = [""] * (self._table.start[1] if self._table.start else 0)
        rows: Iterator[list[Value]] = self._table.iter_rows()
        blank: Iterator[list[Value]] = ([] for _ in range(self._blank_after))
        return chain((left + row for row in rows) if left else rows, blank)


def _look_into_sheet(path: Path, *, sheet: str, limits: Limits) -> Findings:
    """Find the sheet's size, hidden rows, merged cells, formulas without value and error values."""
    name = str(path)
    findings = Findings()
    with open_archive(path) as archive:
        part = next((own.part for own in list_sheets(archive, name=name) if own.name == sheet), None)
        if part is None:
            raise refuse(name, 1, BROKEN)
        for piece, is_last in cut_at_rows(read_chunks(archive, part, name=name), name=name):
            _look_into_rows(piece, findings)
            if is_last:
                look_into_merged(piece, findings, name=name, limits=limits)
            check_places(findings, name=name, limits=limits)
    return findings


def check_places(findings: Findings, *, name: str, limits: Limits) -> None:
    """Refuse a sheet with more rows, columns or places than the limits allow."""
    if findings.rows > limits.rows:
        raise refuse(name, limits.rows, f"more than {limits.rows} rows; split the file")
    if findings.columns > limits.columns:
        raise refuse(name, 1, f"{findings.columns} columns; at most {limits.columns} are expected")
    if findings.rows * findings.columns > limits.places:
        raise refuse(
            name,
            1,
            f"{findings.rows} rows by {findings.columns} columns; delete the empty far cells and save again",
        )


def _look_into_rows(xml: bytes, findings: Findings) -> None:
    """Take in the size, the hidden rows and the troubled cells of some rows of a sheet."""
    rows = _ROW.findall(xml) or (_PREFIXED_ROW.findall(xml) if b":row" in xml else [])
    attributes = b"\n".join(rows)
    numbers = [int(number) for number in _NUMBER.findall(attributes)]
    findings.rows = max([findings.rows + len(rows) - len(numbers), *numbers])
    if b"hidden=" in attributes and len(numbers) == len(rows):
        hidden = [number for number, row in zip(numbers, rows, strict=True) if _HIDDEN.search(row)]
        findings.hidden_rows.extend(hidden)
    wide = set(_WIDE.findall(xml))
    findings.columns = max([findings.columns, 26, *map(_column_number, wide)])
    if b't="e"' in xml:
        for cell in _ERROR_CELL.finditer(xml):
            findings.troubles[_place(cell[0])] = CellTrouble.ERROR_VALUE
    # Looking for one letter first is ten times faster, and most sheets have no small f in their marks.
    if b"f" in xml and (b"<f" in xml or b":f" in xml):
        for cell in _FORMULA_CELL.finditer(xml):
            # A formula with the empty text as its result stores t="str" and an empty value: that is a value.
            if not (b't="str"' in cell[1] and cell[2]):
                findings.troubles[_place(cell[0])] = CellTrouble.FORMULA_WITHOUT_VALUE


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _place(cell: bytes) -> tuple[int, int]:
    found = _REFERENCE.search(cell)
    if found is None:
        raise _Unplaced
    return int(found[2]), _column_number(found[1]) - 1


def look_into_merged(xml: bytes, findings: Findings, *, name: str, limits: Limits) -> None:
    """Mark every place of the used rectangle that lies in a merged range."""
    for left, top, right, bottom in _MERGED.findall(xml):
        rows = range(int(top), min(int(bottom), findings.rows) + 1)
        columns = range(_column_number(left) - 1, min(_column_number(right), findings.columns))
        if len(findings.troubles) + len(rows) * len(columns) > limits.rows:
            raise refuse(
                name, 1, f"more than {limits.rows} merged cells; expected a table without merged cells"
            )
        for row in rows:
            for column in columns:
                findings.troubles.setdefault((row, column), CellTrouble.MERGED)
