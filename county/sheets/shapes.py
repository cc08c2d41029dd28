"""Tells how the cells of a sheet's XML are written and where their content is."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from county.sheets.shared import Shared
from county.sheets.single import NotPlain
from county.sheets.words import FIRST, Buffer, Ints, begins, read_digits

BLANK, NUMBER, STORED, SHARED, INLINE, SINGLE, DONE = range(7)
_MOST_TAGS = 64
_KINDS = {b"": NUMBER, b"n": NUMBER, b"str": STORED, b"s": SHARED, b"inlineStr": INLINE}
_TAG = re.compile(rb'((?: (?:s|t|cm|vm|ph)="[A-Za-z0-9]*")*) ?(/?)>')
_ATTRIBUTE = re.compile(rb' (\w+)="(\w*)"')


@dataclass
class CellPlaces:
    """Where cells begin and where their content lies, arrays of one size.

    `shape` says how a cell is written: a number, a text (stored with the cell, shared, inline),
    blank; single ones have to be read one by one, done ones are texts already.
    """

    at: Ints
    start: Ints
    length: Ints
    shape: NDArray[np.int8]


class ShapeFinder:
    """Finds the content of cells; every byte around it is compared."""

    def __init__(self, buffer: Buffer, *, shared: Shared, number_styles: frozenset[str]) -> None:
        self._buffer = buffer
        self._shared = shared
        self._number_styles = number_styles
        self._tags: list[tuple[int, np.uint64, np.uint64, np.uint64, int]] = []

    def find(self, marks: Ints, places: Ints, *, named_to: Ints) -> CellPlaces:
        """Find the content of some cells.

        Takes: `marks`, where each tag begins; `places` of the cells among them; `named_to`, where the cells'
        names end, the quotation mark included.
        """
        inside = marks[places + 1]
        shape = self._shape_tags(named_to, inside)
        cells = CellPlaces(marks[places], np.zeros_like(inside), np.zeros_like(inside), shape)
        shape[(shape != SINGLE) & begins(self._buffer.words, inside, b"</c>")] = BLANK
        self._find_values(cells, marks, places)
        self._find_inline(cells, marks, places)
        self._find_shared(cells)
        return cells

    def _shape_tags(self, at: Ints, end: Ints) -> NDArray[np.int8]:
        """Tell from the start tags, what follows the cells' names, how contents are written."""
        words, size = self._buffer.words, end - at
        parts = [words[at + skip] & FIRST[np.clip(size - skip, 0, 8)] for skip in (0, 8, 16)]
        shape = np.full(len(at), SINGLE, np.int8)
        is_open = (size > 0) & (size <= 24)
        known = 0
        while True:
            for of_size, first, second, third, kind in self._tags[known:]:
                is_this = (size == of_size) & (parts[0] == first)
                if of_size > 8:
                    is_this &= (parts[1] == second) & (parts[2] == third)
                shape[is_this] = kind
                is_open &= ~is_this
            known = len(self._tags)
            if not is_open.any():
                return shape
            place = int(np.argmax(is_open))
            tag = self._buffer.bytes[at[place] : end[place]].tobytes()
            self._tags.append((len(tag), *(part[place] for part in parts), self._read_tag(tag)))
            if known == _MOST_TAGS:
                raise NotPlain

    def _read_tag(self, tag: bytes) -> int:
        found = _TAG.fullmatch(tag)
        if found is None:
            return SINGLE
        attributes = dict(_ATTRIBUTE.findall(found[1]))
        kind = _KINDS.get(attributes.get(b"t", b""), SINGLE)
        style = attributes.get(b"s", b"").decode()
        if found[2]:
            return BLANK
        return SINGLE if kind == NUMBER and style and style not in self._number_styles else kind

    def _find_values(self, cells: CellPlaces, marks: Ints, places: Ints) -> None:
        """Find stored values, those behind formulas, too; cells with anything else are read singly."""
        words = self._buffer.words
        own = np.flatnonzero((cells.shape >= NUMBER) & (cells.shape <= SHARED))
        places = places[own]
        inside, behind = marks[places + 1], marks[places + 2]
        is_value = begins(words, inside, b"<v>") & begins(words, behind, b"</v></c>")
        cells.start[own], cells.length[own] = inside + 3, behind - inside - 3
        left = np.flatnonzero(~is_value)
        if len(left):
            own, places, inside = own[left], places[left], inside[left]
            is_formula = begins(words, inside, b"<f>") | begins(words, inside, b"<f ")
            for ending, step in ((b"</f><v>", 4), (b"<v>", 3)):
                value, end = marks[places + 2], marks[places + step]
                start = value + len(ending)
                is_this = is_formula & begins(words, value, ending) & begins(words, end, b"</v></c>")
                if step == 3:
                    is_this &= begins(words, value - 2, b"/>")
                is_this &= end > start
                cells.start[own[is_this]], cells.length[own[is_this]] = start[is_this], (end - start)[is_this]
                own, places, is_formula = own[~is_this], places[~is_this], is_formula[~is_this]
            cells.shape[own] = SINGLE
        is_number = cells.shape == NUMBER
        cells.shape[is_number & (cells.length == 0)] = BLANK

    def _find_inline(self, cells: CellPlaces, marks: Ints, places: Ints) -> None:
        words, content = self._buffer.words, self._buffer.bytes
        own = np.flatnonzero(cells.shape == INLINE)
        inside, end = marks[places[own] + 1], marks[places[own] + 3]
        is_bare = begins(words, inside, b"<is><t>")
        start = np.where(is_bare, inside + 7, inside + 28)
        is_kept = begins(words, inside, b'<is><t xml:space="preserve">')
        # Without that word blanks around a text do not count.
        is_bare &= (content[start] > ord(" ")) & (content[end - 1] > ord(" "))
        is_text = (is_bare | is_kept) & begins(words, end, b"</t></is></c>")
        cells.start[own], cells.length[own] = start, end - start
        cells.shape[own[~is_text]] = SINGLE

    def _find_shared(self, cells: CellPlaces) -> None:
        """Replace the numbers of shared texts by these."""
        own = np.flatnonzero(cells.shape == SHARED)
        number, digits = read_digits(self._buffer.bytes, cells.start[own], most=8)
        is_sound = (digits == cells.length[own]) & (digits > 0) & (number < len(self._shared.start))
        if not np.all(is_sound):
            raise NotPlain
        cells.start[own], cells.length[own] = self._shared.start[number], self._shared.length[number]
        cells.shape[own[cells.length[own] < 0]] = SINGLE
