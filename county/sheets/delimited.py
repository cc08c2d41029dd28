"""Reading CSV files: which encoding, which lines, one pass in bounded memory."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from county.errors import BadInput, Fault
from county.sheets.types import Limits

_CHUNK = 1 << 20
_UTF8_MARK = codecs.BOM_UTF8
_OTHER_KINDS = (
    (b"PK\x03\x04", "a ZIP archive (an XLSX workbook?) under a CSV name; save it with the ending .xlsx"),
    (b"\xd0\xcf\x11\xe0", "an old .xls or a password-protected workbook under a CSV name; expected text"),
    (codecs.BOM_UTF16_LE, "UTF-16 text; expected UTF-8 or GB18030"),
    (codecs.BOM_UTF16_BE, "UTF-16 text; expected UTF-8 or GB18030"),
)


@dataclass(frozen=True)
class PreparedCsv:
    """A CSV known to be sound UTF-8 text, ready for a bulk reader.

    `path` is the file itself or a UTF-8 copy; `lines` counts its lines as the file breaks them (a bulk reader
    that gives fewer rows has met blank lines or line ends inside cells); `found` are the numbers of the lines
    that hold the text asked for.
    """

    name: str
    path: Path
    encoding: str
    lines: int
    found: tuple[int, ...]


def refuse(name: str, line: int, what: str) -> BadInput:
    """Make the refusal of a whole file, to be raised by the caller."""
    return BadInput([Fault(f"{name}:{line}", what)])


def check_size(path: Path, *, limits: Limits) -> None:
    """Refuse a file that is missing, empty, not a file, or too big to look at."""
    name = str(path)
    if not path.is_file():
        raise refuse(name, 1, "there is no such file; expected a table to read")
    size = path.stat().st_size
    if size == 0:
        raise refuse(name, 1, "the file is empty; expected a header line and rows")
    if size > limits.file_bytes:
        raise refuse(name, 1, f"the file has {size} bytes; at most {limits.file_bytes} are expected")


def detect_encoding(path: Path, *, limits: Limits) -> str:
    """Tell whether a text file is UTF-8 or GB18030, reading all of it.

    Gives: `utf-8-sig` (with or without byte order mark) or `gb18030`.
    Refuses: `BadInput` for other kinds of file, and with the line number for bytes of neither encoding.
    """
    check_size(path, limits=limits)
    with path.open("rb") as file:
        head = file.read(8)
    for mark, what in _OTHER_KINDS:
        if head.startswith(mark):
            raise refuse(str(path), 1, f"the file is {what}")
    utf8_line = _first_undecodable_line(path, "utf-8")
    if utf8_line is None:
        return "utf-8-sig"
    gb_line = None if head.startswith(_UTF8_MARK) else _first_undecodable_line(path, "gb18030")
    if gb_line is None and not head.startswith(_UTF8_MARK):
        return "gb18030"
    line = max(utf8_line, gb_line or 0)
    raise refuse(str(path), line, "bytes that are neither UTF-8 nor GB18030 text; save the file as UTF-8")


def _first_undecodable_line(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            if b"\0" in chunk:
                line += chunk[: chunk.index(b"\0")].count(b"\n")
                raise refuse(str(path), line, "a zero byte; expected text in UTF-8 or GB18030")
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + chunk[: error.start].count(b"\n")
            if not chunk:
                return None
            line += chunk.count(b"\n")


def iter_csv_rows(path: Path, *, encoding: str, limits: Limits, delimiter: str = ",") -> Iterator[list[str]]:
    """Read a CSV row by row; the n-th list is the n-th row, blank lines included as empty lists.

    Refuses: `BadInput` at the row of a quoted cell that is never closed, of a cell or row beyond the limits.
    """
    name = str(path)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, strict=True, delimiter=delimiter)
        number = 0
        try:
            for row in reader:
                number += 1
                if number > limits.rows:
                    raise refuse(name, number, f"more than {limits.rows} rows; split the file")
                if len(row) > limits.columns:
                    raise refuse(name, number, f"{len(row)} columns; at most {limits.columns} are expected")
                if row and len(max(row, key=len)) > limits.cell_characters:
                    raise refuse(name, number, _long_cell(limits))
                yield row
        except csv.Error as error:
            said = str(error)
            if "field limit" in said:
                raise refuse(name, number + 1, _long_cell(limits)) from error
            raise refuse(
                name, number + 1, "a cell in quotation marks that is not closed properly; expected CSV"
            ) from error


def _long_cell(limits: Limits) -> str:
    return f"a cell of more than {limits.cell_characters} characters; expected a table of short cells"


def prepare_csv(path: Path, *, workspace: Path, limits: Limits, needle: str | None = None) -> PreparedCsv:
    """Check a CSV's encoding and shape and give a UTF-8 file that a bulk reader can take.

    Takes: `workspace`, a folder of the caller's own for a UTF-8 copy of a GB18030 file; `needle`, a text
    whose lines are wanted.
    Refuses: as `detect_encoding`; more lines than rows allowed; a line too long for any table.
    Cost: two reads of the file, 1 MiB at a time; a third one with writing for GB18030.
    """
    encoding = detect_encoding(path, limits=limits)
    plain = path
    if encoding == "gb18030":
        plain = workspace / f"{path.stem}.utf8.csv"
        with path.open(encoding=encoding, newline="") as source, plain.open("wb") as target:
            while text := source.read(_CHUNK):
                target.write(text.encode())
    lines, found = _look_over_lines(plain, name=str(path), limits=limits, needle=(needle or "").encode())
    return PreparedCsv(str(path), plain, encoding, lines, found)


def _look_over_lines(path: Path, *, name: str, limits: Limits, needle: bytes) -> tuple[int, tuple[int, ...]]:
    """Count the lines and find those that hold the needle, refusing lines too long for any table."""
    longest = limits.columns * 200 + limits.cell_characters
    lines, rest = 0, b""
    found: list[int] = []
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            block = rest + chunk if rest else chunk
            cut = block.rfind(b"\n") + 1
            rest = block[cut:]
            if len(rest) > longest:
                raise refuse(name, lines + block.count(b"\n") + 1, f"a line of more than {longest} bytes")
            if needle and needle in block:
                found.extend(_lines_with(needle, block[:cut], before=lines))
            lines += block.count(b"\n")
    if rest:
        lines += 1
        if needle and needle in rest:
            found.append(lines)
    return lines, tuple(found)


def _lines_with(needle: bytes, block: bytes, *, before: int) -> Iterator[int]:
    at, line, last = block.find(needle), before + 1, 0
    while at >= 0:
        line += block.count(b"\n", last, at)
        yield line
        last = block.find(b"\n", at)
        at = block.find(needle, last)
