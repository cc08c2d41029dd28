"""Writes the contents of cells one behind the other, reading singly those that cannot stand as they are."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from county.sheets.shapes import BLANK, DONE, INLINE, NUMBER, SINGLE, STORED, CellPlaces
from county.sheets.single import NotPlain, SingleCells, is_number
from county.sheets.types import CellTrouble, Value
from county.sheets.words import Buffer, Bytes, Flags

SEPARATOR = "\x1f"
_MOST_DIGITS = 15
_TO_QUOTE = re.compile(f'["\r\n{SEPARATOR}]')
# What bytes are, as flags that add up over a cell.
_DIGIT, _DOT, _PLAIN, _WIDE, _SPECIAL = (1 << bit for bit in range(5))


def _flags_of_bytes() -> Bytes:
    flags = np.full(256, _PLAIN, np.uint8)
    flags[:32], flags[128:] = _SPECIAL, _WIDE
    for characters, flag in ((b"0123456789", _DIGIT), (b".", _DOT), (b"\t", _PLAIN), (b'"&_\x7f', _SPECIAL)):
        flags[list(characters)] = flag
    return flags


_FLAGS = _flags_of_bytes()


class ContentWriter:
    """Writes rows of cells as lines of text, cells parted by `SEPARATOR`.

    Takes: `texts`, for each column how a value is written that is no plain text or number.
    """

    def __init__(
        self, buffer: Buffer, *, single: SingleCells, texts: Sequence[Callable[[Value | CellTrouble], str]]
    ) -> None:
        self._buffer = buffer
        self._single = single
        self._texts = texts
        self._numbers: list[dict[bytes, bytes]] = [{} for _ in texts]
        self._left_singly = 2_000

    def write(self, cells: CellPlaces, piece: bytes) -> tuple[bytes, Flags]:
        """Write cells, and tell which rows' second column is blank or not of ASCII characters.

        Takes: `cells`, (rows, columns), the first column the rows' numbers; `piece`, the XML they are in.
        """
        self._left_singly += len(cells.at) // 8
        is_long = (cells.shape == NUMBER) & (cells.length > _MOST_DIGITS)
        self._read_singly(cells, is_long | (cells.shape == SINGLE), piece)
        cells.length[cells.shape == BLANK] = 0
        lines, flags = self._gather(cells)
        is_odd = self._is_odd(cells, flags)
        if is_odd.any():
            self._read_singly(cells, is_odd, piece)
            lines, flags = self._gather(cells)
        text = lines.tobytes()
        try:
            text.decode()
        except UnicodeDecodeError as error:
            raise NotPlain from error
        names = (cells.length[:, 1] == 0) | (flags[:, 1] & _WIDE > 0)
        return text, names

    def _gather(self, cells: CellPlaces) -> tuple[Bytes, Bytes]:
        """Put the contents one behind the other, and tell of which bytes each is made."""
        if not cells.start.size:
            return np.zeros(0, np.uint8), np.zeros(cells.start.shape, np.uint8)
        sizes = cells.length.ravel() + 1
        ends = np.cumsum(sizes)
        starts = ends - sizes
        lines = self._buffer.bytes[np.arange(ends[-1]) + np.repeat(cells.start.ravel() - starts, sizes)]
        lines[ends - 1] = ord("0")
        flags = np.bitwise_or.reduceat(_FLAGS[lines], starts).reshape(cells.start.shape)
        lines[ends - 1] = ord(SEPARATOR)
        lines[ends.reshape(cells.start.shape)[:, -1] - 1] = ord("\n")
        return lines, flags

    def _is_odd(self, cells: CellPlaces, flags: Bytes) -> Flags:
        """Tell which contents cannot stand as they are: numbers of unusual form, texts with special signs."""
        content = self._buffer.bytes
        is_number = cells.shape == NUMBER
        is_text = (cells.shape >= STORED) & (cells.shape <= INLINE)
        first, second = content[cells.start], content[cells.start + 1]
        last = content[np.maximum(cells.start + cells.length - 1, 0)]
        has_dot = flags & _DOT > 0
        is_unusual = flags & ~np.uint8(_DIGIT | _DOT) > 0
        is_unusual |= has_dot & ((last == ord("0")) | (last == ord(".")) | (first == ord(".")))
        is_unusual |= (first == ord("0")) & (cells.length > 1) & (second != ord("."))
        odd: Flags = (is_number & is_unusual) | (is_text & (flags & _SPECIAL > 0))
        return odd

    def _read_singly(self, cells: CellPlaces, which: Flags, piece: bytes) -> None:
        """Read some cells one by one, and put their texts behind the piece."""
        buffer = self._buffer
        own = np.flatnonzero(which)
        texts = []
        shapes, fields = cells.shape.ravel()[own].tolist(), (own % cells.shape.shape[1]).tolist()
        places = (cells.at.ravel()[own] - buffer.front).tolist()
        starts = (cells.start.ravel()[own] - buffer.front).tolist()
        lengths = cells.length.ravel()[own].tolist()
        for shape, field, at, start, length in zip(shapes, fields, places, starts, lengths, strict=True):
            if shape == NUMBER:
                texts.append(self._read_number(piece[start : start + length], field - 1))
            else:
                texts.append(self._read_cell(piece[at : piece.find(b"</c>", at) + 4], field - 1))
        sizes = np.array([len(text) for text in texts], np.int64)
        cells.start.ravel()[own] = buffer.end + np.cumsum(sizes) - sizes
        cells.length.ravel()[own] = sizes
        cells.shape.ravel()[own] = DONE
        buffer.put(b"".join(texts), at=buffer.end)

    def _read_number(self, stored: bytes, field: int) -> bytes:
        known = self._numbers[field]
        if stored not in known:
            text = stored.decode(errors="replace")
            if not is_number(text):
                raise NotPlain
            known[stored] = _quoted(self._texts[field](float(text)))
        return known[stored]

    def _read_cell(self, xml: bytes, field: int) -> bytes:
        self._left_singly -= 1
        if self._left_singly < 0:
            raise NotPlain
        return _quoted(self._texts[field](self._single.read_cell(xml)))


def _quoted(text: str) -> bytes:
    if _TO_QUOTE.search(text):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode(errors="replace")
