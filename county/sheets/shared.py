"""The shared texts of a workbook, found in bulk."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from county.sheets.archive import read_chunks
from county.sheets.single import NotPlain, SharedTexts
from county.sheets.words import SPARE, Bytes, Ints, begins, words_of

_PART = "xl/sharedStrings.xml"
_AROUND = " \t\r\n\xa0　:：()（）[]【】"


@dataclass(frozen=True)
class Shared:
    """Where the shared texts lie: `start` and `length` of each in `content`.

    Those of length -1 are read by `singly`; `worded` are the numbers of those that say one of the words asked
    for and nothing else.
    """

    content: Bytes
    start: Ints
    length: Ints
    singly: SharedTexts
    worded: tuple[int, ...]


def read_shared(archive: zipfile.ZipFile, *, words: Sequence[str], name: str) -> Shared:
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
    return Shared(content, start, length, singly, _find_worded(xml, at, singly, words))


def _find_worded(xml: bytes, at: Ints, singly: SharedTexts, words: Sequence[str]) -> tuple[int, ...]:
    """Find the texts that say a word and nothing else; runs of one text may cut a word in two."""
    found = set()
    letter = words[0][-1].encode()
    place = xml.find(letter)
    while place >= 0:
        number = int(np.searchsorted(at, place, "right")) - 1
        if number >= 0 and singly.read(number).strip(_AROUND) in words:
            found.add(number)
        place = xml.find(letter, place + 1)
    return tuple(sorted(found))
