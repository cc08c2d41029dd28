"""Reads a bank's answer: serial, result, reason, sometimes the amount; every unusable row with its number."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from county import ids, money
from county.sheets import Limits, SheetRow, read_sheet
from shop.payruns.types import AnswerFault, AnswerRow, BadAnswer, ReadAnswer, RowFault

# Headings seen in banks' batch results, and our own in the file they got.
HEADINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("serial", ("流水号", "业务流水号", "客户流水号", "企业流水号", "序号", "serial")),
    ("result", ("处理结果", "处理状态", "交易状态", "交易结果", "结果", "状态", "result", "status")),
    ("reason", ("失败原因", "退票原因", "原因", "备注", "处理信息", "reason")),
    ("amount", ("金额(元)", "金额", "交易金额", "amount")),
)
PAID = frozenset({"成功", "交易成功", "处理成功", "已入账", "paid", "success"})
RETURNED = frozenset({"失败", "交易失败", "处理失败", "退票", "退回", "已退回", "returned", "failed"})
LIMITS = Limits(rows=20_000, columns=60, file_bytes=8 << 20, unpacked_bytes=64 << 20, places=1_200_000)
_SPOILT = re.compile(r"[0-9]+(\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)


def read_answer(path: Path, *, name: str) -> ReadAnswer:
    """Read a bank's answer.

    Refuses: `BadInput` for a file that is no table; `BadAnswer` for one that has neither serial nor result
    among its headings.
    """
    sheet = read_sheet(path, limits=LIMITS)
    heads = ((row, columns_of(row.cells)) for row in sheet.rows[:30])
    head, columns = next(
        ((row, found) for row, found in heads if {"serial", "result"} <= found.keys()), (None, {})
    )
    if head is None:
        raise BadAnswer(why="no row has the headings 流水号 and 处理结果")
    rows: list[AnswerRow] = []
    faults: list[RowFault] = []
    for row in sheet.rows:
        if row.number > head.number:
            read = _read_row(row, columns)
            if isinstance(read, AnswerRow):
                rows.append(read)
            else:
                faults.append(read)
    return ReadAnswer(name, hashlib.sha256(path.read_bytes()).hexdigest(), tuple(rows), tuple(faults))


def columns_of(cells: Sequence[str]) -> dict[str, int]:
    """Find which column holds what, by the headings."""
    wanted = {each.casefold(): field for field, names in HEADINGS for each in names}
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        field = wanted.get(cell.strip().casefold().replace("（", "(").replace("）", ")"))
        if field is not None:
            found.setdefault(field, at)
    return found


def _read_row(row: SheetRow, columns: dict[str, int]) -> AnswerRow | RowFault:
    def cell(field: str) -> str:
        at = columns.get(field)
        return row.cells[at].strip().lstrip("'") if at is not None and at < len(row.cells) else ""

    serial, result = cell("serial"), cell("result").casefold()
    if _SPOILT.fullmatch(serial):
        return RowFault(row.number, AnswerFault.SPOILT, serial[:60])
    if not ids.is_number(serial, prefix="FK"):
        return RowFault(row.number, AnswerFault.UNKNOWN, serial[:60])
    if result not in PAID | RETURNED:
        return RowFault(row.number, AnswerFault.RESULT, f"{serial} {result}"[:60])
    fen = None
    if text := cell("amount").replace(",", "").replace("，", ""):
        try:
            fen = money.parse_yuan(text)
        except ValueError:
            return RowFault(row.number, AnswerFault.AMOUNT, f"{serial} {text}"[:60])
    return AnswerRow(row.number, serial, result in PAID, cell("reason")[:200], fen)
