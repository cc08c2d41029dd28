"""Finds a statement's header row and guesses what its columns mean.

Known headings come from `headings.csv`; others are guessed by the words in them. Of several columns that fit
a field the one named most exactly wins: billed weight before plain weight, freight before a bare amount.
"""

import csv
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from county.errors import BadInput, Fault
from logistics.statements.types import Column, Field, Layout

_SEARCHED_ROWS = 200
_MONEY_UNITS = {"元": 100, "圆": 100, "rmb": 100, "cny": 100, "¥": 100, "角": 10, "分": 1}
_WEIGHT_UNITS = {"kg": 1000, "kgs": 1000, "公斤": 1000, "千克": 1000, "g": 1, "克": 1, "斤": 500, "市斤": 500}
_BRACKETS = str.maketrans("【】〔〕［］[]{}《》<>〈〉", "()()()()()()()()")
_INVISIBLE = re.compile("[\\s\\u200b-\\u200f\\u2060\\ufeff]+")
_LETTER = re.compile(r"[^\W\d_]")
_ANNOTATION = re.compile(r"\(([^()]*)\)")
_TRAILING_UNIT = re.compile(r"[/_\-:,]?(kgs?|公斤|千克|市斤|元|圆|rmb|cny|¥)$")
_FROM_SENDER = re.compile("寄件|发件|寄方|寄出|始发|发出|出发|起始|起运|揽收|揽件|收寄|取件|发货")
_TOTAL = re.compile("合计|总计|小计|总额|总金额|总费用|总运费|费用总")
_NOT_MONEY = re.compile("件|票|重|数量|单数|体积")
_ORDER_OF_WAYBILL = (
    "运单号",
    "运单编号",
    "运单号码",
    "快递单号",
    "面单号",
    "快件单号",
    "物流单号",
    "邮件号",
    "邮件号码",
    "单号",
)
_ORDER_OF_PROVINCE = ("计费", "结算", "目的", "收件", "收方", "收货", "到达", "派件", "")
_ORDER_OF_FREIGHT = ("运费", "应收运费", "快递费", "快递费用", "运输费", "物流费", "基础运费")
_ORDER_OF_AMOUNT = ("结算费用", "应收费用", "应收金额", "金额", "费用", "实收金额")
_ORDER_OF_COD = ("返款", "应返", "代收货款", "代收金额", "代收")


class Guess(NamedTuple):
    """What a heading seems to mean; `rank` orders the columns of one field, the lowest wins."""

    field: Field
    rank: int
    unit: int


def plain_heading(text: str) -> str:
    """Write a heading plainly: half-width, small letters, round brackets, nothing invisible, no stars."""
    narrow = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return _INVISIBLE.sub("", narrow).strip("*:#·、'\"").casefold()


@cache
def known_headings() -> dict[str, Field]:
    """Read the headings seen so far, plainly written."""
    text = resources.files("logistics.statements").joinpath("headings.csv").read_text(encoding="utf-8")
    fields = {field.value: field for field in Field}
    return {
        plain_heading(row["header"]): fields.get(row["field"], Field.IGNORED)
        for row in csv.DictReader(text.splitlines())
    }


def guess_heading(text: str) -> Guess:
    """Guess what one heading means."""
    heading = plain_heading(text)
    base, unit_name = _without_annotations(heading)
    known = known_headings()
    name = base or heading
    field = known.get(heading) or known.get(base) or _guess_field(name)
    if _is_denied(field, heading):
        field = Field.IGNORED
    match field:
        case Field.BILLED_WEIGHT:
            return Guess(field, _weight_rank(name), _WEIGHT_UNITS.get(unit_name, 1000))
        case Field.FREIGHT:
            return Guess(field, _freight_rank(name), _MONEY_UNITS.get(unit_name, 100))
        case Field.OTHER_CHARGE | Field.TOTAL:
            return Guess(field, 0, _MONEY_UNITS.get(unit_name, 100))
        case Field.COD:
            return Guess(field, _first_within(_ORDER_OF_COD, name), _MONEY_UNITS.get(unit_name, 100))
        case Field.WAYBILL:
            return Guess(field, _place_in(_ORDER_OF_WAYBILL, name), 1)
        case Field.PROVINCE:
            return Guess(field, _first_within(_ORDER_OF_PROVINCE, heading), 1)
    return Guess(field, 0, 1)


def _is_denied(field: Field, heading: str) -> bool:
    """Tell whether words in brackets take back what the name says, as in `省份(寄件)` or `运费(到付)`."""
    match field:
        case Field.PROVINCE:
            return bool(_FROM_SENDER.search(heading))
        case Field.FREIGHT:
            return "到付" in heading
        case Field.BILLED_WEIGHT:
            return bool(re.search("实际|实重|称重|体积", heading)) and not re.search(
                "计费|结算|收费", heading
            )
    return False


def _without_annotations(heading: str) -> tuple[str, str]:
    """Split a heading into its name and its unit: `计费重量(kg)` into `计费重量` and `kg`."""
    unit_name = ""
    for inside in _ANNOTATION.findall(heading):
        word = inside.removeprefix("单位:").removeprefix("单位")
        if word in _MONEY_UNITS or word in _WEIGHT_UNITS:
            unit_name = word
    is_leading = heading.startswith("(")
    base = heading if is_leading else _ANNOTATION.sub("", heading).strip("*:#")
    trailing = _TRAILING_UNIT.search(base)
    if trailing and len(base) > len(trailing[0]):
        unit_name = unit_name or trailing[1]
        base = base[: trailing.start()]
    return base, unit_name


def _guess_field(name: str) -> Field:
    if _TOTAL.search(name):
        return Field.IGNORED if _NOT_MONEY.search(name) else Field.TOTAL
    if re.search("(费用|收费|计费|费目)(类型|名称|项目|种类|类别|科目)|^费目$", name):
        return Field.CHARGE_KIND
    if re.search("代收|返款|货款", name) and not re.search("费|日期|时间|状态|方式|是否|单号", name):
        return Field.COD
    if re.search("(运单|快递单|物流单|面单|快件|邮件|包裹)(编?号码?|单号)|(运单|快递|物流|快件)编号", name):
        return Field.IGNORED if re.search("子|原|退|回单|关联|换单|转单", name) else Field.WAYBILL
    if re.search("重量?$|计重$|重$", name):
        if re.search("计费|结算|收费|计重", name):
            return Field.BILLED_WEIGHT
        is_other = re.search("实|称|体积|材积|抛|泡|首重|续重|毛|净|差|限", name)
        return Field.ACTUAL_WEIGHT if is_other else Field.BILLED_WEIGHT
    if name.endswith(("省", "省份")) and not _FROM_SENDER.search(name):
        return Field.PROVINCE
    if re.search("到付|首重|续重|是否|免费|消费", name):
        return Field.IGNORED
    if re.search("(运费|快递费用?|运输费用?|物流费用?|寄递费|邮费|资费)$", name):
        return Field.FREIGHT
    if name.endswith(("费", "附加费用", "服务费用", "其他费用", "运费险")):
        return Field.OTHER_CHARGE
    return Field.IGNORED


def _place_in(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _first_within(order: Sequence[str], name: str) -> int:
    return next((rank for rank, word in enumerate(order) if word in name), len(order))


def _weight_rank(name: str) -> int:
    if re.search("计费|结算|收费|计重", name):
        return 0
    return 1 if name == "重量" else 2


def _freight_rank(name: str) -> int:
    if name in _ORDER_OF_FREIGHT:
        return _ORDER_OF_FREIGHT.index(name)
    return 100 + _place_in(_ORDER_OF_AMOUNT, name) if name in _ORDER_OF_AMOUNT else 50


def is_return_freight(heading: str) -> bool:
    """Tell whether a freight column is for the way back of returned parcels."""
    return bool(re.search("退|返程|回程|返回", heading))


def find_layout(rows: Sequence[Sequence[str]], *, name: str) -> Layout:
    """Find the header among a statement's first rows and say what its columns mean.

    Takes: `rows`, the first rows from row 1 on, blank ones included.
    Gives: the row that has a waybill column and an amount column and the most headings that are understood,
    together with a second row of headings below it; failing that, two rows that have them together.
    Refuses: `BadInput` when there is none, or when two columns are headed alike where only one can count.
    """
    searched = rows[:_SEARCHED_ROWS]
    scores = [_score(cells) for cells in searched]
    if any(scores):
        at = scores.index(max(scores))
        below = searched[at + 1] if at + 1 < len(searched) else []
        if _is_second_row(searched[at], below):
            return _layout(_under(searched[at], below), header_row=at + 2, name=name)
        return _layout(searched[at], header_row=at + 1, name=name)
    for at in range(1, len(searched)):
        cells = _under(searched[at - 1], searched[at])
        if _score(cells):
            return _layout(cells, header_row=at + 1, name=name)
    what = (
        f"no header with a waybill column and an amount column in the first {len(searched)} rows; "
        "expected headings such as 运单号 and 运费"
    )
    raise BadInput([Fault(f"{name}:1", what)])


def _is_second_row(header: Sequence[str], below: Sequence[str]) -> bool:
    """Tell whether a row holds further headings, under a heading that stands for a group of columns."""
    waybill_at = [at for at, cell in enumerate(header) if guess_heading(cell).field is Field.WAYBILL]
    fields = {guess_heading(cell).field for cell in below}
    is_words = not any(character.isdigit() for cell in below for character in cell)
    has_number = any(at < len(below) and below[at].strip() for at in waybill_at)
    return is_words and not has_number and bool(fields & {Field.FREIGHT, Field.OTHER_CHARGE})


def _under(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    width = max(len(upper), len(lower))
    padded_upper = [*upper, *[""] * (width - len(upper))]
    padded_lower = [*lower, *[""] * (width - len(lower))]
    return [below or above for above, below in zip(padded_upper, padded_lower, strict=True)]


def _score(cells: Sequence[str]) -> int:
    """Count the fields that a row's cells name; 0 when it cannot be a header."""
    fields = {guess_heading(cell).field for cell in cells if 0 < len(cell) <= 60 and _LETTER.search(cell)}
    has_amount = fields & {Field.FREIGHT, Field.OTHER_CHARGE, Field.TOTAL}
    return len(fields - {Field.IGNORED}) if Field.WAYBILL in fields and has_amount else 0


def _layout(cells: Sequence[str], *, header_row: int, name: str) -> Layout:
    guesses = [(at, cell, guess_heading(cell)) for at, cell in enumerate(cells) if cell.strip()]

    def columns(field: Field) -> list[Column]:
        of_field = sorted(
            (guess.rank, at, cell, guess.unit) for at, cell, guess in guesses if guess.field is field
        )
        return [Column(at, cell.strip(), field, unit) for _, at, cell, unit in of_field]

    def first(field: Field) -> Column | None:
        return next(iter(columns(field)), None)

    waybill, kind, total = first(Field.WAYBILL), first(Field.CHARGE_KIND), first(Field.TOTAL)
    assert waybill is not None, "a header is chosen only with a waybill column"
    freight = columns(Field.FREIGHT)
    others = columns(Field.OTHER_CHARGE)
    if kind is not None:
        # Beside a column of kinds the bare amount is the charge of the row's own kind.
        freight = [
            *(c for c in freight if _is_bare_amount(c)),
            *(c for c in freight if not _is_bare_amount(c)),
        ]
    _refuse_twins([waybill], columns(Field.WAYBILL), header_row=header_row, name=name)
    _refuse_twins(freight[:1], freight, header_row=header_row, name=name)
    main = [column for column in freight if not is_return_freight(column.heading)][:1] or freight[:1]
    back = [column for column in freight if column not in main and is_return_freight(column.heading)]
    charges = [*main, *back, *others]
    if not main and total is not None:
        charges = [total, *others]
    return Layout(
        header_row=header_row,
        width=len(cells),
        waybill=waybill,
        charges=tuple(charges),
        kind=kind,
        weight=first(Field.BILLED_WEIGHT),
        province=first(Field.PROVINCE),
        cod=first(Field.COD),
    )


def _is_bare_amount(column: Column) -> bool:
    return _freight_rank(_without_annotations(plain_heading(column.heading))[0]) >= 100


def _refuse_twins(chosen: Sequence[Column], columns: Sequence[Column], *, header_row: int, name: str) -> None:
    for column in chosen:
        twins = [c for c in columns if plain_heading(c.heading) == plain_heading(column.heading)]
        if len(twins) > 1:
            what = f"{len(twins)} columns are headed {column.heading!r}; expected one that counts"
            raise BadInput([Fault(f"{name}:{header_row}", what)])
