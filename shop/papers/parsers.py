"""Reads a table of purchase papers, row by row, each wrong one with its number and why."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from county import money
from county.errors import BadInput, Fault
from county.sheets import Limits, SheetRow, read_sheet
from shop.papers.types import BadRow, FileRow, PaperKind, ReadFile, RowFault

# Headings of the template and how people write them otherwise.
HEADINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kind", ("单据类型", "类型", "kind")),
    ("phone", ("农户手机号", "手机号", "phone")),
    ("code", ("发票代码", "代码", "code")),
    ("number", ("号码", "发票号码", "编号", "number")),
    ("issued_on", ("开具日期", "日期", "issued on")),
    ("from_on", ("起始日期", "从", "from")),
    ("to_on", ("截止日期", "到", "to")),
    ("fen", ("金额(元)", "金额", "amount")),
)
KINDS = {
    "收购发票": PaperKind.INVOICE,
    "invoice": PaperKind.INVOICE,
    "自产证明": PaperKind.OWN_PRODUCE,
    "own produce": PaperKind.OWN_PRODUCE,
}
REQUIRED = ("kind", "phone", "number", "issued_on", "from_on", "to_on")
LIMITS = Limits(rows=5_000, columns=60, file_bytes=8 << 20, unpacked_bytes=64 << 20, places=300_000)
_SPOILT = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?( 00:00:00)?")


def read_papers(path: Path, *, name: str) -> ReadFile:
    """Read a table of papers.

    Refuses: `BadInput` for a file that is no table, has no headings of ours, or more than 5,000 rows.
    """
    sheet = read_sheet(path, limits=LIMITS)
    head = next((row for row in sheet.rows if len(set(columns_of(row.cells)) & set(REQUIRED)) >= 3), None)
    if head is None:
        raise BadInput([Fault(name, "has no row with the headings of the template")])
    columns = columns_of(head.cells)
    missing = [field for field in REQUIRED if field not in columns]
    if missing:
        raise BadInput([Fault(name, f"lacks the columns {', '.join(missing)}")])
    rows: list[FileRow] = []
    faults: list[BadRow] = []
    seen: set[tuple[str, str, str]] = set()
    for row in sheet.rows:
        if row.number <= head.number:
            continue
        read = _read_row(row, columns)
        if isinstance(read, FileRow):
            key = (read.kind.value, read.code, read.number)
            if key not in seen:
                seen.add(key)
                rows.append(read)
                continue
            read = BadRow(row.number, RowFault.TWICE, read.number)
        faults.append(read)
    return ReadFile(name, hashlib.sha256(path.read_bytes()).hexdigest(), tuple(rows), tuple(faults))


def columns_of(cells: Sequence[str]) -> dict[str, int]:
    """Find which column holds what, by the headings."""
    wanted = {each.casefold(): field for field, names in HEADINGS for each in names}
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        field = wanted.get(cell.strip().casefold().replace("（", "(").replace("）", ")"))
        if field is not None:
            found.setdefault(field, at)
    return found


def read_day(text: str) -> date | None:
    """Read a day as people write it: 2026-11-03, 2026/11/3, 2026年11月3日; None for anything else."""
    match = _DAY.fullmatch(text.strip())
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _read_row(row: SheetRow, columns: dict[str, int]) -> FileRow | BadRow:
    def cell(field: str) -> str:
        at = columns.get(field)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""

    def bad(fault: RowFault, text: str) -> BadRow:
        return BadRow(row.number, fault, text[:60])

    for field in ("phone", "code", "number"):
        if _SPOILT.fullmatch(cell(field)):
            return bad(RowFault.SPOILT, cell(field))
    kind = KINDS.get(cell("kind").casefold())
    if kind is None:
        return bad(RowFault.KIND, cell("kind"))
    days = [read_day(cell(field)) for field in ("issued_on", "from_on", "to_on")]
    issued_on, from_on, last_on = days
    if issued_on is None or from_on is None or last_on is None:
        return bad(RowFault.DAY, " ".join(cell(field) for field in ("issued_on", "from_on", "to_on")))
    if from_on > last_on:
        return bad(RowFault.SPAN, f"{from_on} – {last_on}")
    try:
        fen = money.parse_yuan(cell("fen")) if cell("fen") else None
    except ValueError:
        return bad(RowFault.AMOUNT, cell("fen"))
    # The table names the last day; inside a span ends before its end.
    return FileRow(
        row.number,
        kind,
        cell("phone"),
        cell("code"),
        cell("number"),
        issued_on,
        from_on,
        last_on + timedelta(days=1),
        fen,
    )
