"""Reading CSV files: which encoding, which lines, one pass in bounded memory."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from county.errors import BadInput, Fault
from county.sheets.types import Limits

CHECKED_WHOLE = 4 << 20
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
    that gives fewer rows has met blank lines or line ends inside cells); `found` are the lines that hold the
    text asked for, with their numbers.
    """

    name: str
    path: Path
    encoding: str
    lines: int
    found: tuple[tuple[int, bytes], ...]

    def tail(self) -> list[bytes]:
        """Give the last lines, as many as a short look at the file's end shows whole."""
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _CHUNK // 4))
            lines = file.readlines()
        return lines if size <= _CHUNK // 4 else lines[1:]


def refuse(name: str, line: int, what: str) -> BadInput:
    """Make the refusal of a whole file, to be raised by the caller."""
    return BadInput([Fault(f"{name}:{line}", what)])


def refuse_folder(path: Path) -> None:
    """Refuse a folder where a table is expected, and a name that no file can have."""
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise refuse(str(path), 1, f"cannot be read ({error.strerror}); expected a table to read") from error
    if is_folder:
        raise refuse(str(path), 1, "is a folder; expected a file, a table to read")


def check_size(path: Path, *, limits: Limits) -> None:
    """Refuse a file that is missing, empty, not a file, or too big to look at."""
    name = str(path)
    refuse_folder(path)
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
        except UnicodeDecodeError as error:
            raise refuse(name, number + 1, "bytes that are not the text the file began with") from error
        except csv.Error as error:
            said = str(error)
            if "field limit" in said:
                raise refuse(name, number + 1, _long_cell(limits)) from error
            raise refuse(
                name, number + 1, "a cell in quotation marks that is not closed properly; expected CSV"
            ) from error


def _long_cell(limits: Limits) -> str:
    return f"a cell of more than {limits.cell_characters} characters; expected a table of short cells"


def as_utf8(path: Path, *, workspace: Path, limits: Limits) -> tuple[str, Path]:
    """Tell a CSV's encoding and give a UTF-8 file with the same text: itself, or a copy if it is GB18030.

    Of a file larger than `CHECKED_WHOLE` bytes only the beginning is decoded: the bulk reader decodes what it
    reads anyway, and where it meets bytes that are no UTF-8, `detect_encoding` says on which line.
    Takes: `workspace`, a folder of the caller's own for the copy.
    Refuses: as `detect_encoding`.
    """
    check_size(path, limits=limits)
    is_large = path.stat().st_size > CHECKED_WHOLE
    encoding = (_encoding_of_head(path) if is_large else None) or detect_encoding(path, limits=limits)
    if encoding != "gb18030":
        return encoding, path
    copy = workspace / f"{path.stem}.utf8.csv"
    with path.open(encoding=encoding, newline="") as source, copy.open("wb") as target:
        while text := source.read(_CHUNK):
            target.write(text.encode())
    return encoding, copy


def prepare_csv(path: Path, *, workspace: Path, limits: Limits, needle: str | None = None) -> PreparedCsv:
    """Check a CSV's encoding and shape and give a UTF-8 file that a bulk reader can take.

    Takes: as `as_utf8`; `needle`, a text whose lines are wanted.
    Refuses: as `as_utf8`; a line too long for any table.
    Cost: one read of the file, 1 MiB at a time; two more with writing for GB18030.
    """
    encoding, plain = as_utf8(path, workspace=workspace, limits=limits)
    lines, found = _look_over_lines(plain, name=str(path), limits=limits, needle=(needle or "").encode())
    return PreparedCsv(str(path), plain, encoding, lines, found)


def _encoding_of_head(path: Path) -> str | None:
    """Tell that a file begins as UTF-8 with more than ASCII in it; `None` leaves the question open."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    if head.startswith(tuple(mark for mark, _ in _OTHER_KINDS)) or head.isascii() or b"\0" in head:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return None
    return "utf-8-sig"


def _look_over_lines(
    path: Path, *, name: str, limits: Limits, needle: bytes
) -> tuple[int, tuple[tuple[int, bytes], ...]]:
    """Count the lines and take those that hold the needle, refusing lines too long for any table."""
    longest = limits.columns * 200 + limits.cell_characters
    lines, rest = 0, b""
    found: list[tuple[int, bytes]] = []
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            block = rest + chunk if rest else chunk
            cut = block.rfind(b"\n") + 1
            rest = block[cut:]
            if len(rest) > longest:
                at = lines + block.count(b"\n") + 1
                raise refuse(
                    name, at, f"a line of more than {longest} bytes; expected a table of short cells"
                )
            if needle and needle in block:
                found.extend(_lines_with(needle, block[:cut], before=lines))
            lines += block.count(b"\n")
    if rest:
        lines += 1
        if needle and needle in rest:
            found.append((lines, rest))
    return lines, tuple(found)


def _lines_with(needle: bytes, block: bytes, *, before: int) -> Iterator[tuple[int, bytes]]:
    at, line, last = block.find(needle), before + 1, 0
    while at >= 0:
        start = block.rfind(b"\n", 0, at) + 1
        line += block.count(b"\n", last, start)
        last = block.find(b"\n", at) + 1
        yield line, block[start:last]
        line += 1
        at = block.find(needle, last)
