"""Which column means what, what a cell may hold, and which station an address belongs to."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

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
_SPOILT = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_NUMBER = re.compile(r"\d{1,7}(\.\d{1,4})?")
DEFAULT_WEIGHT_G = 1_000


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
        if cells[Field.WAYBILL] in ("合计", "总计", "小计"):
            continue
        what = _fault_of(row, cells, columns)
        waybill = clean_waybill(cells[Field.WAYBILL])
        if not what and waybill in seen:
            what = f"waybill {waybill} stands in row {seen[waybill]} already"
        if what:
            faults.append(RowFault(row.number, what))
            continue
        seen[waybill] = row.number
        parcels.append(_parcel(row.number, waybill, cells, resolver))
    return DailyFile(tuple(parcels), tuple(faults), sheet.hidden_rows, sheet.hidden_sheets)


def clean_waybill(text: str) -> str:
    """Take the marks off that spreadsheets leave on long numbers."""
    return text.strip().lstrip("'‘’`").removesuffix(".0").strip()


def _fault_of(row: SheetRow, cells: Mapping[Field, str], columns: Mapping[Field, int]) -> str:
    waybill = clean_waybill(cells[Field.WAYBILL])
    if any(at in row.troubles for at in columns.values()):
        return "a cell holds a formula without value, an error, or is merged; expected plain text"
    if _SPOILT.fullmatch(waybill):
        return f"waybill {waybill!r} was spoilt by a spreadsheet; expected the whole number as text"
    if not _WAYBILL.fullmatch(waybill):
        return f"waybill {waybill[:40]!r} is not a number of 6 to 30 letters and digits"
    if _SPOILT.fullmatch(cells.get(Field.PHONE, "")):
        return "the phone number was spoilt by a spreadsheet; expected eleven digits as text"
    if not cells[Field.ADDRESS]:
        return "there is no address"
    if len(cells[Field.ADDRESS]) > 200 or len(cells.get(Field.NAME, "")) > 60:
        return "name or address is longer than 200 characters"
    weight = cells.get(Field.WEIGHT, "")
    if weight and (not _NUMBER.fullmatch(weight) or not 0 < Decimal(weight) <= 1_000):
        return f"weight {weight[:20]!r} is not a number of kg from 0 to 1000"
    pieces = cells.get(Field.PIECES, "").removesuffix(".0")
    if pieces and not (pieces.isascii() and pieces.isdigit() and 0 < int(pieces) <= 1_000):
        return f"pieces {pieces[:20]!r} is not a whole number from 1 to 1000"
    return (
        "" if _fen(cells.get(Field.COD, "")) is not None else "the cash on delivery is not an amount in yuan"
    )


def _fen(text: str) -> int | None:
    amount = text.lstrip("¥￥").replace(",", "").strip() or "0"
    try:
        value = Decimal(amount) * 100
    except InvalidOperation:
        return None
    if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= 10_000_000:
        return None
    return int(value)


def _parcel(number: int, waybill: str, cells: Mapping[Field, str], resolver: "Resolver") -> NewParcel:
    weight = cells.get(Field.WEIGHT, "")
    consignee = Consignee(
        name=cells.get(Field.NAME, ""),
        phone=cells.get(Field.PHONE, "")[:20],
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

    def station_of(self, address: str) -> str | None:
        """Give the one station whose name stands in the address; None when none or several do.

        A village name that occurs in several towns counts only together with its town's name.
        """
        found: set[str] = set()
        for name, codes in self._by_name.items():
            if name in address:
                exact = {code for code in codes if _town_stem(self._towns[code]) in address}
                found |= exact or (codes if len(codes) == 1 else set())
        with_town = {code for code in found if _town_stem(self._towns[code]) in address}
        chosen = with_town or found
        return next(iter(chosen)) if len(chosen) == 1 else None


def _town_stem(town: str) -> str:
    return town.removesuffix("镇").removesuffix("乡")


def _short_names(name: str) -> list[str]:
    for ending in ("社区居委会", "村委会", "村民委员会", "居委会"):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return [stem + "社区", stem + "村"] if "社区" in ending or "居" in ending else [stem + "村"]
    return [name]
