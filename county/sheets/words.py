"""Bytes of XML compared eight at a time, as the whole numbers that numpy is fast with."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Bytes: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint64]
Flags: TypeAlias = NDArray[np.bool_]

# Bytes that may be looked at behind the last one.
SPARE = 64
# Masks for the first k bytes of a word.
FIRST: Words = np.array([(1 << 8 * k) - 1 for k in range(9)], np.uint64)


def word(text: bytes) -> np.uint64:
    """Give up to eight bytes as one number."""
    return np.uint64(int.from_bytes(text.ljust(8, b"\0"), "little"))


def words_of(content: Bytes) -> Words:
    """Give the eight bytes from each place on; shares the memory."""
    return np.ndarray((len(content) - 7,), np.dtype("<u8"), content.data, 0, (1,))


def begins(words: Words, at: Ints, text: bytes) -> Flags:
    """Tell at which places a text of any length stands."""
    size = min(len(text), 8)
    found: Flags = words[at] & FIRST[size] == word(text[:8])
    if len(text) > 8:
        # The last eight bytes overlap the first ones where the text is no multiple of eight.
        middle = text[8:-8]
        found &= words[at + (len(text) - 8)] == word(text[-8:])
        if middle:
            found &= begins(words, at + 8, middle)
    return found


def read_digits(content: Bytes, at: Ints, *, most: int) -> tuple[Ints, Ints]:
    """Read the whole numbers at some places; give them and how many digits they have, up to `most`."""
    numbers, digits = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    is_inside = np.ones(len(at), np.bool_)
    for place in range(most):
        digit = content[at + place].astype(np.int64) - ord("0")
        is_inside &= (digit >= 0) & (digit <= 9)
        if not is_inside.any():
            break
        numbers[is_inside] = numbers[is_inside] * 10 + digit[is_inside]
        digits += is_inside
    return numbers, digits


class Buffer:
    """Bytes to look at: the shared texts in front, a piece of the sheet behind, then texts read singly."""

    def __init__(self, shared: Bytes) -> None:
        self.front = self.end = len(shared)
        self._hold(shared, len(shared))

    def _hold(self, content: Bytes, size: int) -> None:
        self.bytes = np.zeros(size + SPARE, np.uint8)
        self.bytes[: len(content)] = content
        self.words = words_of(self.bytes)

    def put(self, content: bytes, *, at: int) -> None:
        """Put bytes at a place, and zeros behind them."""
        self.end = at + len(content)
        if self.end + SPARE > len(self.bytes):
            self._hold(self.bytes[:at], self.end + self.end // 4)
        self.bytes[at : self.end] = np.frombuffer(content, np.uint8)
        self.bytes[self.end : self.end + SPARE] = 0
