"""Writes made cases as files in one of many layouts, as messy as real statements, with the answer beside."""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from benchmarks.statements.make import COURIER, OTHER_KINDS, PERIOD, Card, Case, Maker, Row, Waybill

_HEADINGS = {
    "number": ("运单号", "运单编号", "快递单号", "面单号", "运单号（必填）", "运 单 号 码", "物流单号"),
    "on": ("业务时间", "寄件日期", "揽收时间", "收寄日期", "日期"),
    "province": ("目的省份", "计费省份", "(派件)省", "收件省", "到达省份", "省份"),
    "weight": ("计费重量", "结算重量(kg)", "计费重量（ＫＧ）", "计费重量\n(kg)", "重量", "收费重量"),
    "freight": ("运费", "运费(元)", "快递费", "运输费", "基础运费", "应收运费（元）"),
    "cod": ("代收货款", "代收货款金额", "代收金额（元）", "代收款"),
    "kind": ("费用类型", "费用名称", "收费项目"),
    "amount": ("金额", "费用（元）", "应收金额"),
}
_FREIGHT_KINDS = ("运费", "快递费", "基础运费")
_LONG_NAMES = {
    "新疆": "维吾尔自治区",
    "西藏": "自治区",
    "内蒙古": "自治区",
    "宁夏": "回族自治区",
    "广西": "壮族自治区",
}
_CITIES = ("北京", "天津", "上海", "重庆")


@dataclass
class Layout:
    """How one courier writes its statement."""

    seed: int
    format: str = "csv"
    encoding: str = "utf-8"
    kinds_in_column: bool = False
    mess: float = 0.3
    broken_rows: int = 0
    blank_rows: int = 0
    titles: int = 4


@dataclass
class Files:
    """Where everything was written, and the right answer."""

    waybills: Path
    rates: Path
    statement: Path
    answer: dict[str, Any]


@dataclass
class _Counted:
    rows: int = 0
    lines: int = 0
    charged_fen: int = 0
    matched: int = 0
    waybills: int = 0
    expected_fen: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    by_reason: dict[str, Counter[str]] = field(default_factory=dict)

    def take(self, case: Case) -> None:
        """Count one case after its rows have got their places."""
        self.expected_fen += case.expected_fen
        places = sorted(row.place for row in case.rows)
        if case.rows:
            self.waybills += 1
            self.matched += not case.says
        for reason, (charged_fen, expected_fen) in case.says.items():
            number = case.waybill.number if case.waybill else case.rows[0].number
            self.items.append(
                {
                    "waybill": number,
                    "reason": reason,
                    "charged_fen": charged_fen,
                    "expected_fen": expected_fen,
                    "rows": places,
                }
            )
            over_fen = charged_fen - expected_fen if reason != "cod" else expected_fen - charged_fen
            totals = self.by_reason.setdefault(reason, Counter(waybills=0, over_fen=0, under_fen=0))
            totals["waybills"] += 1
            totals["over_fen" if over_fen > 0 else "under_fen"] += abs(over_fen)


class Renderer:
    """Writes one statement; the same layout and cases write the same bytes."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.chance = random.Random(layout.seed)
        chance = self.chance
        self.headings = {key: chance.choice(names) for key, names in _HEADINGS.items()}
        keys = [
            "number",
            "on",
            "province",
            "weight",
            "cod",
            "actual",
            "total",
            "sender",
            "declared",
            "branch",
        ]
        keys += ["kind", "amount"] if layout.kinds_in_column else ["freight", *OTHER_KINDS]
        chance.shuffle(keys)
        self.keys = ["serial", *keys]
        decoys = {"serial": "序号", "actual": "实际重量(kg)", "total": "费用合计", "sender": "寄件省份"}
        others = {kind: kind + chance.choice(("", "（元）", "(元)")) for kind in OTHER_KINDS}
        self.headings |= decoys | {"declared": "声明价值(元)", "branch": "揽收网点"} | others
        self.freight_kind = chance.choice(_FREIGHT_KINDS)

    def titles(self) -> list[list[Any]]:
        """Title rows and the header."""
        titles: list[list[Any]] = [
            ["某快递网点 2026年10月 对账单"],
            ["客户：某县寄递共配中心"],
            [],
            ["单位：元、公斤"],
        ]
        return [*titles[: self.layout.titles], [self.headings[key] for key in self.keys]]

    def split(self, row: Row) -> list[Row]:
        """Split a row into one per charge where kinds stand in a column."""
        if not self.layout.kinds_in_column or not row.others:
            return [row]
        main = Row(row.number, row.freight_fen, {}, row.weight_g, row.province, row.cod_fen, row.on)
        others = [
            Row(row.number, None, {k: v}, None, row.province, None, row.on) for k, v in row.others.items()
        ]
        return [main, *others] if row.freight_fen is not None else others

    def cells(self, row: Row, serial: int) -> list[Any]:
        """Write one row's cells in the order of the columns."""
        fen = row.charged_fen
        values: dict[str, Any] = {
            "serial": serial,
            "number": self._number(row.number),
            "on": self._day(row.on),
            "province": self._province(row.province),
            "weight": "" if row.weight_g is None else self._weight(row.weight_g),
            "cod": self._money(row.cod_fen)
            if row.cod_fen is not None
            else self.chance.choice(("", "", "0.00", 0)),
            "actual": "" if row.weight_g is None else f"{max(1, row.weight_g - 37) / 1000:.3f}",
            "total": f"{fen / 100:.2f}",
            "sender": "陕西省",
            "branch": "某县城网点",
            "kind": self.freight_kind if row.freight_fen is not None else next(iter(row.others), ""),
            "amount": self._money(fen),
            "freight": "" if row.freight_fen is None else self._money(row.freight_fen),
        }
        values |= {kind: self._money(row.others[kind]) if kind in row.others else "" for kind in OTHER_KINDS}
        return [values.get(key, "") for key in self.keys]

    def broken(self, serial: int) -> list[Any]:
        """Write a row that cannot be read: spoilt number, missing number or spoilt amount."""
        row = Row(f"7899{serial:09d}", 1234, {}, 1000, "广东", None, date(2026, 10, 9))
        cells = self.cells(row, serial)
        amount = self.keys.index("amount" if self.layout.kinds_in_column else "freight")
        column, value = self.chance.choice(
            [
                (self.keys.index("number"), "7.8E+12"),
                (self.keys.index("number"), ""),
                (amount, "#REF!"),
                (amount, "八元"),
                (amount, "nan"),
            ]
        )
        cells[column] = value
        return cells

    def endings(self, charged_fen: int) -> list[list[Any]]:
        """Totals and remarks below the rows."""
        totals = ["" for _ in self.keys]
        totals[self.keys.index("number")] = "合计"
        totals[self.keys.index("total")] = f"{charged_fen / 100:,.2f}"
        totals[self.keys.index("amount" if self.layout.kinds_in_column else "freight")] = (
            f"{charged_fen / 100:,.2f}"
        )
        return [totals, ["制表人：王芳    审核：李强"]]

    def _messy(self) -> bool:
        return self.chance.random() < self.layout.mess

    def _number(self, number: str) -> Any:
        if not self._messy():
            return number
        shapes = [f"'{number}", f"{number}\t", f" {number}", f"{number} "]
        if self.layout.format == "xlsx" and number.isdigit() and number[0] != "0":
            shapes += [int(number), int(number)]
        elif number.isdigit() and self.chance.random() < 0.05:
            shapes = [number.translate(str.maketrans("0123456789", "０１２３４５６７８９")), f"{number}.0"]
        return self.chance.choice(shapes)

    def _money(self, fen: int) -> Any:
        plain = f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
        if self.layout.format == "xlsx" and self.chance.random() < 0.7:
            return fen / 100
        if not self._messy():
            return plain
        shapes = [f"{plain}0", plain.rstrip("0").rstrip("."), f"{fen / 100:,.2f}"]
        if fen >= 0:
            shapes += [f"￥{plain}", f"¥{plain}", f"{plain}元"]
        return self.chance.choice(shapes)

    def _weight(self, grams: int) -> Any:
        if self.layout.format == "xlsx" and self.chance.random() < 0.7:
            return grams / 1000
        plain = f"{grams // 1000}.{grams % 1000:03d}"
        return self.chance.choice((plain.rstrip("0").rstrip("."), plain)) if self._messy() else plain

    def _province(self, name: str) -> str:
        if not name or not self._messy():
            return name
        return name + ("市" if name in _CITIES else _LONG_NAMES.get(name, "省"))

    def _day(self, on: date) -> Any:
        shapes = (
            f"{on:%Y-%m-%d}",
            f"{on:%Y/%m/%d}",
            f"{on.year}年{on.month}月{on.day}日",
            f"{on:%Y-%m-%d} 12:10:16",
        )
        return self.chance.choice(shapes) if self._messy() else shapes[0]


def write_case_files(folder: Path, *, maker: Maker, count: int, layout: Layout) -> Files:
    """Write waybills, rates and statement of `count` cases into a folder, and give the right answer.

    Cost: about 40 s and 150 MB for a million cases as CSV.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder / "waybills.csv", folder / "rates.csv", folder / f"statement.{layout.format}", {})
    _write_rates(files.rates, maker.cards)
    counted = _Counted()
    with files.waybills.open("w", encoding="utf-8", newline="") as waybills:
        ours = csv.writer(waybills, lineterminator="\n")
        names = "waybill,courier,picked_up_on,province,weight_g,volume_cm3,cod_fen,status"
        ours.writerow(names.split(","))
        rows = _statement_rows(maker, Renderer(layout), count=count, counted=counted, ours=ours)
        (_write_xlsx if layout.format == "xlsx" else _write_csv)(files.statement, rows, layout)
    files.answer = _answer(counted)
    return files


def _statement_rows(
    maker: Maker, renderer: Renderer, *, count: int, counted: _Counted, ours: Any
) -> Iterator[list[Any]]:
    layout, chance = renderer.layout, renderer.chance
    number = 0
    for cells in renderer.titles():
        number += 1
        yield cells
    broken_left, blank_left = layout.broken_rows, layout.blank_rows
    for batch in _batches(maker.cases(count), 50_000):
        for case in batch:
            case.rows = [part for row in case.rows for part in renderer.split(row)]
        rows = [row for case in batch for row in case.rows]
        chance.shuffle(rows)
        for row in rows:
            number += 1
            while blank_left and chance.random() < 0.02:
                blank_left -= 1
                yield []
                number += 1
            while broken_left and chance.random() < 0.05:
                broken_left -= 1
                yield renderer.broken(number)
                counted.unreadable.append(number)
                counted.rows += 1
                number += 1
            row.place = number
            counted.rows += 1
            counted.lines += 1
            counted.charged_fen += row.charged_fen
            yield renderer.cells(row, number)
        waybills = [case.waybill for case in batch if case.waybill]
        chance.shuffle(waybills)
        ours.writerows(_fields(waybill) for waybill in waybills)
        for case in batch:
            counted.take(case)
    for cells in renderer.endings(counted.charged_fen):
        counted.rows += 1
        yield cells


def _batches(cases: Iterator[Case], size: int) -> Iterator[list[Case]]:
    batch: list[Case] = []
    for case in cases:
        batch.append(case)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _fields(waybill: Waybill) -> tuple[Any, ...]:
    w = waybill
    return w.number, w.courier, w.on.isoformat(), w.province, w.weight_g, w.volume_cm3, w.cod_fen, w.status


def _write_rates(path: Path, cards: list[Card]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        names = "courier,zone,provinces,first_g,first_fen,step_g,step_fen,volumetric_divisor,round_g"
        out.writerow([*names.split(","), "valid_from", "valid_to"])
        for c in cards:
            numbers = (c.first_g, c.first_fen, c.step_g, c.step_fen, c.divisor, c.round_g)
            out.writerow((c.courier, c.zone, "|".join(c.provinces), *numbers, c.valid_from, c.valid_to))


def _write_csv(path: Path, rows: Iterator[list[Any]], layout: Layout) -> None:
    with path.open("w", encoding=layout.encoding, newline="") as file:
        csv.writer(file, lineterminator="\r\n" if layout.seed % 2 else "\n").writerows(rows)


def _write_xlsx(path: Path, rows: Iterator[list[Any]], layout: Layout) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("对账单")
    for cells in rows:
        sheet.append([None if cell == "" else cell for cell in cells])
    workbook.create_sheet("说明").append(["本表由系统导出，请核对"])
    workbook.save(path)


def _answer(counted: _Counted) -> dict[str, Any]:
    statement = {
        "rows": counted.rows,
        "lines": counted.lines,
        "waybills": counted.waybills,
        "charged_fen": counted.charged_fen,
    }
    return {
        "courier": COURIER,
        "period": PERIOD,
        "statement": statement,
        "expected_fen": counted.expected_fen,
        "matched": counted.matched,
        "by_reason": {reason: dict(totals) for reason, totals in counted.by_reason.items()},
        "items": counted.items,
        "unreadable": sorted(counted.unreadable),
    }


def write_answer(path: Path, answer: dict[str, Any]) -> None:
    """Write the right answer as JSON."""
    path.write_text(json.dumps(answer, ensure_ascii=False))
