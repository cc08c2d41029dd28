"""Event files: words that mean events, times in county time, rows that cannot be used."""

from datetime import UTC, datetime

import pytest

from county.errors import BadInput
from logistics.feeds.service import read_feed
from logistics.intake.rules import UNREADABLE_CELL
from logistics.tracking.types import Cause, EventKind, Reason
from tests.makers.logistics import write_csv, write_workbook

HEAD = ("运单号", "扫描时间", "状态", "地点")


def read(folder, *rows):
    return read_feed(write_csv(folder, [("轨迹",), HEAD, *rows]), name="轨迹")


def test_county_time_becomes_an_instant_and_signed_is_not_at_the_station(tmp_path):
    feed = read(
        tmp_path,
        ("78001001", "2026-10-05 14:30", "驿站代收", "西安"),
        ("78001001", "2026/10/05 18:00:05", "本人签收", "西安"),
    )

    assert feed.faults == ()
    assert [(each.row, each.kind, each.at) for each in feed.events] == [
        (3, EventKind.ARRIVED_AT_STATION, datetime(2026, 10, 5, 6, 30, tzinfo=UTC)),
        (4, EventKind.COLLECTED, datetime(2026, 10, 5, 10, 0, 5, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("status", "why", "reason", "cause"),
    [
        ("破损", "", Reason.DAMAGED, Cause.UNSAID),
        ("丢失", "", Reason.LOST, Cause.UNSAID),
        ("遗失", "随便写的", Reason.LOST, Cause.UNSAID),
        ("破损", "包装不良", Reason.DAMAGED, Cause.SHIPPER),
        ("破损", "天气原因", Reason.DAMAGED, Cause.WEATHER),
        ("问题件", "破损", Reason.DAMAGED, Cause.UNSAID),
        ("问题件", "运输破损", Reason.DAMAGED, Cause.CARRIER),
        ("疑难件", "收件人原因", Reason.UNSAID, Cause.CONSIGNEE),
        ("问题件", "电话打不通", Reason.UNSAID, Cause.UNSAID),
    ],
)
def test_what_is_wrong_and_on_whose_side_are_read_apart(tmp_path, status, why, reason, cause):
    head = (*HEAD, "问题原因")
    path = write_csv(tmp_path, [head, ("78001001", "2026-10-05 14:30", status, "西安", why)])

    (event,) = read_feed(path, name="轨迹").events

    assert (event.kind, event.reason, event.cause) == (EventKind.ON_HOLD, reason, cause)


def test_reason_beside_an_event_that_is_no_hold_says_nothing(tmp_path):
    head = (*HEAD, "问题原因")
    path = write_csv(tmp_path, [head, ("78001001", "2026-10-05 14:30", "签收", "西安", "破损")])

    (event,) = read_feed(path, name="轨迹").events

    assert (event.kind, event.reason, event.cause) == (EventKind.COLLECTED, Reason.UNSAID, Cause.UNSAID)


def test_dates_of_a_workbook_are_read(tmp_path):
    path = write_workbook(
        tmp_path, [HEAD, (78001001, datetime.fromisoformat("2026-10-05T14:30"), "签收", "西安")]
    )

    (event,) = read_feed(path, name="轨迹").events

    assert (event.waybill, event.at) == ("78001001", datetime(2026, 10, 5, 6, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (
            ("78001001", "2026-10-05 14:30", "飞走了", ""),
            "status “飞走了” is not known; expected one such as 签收",
        ),
        (("78001001", "5.10.2026", "签收", ""), "time “5.10.2026” is not a time such as 2026-10-05 14:30"),
        (
            ("78001001", "0001-01-01 00:00", "签收", ""),
            "time “0001-01-01 00:00” is not a time such as 2026-10-05 14:30",
        ),
        (("7.8E+13", "2026-10-05 14:30", "签收", ""), "waybill “7.8E+13” is not a whole number as text"),
        (("", "2026-10-05 14:30", "签收", ""), "waybill “” is not a whole number as text"),
        (("7E13", "2026-10-05 14:30", "签收", ""), "waybill “7E13” is not a whole number as text"),
    ],
)
def test_row_that_cannot_be_used_is_listed(tmp_path, row, what):
    feed = read(tmp_path, row)

    assert feed.events == ()
    assert [(each.row, each.what.format(**each.facts)) for each in feed.faults] == [(3, what)]


def test_merged_status_is_a_fault(tmp_path):
    rows = [HEAD, *(("78001001", f"2026-10-05 1{n}:30", "签收", "") for n in range(2))]

    feed = read_feed(write_workbook(tmp_path, rows, merged="C2:C3"), name="轨迹")

    assert feed.events == ()
    assert [(each.row, each.what) for each in feed.faults] == [(2, UNREADABLE_CELL), (3, UNREADABLE_CELL)]


def test_file_without_the_columns_is_refused_under_its_name(tmp_path):
    with pytest.raises(BadInput) as refusal:
        read_feed(write_csv(tmp_path, [("运单号", "时间"), ("78001001", "2026-10-05 14:30")]), name="轨迹")

    assert refusal.value.faults[0].where == "轨迹:1"
