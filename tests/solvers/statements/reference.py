"""A deliberately simple reconciler to compare with: dictionaries, csv and openpyxl, exact fractions.

It shares no code with the product and knows only the headings that it is told.
"""

import csv
import io
import re
import unicodedata
import warnings
from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl

ENDINGS = ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
FREIGHT_WORDS = ("运费", "快递费")


def plain(text: str) -> str:
    for ending in ENDINGS:
        if text.endswith(ending) and len(text) > len(ending):
            return text[: -len(ending)]
    return text


def read_csv_text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def dictionaries(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read_csv_text(path))))


class Cards:
    def __init__(self, path: Path, courier: str) -> None:
        self.rows = [row for row in dictionaries(path) if row["courier"] == courier]

    def find(self, province: str, on: date) -> dict[str, str] | None:
        valid = [
            row
            for row in self.rows
            if date.fromisoformat(row["valid_from"]) <= on <= date.fromisoformat(row["valid_to"])
        ]
        for row in valid:
            if province in [plain(name) for name in row["provinces"].split("|")]:
                return row
        return next((row for row in valid if "*" in row["provinces"].split("|")), None)


def fen_of(card: dict[str, str], grams: Fraction) -> int:
    step = int(card["round_g"])
    rounded = -int(-grams // step) * step
    over = rounded - int(card["first_g"])
    steps = -int(-over // int(card["step_g"])) if over > 0 else 0
    return int(card["first_fen"]) + steps * int(card["step_fen"])


def own_fen(card: dict[str, str], ours: dict[str, str]) -> int:
    grams = Fraction(int(ours["weight_g"]))
    if int(card["volumetric_divisor"]):
        grams = max(grams, Fraction(int(ours["volume_cm3"]) * 1000, int(card["volumetric_divisor"])))
    return fen_of(card, grams)


def number(value: Any) -> Fraction | None:
    """Read a decimal; `None` when blank; raises ValueError when it is no number."""
    if value is None or isinstance(value, str) and not value.strip():
        return None
    if isinstance(value, bool):
        raise ValueError(value)
    text = unicodedata.normalize("NFKC", repr(value) if isinstance(value, float) else str(value))
    text = re.sub(r"[\s¥元,']", "", text)
    if not re.fullmatch(r"-?\d+(\.\d*)?", text):
        raise ValueError(value)
    digits = len(text.replace("-", "").replace(".", "").lstrip("0"))
    return Fraction(repr(float(text))) if digits > 15 else Fraction(text)


def waybill_of(value: Any) -> str:
    """Read a waybill number; raises ValueError when it is spoilt or missing."""
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip(" \t\r\n'")
    text = text.removesuffix(".0") if text[:-2].isdigit() else text
    if not re.fullmatch(r"[0-9A-Za-z]+", text):
        raise ValueError(value)
    return text


def sheet_rows(path: Path) -> tuple[list[list[Any]], set[tuple[int, int]]]:
    """All rows of the first sheet, and the places of formulas without value and of merged cells."""
    if path.suffix == ".csv":
        return [list(row) for row in csv.reader(io.StringIO(read_csv_text(path), newline=""))], set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values = openpyxl.load_workbook(path, data_only=True).worksheets[0]
        formulas = openpyxl.load_workbook(path).worksheets[0]
    lost = {
        (cell.row, cell.column - 1)
        for row in formulas.iter_rows()
        for cell in row
        if cell.data_type == "f" and values.cell(cell.row, cell.column).value is None
    }
    for merged in formulas.merged_cells.ranges:
        lost |= {
            (r, c - 1)
            for r in range(merged.min_row, merged.max_row + 1)
            for c in range(merged.min_col, merged.max_col + 1)
        }
    return [list(row) for row in values.iter_rows(values_only=True)], lost


def reconcile(
    waybills: Path, rates: Path, statement: Path, courier: str, period: str, names: dict[str, Any]
) -> dict[str, Any]:
    """Reconcile; `names` maps number, freight (or kind, amount), others, weight, province, cod."""
    cards = Cards(rates, courier)
    ours = {row["waybill"]: row for row in dictionaries(waybills) if row["courier"] == courier}
    rows, lost = sheet_rows(statement)
    top = next(i for i, row in enumerate(rows) if names["number"] in row)
    at = {heading: i for i, heading in enumerate(rows[top]) if heading not in (None, "")}
    figures: dict[str, int] = defaultdict(int)
    unreadable: list[int] = []
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for index, row in enumerate(rows[top + 1 :], start=top + 2):
        cells = row + [None] * (len(rows[top]) - len(row))
        if _is_blank(cells) and not any(r == index for r, _ in lost):
            continue
        figures["rows"] += 1
        if any(str(cell).replace(" ", "") in ("合计", "总计", "小计") for cell in cells if cell is not None):
            continue
        try:
            line = _line(cells, index, at, names, lost)
        except ValueError:
            unreadable.append(index)
            continue
        if line is not None:
            lines[line["number"]].append(line)
            figures["lines"] += 1
            figures["charged_fen"] += sum(fen for _, fen, _ in line["charges"])
    return _judge(lines, ours, cards, courier, period, figures, unreadable)


def _is_blank(cells: list[Any]) -> bool:
    return all(cell is None or not str(cell).strip() for cell in cells)


def _line(
    cells: list[Any], index: int, at: dict[str, int], names: dict[str, Any], lost: set[tuple[int, int]]
) -> dict[str, Any] | None:
    """One charge row; `None` without any amount; raises ValueError when something in it cannot be read."""
    headings = [names["freight"], *names["others"]] if "freight" in names else [names["amount"]]
    money = [*headings, names["cod"]]
    if any((index, at[heading]) in lost for heading in money):
        raise ValueError(index)
    amounts = {heading: number(cells[at[heading]]) for heading in money}
    if all(amount is None for amount in amounts.values()):
        return None
    charges = []
    for heading in headings:
        amount = amounts[heading]
        if amount is not None:
            kind, is_freight = heading, heading == names.get("freight")
            if "kind" in names:
                kind = str(cells[at[names["kind"]]] or "运费").strip()
                is_freight = any(word in kind for word in FREIGHT_WORDS)
            charges.append((kind, int(amount * 100), is_freight))
    try:
        weight = number(cells[at[names["weight"]]])
    except ValueError:
        weight = None
    return {
        "row": index,
        "number": waybill_of(cells[at[names["number"]]]),
        "charges": charges,
        "cod": int((amounts[names["cod"]] or 0) * 100),
        "kg": weight,
        "province": plain(str(cells[at[names["province"]]] or "").strip()),
    }


def _judge(
    lines: dict[str, list[dict[str, Any]]],
    ours: dict[str, dict[str, str]],
    cards: Cards,
    courier: str,
    period: str,
    figures: dict[str, int],
    unreadable: list[int],
) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    expected_fen = 0
    for waybill in [*lines, *(number for number in ours if number not in lines)]:
        group = lines.get(waybill, [])
        record = ours.get(waybill)
        charged = sum(fen for line in group for _, fen, _ in line["charges"])
        expected, in_period = 0, False
        if record is not None:
            in_period = record["picked_up_on"][:7] == period
            if in_period and record["status"] != "lost":
                expected = own_fen(_own_card(cards, record), record)
        expected_fen += expected
        reason = _reason(group, record, cards, in_period=in_period, charged=charged, expected=expected)
        rows = [line["row"] for line in group]
        if reason:
            items.append(_item(waybill, reason, charged, expected, rows))
        if record and record["status"] == "delivered" and (group or in_period):
            remitted = sum(line["cod"] for line in group)
            if remitted != int(record["cod_fen"]):
                items.append(_item(waybill, "cod", remitted, int(record["cod_fen"]), rows))
    flagged = {item["waybill"] for item in items}
    return {
        "courier": courier,
        "period": period,
        "statement": {
            "rows": figures["rows"],
            "lines": figures["lines"],
            "waybills": len(lines),
            "charged_fen": figures["charged_fen"],
        },
        "expected_fen": expected_fen,
        "matched": sum(waybill not in flagged for waybill in lines),
        "by_reason": _totals(items),
        "items": items,
        "unreadable": unreadable,
    }


def _own_card(cards: Cards, record: dict[str, str]) -> dict[str, str]:
    card = cards.find(plain(record["province"]), date.fromisoformat(record["picked_up_on"]))
    assert card is not None
    return card


def _item(waybill: str, reason: str, charged: int, expected: int, rows: list[int]) -> dict[str, Any]:
    return {
        "waybill": waybill,
        "reason": reason,
        "charged_fen": charged,
        "expected_fen": expected,
        "rows": rows,
    }


def _totals(items: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    by_reason: dict[str, dict[str, int]] = {}
    for item in items:
        over = item["charged_fen"] - item["expected_fen"]
        over = -over if item["reason"] == "cod" else over
        totals = by_reason.setdefault(item["reason"], {"waybills": 0, "over_fen": 0, "under_fen": 0})
        totals["waybills"] += 1
        totals["over_fen" if over > 0 else "under_fen"] += abs(over)
    return by_reason


def _reason(
    group: list[dict[str, Any]],
    record: dict[str, str] | None,
    cards: Cards,
    *,
    in_period: bool,
    charged: int,
    expected: int,
) -> str | None:
    """The first reason that fits, in the order of the contract."""
    if record is None:
        return "unknown_waybill"
    if not group:
        return "not_billed" if expected else None
    if not in_period:
        return "out_of_period"
    charges = [charge for line in group for charge in line["charges"] if charge[1]]
    if record["status"] == "lost":
        return "lost" if charges else None
    if record["status"] == "returned" and sum(is_freight for _, _, is_freight in charges) > 1:
        return "returned"
    if charged == expected:
        return None
    kinds = [(kind, fen) for kind, fen, _ in charges]
    if len(set(kinds)) < len(kinds):
        return "duplicate"
    freight = sum(fen for _, fen, is_freight in charges if is_freight)
    if freight != expected:
        on = date.fromisoformat(record["picked_up_on"])
        lines = [line for line in group if any(fen and is_freight for _, fen, is_freight in line["charges"])]
        card = _own_card(cards, record)
        if any(line["kg"] is not None and fen_of(card, line["kg"] * 1000) == freight for line in lines):
            return "weight"
        theirs = [cards.find(line["province"], on) for line in lines if line["province"]]
        if any(card is not None and own_fen(card, record) == freight for card in theirs):
            return "zone"
    return "rate"
