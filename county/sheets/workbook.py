"""Opening XLSX workbooks safely and finding what the fast reader does not tell.

The fast reader (calamine) gives an empty text for a formula without a stored value and for an error value,
and does not know hidden rows; those are looked up in the sheet's own XML.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # nosec B405 - document types and entities are refused before

from county.sheets.delimited import check_size, refuse
from county.sheets.types import CellTrouble, Grid, Limits, Value

_CHUNK = 1 << 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PASSWORD = "the workbook is protected by a password; expected an XLSX that opens without one"
_NOT_A_WORKBOOK = "the file is not an XLSX workbook; expected .xlsx as saved by a spreadsheet program"
_BROKEN = "the workbook is damaged; open it in a spreadsheet program and save it again"

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
class _Findings:
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
    check_size(path, limits=limits)
    _require_workbook(path, limits=limits)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            kinds = python_calamine.SheetTypeEnum
            sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == kinds.WorkSheet]
            if not sheets:
                raise refuse(
                    name, 1, "the workbook has no sheet with cells; expected a table in the first sheet"
                )
            first = sheets[0].name
            findings = _look_into_sheet(path, sheet=first, limits=limits)
            table = workbook.get_sheet_by_name(first)
    except _Unplaced as error:
        raise refuse(
            name, 1, "cells that do not say where they stand; open and save the workbook once"
        ) from error
    except python_calamine.PasswordError as error:
        raise refuse(name, 1, _PASSWORD) from error
    except (python_calamine.CalamineError, OSError) as error:
        raise refuse(name, 1, _BROKEN) from error
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


def _require_workbook(path: Path, *, limits: Limits) -> None:
    name = str(path)
    with path.open("rb") as file:
        head = file.read(8)
        if head == _OLE_HEAD:
            rest = file.read(limits.file_bytes)
            is_locked = "EncryptedPackage".encode("utf-16-le") in rest
            raise refuse(name, 1, _PASSWORD if is_locked else "an old .xls workbook; expected .xlsx or CSV")
    if not head.startswith(b"PK\x03\x04"):
        raise refuse(name, 1, _NOT_A_WORKBOOK)
    with _open_zip(path) as archive:
        parts = archive.infolist()
        if len(parts) > limits.parts:
            raise refuse(name, 1, f"the workbook has {len(parts)} parts; at most {limits.parts} are expected")
        unpacked = sum(part.file_size for part in parts)
        if unpacked > limits.unpacked_bytes:
            raise refuse(
                name,
                1,
                f"the workbook unpacks to {unpacked} bytes; at most {limits.unpacked_bytes} are expected",
            )
        names = [part.filename for part in parts]
        if len(set(names)) != len(names):
            raise refuse(name, 1, "the workbook has two parts of one name; expected a workbook saved once")
        if any(part.flag_bits & 0x1 for part in parts):
            raise refuse(name, 1, _PASSWORD)
        if "xl/workbook.xml" not in {part.casefold() for part in names}:
            raise refuse(name, 1, _NOT_A_WORKBOOK)
        for part in parts:
            if not _is_sheet(part.filename) and part.filename.endswith((".xml", ".rels")):
                _check_small_part(archive, part, name=name)


def _open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise refuse(str(path), 1, _BROKEN) from error


def _is_sheet(part: str) -> bool:
    return part.startswith("xl/worksheets/")


def _check_small_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, name: str) -> None:
    # Reading to the end proves the declared size: zipfile stops there and compares the checksum.
    for chunk in _chunks(archive, part, name=name):
        _refuse_declarations(chunk, name=name)


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, name: str) -> Iterator[bytes]:
    """Unpack one part piece by piece, refusing what is damaged or larger than it says."""
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise refuse(name, 1, _BROKEN) from error


def _refuse_declarations(chunk: bytes, *, name: str) -> None:
    if chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(
            name, 1, "a part of the workbook is UTF-16 text; expected UTF-8 as spreadsheets write it"
        )
    if b"!" in chunk and (b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk):
        raise refuse(name, 1, "the workbook declares a document type or entities; expected plain XLSX")


def _sheet_part(archive: zipfile.ZipFile, *, sheet: str, name: str) -> zipfile.ZipInfo:
    """Find the part that holds a sheet, through the workbook's relations."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # nosec B314
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # nosec B314
    except (KeyError, ElementTree.ParseError) as error:
        raise refuse(name, 1, _BROKEN) from error
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            identifiers = [value for key, value in element.items() if key == _RELATION or key.endswith("}id")]
            target = targets.get(identifiers[0], "") if identifiers else ""
            inside = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            if inside in archive.namelist():
                return archive.getinfo(inside)
    raise refuse(name, 1, _BROKEN)


def _look_into_sheet(path: Path, *, sheet: str, limits: Limits) -> _Findings:
    """Find the sheet's size, hidden rows, merged cells, formulas without value and error values.

    The XML is cut at row ends, so that no pattern spans two pieces and memory stays small.
    """
    name = str(path)
    findings = _Findings()
    with _open_zip(path) as archive:
        rest = b""
        for chunk in _chunks(archive, _sheet_part(archive, sheet=sheet, name=name), name=name):
            _refuse_declarations(chunk, name=name)
            joined = rest + chunk if rest else chunk
            cut = max(joined.rfind(b"</row>"), joined.rfind(b":row>"))
            if cut < 0:
                rest = joined
                if len(rest) > 64 * _CHUNK:
                    raise refuse(name, 1, "one row of the sheet has more than 64 MB; expected a table")
                continue
            _look_into_rows(joined[:cut], findings)
            rest = joined[cut:]
            _check_places(findings, name=name, limits=limits)
        _look_into_rows(rest, findings)
        _look_into_merged(rest, findings, name=name, limits=limits)
        _check_places(findings, name=name, limits=limits)
    return findings


def _check_places(findings: _Findings, *, name: str, limits: Limits) -> None:
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


def _look_into_rows(xml: bytes, findings: _Findings) -> None:
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


def _look_into_merged(xml: bytes, findings: _Findings, *, name: str, limits: Limits) -> None:
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
