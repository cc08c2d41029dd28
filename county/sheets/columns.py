"""Takes some columns out of a workbook's first sheet in bulk, without making a value of every cell.

This is the fast way for statements of hundreds of thousands of rows. It reads what it is sure of, and leaves
the rest – dates in the wanted columns, merged amounts, unusual XML – to `read_grid`, which reads everything.
`tests/rules/sheets/test_columns.py` shows that both give the same.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from county.sheets.archive import (
    BROKEN,
    NO_SHEET,
    SheetPart,
    cut_at_rows,
    list_sheets,
    open_archive,
    read_chunks,
    require_workbook,
)
from county.sheets.delimited import refuse
from county.sheets.scanning import SheetScanner, Wanted
from county.sheets.shared import read_shared
from county.sheets.single import NotPlain, SingleCells, find_number_styles
from county.sheets.types import CellTrouble, CloseLook, Limits, Value
from county.sheets.workbook import Findings, check_places, look_into_merged

_HEAD_ROWS = 200
_OPENING = re.compile(rb"<worksheet\b[^<>]*>")
_DECLARATION = re.compile(rb"<\?xml [^<>]*\?>\s*")
_ENCODING = re.compile(rb"encoding=[\"']([^\"']*)")
_MAIN_NAME = re.compile(rb"=[\"'][^\"']*/spreadsheetml/(?:2006/)?main[\"']")
_DEFAULT_NAME = re.compile(rb"\sxmlns" + _MAIN_NAME.pattern)
_ROW = re.compile(rb'<row r="(\d+)"')

Cells = Mapping[int, Value | CellTrouble]


@dataclass(frozen=True)
class ColumnFile:
    """Columns of a sheet as a file: a line per row, the row number first, cells parted by `SEPARATOR`.

    `close` are the rows that are worth a closer look, all their cells by column; `find_rows` gives others.
    """

    path: Path
    close: Mapping[int, Cells]
    find_rows: Callable[[Iterable[int]], dict[int, Cells]]
    hidden_rows: tuple[int, ...]
    hidden_sheets: tuple[str, ...]


def read_columns(
    path: Path,
    *,
    look: CloseLook,
    choose: Callable[[list[Cells]], Wanted],
    target: Path,
    limits: Limits,
) -> ColumnFile | None:
    """Read some columns of a workbook's first sheet into the file `target`.

    Takes: `choose(first rows, from row 1 on)`, which says what is wanted; `look`, which rows are to be
        among the close ones.
    Gives: `None` for a workbook that only `read_grid` can be trusted with.
    Refuses: as `read_grid`, and whatever `choose` refuses.
    """
    name = str(path)
    require_workbook(path, limits=limits)
    with open_archive(path) as archive:
        sheets = list_sheets(archive, name=name)
        if not sheets:
            raise refuse(name, 1, NO_SHEET)
        try:
            shared = read_shared(archive, look=look, name=name)
            styles = archive.read("xl/styles.xml") if "xl/styles.xml" in archive.namelist() else None
            number_styles = find_number_styles(styles)
            opening, pieces = _open_sheet(
                cut_at_rows(read_chunks(archive, sheets[0].part, name=name), name=name)
            )
            single = SingleCells(opening=opening, shared=shared.singly, number_styles=number_styles)
            first = list(_take_head(pieces))
            wanted = choose(_read_head(first, single))
            scanner = SheetScanner(
                wanted=wanted, look=look, shared=shared, single=single, number_styles=number_styles
            )
            findings = Findings()
            close: dict[int, Cells] = {}
            with target.open("wb") as file:
                for piece, is_last in chain(first, pieces):
                    if is_last:
                        _look_behind_rows(piece, findings, wanted, name=name, limits=limits)
                        break
                    scanned = scanner.scan(piece)
                    file.write(scanned.lines)
                    findings.rows, findings.columns = scanned.last_row, max(findings.columns, scanned.columns)
                    findings.hidden_rows += scanned.hidden_rows
                    close |= {number: single.read_row(xml) for number, xml in scanned.close.items()}
                    check_places(findings, name=name, limits=limits)
        except NotPlain:
            return None
    return ColumnFile(
        target,
        close,
        lambda numbers: _find_rows(path, sheets[0], single, set(numbers)),
        tuple(findings.hidden_rows),
        tuple(sheet.name for sheet in sheets if not sheet.is_visible),
    )


def _open_sheet(pieces: Iterator[tuple[bytes, bool]]) -> tuple[bytes, Iterator[tuple[bytes, bool]]]:
    """Take the sheet's start tag off; give it, and the pieces from the first row on."""
    head, is_last = next(pieces)
    before, mark, rows = head.partition(b"<sheetData>")
    declaration = _DECLARATION.match(before.removeprefix(b"\xef\xbb\xbf"))
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    opening = _OPENING.search(before)
    if not mark or opening is None or b"<!" in before or (encoding and encoding[1].lower() != b"utf-8"):
        raise NotPlain
    # With a second name for the same name space cells could hide behind a prefix.
    if len(_MAIN_NAME.findall(opening[0])) != 1 or not _DEFAULT_NAME.search(opening[0]):
        raise NotPlain
    return opening[0], chain([(rows, is_last)], pieces)


def _take_head(pieces: Iterator[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
    """Take pieces off until the first rows are among them."""
    rows = 0
    for piece, is_last in pieces:
        yield piece, is_last
        rows += piece.count(b"<row ")
        if rows >= _HEAD_ROWS or is_last:
            return


def _read_head(pieces: Iterable[tuple[bytes, bool]], single: SingleCells) -> list[Cells]:
    head: list[Cells] = []
    for piece, is_last in pieces:
        for number, xml in () if is_last else _cut_rows(piece):
            if number > _HEAD_ROWS:
                return head
            head += [{} for _ in range(len(head), number - 1)]
            head.append(single.read_row(xml))
    return head


def _cut_rows(piece: bytes) -> Iterator[tuple[int, bytes]]:
    found = [*_ROW.finditer(piece)]
    starts = [row.start() for row in found]
    for row, start, end in zip(found, starts, [*starts[1:], len(piece)], strict=False):
        yield int(row[1]), piece[start:end]


def _look_behind_rows(xml: bytes, findings: Findings, wanted: Wanted, *, name: str, limits: Limits) -> None:
    """Look at what follows the rows; merged amounts are left to the careful reader."""
    if b"<c " in xml or b"<!" in xml:
        raise NotPlain
    look_into_merged(xml, findings, name=name, limits=limits)
    if any(row > wanted.below and column in wanted.amounts for row, column in findings.troubles):
        raise NotPlain


def _find_rows(path: Path, sheet: SheetPart, single: SingleCells, numbers: set[int]) -> dict[int, Cells]:
    """Go through the sheet once more for some rows."""
    found: dict[int, Cells] = {}
    with open_archive(path) as archive:
        pieces = cut_at_rows(read_chunks(archive, sheet.part, name=str(path)), name=str(path))
        for piece, _ in pieces if numbers else ():
            wanted = [(number, xml) for number, xml in _cut_rows(piece) if number in numbers]
            try:
                found |= {number: single.read_row(xml) for number, xml in wanted}
            except NotPlain as error:
                raise refuse(str(path), 1, BROKEN) from error
            if len(found) == len(numbers):
                break
    return found
