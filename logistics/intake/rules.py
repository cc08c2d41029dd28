"""Which column means what, what a cell may hold, and which station an address belongs to."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from county.errors import N_
from county.sheets import Sheet, SheetRow
from logistics.intake.types import DailyFile, Field, NewParcel, RowFault
from logistics.parcels.types import Consignee
from logistics.routes.types import Station, StationKind

# Headings as the couriers' systems write them; units and brackets are cut off before comparing.
HEADINGS: dict[Field, tuple[str, ...]] = {
    Field.WAYBILL: ("运单号", "运单编号", "快递单号", "物流单号", "面单号", "邮件号", "单号", "快件单号"),
    Field.NAME: ("收件人", "收件人姓名", "收货人", "收方姓名", "姓名"),
    Field.PHONE: ("收件电话", "收件人电话", "收件人手机", "联系电话", "手机号", "手机", "电话"),
    Field.PROVINCE: ("收件省", "收件省份", "省份", "省"),
    Field.CITY: ("收件市", "收件城市", "城市", "市"),
    Field.COUNTY: ("收件区县", "区县", "县"),
    Field.ADDRESS: ("收件地址", "收货地址", "详细地址", "地址", "派送地址"),
    Field.WEIGHT: ("重量", "实际重量", "计费重量", "包裹重量"),
    Field.PIECES: ("件数", "数量"),
    Field.COD: ("代收货款", "代收金额", "代收款"),
}
NEEDED = (Field.WAYBILL, Field.ADDRESS)
HEADER_WITHIN = 12
_UNIT = re.compile(r"[(（\[【].*?[)）\]】]|[\s/]")
_WAYBILL = re.compile(r"[0-9A-Za-z]{6,30}")
_SPOILT = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_NUMBER = re.compile(r"[0-9]{1,7}(\.[0-9]{1,4})?")
_WHOLE = re.compile(r"[0-9]{1,4}")
_AMOUNT = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2}0*)?")
DEFAULT_WEIGHT_G = 1_000
COD_MOST_FEN = 10_000_000
TOTALS = ("合计", "总计", "小计")
# What the parcel's row can hold.
LENGTHS = {
    Field.NAME: 60, Field.PHONE: 20, Field.PROVINCE: 40, Field.CITY: 40, Field.COUNTY: 40, Field.ADDRESS: 200,
}  # fmt: skip
UNREADABLE_CELL = N_("a cell holds a formula without value, an error, or is merged; expected plain text")


def plain_heading(text: str) -> str:
    """Cut units, brackets and blanks off a heading."""
    return _UNIT.sub("", text).strip("：:*")


def find_header(sheet: Sheet) -> tuple[int, dict[Field, int]] | None:
    """Find the header below title rows: its place among the rows, and the column of each known field.

    Gives: None when no row within the first twelve names a waybill and an address.
    """
    best: tuple[int, dict[Field, int]] | None = None
    for place, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        columns: dict[Field, int] = {}
        for at, cell in enumerate(row.cells):
            for field, names in HEADINGS.items():
                if field not in columns and plain_heading(cell) in names:
                    columns[field] = at
                    break
        if all(field in columns for field in NEEDED) and (best is None or len(columns) > len(best[1])):
            best = (place, columns)
    return best


def read_daily_file(
    sheet: Sheet, *, columns: Mapping[Field, int], first: int, stations: Sequence[Station]
) -> DailyFile:
    """Read the rows below the header; every row ends as a parcel or as a fault, none disappears."""
    parcels: list[NewParcel] = []
    faults: list[RowFault] = []
    seen: dict[str, int] = {}
    resolver = Resolver(stations)
    for row in sheet.rows[first:]:
        cells = {field: row.cells[at].strip() if at < len(row.cells) else "" for field, at in columns.items()}
        if cells[Field.WAYBILL] in TOTALS:
            continue
        waybill = clean_waybill(cells[Field.WAYBILL])
        fault = _fault_of(row, cells, columns)
        if fault is None and waybill in seen:
            says = N_("waybill {waybill} stands in row {first} already")
            fault = RowFault(row.number, says, {"waybill": waybill, "first": seen[waybill]})
        if fault is not None:
            faults.append(fault)
            continue
        seen[waybill] = row.number
        parcels.append(_parcel(row.number, waybill, cells, resolver))
    return DailyFile(tuple(parcels), tuple(faults), sheet.hidden_rows, sheet.hidden_sheets)


def clean_waybill(text: str) -> str:
    """Take the marks off that spreadsheets leave on long numbers."""
    return text.strip().lstrip("'‘’`").removesuffix(".0").strip()


def is_spoilt(text: str) -> bool:
    """Tell whether a spreadsheet made a number such as 7.8E+13 of what was a long number."""
    return bool(_SPOILT.fullmatch(text))


def _fault_of(row: SheetRow, cells: Mapping[Field, str], columns: Mapping[Field, int]) -> RowFault | None:
    """Say the first thing that is wrong with a row: its cells, then its texts, then its numbers."""
    if any(at in row.troubles for at in columns.values()):
        return RowFault(row.number, UNREADABLE_CELL)
    return _fault_of_texts(row.number, cells) or _fault_of_numbers(row.number, cells)


def _fault_of_texts(number: int, cells: Mapping[Field, str]) -> RowFault | None:
    waybill = clean_waybill(cells[Field.WAYBILL])
    if is_spoilt(waybill):
        says = N_("waybill {waybill} was spoilt by a spreadsheet; expected the whole number as text")
        return RowFault(number, says, {"waybill": waybill[:40]})
    if not _WAYBILL.fullmatch(waybill):
        says = N_("waybill “{waybill}” is not a number of 6 to 30 letters and digits")
        return RowFault(number, says, {"waybill": waybill[:40]})
    if is_spoilt(cells.get(Field.PHONE, "")):
        return RowFault(
            number, N_("the phone number was spoilt by a spreadsheet; expected eleven digits as text")
        )
    if not cells[Field.ADDRESS]:
        return RowFault(number, N_("there is no address"))
    for field, most in LENGTHS.items():
        if len(cells.get(field, "")) > most:
            says = N_("one of name, phone and address is too long; expected at most {most} characters")
            return RowFault(number, says, {"most": most})
    return None


def _fault_of_numbers(number: int, cells: Mapping[Field, str]) -> RowFault | None:
    weight = cells.get(Field.WEIGHT, "")
    if weight and not (_NUMBER.fullmatch(weight) and 0 < Decimal(weight) <= 1_000):
        says = N_("weight “{weight}” is not a number of kg above 0 and up to 1000")
        return RowFault(number, says, {"weight": weight[:20]})
    pieces = cells.get(Field.PIECES, "").removesuffix(".0")
    if pieces and not (_WHOLE.fullmatch(pieces) and 0 < int(pieces) <= 1_000):
        says = N_("pieces “{pieces}” is not a whole number from 1 to 1000")
        return RowFault(number, says, {"pieces": pieces[:20]})
    if _fen(cells.get(Field.COD, "")) is None:
        says = N_("cash on delivery “{amount}” is not an amount in yuan up to 100,000")
        return RowFault(number, says, {"amount": cells[Field.COD][:20]})
    return None


def _fen(text: str) -> int | None:
    amount = text.lstrip("¥￥").replace(",", "").strip() or "0"
    if not _AMOUNT.fullmatch(amount):
        return None
    fen = int(Decimal(amount) * 100)
    return fen if fen <= COD_MOST_FEN else None


def _parcel(number: int, waybill: str, cells: Mapping[Field, str], resolver: "Resolver") -> NewParcel:
    weight = cells.get(Field.WEIGHT, "")
    consignee = Consignee(
        name=cells.get(Field.NAME, ""),
        phone=cells.get(Field.PHONE, ""),
        province=cells.get(Field.PROVINCE, ""),
        city=cells.get(Field.CITY, ""),
        county=cells.get(Field.COUNTY, ""),
        detail=cells[Field.ADDRESS],
    )
    return NewParcel(
        row=number,
        waybill=waybill,
        consignee=consignee,
        weight_g=max(1, int(Decimal(weight) * 1000)) if weight else DEFAULT_WEIGHT_G,
        units=int(cells.get(Field.PIECES, "").removesuffix(".0") or 1),
        cod_fen=_fen(cells.get(Field.COD, "")) or 0,
        station=resolver.station_of(consignee.detail),
    )


class Resolver:
    """Finds the station of an address by the names of villages and towns in it."""

    def __init__(self, stations: Sequence[Station]) -> None:
        self._by_name: dict[str, set[str]] = {}
        for station in stations:
            if station.kind is StationKind.HUB:
                continue
            for name in _short_names(station.name):
                self._by_name.setdefault(name, set()).add(station.station)
        self._towns = {station.station: station.town for station in stations}
        self._stems = {_town_stem(town) for town in self._towns.values()}

    def station_of(self, address: str) -> str | None:
        """Give the one station whose name stands in the address; None when a person has to choose.

        A person chooses when no name or several stand there, when the name occurs in several towns and the
        address names none of them, and when it names another town than the station's.
        """
        names = [name for name in self._by_name if name in address]
        # 大石门村 also contains 石门村: the longer name is meant.
        names = [name for name in names if not any(name != other and name in other for other in names)]
        found = {code for name in names for code in self._by_name[name]}
        # A village is often called like its town: 石门村 does not say 石门镇.
        rest = address
        for name in names:
            rest = rest.replace(name, " ")
        if any(stem in rest for stem in self._stems):
            found = {code for code in found if _town_stem(self._towns[code]) in rest}
        return next(iter(found)) if len(found) == 1 else None


def _town_stem(town: str) -> str:
    return town.removesuffix("镇").removesuffix("乡")


def _short_names(name: str) -> list[str]:
    for ending in ("社区居委会", "村委会", "村民委员会", "居委会"):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return [stem + "社区", stem + "村"] if "社区" in ending or "居" in ending else [stem + "村"]
    return [name]
