"""Writes a reconciliation as a workbook in the courier's own layout, with our findings beside each row."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from county.sheets import Amount, SheetFormat, Value, cell_text, read_grid, write_workbook
from county.sheets.delimited import detect_encoding, iter_csv_rows
from county.sheets.reading import sheet_format
from county.sheets.writing import Cell
from logistics.statements.parsers.cells import is_waybill_shaped
from logistics.statements.parsers.opened import LIMITS
from logistics.statements.types import Item, Reason, Reconciliation

# The report goes back to the courier, so it speaks the language of the statement.
_NAMES = {
    Reason.UNKNOWN_WAYBILL: "非我方运单",
    Reason.OUT_OF_PERIOD: "不在结算周期",
    Reason.LOST: "丢失件计费",
    Reason.RETURNED: "退件重复计费",
    Reason.DUPLICATE: "重复计费",
    Reason.WEIGHT: "重量不符",
    Reason.ZONE: "计费区域不符",
    Reason.RATE: "费用不符",
    Reason.NOT_BILLED: "漏计费",
    Reason.COD: "代收货款不符",
}
_ADDED = ("核对结果", "对方合计(元)", "我方应付(元)", "差额(元)", "代收差额(元)", "说明")
_MATCHED, _UNREADABLE = "相符", "无法读取"


def write_report(path: Path, reconciliation: Reconciliation, *, statement: Path) -> None:
    """Write the statement's rows as they came, with columns for our findings, and what the statement lacks.

    Gives: three sheets: the statement (sums stand on the first row of a waybill, amounts are numbers), the
    waybills that it does not bill, the sums by reason. Cells that a spreadsheet would execute are disarmed.
    """
    sheets = [
        ("核对明细", _detail(reconciliation, statement)),
        ("未计费运单", _absent(reconciliation)),
        ("差异汇总", _summary(reconciliation)),
    ]
    write_workbook(path, sheets)


def _detail(reconciliation: Reconciliation, statement: Path) -> Iterator[Sequence[Cell]]:
    layout = reconciliation.layout
    by_row: dict[int, list[Item]] = {}
    for item in reconciliation.items:
        for row in item.rows:
            by_row.setdefault(row, []).append(item)
    unreadable = dict(reconciliation.unreadable)
    for number, values in enumerate(_rows(statement), start=1):
        cells: list[Cell] = [_cell(value) for value in values]
        if number < layout.header_row:
            yield cells
            continue
        cells += [None] * (layout.width - len(cells))
        at = layout.waybill.at
        if number == layout.header_row:
            yield [*cells, *_ADDED]
        elif number in unreadable:
            yield [*cells, _UNREADABLE, None, None, None, None, unreadable[number]]
        elif number in by_row:
            yield [*cells, *_findings(number, by_row[number])]
        elif is_waybill_shaped(cell_text(values[at]) if at < len(values) else ""):
            yield [*cells, _MATCHED]
        else:
            yield cells


def _findings(row: int, items: Sequence[Item]) -> Sequence[Cell]:
    freight = [item for item in items if item.reason is not Reason.COD]
    names = "、".join(_NAMES[item.reason] for item in items)
    if row != items[0].rows[0]:
        return [names, None, None, None, None, f"见第{items[0].rows[0]}行"]
    charged = [Amount(item.charged_fen) for item in freight]
    expected = [Amount(item.expected_fen) for item in freight]
    over = [Amount(item.over_fen) for item in freight]
    remittance = [Amount(item.over_fen) for item in items if item.reason is Reason.COD]
    return [names, *(_one(amounts) for amounts in (charged, expected, over, remittance)), None]


def _one(amounts: Sequence[Amount]) -> Amount | None:
    return amounts[0] if amounts else None


def _absent(reconciliation: Reconciliation) -> Iterator[Sequence[Cell]]:
    yield ["运单号", "核对结果", "我方应付(元)", "应返代收货款(元)"]
    absent: dict[str, dict[Reason, int]] = {}
    for item in reconciliation.items:
        if not item.rows:
            absent.setdefault(item.waybill, {})[item.reason] = item.expected_fen
    for waybill, expected in absent.items():
        names = "、".join(_NAMES[reason] for reason in expected)
        fens = [expected.get(reason) for reason in (Reason.NOT_BILLED, Reason.COD)]
        yield [waybill, names, *(None if fen is None else Amount(fen) for fen in fens)]


def _summary(reconciliation: Reconciliation) -> Iterator[Sequence[Cell]]:
    figures = reconciliation.statement
    yield ["快递公司", reconciliation.courier]
    yield ["结算周期", reconciliation.period]
    yield ["对方合计(元)", Amount(figures.charged_fen)]
    yield ["我方应付(元)", Amount(reconciliation.expected_fen)]
    yield ["相符运单数", reconciliation.matched]
    yield []
    yield ["差异原因", "运单数", "多收(元)", "少收(元)"]
    for reason, totals in reconciliation.by_reason.items():
        yield [_NAMES[reason], totals.waybills, Amount(totals.over_fen), Amount(totals.under_fen)]


def _rows(statement: Path) -> Iterator[Sequence[Value]]:
    if sheet_format(statement) is SheetFormat.XLSX:
        yield from read_grid(statement, limits=LIMITS).values
    else:
        encoding = detect_encoding(statement, limits=LIMITS)
        yield from iter_csv_rows(statement, encoding=encoding, limits=LIMITS)


def _cell(value: Value) -> Cell:
    """Keep a value as it came; a whole number too long for a spreadsheet's 15 digits becomes text."""
    if value == "":
        return None
    if isinstance(value, str | bool):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return cell_text(value)
