"""The clerk's pages: daily files, event files, hub scans, the list of parcels and its export."""

import csv
import io
from datetime import timedelta

import pytest

from county import clock, database
from county.people.types import Role
from logistics.intake import service as intake
from logistics.parcels import service as parcels
from logistics.parcels.types import ParcelState
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind
from tests.makers.logistics import (
    HEAD,
    MONTH_OVER,
    csv_bytes,
    daily_row,
    make_clerk,
    make_pool,
    make_sent,
    write_workbook,
)
from tests.makers.people import NOW, make_person
from tests.makers.tours import make_parcel
from tests.makers.web import make_browser

KNOWN, DOUBTFUL = "城关镇竹园3号", "城关镇河街5号"
EVENTS = ("运单号", "扫描时间", "状态", "地点")


@pytest.fixture(autouse=True)
def in_november(monkeypatch):
    """Let every test stand at one moment, later than what the tests tell of."""
    monkeypatch.setattr(clock, "now", lambda: MONTH_OVER)


@pytest.fixture
def desk(web_app):
    """Make the pool with a hub clerk and a clerk of 中通, each at a browser."""
    with database.transaction() as db:
        make_pool(db)
        hub, courier = make_person(db, Role.HUB_CLERK), make_clerk(db)
    return make_browser(web_app, hub), make_browser(web_app, courier)


def send(client, path, content, *, name="日单.csv", **fields):
    return client.post(path, data={**fields, "file": (io.BytesIO(content), name)})


def stored():
    with database.reading() as db:
        return sorted(
            (each.waybill, each.carrier, each.station) for each in parcels.list_parcels(db, limit=None)
        )


def files():
    with database.reading() as db:
        return intake.list_files(db)


def test_file_is_read_shown_and_taken_in_with_the_chosen_station(desk):
    hub, _courier = desk
    rows = [HEAD, daily_row("78001001", KNOWN), daily_row("78001002", DOUBTFUL), daily_row("7.8E+13")]

    answer = send(hub, "/intake", csv_bytes(rows, encoding="gb18030"), carrier="圆通")
    address = answer.headers["Location"]
    page = hub.get(address).text

    assert answer.status_code == 303
    assert stored() == []
    assert "Row 4" in page and "spoilt by a spreadsheet" in page
    assert "Row 3: " + DOUBTFUL in page
    # Names and numbers are masked.
    assert "李*" in page and "139******34" in page and "13900001234" not in page

    taken = hub.post(address + "/take-in", data={"station-3": "S2"})

    assert taken.status_code == 303
    assert stored() == [("78001001", "圆通", "S1"), ("78001002", "圆通", "S2")]
    assert "2 parcels were taken in." in hub.get(address).text


def test_left_out_row_can_be_taken_in_later(desk):
    _hub, courier = desk
    rows = [HEAD, daily_row("78001001", KNOWN), daily_row("78001002", DOUBTFUL)]
    address = send(courier, "/intake", csv_bytes(rows)).headers["Location"]
    courier.post(address + "/take-in")
    assert stored() == [("78001001", "中通", "S1")]
    assert 'name="station-3"' in courier.get(address).text

    assert courier.post(address + "/take-in", data={"station-3": "S2"}).status_code == 303

    assert stored() == [("78001001", "中通", "S1"), ("78001002", "中通", "S2")]
    assert "take-in" not in courier.get(address).text
    assert courier.post(address + "/take-in").status_code == 422


def test_workbook_says_what_is_hidden(desk, tmp_path):
    hub, _courier = desk
    path = write_workbook(tmp_path, [HEAD, daily_row("78001001"), daily_row("78001002")], hidden_row=3)

    answer = send(hub, "/intake", path.read_bytes(), name="日单.xlsx", carrier="中通")

    page = hub.get(answer.headers["Location"]).text
    assert "rows 3, sheets 旧表" in page


def test_same_upload_twice_changes_nothing(desk):
    _hub, courier = desk
    content = csv_bytes([HEAD, daily_row("78001001")])
    first = send(courier, "/intake", content)

    again = send(courier, "/intake", content, name="anders.csv")

    assert (first.status_code, again.status_code) == (303, 409)
    assert "This very file was read before" in again.text
    assert len(files()) == 1


def test_courier_clerk_uploads_for_the_own_carrier_whatever_the_form_says(desk):
    _hub, courier = desk

    send(courier, "/intake", csv_bytes([HEAD, daily_row("78001001")]), carrier="圆通")

    assert [each.carrier for each in files()] == ["中通"]


def test_file_of_a_carrier_outside_the_pool_is_not_found(desk):
    hub, _courier = desk

    assert send(hub, "/intake", csv_bytes([HEAD, daily_row("78001001")]), carrier="无名").status_code == 404
    assert files() == []


@pytest.mark.parametrize("path", ["/intake", "/feeds"])
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("日单.csv", b"", "The file is empty."),
        ("日单.csv", "甲,乙\n1,2\n".encode(), "No header was found"),
        ("日单.csv", b"\xff\xff\xff,1\n", "neither UTF-8 nor GB18030"),
        ("日单.xlsx", b"no workbook", "This is not an Excel workbook"),
        (
            "日单.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        ("日单.pdf", b"%PDF", "Only files that end in .csv or .xlsx"),
        ("", b"", "Please choose a file first."),
    ],
)
def test_broken_file_is_refused_in_plain_words_and_stores_nothing(desk, path, name, content, says):
    _hub, courier = desk

    answer = send(courier, path, content, name=name)

    assert answer.status_code == 422
    assert says in answer.text
    assert 'id="file-error"' in answer.text
    assert "/tmp" not in answer.text
    assert files() == []


def test_faults_are_said_in_chinese_too(desk):
    hub, _courier = desk
    refused = send(hub, "/intake?lang=zh_CN", b"", carrier="中通")
    answer = send(
        hub, "/intake", csv_bytes([HEAD, daily_row("7.8E+13"), daily_row("78001001")]), carrier="中通"
    )

    assert "文件是空的。" in refused.text
    assert "单号 7.8E+13 被表格软件改坏了" in hub.get(answer.headers["Location"] + "?lang=zh_CN").text


def test_feed_is_recorded_and_unusable_rows_are_listed_on_the_page(desk):
    _hub, courier = desk
    with database.transaction() as db:
        parcel = make_sent(db, waybill="78001001")
        make_sent(db, waybill="78001002", carrier="圆通")
    at = f"{(NOW + timedelta(hours=5)).astimezone(clock.COUNTY_ZONE):%Y-%m-%d %H:%M}"
    rows = [
        EVENTS,
        ("78001001", at, "签收", "西安"),
        ("78001002", at, "签收", "西安"),
        ("78001001", at, "飞走了", ""),
    ]

    answer = send(courier, "/feeds", csv_bytes(rows))

    page = courier.get(answer.headers["Location"]).text
    assert "1 event was recorded." in page
    assert "Row 3: no parcel 78001002 of 中通 is known" in page
    assert "Row 4: status “飞走了” is not known" in page
    with database.reading() as db:
        assert parcels.get_parcel(db, parcel_no=parcel.parcel_no).state is ParcelState.DELIVERED


def test_scans_count_and_those_that_cannot_be_are_said(desk):
    hub, _courier = desk
    with database.transaction() as db:
        good = make_parcel(db, waybill="78001001", at_hub=False)
        make_parcel(db, waybill="78001002", at_hub=False)
        make_parcel(db, waybill="78001002", carrier="圆通", at_hub=False)

    answer = hub.post(
        "/hub/scan", data={"what": "arrived", "numbers": "78001001\n78001002 78009999\n78001001"}
    )

    page = hub.get(answer.headers["Location"]).text
    assert "1 parcel scanned." in page
    assert "78009999: There is no such parcel." in page
    assert "78001002: 2 carriers have a parcel 78001002" in page
    with database.reading() as db:
        (event,) = tracking.list_events(db, parcel_no=good.parcel_no)
        states = [each.state for each in parcels.list_parcels(db, limit=None)]
    assert event.kind is EventKind.HUB_IN
    assert sorted(states) == [ParcelState.IN_TRANSIT, ParcelState.PENDING, ParcelState.PENDING]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"what": "arrived", "numbers": ""}, "numbers"),
        ({"what": "arrived", "numbers": "78-001"}, "numbers"),
        ({"what": "arrived", "numbers": " ".join(f"7800{n:04d}" for n in range(201))}, "numbers"),
        ({"what": "flown", "numbers": "78001001"}, "what"),
    ],
)
def test_scan_form_that_cannot_be_used_keeps_what_was_typed(desk, given, field):
    hub, _courier = desk
    with database.transaction() as db:
        make_parcel(db, waybill="78001001", at_hub=False)

    answer = hub.post("/hub/scan", data=given)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert given["numbers"] in answer.text
    with database.reading() as db:
        assert [each.state for each in parcels.list_parcels(db)] == [ParcelState.PENDING]


def list_of(client, query=""):
    page = client.get("/parcels" + query)
    assert page.status_code == 200
    return page.text


def test_list_of_parcels_is_filtered_sorted_paged_and_confined_to_the_own_carrier(desk):
    hub, courier = desk
    with database.transaction() as db:
        for number in range(4):
            make_parcel(
                db, waybill=f"7800100{number}", carrier="圆通" if number == 3 else "中通", at_hub=number > 0
            )

    assert all(f"7800100{number}" in list_of(hub) for number in range(4))
    assert "78001003" not in list_of(courier)
    assert "78001003" not in list_of(courier, "?carrier=圆通")
    assert "78001000" in list_of(hub, "?state=pending") and "78001001" not in list_of(hub, "?state=pending")
    assert "78001002" in list_of(hub, "?q=78001002") and "78001001" not in list_of(hub, "?q=78001002")
    first = list_of(hub, "?sort=waybill&limit=2")
    assert first.index("78001000") < first.index("78001001") and "78001002" not in first
    following = first.split('href="/parcels?')[-1].split('"')[0].replace("&amp;", "&")
    second = list_of(hub, "?" + following)
    assert "78001001" not in second and second.index("78001002") < second.index("78001003")


@pytest.mark.parametrize(
    "query", ["?sort=phone", "?state=flying&direction=up", "?q=%25", "?sort=-", "?carrier=none"]
)
def test_list_with_a_strange_address_still_answers(desk, query):
    hub, _courier = desk

    assert "78001001" not in list_of(hub, query)


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJ3YXliaWxsIiwgMSwgIngiXQ==", "e30=", "bnVsbA=="])
def test_broken_cursor_is_refused(desk, cursor):
    hub, _courier = desk

    assert hub.get(f"/parcels?cursor={cursor}").status_code in (400, 422)


def test_export_is_safe_for_spreadsheets_and_tells_nothing_of_the_consignee(desk):
    _hub, courier = desk
    with database.transaction() as db:
        make_parcel(db, waybill="=1+1")
        make_parcel(db, waybill="78001002", carrier="圆通")

    answer = courier.get("/parcels/export")

    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[:3] == ["Parcel", "Waybill", "Carrier"]
    assert row[1:6] == ["'=1+1", "中通", "Into the county", "竹园", "1"]
    assert "李" not in answer.text and "1390" not in answer.text


def test_parcels_page_masks_the_consignee_and_shows_the_way(desk):
    hub, _courier = desk
    with database.transaction() as db:
        parcel = make_parcel(db, waybill="78001001")

    page = hub.get(f"/parcels/{parcel.parcel_no}").text

    assert "李*" in page and "李明" not in page
    assert "13900001234" not in page and "竹园村8号" not in page
    assert "Arrived at the county hub" in page
    assert hub.get("/parcels/WB000000000000").status_code == 404
