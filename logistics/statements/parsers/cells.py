"""Reads single cells of a statement: waybill numbers, amounts, weights, and which rows are totals.

Every function takes the cell as text. `MARKS` are texts that stand for cells whose content is lost.
"""

import re
import unicodedata
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NamedTuple

from county.sheets import CellTrouble

# Marks begin with a character that no text cell can hold, and go through the same columns as texts.
_MARK = "\x01"
MARKS = {trouble: f"{_MARK}{trouble.value}" for trouble in CellTrouble}
MARK_LONG_NUMBER = f"{_MARK}long_number"
MARK_OTHER_TYPE = f"{_MARK}other_type"
MARK_SHIFTED = f"{_MARK}shifted"
_LOST = {
    MARKS[CellTrouble.FORMULA_WITHOUT_VALUE]: "is a formula without a stored value; expected {expected}",
    MARKS[CellTrouble.MERGED]: "lies in a merged cell; expected {expected} of its own for each row",
    MARKS[CellTrouble.ERROR_VALUE]: "is a spreadsheet error; expected {expected}",
    MARK_LONG_NUMBER: "is a number beyond 15 digits and lost the last ones; expected {expected} as text",
    MARK_SHIFTED: "is in doubt, the row has more cells than the header; expected {expected} below it",
    MARK_OTHER_TYPE: "is a date or a truth value; expected {expected}",
}

_INVISIBLE = re.compile("[\\s\\u200b-\\u200f\\u2060\\ufeff]+")
_QUOTES = "'\"`‘’“”"
_WAYBILL = re.compile(r"[0-9A-Za-z][0-9A-Za-z_/#\-]*")
_EXPONENT = re.compile(r"\d+\.\d*[Ee][+-]?\d+|\d+[Ee][+-]\d+|\d[Ee]\d{1,2}")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_MONEY = re.compile(r"([+-]?)(?:rmb|cny|¥)?([+-]?[0-9.,]+)(?:元|圆|rmb|cny)?", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.(\d*))?")
_NO_VALUE = frozenset(("", "-", "--", "---", "–", "—", "——", "/", "无"))
_NO_WAYBILL = frozenset(("nan", "none", "null", "nil"))
_WEIGHT_SIGNS = {"kg": 1000, "kgs": 1000, "公斤": 1000, "千克": 1000, "g": 1, "克": 1}
_WITH_UNIT = re.compile(r"([0-9.,]+)(kgs?|公斤|千克|g|克)", re.IGNORECASE)
TOTAL_LETTER = "计"
_TOTAL_WORDS = ("合计", "总计", "小计")
_FREIGHT_KINDS = ("运费", "快递费")
_MOST_YUAN = 10**10
_SHEET_DIGITS = Context(prec=15)


class AmountCell(NamedTuple):
    """What a cell of money holds: `fen`, or nothing (both `None`), or something unreadable (`why`)."""

    fen: int | None
    why: str | None


class WaybillCell(NamedTuple):
    """What a waybill cell holds: a `number`, or why there is none."""

    number: str | None
    why: str | None


def read_waybill(text: str) -> WaybillCell:
    """Read a waybill number as a spreadsheet may have left it.

    Gives: the number without blanks, apostrophes, tabs, full-width signs, thousand separators or a trailing
    `.0`. A number in exponents has lost its digits and is not read.
    """
    if text.isascii() and text.isalnum() and len(text) > 5:
        return WaybillCell(text, None)
    if text.startswith(_MARK):
        return WaybillCell(None, _lost(text, "the waybill number", expected="a waybill number"))
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip(_QUOTES)
    if plain.startswith("="):
        plain = plain[1:].strip(_QUOTES)
    if not plain or plain.casefold() in _NO_WAYBILL or plain in _NO_VALUE:
        return WaybillCell(None, "there is no waybill number; expected one for each charge")
    if _EXPONENT.fullmatch(plain):
        what = f"the waybill number {plain!r} was spoilt by a spreadsheet; expected all its digits"
        return WaybillCell(None, what)
    whole, dot, zeros = plain.partition(".")
    if dot and not zeros.strip("0") and (whole.isdigit() or _GROUPED.fullmatch(whole)):
        plain = whole
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _WAYBILL.fullmatch(plain):
        return WaybillCell(None, f"{_short(text)} is not a waybill number; expected letters and digits")
    return WaybillCell(plain, None)


def read_amount(text: str, *, unit_fen: int) -> AmountCell:
    """Read an amount of money.

    Takes: `unit_fen`, how many fen one unit of the column is (yuan: 100).
    Gives: fen, fractions of a fen rounded half up; signs of currency, thousand separators, brackets for
    negative amounts and full-width signs are understood; digits after the 15th are a spreadsheet's noise.
    """
    if text.startswith(_MARK):
        return AmountCell(None, _lost(text, "an amount", expected="an amount in yuan"))
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip(_QUOTES)
    if plain in _NO_VALUE:
        return AmountCell(None, None)
    bare = plain.replace("−", "-")
    if len(bare) > 2 and bare[0] == "(" and bare[-1] == ")":
        bare = f"-{bare[1:-1]}"
    money = _MONEY.fullmatch(bare)
    number = _decimal(money[1] + money[2]) if money else None
    if number is None or abs(number) >= _MOST_YUAN:
        return AmountCell(None, f"{_short(text)} is not an amount; expected yuan such as 12.30")
    fen = (number * unit_fen).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return AmountCell(int(fen), None)


def read_weight(text: str, *, unit_g: int) -> int | None:
    """Read a weight and give it in whole grams, rounded up; `None` when there is none that can be read.

    Rounding up here changes nothing later: chargeable grams are rounded up to whole steps of whole grams.
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip(_QUOTES)
    with_unit = _WITH_UNIT.fullmatch(plain)
    if with_unit:
        plain, unit_g = with_unit[1], _WEIGHT_SIGNS[with_unit[2].casefold()]
    number = _decimal(plain)
    if number is None or not 0 <= number < 10**7:
        return None
    return int((number * unit_g).to_integral_value(rounding=ROUND_CEILING))


def _decimal(plain: str) -> Decimal | None:
    found = _NUMBER.fullmatch(plain)
    if not found or not plain.isascii():
        return None
    number = Decimal(f"{found[1]}{found[2].replace(',', '') or '0'}.{found[3] or '0'}")
    if len(number.as_tuple().digits) > 15:
        with localcontext(_SHEET_DIGITS):
            number = +number
    return number


def _lost(text: str, subject: str, *, expected: str) -> str:
    return f"{subject} {_LOST[text].format(expected=expected)}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def is_blank(text: str) -> bool:
    """Tell whether a cell shows nothing."""
    return not _INVISIBLE.sub("", text)


def is_waybill_shaped(text: str) -> bool:
    """Tell whether a cell's text could be a waybill number rather than a label."""
    return read_waybill(text).number is not None


def has_total_word(text: str) -> bool:
    """Tell whether a text says 合计, 总计 or 小计 somewhere, blanks aside; no row without one is a total."""
    plain = _INVISIBLE.sub("", text)
    return any(word in plain for word in _TOTAL_WORDS)


def says_total(cells: list[str], *, waybill: str) -> bool:
    """Tell whether a row says 合计, 总计 or 小计 and is therefore no charge.

    A row with a waybill number must say just that word in some cell, blanks, brackets and a colon aside; a
    row without one, any text with it.
    """
    worded = [cell for cell in cells if TOTAL_LETTER in cell and has_total_word(cell)]
    if not is_waybill_shaped(waybill):
        return bool(worded)
    return any(_INVISIBLE.sub("", cell).strip("()（）[]【】:：") in _TOTAL_WORDS for cell in worded)


def plain_kind(text: str) -> str:
    """Write a kind of charge plainly, so that the same kind is the same text."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def is_freight_kind(text: str) -> bool:
    """Tell whether a kind of charge is freight; a charge of no named kind is."""
    kind = plain_kind(text)
    return not kind or any(word in kind for word in _FREIGHT_KINDS)
