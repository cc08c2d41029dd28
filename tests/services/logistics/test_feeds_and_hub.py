"""Event files and hub scans: told twice is told once, unknown things are said."""

from datetime import timedelta

import pytest

from county import clock
from county.errors import NotFound
from logistics.feeds import service as feeds
from logistics.hub import service as hub
from logistics.hub.types import HubScan
from logistics.parcels import service as parcels
from logistics.parcels.types import ManyParcels, ParcelState
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, Reason
from tests.makers.logistics import make_sent, tell, write_csv
from tests.makers.people import NOW, ROBOT
from tests.makers.tours import make_parcel

HEAD = ("运单号", "扫描时间", "状态", "地点")


def county_text(hours):
    return f"{(NOW + timedelta(hours=hours)).astimezone(clock.COUNTY_ZONE):%Y-%m-%d %H:%M}"


def record(db, folder, *rows, carrier="中通"):
    feed = feeds.read_feed(write_csv(folder, [HEAD, *rows]), name="轨迹")
    count, faults = feeds.record_feed(
        db, feed=feed, carrier=carrier, actor=ROBOT, now=NOW + timedelta(hours=9)
    )
    return count, [(each.row, each.what.format(**each.facts)) for each in faults]


def scan(db, number, what=HubScan.ARRIVED, *, now=NOW):
    return hub.scan(db, number=number, what=what, actor=ROBOT, now=now)


def kinds_of(db, parcel):
    return [each.kind for each in tracking.list_events(db, parcel_no=parcel.parcel_no)]


def test_feed_moves_the_parcel_whatever_the_order_of_its_rows(db, tmp_path):
    parcel = make_sent(db, waybill="78001001")

    count, faults = record(
        db,
        tmp_path,
        ("78001001", county_text(8), "签收", "西安雁塔"),
        ("78001001", county_text(4), "到达", "西安"),
        ("78001001", county_text(6), "派件", "西安雁塔"),
    )

    assert (count, faults) == (3, [])
    found = parcels.get_parcel(db, parcel_no=parcel.parcel_no)
    assert (found.state, found.moved_at) == (ParcelState.DELIVERED, NOW + timedelta(hours=8))


def test_same_feed_twice_changes_nothing(db, tmp_path):
    parcel = make_sent(db, waybill="78001001")
    rows = [("78001001", county_text(4), "到达", "西安"), ("78001001", county_text(6), "签收", "西安")]
    record(db, tmp_path, *rows)
    before = (parcels.get_parcel(db, parcel_no=parcel.parcel_no), kinds_of(db, parcel))

    record(db, tmp_path, *rows)

    assert (parcels.get_parcel(db, parcel_no=parcel.parcel_no), kinds_of(db, parcel)) == before


def test_rows_that_cannot_be_used_are_listed_and_the_others_count(db, tmp_path):
    parcel = make_sent(db, waybill="78001001")
    make_sent(db, waybill="78001002", carrier="圆通")

    count, faults = record(
        db,
        tmp_path,
        ("78009999", county_text(4), "到达", "西安"),
        ("78001001", county_text(12), "签收", "西安"),
        ("78001002", county_text(4), "签收", "西安"),
        ("78001001", county_text(4), "飞走了", "西安"),
        ("78001001", county_text(4), "到达", "西安"),
    )

    assert count == 1
    assert faults == [
        (2, "no parcel 78009999 of 中通 is known"),
        (3, "the time lies in the future"),
        (4, "no parcel 78001002 of 中通 is known"),
        (5, "status “飞走了” is not known; expected one such as 签收"),
    ]
    assert parcels.get_parcel(db, parcel_no=parcel.parcel_no).state is ParcelState.IN_TRANSIT


def test_scan_finds_our_number_and_the_carriers(db):
    parcel = make_parcel(db, waybill="78001001", at_hub=False)

    assert scan(db, "78001001").parcel.state is ParcelState.IN_TRANSIT
    assert scan(db, parcel.parcel_no, HubScan.LOADED).parcel.state is ParcelState.OUT_FOR_DELIVERY


def test_scan_twice_within_a_minute_counts_once(db):
    parcel = make_parcel(db, waybill="78001001", at_hub=False)

    scan(db, "78001001")
    scan(db, "78001001", now=NOW + timedelta(seconds=59))

    assert kinds_of(db, parcel) == [EventKind.HUB_IN]


def test_scan_twice_over_the_end_of_a_minute_counts_once(db):
    parcel = make_parcel(db, waybill="78001001", at_hub=False)

    scan(db, "78001001", now=NOW + timedelta(seconds=50))
    scan(db, "78001001", now=NOW + timedelta(seconds=70))
    scan(db, "78001001", now=NOW + timedelta(seconds=111))

    assert kinds_of(db, parcel) == [EventKind.HUB_IN, EventKind.HUB_IN]


@pytest.mark.parametrize("kind", [EventKind.DELIVERY_FAILED, EventKind.ON_HOLD])
def test_scan_frees_a_parcel_that_failed_or_was_held_in_the_same_minute(db, kind):
    parcel = make_parcel(db, waybill="78001001", at_hub=False)
    scan(db, "78001001", now=NOW + timedelta(seconds=5))
    reason = Reason.LOST if kind is EventKind.ON_HOLD else Reason.UNSAID
    tell(db, parcel.parcel_no, kind, at=NOW + timedelta(seconds=10), reason=reason)

    scanned = scan(db, "78001001", now=NOW + timedelta(seconds=50))

    assert scanned.parcel.state is ParcelState.IN_TRANSIT
    assert kinds_of(db, parcel) == [EventKind.HUB_IN, kind, EventKind.HUB_IN]
    assert tracking.find_mishap(db, parcel_no=parcel.parcel_no) is None


def test_unknown_number_is_refused(db):
    with pytest.raises(NotFound):
        scan(db, "78009999")


def test_number_of_two_carriers_asks_for_our_own(db):
    first = make_parcel(db, waybill="78001001", at_hub=False)
    second = make_parcel(db, waybill="78001001", carrier="圆通", at_hub=False)

    with pytest.raises(ManyParcels) as refusal:
        scan(db, "78001001")

    assert refusal.value.facts["carriers"] == "中通、圆通"
    assert kinds_of(db, first) == kinds_of(db, second) == []
    scan(db, second.parcel_no)
    assert (kinds_of(db, first), kinds_of(db, second)) == ([], [EventKind.HUB_IN])


def test_day_of_the_hub_is_counted(db):
    make_parcel(db, waybill="78001001", at_hub=False)
    make_parcel(db, waybill="78001002", at_hub=False)
    make_parcel(db, waybill="78001003", at_hub=False)
    scan(db, "78001001")
    scan(db, "78001002")
    scan(db, "78001002", HubScan.DEPARTED, now=NOW + timedelta(minutes=2))

    today = hub.get_day(db, on=clock.county_day(NOW))
    tomorrow = hub.get_day(db, on=clock.county_day(NOW) + timedelta(days=1))

    assert (today.announced, today.here) == (1, 2)
    assert today.scanned == {HubScan.ARRIVED: 2, HubScan.LOADED: 0, HubScan.DEPARTED: 1}
    assert tomorrow.scanned == {HubScan.ARRIVED: 0, HubScan.LOADED: 0, HubScan.DEPARTED: 0}
