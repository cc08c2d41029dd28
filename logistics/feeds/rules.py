"""Which column of an event file means what, and which words mean which event."""

from collections.abc import Sequence
from datetime import UTC, datetime

from county.clock import COUNTY_ZONE
from county.errors import N_
from county.sheets import Sheet
from logistics.intake.rules import UNREADABLE_CELL, clean_waybill, is_spoilt, plain_heading
from logistics.intake.types import RowFault
from logistics.tracking.types import EventKind

HEADINGS = {
    "waybill": ("运单号", "快递单号", "单号", "运单编号"),
    "at": ("扫描时间", "时间", "发生时间", "操作时间"),
    "status": ("状态", "物流状态", "扫描类型", "节点"),
    "place": ("地点", "网点", "扫描网点", "位置"),
}
NEEDED = ("waybill", "at", "status")
# Words of the couriers' systems; "signed" may only mean "at the station", so both are told apart.
WORDS: dict[str, EventKind] = {
    "发出": EventKind.LINEHAUL_DEPARTED,
    "离开": EventKind.LINEHAUL_DEPARTED,
    "到达": EventKind.LINEHAUL_ARRIVED,
    "到件": EventKind.LINEHAUL_ARRIVED,
    "派件": EventKind.OUT_FOR_DELIVERY,
    "派送中": EventKind.OUT_FOR_DELIVERY,
    "待取件": EventKind.ARRIVED_AT_STATION,
    "驿站代收": EventKind.ARRIVED_AT_STATION,
    "签收": EventKind.COLLECTED,
    "本人签收": EventKind.COLLECTED,
    "拒收": EventKind.REFUSED,
    "退回": EventKind.RETURNED,
    "问题件": EventKind.ON_HOLD,
}
SHAPES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S")


def read_events(
    sheet: Sheet,
) -> tuple[list[tuple[int, str, EventKind, datetime, str]], list[RowFault]] | None:
    """Read (row, waybill, event, instant, place) of every row; None when there is no header."""
    headers = ((place, _columns(row.cells)) for place, row in enumerate(sheet.rows[:12]))
    header = next((each for each in headers if set(NEEDED) <= set(each[1])), None)
    if header is None:
        return None
    at, columns = header
    events: list[tuple[int, str, EventKind, datetime, str]] = []
    faults: list[RowFault] = []
    for each in sheet.rows[at + 1 :]:
        cells = {
            name: each.cells[place].strip() if place < len(each.cells) else ""
            for name, place in columns.items()
        }
        waybill = clean_waybill(cells["waybill"])
        kind, instant = WORDS.get(cells["status"]), _instant(cells["at"])
        if any(place in each.troubles for place in columns.values()):
            faults.append(RowFault(each.number, UNREADABLE_CELL))
        elif is_spoilt(waybill) or not (waybill.isascii() and waybill.isalnum()):
            says = N_("waybill “{waybill}” is not a whole number as text")
            faults.append(RowFault(each.number, says, {"waybill": waybill[:40]}))
        elif kind is None:
            says = N_("status “{status}” is not known; expected one such as 签收")
            faults.append(RowFault(each.number, says, {"status": cells["status"][:20]}))
        elif instant is None:
            says = N_("time “{time}” is not a time such as 2026-10-05 14:30")
            faults.append(RowFault(each.number, says, {"time": cells["at"][:30]}))
        else:
            events.append((each.number, waybill, kind, instant, cells.get("place", "")[:80]))
    return events, faults


def _columns(cells: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        for name, headings in HEADINGS.items():
            if name not in columns and plain_heading(cell) in headings:
                columns[name] = place
                break
    return columns


def _instant(text: str) -> datetime | None:
    for shape in SHAPES:
        try:
            # The couriers write county time without saying so.
            return datetime.strptime(text, shape).replace(tzinfo=COUNTY_ZONE).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
