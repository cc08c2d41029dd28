"""Unpacking XLSX workbooks safely: parts, sizes, passwords and declarations are looked at first."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree  # nosec B405 - document types and entities are refused before

from county.sheets.delimited import check_size, refuse
from county.sheets.types import Limits

CHUNK = 1 << 20
BROKEN = "the workbook is damaged; open it in a spreadsheet program and save it again"
PASSWORD = "the workbook is protected by a password; expected an XLSX that opens without one"
NO_SHEET = "the workbook has no sheet with cells; expected a table in the first sheet"
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^>]*\?>")
_ENCODING = re.compile(rb"\sencoding\s*=\s*[\"']([^\"']*)")
_PLAIN_ENCODINGS = frozenset((b"utf-8", b"utf8", b"us-ascii", b"ascii"))
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_OTHER_TEXT = "a part of the workbook is not UTF-8 text; expected UTF-8 as spreadsheets write it"
_OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_A_WORKBOOK = "the file is not an XLSX workbook; expected .xlsx as saved by a spreadsheet program"


class SheetPart(NamedTuple):
    """A sheet with cells as the workbook lists it, and the part that holds it."""

    name: str
    part: zipfile.ZipInfo
    is_visible: bool


def require_workbook(path: Path, *, limits: Limits) -> None:
    """Refuse what is no sound XLSX workbook without password, or is larger than it says or than allowed."""
    name = str(path)
    check_size(path, limits=limits)
    with path.open("rb") as file:
        head = file.read(8)
        if head == _OLE_HEAD:
            rest = file.read(limits.file_bytes)
            is_locked = "EncryptedPackage".encode("utf-16-le") in rest
            raise refuse(name, 1, PASSWORD if is_locked else "an old .xls workbook; expected .xlsx or CSV")
    if not head.startswith(b"PK\x03\x04"):
        raise refuse(name, 1, _NOT_A_WORKBOOK)
    with open_archive(path) as archive:
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
            raise refuse(name, 1, PASSWORD)
        if "xl/workbook.xml" not in {part.casefold() for part in names}:
            raise refuse(name, 1, _NOT_A_WORKBOOK)
        for part in parts:
            if not _is_sheet(part.filename) and part.filename.endswith((".xml", ".rels")):
                # Reading to the end proves the declared size: zipfile stops there and compares the checksum.
                for _ in read_chunks(archive, part, name=name):
                    pass


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a workbook's archive, refusing one that is damaged."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise refuse(str(path), 1, BROKEN) from error
    with archive:
        yield archive


def _is_sheet(part: str) -> bool:
    return part.startswith("xl/worksheets/")


def read_chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, name: str) -> Iterator[bytes]:
    """Unpack one part piece by piece, refusing what is damaged, larger than it says, or declares entities."""
    tail = b""
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                if not tail:
                    _refuse_other_encodings(chunk, name=name)
                # A declaration may lie across the end of a piece.
                _refuse_declarations(tail + chunk, name=name)
                tail = chunk[-len(_FORBIDDEN[0]) :]
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise refuse(name, 1, BROKEN) from error


def _refuse_other_encodings(head: bytes, *, name: str) -> None:
    """Refuse a part that says, or shows by its first bytes, that a declaration in it could look otherwise."""
    declaration = _DECLARATION.match(head)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    is_plain = encoding is None or encoding[1].lower() in _PLAIN_ENCODINGS
    is_cut = declaration is None and head.removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml")
    if is_cut or not is_plain or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(name, 1, _OTHER_TEXT)


def _refuse_declarations(piece: bytes, *, name: str) -> None:
    # UTF-16 without a mark shows by the zero bytes that no text of XML holds.
    if b"\0" in piece:
        raise refuse(name, 1, _OTHER_TEXT)
    if b"!" in piece and any(mark in piece for mark in _FORBIDDEN):
        raise refuse(name, 1, "the workbook declares a document type or entities; expected plain XLSX")


def cut_at_rows(chunks: Iterator[bytes], *, name: str) -> Iterator[tuple[bytes, bool]]:
    """Cut a sheet's XML behind rows, so that no row spans two pieces.

    Gives: each piece, and whether it is the last, what follows the last row.
    """
    rest = b""
    for chunk in chunks:
        joined = rest + chunk if rest else chunk
        cut = joined.rfind(b"</row>") + 6
        if cut < 6:
            cut = joined.rfind(b":row>") + 5
        if cut < 5:
            rest = joined
            if len(rest) > 64 * CHUNK:
                raise refuse(name, 1, "one row of the sheet has more than 64 MB; expected a table")
            continue
        yield joined[:cut], False
        rest = joined[cut:]
    yield rest, True


def list_sheets(archive: zipfile.ZipFile, *, name: str) -> list[SheetPart]:
    """List the sheets that have cells, in the workbook's order, with their parts."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # nosec B314
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # nosec B314
    except (KeyError, ElementTree.ParseError) as error:
        raise refuse(name, 1, BROKEN) from error
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in relations
        if relation.get("Type", "").endswith("/worksheet")
    }
    inside = set(archive.namelist())
    sheets = []
    for element in book.iter():
        if element.tag.endswith("}sheet"):
            identifiers = [value for key, value in element.items() if key.endswith("}id")]
            target = targets.get(identifiers[0], "") if identifiers else ""
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            if part in inside:
                is_visible = element.get("state", "visible") == "visible"
                sheets.append(SheetPart(element.get("name", ""), archive.getinfo(part), is_visible))
    return sheets
