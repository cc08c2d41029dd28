"""Reader of couriers.csv: the pool's couriers and what sub-contracting would cost each of them."""

import csv
import io
import re
from pathlib import Path

from county.errors import BadInput, Fault
from logistics.allocation.types import CourierTerms

LARGEST_PRICE_FEN = 100_000_000
LONGEST_NAME = 200
_WHOLE = re.compile(r"[0-9]{1,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read_couriers(path: Path) -> list[CourierTerms]:
    """Read the couriers of the pool; this function will list all faults before it refuses.

    Takes: CSV in UTF-8 (with or without byte order mark) or GB18030, columns `courier[,subcontract_fen]`.
    Refuses: `BadInput`, one fault per thing wrong, `FILE:LINE` and what was expected.
    Source: CONTRACTS.md §5.
    """
    faults: list[Fault] = []
    couriers: list[CourierTerms] = []
    lines: dict[str, int] = {}
    header: list[str] | None = None
    reader = csv.reader(io.StringIO(_decode(path), newline=""), strict=True)
    try:
        for cells in reader:
            where, row = f"{path}:{reader.line_num}", [cell.strip() for cell in cells]
            if not any(row):
                continue
            if header is None:
                header = row
                _require_header(where, header)
                continue
            found = len(faults)
            terms = _read_row(where, dict(zip(header, row, strict=False)), len(row) - len(header), faults)
            if terms.courier in lines:
                what = f"courier {terms.courier!r} appears again after line {lines[terms.courier]}"
                faults.append(Fault(where, f"{what}, expected it once"))
            elif len(faults) == found:
                lines[terms.courier] = reader.line_num
                couriers.append(terms)
    except csv.Error as error:
        line = max(1, reader.line_num)
        faults.append(Fault(f"{path}:{line}", f"not readable as CSV ({error}), expected one courier"))
    if header is None and not faults:
        faults.append(Fault(f"{path}:1", "the file is empty, expected a header with courier"))
    if faults:
        raise BadInput(faults)
    return couriers


def _require_header(where: str, header: list[str]) -> None:
    faults = []
    if "courier" not in header:
        faults.append(Fault(where, "column courier is missing, expected it in the header"))
    faults.extend(
        Fault(where, f"column {column} appears twice, expected it once")
        for column in ("courier", "subcontract_fen")
        if header.count(column) > 1
    )
    if faults:
        raise BadInput(faults)


def _read_row(where: str, cells: dict[str, str], surplus: int, faults: list[Fault]) -> CourierTerms:
    name, price = cells.get("courier", ""), cells.get("subcontract_fen", "")
    if surplus > 0:
        faults.append(Fault(where, f"{surplus} fields too many, expected as many as in the header"))
    if not name:
        faults.append(Fault(where, "courier is empty, expected a name"))
    elif len(name) > LONGEST_NAME or _CONTROL.search(name):
        faults.append(Fault(where, f"courier is no plain text of at most {LONGEST_NAME} characters"))
    if price and not (_WHOLE.fullmatch(price) and int(price) <= LARGEST_PRICE_FEN):
        expected = f"expected a whole number of fen from 0 to {LARGEST_PRICE_FEN}, or nothing"
        faults.append(Fault(where, f"subcontract_fen is {price[:40]!r}, {expected}"))
        price = ""
    return CourierTerms(name, int(price) if price else None)


def _decode(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        where = f"{path}:1"
        raise BadInput([Fault(where, f"cannot be read ({error.strerror}), expected a CSV file")]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as first:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as error:
            line = content[: first.start].count(b"\n") + 1
            what = "not readable as text, expected UTF-8 or GB18030"
            raise BadInput([Fault(f"{path}:{line}", what)]) from error
