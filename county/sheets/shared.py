"""The shared texts of a workbook, found in bulk."""

import zipfile
from dataclasses import dataclass

import numpy as np

from county.sheets.archive import read_chunks
from county.sheets.single import NotPlain, SharedTexts
from county.sheets.types import CloseLook
from county.sheets.words import SPARE, Bytes, Ints, begins, words_of

_PART = "xl/sharedStrings.xml"
_MOST_WORDED = 64


@dataclass(frozen=True)
class Shared:
    """Where the shared texts lie: `start` and `length` of each in `content`.

    Those of length -1 are read by `singly`; `worded` are the numbers of those that are worth a closer look.
    """

    content: Bytes
    start: Ints
    length: Ints
    singly: SharedTexts
    worded: tuple[int, ...]


def read_shared(archive: zipfile.ZipFile, *, look: CloseLook, name: str) -> Shared:
    """Find the shared texts of a workbook, which may have none."""
    part = next((part for part in archive.infolist() if part.filename.casefold() == _PART.casefold()), None)
    xml = b"".join(read_chunks(archive, part, name=name)) if part else b""
    if b"<!" in xml:
        raise NotPlain
    content = np.frombuffer(xml + bytes(SPARE), np.uint8)
    marks = np.append(np.flatnonzero(content == ord("<")), [len(xml)] * 3)
    places = np.flatnonzero((content[marks + 1] == ord("s")) & (content[marks + 2] == ord("i")))
    at, end = marks[places], marks[places + 2]
    bytes_of = words_of(content)
    is_bare = begins(bytes_of, at, b"<si><t>")
    start = np.where(is_bare, at + 7, at + 28)
    is_bare &= (content[start] > ord(" ")) & (content[end - 1] > ord(" "))
    is_kept = begins(bytes_of, at, b'<si><t xml:space="preserve">')
    is_text = (is_bare | is_kept) & begins(bytes_of, end, b"</t></si>")
    length = np.where(is_text, end - start, -1)
    singly = SharedTexts(xml, at.tolist())
    return Shared(content, start, length, singly, _find_worded(xml, at, singly, look))


def _find_worded(xml: bytes, at: Ints, singly: SharedTexts, look: CloseLook) -> tuple[int, ...]:
    """Find the texts worth a closer look; runs may cut a word in two, a number stand for a letter."""
    found = set()
    for mark in (look.letter.encode(), b"&#"):
        place = xml.find(mark)
        while place >= 0:
            number = int(np.searchsorted(at, place, "right")) - 1
            if number >= 0 and look.is_due(singly.read(number)):
                found.add(number)
            place = xml.find(mark, place + 1)
    # Each of them is looked for in every piece of the sheet.
    if len(found) > _MOST_WORDED:
        raise NotPlain
    return tuple(sorted(found))
