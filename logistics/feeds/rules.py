"""Which column of an event file means what, and which words mean which event."""

from collections.abc import Sequence
from datetime import UTC, datetime

from county.clock import COUNTY_ZONE
from county.errors import N_
from county.sheets import Sheet
from logistics.intake.rules import UNREADABLE_CELL, clean_waybill, is_spoilt, plain_heading
from logistics.intake.types import RowFault
from logistics.tracking.types import Cause, EventKind, Reason

HEADINGS = {
    "waybill": ("运单号", "快递单号", "单号", "运单编号"),
    "at": ("扫描时间", "时间", "发生时间", "操作时间"),
    "status": ("状态", "物流状态", "扫描类型", "节点"),
    "place": ("地点", "网点", "扫描网点", "位置"),
    "why": ("原因", "问题原因", "异常原因", "问题件类型"),
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
    "疑难件": EventKind.ON_HOLD,
    "破损": EventKind.ON_HOLD,
    "丢失": EventKind.ON_HOLD,
    "遗失": EventKind.ON_HOLD,
}
# What is wrong with a parcel that is held, and on whose side it lies, as status or in a column of its own.
# Other words in that column say nothing that we could act on.
WHY: dict[str, tuple[Reason, Cause]] = {
    "破损": (Reason.DAMAGED, Cause.UNSAID),
    "运输破损": (Reason.DAMAGED, Cause.CARRIER),
    "包装不良": (Reason.DAMAGED, Cause.SHIPPER),
    "丢失": (Reason.LOST, Cause.UNSAID),
    "遗失": (Reason.LOST, Cause.UNSAID),
    "快递原因": (Reason.UNSAID, Cause.CARRIER),
    "寄件人原因": (Reason.UNSAID, Cause.SHIPPER),
    "收件人原因": (Reason.UNSAID, Cause.CONSIGNEE),
    "天气原因": (Reason.UNSAID, Cause.WEATHER),
    "自然灾害": (Reason.UNSAID, Cause.WEATHER),
}
SHAPES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S")


# Row, waybill, event, instant, place, what is wrong with it, on whose side it lies.
ReadEvent = tuple[int, str, EventKind, datetime, str, Reason, Cause]


def read_events(sheet: Sheet) -> tuple[list[ReadEvent], list[RowFault]] | None:
    """Read what every row says; None when there is no header."""
    headers = ((place, _columns(row.cells)) for place, row in enumerate(sheet.rows[:12]))
    header = next((each for each in headers if set(NEEDED) <= set(each[1])), None)
    if header is None:
        return None
    at, columns = header
    events: list[ReadEvent] = []
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
            why = _why(kind, cells["status"], cells.get("why", ""))
            events.append((each.number, waybill, kind, instant, cells.get("place", "")[:80], *why))
    return events, faults


def _why(kind: EventKind, status: str, said: str) -> tuple[Reason, Cause]:
    """Give what is wrong and on whose side; the status says what, the column may say why besides."""
    if kind is not EventKind.ON_HOLD:
        return Reason.UNSAID, Cause.UNSAID
    unsaid = (Reason.UNSAID, Cause.UNSAID)
    (reason, cause), (column_reason, column_cause) = WHY.get(status, unsaid), WHY.get(said, unsaid)
    return (
        column_reason if reason is Reason.UNSAID else reason,
        column_cause if cause is Cause.UNSAID else cause,
    )


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
