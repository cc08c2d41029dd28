"""Finds the cells of a sheet's XML in bulk, with numpy over bytes, and writes the wanted columns as text.

Every byte of a wanted cell outside its content is compared with the few ways in which cells are written. A
cell of another shape is read on its own (`county.sheets.single`); a sheet of another shape is `NotPlain`, for
another reader to take.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from county.sheets.contents import ContentWriter
from county.sheets.shapes import DONE, CellPlaces, ShapeFinder
from county.sheets.shared import Shared
from county.sheets.single import NotPlain, SingleCells
from county.sheets.types import CellTrouble, CloseLook, Value
from county.sheets.words import FIRST, Buffer, Ints, begins, read_digits

_COLUMNS = 702
_MOST_CLOSE = 20_000
# Behind these tags stands the whole of a text, not a part of it or a formula.
_WHOLE_TEXT = (b"<v>", b"<is><t>", b'<is><t xml:space="preserve">')
_SHARED = re.compile(rb"\st\s*=\s*[\"']s[\"']")
_HIDDEN_ROW = re.compile(rb'<row r="(\d+)"[^<>]*\bhidden="(?:1|true)"')


@dataclass(frozen=True)
class Wanted:
    """Which columns are taken, and from which rows.

    Takes: `below`, the header's row number: rows below it are taken; `columns` from 0, each once, the first
    that of the rows' names; `texts`, for each column how a value is written that is no plain text or number;
    `amounts`, the columns where a merged cell is a fault.
    """

    below: int
    columns: tuple[int, ...]
    texts: tuple[Callable[[Value | CellTrouble], str], ...]
    amounts: frozenset[int]


@dataclass(frozen=True)
class Scanned:
    """What a piece of a sheet holds: the wanted columns of its rows as `lines`, the row number first.

    `close` are rows for a closer look, with their XML: those with a text that asks for it, those whose name
    is blank or not of ASCII characters. `last_row` and `columns` are the size that is used.
    """

    lines: bytes
    last_row: int
    columns: int
    hidden_rows: list[int]
    close: Mapping[int, bytes]


@dataclass(frozen=True)
class _Rows:
    """The rows of a piece: their first bytes, numbers and how many digits these have."""

    at: Ints
    number: Ints
    digits: Ints


class SheetScanner:
    """Reads a sheet piece by piece, in order; refuses (`NotPlain`) what it cannot be sure to read rightly."""

    def __init__(
        self,
        *,
        wanted: Wanted,
        look: CloseLook,
        shared: Shared,
        single: SingleCells,
        number_styles: frozenset[str],
    ) -> None:
        self._wanted = wanted
        self._look = look
        self._worded = shared.worded
        self._buffer = Buffer(shared.content)
        self._shapes = ShapeFinder(self._buffer, shared=shared, number_styles=number_styles)
        self._contents = ContentWriter(self._buffer, single=single, texts=wanted.texts)
        self._field_of = np.full(_COLUMNS, -1, np.int64)
        self._field_of[list(wanted.columns)] = np.arange(len(wanted.columns)) + 1
        self._last_row = 0
        self._left_close = _MOST_CLOSE

    def scan(self, piece: bytes) -> Scanned:
        """Read the rows of one piece of XML, cut behind a row."""
        buffer = self._buffer
        buffer.put(piece, at=buffer.front)
        marks = np.flatnonzero(buffer.bytes[buffer.front : buffer.end] == ord("<")) + buffer.front
        marks = np.append(marks, [buffer.end] * 6)
        letters = buffer.bytes[marks + 1]
        # Looking for one sign first is many times faster than looking for two.
        if np.any(letters == ord("!")) or (b"&" in piece and b"&#" in piece):
            raise NotPlain
        rows = self._find_rows(marks[letters == ord("r")])
        cells, columns = self._find_cells(marks, np.flatnonzero(letters == ord("c")), rows)
        taken = int(np.searchsorted(rows.number, self._wanted.below, "right"))
        lines, nameless = self._contents.write(cells, piece)
        close = self._find_worded(piece, rows) | set((taken + np.flatnonzero(nameless)).tolist())
        self._left_close -= len(close)
        if self._left_close < 0:
            raise NotPlain
        ends = np.append(rows.at[1:], buffer.front + len(piece))
        of_close = {
            int(rows.number[at]): piece[rows.at[at] - buffer.front : ends[at] - buffer.front]
            for at in sorted(close)
            if at >= taken
        }
        return Scanned(lines, self._last_row, columns, self._find_hidden(piece, rows), of_close)

    def _find_hidden(self, piece: bytes, rows: _Rows) -> list[int]:
        behind = self._buffer.bytes[rows.at + 9 + rows.digits]
        if np.all(behind == ord(">")) or b" hidden=" not in piece:
            return []
        return [int(number) for number in _HIDDEN_ROW.findall(piece)]

    def _find_rows(self, marks: Ints) -> _Rows:
        content = self._buffer.bytes
        at = marks[content[marks + 2] == ord("o")]
        number, digits = read_digits(content, at + 8, most=8)
        known = np.append(self._last_row, number)
        is_sound = begins(self._buffer.words, at, b'<row r="') & (content[at + 8 + digits] == ord('"'))
        if not (np.all(is_sound) and np.all(known[1:] > known[:-1]) and np.all(digits < 8)):
            raise NotPlain
        self._last_row = int(known[-1])
        return _Rows(at, number, digits)

    def _find_cells(self, marks: Ints, places: Ints, rows: _Rows) -> tuple[CellPlaces, int]:
        """Find the wanted cells, and how many columns are used.

        Takes: `places`, which of the `marks` begin with a small c.
        """
        content, words = self._buffer.bytes, self._buffer.words
        behind = content[marks[places] + 2]
        if not np.all((behind == ord(" ")) | (behind >= ord("a"))):
            raise NotPlain
        places = places[behind == ord(" ")]
        at = marks[places]
        letter, second = content[at + 6].astype(np.int64) - 64, content[at + 7].astype(np.int64) - 64
        has_two = second > 0
        is_sound = begins(words, at, b'<c r="') & (letter > 0) & (letter < 27) & (second < 27)
        if not np.all(is_sound & ~(has_two & (content[at + 8] > 64))):
            raise NotPlain
        column = np.where(has_two, letter * 26 + second, letter) - 1
        firsts = np.searchsorted(at, rows.at)
        if len(at) and (not len(firsts) or firsts[0] > 0):
            raise NotPlain
        row = np.repeat(np.arange(len(rows.at)), np.diff(firsts, append=len(at)))
        field = self._field_of[column]
        taken = int(np.searchsorted(rows.number, self._wanted.below, "right"))
        is_wanted = (field > 0) & (row >= taken)
        row, field, places = row[is_wanted], field[is_wanted], places[is_wanted]
        named_to = self._check_names((at + 7 + has_two)[is_wanted], row, rows)
        found = self._shapes.find(marks, places, named_to=named_to)
        cells = self._place(found, row - taken, field, rows, taken)
        return cells, int(column.max(initial=-1)) + 1

    def _place(self, found: CellPlaces, row: Ints, field: Ints, rows: _Rows, taken: int) -> CellPlaces:
        """Put cells into the places of their rows and columns; of two in one place the last counts."""
        size = (len(rows.at) - taken, len(self._wanted.columns) + 1)
        cells = CellPlaces(
            at=np.zeros(size, np.int64),
            start=np.zeros(size, np.int64),
            length=np.zeros(size, np.int64),
            shape=np.zeros(size, np.int8),
        )
        cells.at[row, field], cells.start[row, field] = found.at, found.start
        cells.length[row, field], cells.shape[row, field] = found.length, found.shape
        cells.start[:, 0], cells.length[:, 0] = rows.at[taken:] + 8, rows.digits[taken:]
        cells.shape[:, 0] = DONE
        return cells

    def _check_names(self, number_at: Ints, row: Ints, rows: _Rows) -> Ints:
        """Make sure that cells are named after their rows; tell where their names end."""
        words, digits = self._buffer.words, rows.digits[row] + 1
        own = words[rows.at + 8] & FIRST[rows.digits + 1]
        if not np.all(words[number_at] & FIRST[digits] == own[row]):
            raise NotPlain
        return number_at + digits

    def _find_worded(self, piece: bytes, rows: _Rows) -> set[int]:
        """Find the rows with a text that asks for a closer look, as places among the rows."""
        buffer = self._buffer
        letter = self._look.letter.encode()
        content = buffer.bytes[buffer.front : buffer.front + len(piece)]
        at = np.flatnonzero(content == letter[0]) + buffer.front
        at = at[begins(buffer.words, at, letter)] - buffer.front
        found = [place for place in at.tolist() if self._is_due(piece, place)]
        for number in self._worded:
            stored = b"<v>%d</v>" % number
            place = piece.find(stored)
            while place >= 0:
                if _SHARED.search(piece, piece.rfind(b"<c ", 0, place), place):
                    found.append(place)
                place = piece.find(stored, place + 1)
        places = np.searchsorted(rows.at, np.array(found, np.int64) + buffer.front, "right") - 1
        return set(places.tolist())

    def _is_due(self, piece: bytes, place: int) -> bool:
        """Tell whether the text around a letter asks for a closer look, or is a part of one that may."""
        start = piece.rfind(b">", 0, place) + 1
        text = piece[start : piece.find(b"<", place)]
        is_whole = piece.endswith(_WHOLE_TEXT, 0, start) and b"_x" not in text
        return not is_whole or self._look.is_due(text.decode(errors="replace"))
