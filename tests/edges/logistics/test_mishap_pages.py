"""Telling of damage and loss by plain forms: at the hub by number, at the station by its keeper."""

import re
from io import BytesIO

import pytest
from PIL import Image

from county import clock, database
from county.people.types import Role
from logistics.parcels import service as parcels
from logistics.parcels.types import ParcelState
from logistics.stations import service as stations
from logistics.tracking import service as tracking
from logistics.tracking.types import Cause, EventKind, Reason, Source
from tests.makers.logistics import MONTH_OVER, make_clerk, make_pool, tell
from tests.makers.people import make_person
from tests.makers.tours import make_parcel
from tests.makers.web import make_browser

DAMAGED = {"reason": "damaged", "cause": "shipper", "note": "箱子塌了"}


@pytest.fixture(autouse=True)
def in_november(monkeypatch):
    """Let every test stand at one moment, later than what the tests tell of."""
    monkeypatch.setattr(clock, "now", lambda: MONTH_OVER)


@pytest.fixture
def county(web_app):
    """Make a parcel of 中通 that lies at the keeper's station, one at the hub, and who works there."""
    with database.transaction() as db:
        make_pool(db)
        keeper = make_person(db, Role.STATION_KEEPER, name="站长")
        stations.attach_keeper(db, person_id=keeper.id, station="S1")
        at_station = make_parcel(db, waybill="78001001")
        tell(db, at_station.parcel_no, EventKind.ARRIVED_AT_STATION, where="竹园")
        make_parcel(db, waybill="78001002", station="S2")
        people = {
            "hub": make_person(db, Role.HUB_CLERK),
            "keeper": keeper,
            "courier": make_clerk(db),
            "admin": make_person(db, Role.ASSOCIATION_ADMIN),
        }
    return {name: make_browser(web_app, person) for name, person in people.items()}


def picture():
    out = BytesIO()
    Image.new("RGB", (40, 40), "brown").save(out, "JPEG")
    return BytesIO(out.getvalue()), "a.jpg"


def number_of(waybill):
    with database.reading() as db:
        return parcels.find_by_number(db, number=waybill)[0].parcel_no


def told(waybill):
    with database.reading() as db:
        (parcel,) = parcels.find_by_number(db, number=waybill)
        events = tracking.list_events(db, parcel_no=parcel.parcel_no)
        return parcel.state, [each for each in events if each.reason is not Reason.UNSAID]


def test_hub_clerk_tells_once_with_note_and_picture_and_staff_see_them(county):
    hub = county["hub"]
    assert 'href="/hub/mishap"' in hub.get("/hub").text
    address = f"/hub/mishap/{number_of('78001002')}"
    found = hub.get("/hub/mishap?number=78001002")
    assert (found.status_code, found.headers["Location"]) == (303, address)
    page = hub.get(address).text
    assert 'capture="environment"' in page
    assert "Is it this parcel?" in page
    assert "李*" in page
    assert "李明" not in page
    assert told("78001002") == (ParcelState.IN_TRANSIT, [])

    for _twice in range(2):
        answer = hub.post(address, data={**DAMAGED, "form_token": "t1", "picture": picture()})
        assert answer.status_code == 303

    state, (event,) = told("78001002")
    assert state is ParcelState.ON_HOLD
    assert (event.reason, event.cause, event.note) == (Reason.DAMAGED, Cause.SHIPPER, "箱子塌了")
    assert (event.source, event.where, event.at) == (Source.SCAN, "县分拨中心", MONTH_OVER)
    for name in ("hub", "courier"):
        shown = county[name].get(answer.headers["Location"]).text
        assert "Was found damaged, because of the packing or the sender" in shown
        assert "箱子塌了" in shown
        assert f'href="/files/{event.picture_id}-480.webp"' in shown


@pytest.mark.parametrize(("number", "status"), [("x", 422), ("", 422), ("78009999", 404), ("78001004", 409)])
def test_number_of_no_parcel_on_its_way_is_said_at_its_field(county, number, status):
    with database.transaction() as db:
        over = make_parcel(db, waybill="78001004")
        tell(db, over.parcel_no, EventKind.COLLECTED)

    answer = county["hub"].get("/hub/mishap", query_string={"number": number})

    assert answer.status_code == status
    assert 'href="#number"' in answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "unsaid"}, "reason"),
        ({"reason": "gone"}, "reason"),
        ({"cause": ""}, "cause"),
        ({"note": "长" * 201}, "note"),
        ({"picture": (b"no picture", "a.png")}, "picture"),
    ],
)
def test_fault_is_said_at_its_field_and_nothing_is_recorded(county, changes, field):
    given = {**DAMAGED, **changes}
    if "picture" in changes:
        given["picture"] = (BytesIO(changes["picture"][0]), changes["picture"][1])

    answer = county["hub"].post(f"/hub/mishap/{number_of('78001002')}", data=given)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert told("78001002") == (ParcelState.IN_TRANSIT, [])


def test_nothing_is_chosen_before_somebody_chooses(county):
    page = county["hub"].get(f"/hub/mishap/{number_of('78001002')}").text

    chosen = re.findall(r'<input type="radio" name="(\w+)" value="(\w+)" checked', page)
    assert chosen == [("cause", "unsaid")]


def test_note_may_have_lines_and_counts_each_end_once(county):
    lines = ["一"] * 100
    given = {**DAMAGED, "note": "\r\n".join(lines)}

    answer = county["hub"].post(f"/hub/mishap/{number_of('78001002')}", data=given)

    assert answer.status_code == 303
    assert told("78001002")[1][0].note == "\n".join(lines)


def test_refused_report_keeps_no_picture(county, web_app):
    with database.transaction() as db:
        over = make_parcel(db, waybill="78001004")
        tell(db, over.parcel_no, EventKind.COLLECTED)
    folder = web_app.config["SHANHUO"].instance / "files"
    refused = {
        f"/hub/mishap/{over.parcel_no}": 409,
        "/hub/mishap/WB000000000000": 404,
        f"/station/{over.parcel_no}/mishap": 409,
        f"/station/{number_of('78001002')}/mishap": 404,
    }

    for address, status in refused.items():
        browser = county["hub" if address.startswith("/hub") else "keeper"]
        answer = browser.post(address, data={**DAMAGED, "picture": picture()})
        assert answer.status_code == status, address

    assert list(folder.rglob("*.webp")) == []
    assert told("78001004") == (ParcelState.DELIVERED, [])


def test_picture_of_damage_is_for_staff(county, web_app):
    number = number_of("78001002")
    county["hub"].post(f"/hub/mishap/{number}", data={**DAMAGED, "picture": picture()})
    address = f"/files/{told('78001002')[1][0].picture_id}-480.webp"
    with database.transaction() as db:
        clerk = make_clerk(db, carrier="圆通")
    other = make_browser(web_app, clerk)

    for name in ("hub", "courier", "admin"):
        answer = county[name].get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store"), name
    for client in (other, county["keeper"], web_app.test_client()):
        assert client.get(address).status_code == 404


def test_mistake_is_taken_back_with_a_reason_by_who_may(county):
    number = number_of("78001002")
    county["hub"].post(f"/hub/mishap/{number}", data=DAMAGED)
    (event,) = told("78001002")[1]
    address = f"/parcels/{number}/mistake"
    for name in ("hub", "admin"):
        assert f'href="{address}"' in county[name].get(f"/parcels/{number}").text
    for name, status in {"courier": 403, "keeper": 404}.items():
        assert f'href="{address}"' not in county["courier"].get(f"/parcels/{number}").text
        assert county[name].post(address, data={"event_id": event.id, "why": "看错"}).status_code == status

    for given, field in (({"why": "看错"}, "event_id"), ({"event_id": event.id}, "why")):
        answer = county["hub"].post(address, data=given)
        assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
    assert told("78001002") == (ParcelState.ON_HOLD, [event])

    answer = county["hub"].post(address, data={"event_id": event.id, "why": "看错了单号"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/parcels/{number}")
    assert told("78001002")[0] is ParcelState.IN_TRANSIT
    shown = county["courier"].get(f"/parcels/{number}").text
    assert "Was found damaged – this was a mistake" in shown
    assert "看错了单号" in shown
    again = county["hub"].post(address, data={"event_id": event.id, "why": "看错了单号"})
    assert again.status_code == 409
    assert "Nothing to take back" in county["hub"].get(address).text


def test_parcel_that_was_held_goes_on_with_the_next_scan(county):
    county["hub"].post(f"/hub/mishap/{number_of('78001002')}", data=DAMAGED)
    with database.transaction() as db:
        tell(db, number_of("78001002"), EventKind.LOADED, at=MONTH_OVER)
        tell(db, number_of("78001002"), EventKind.ARRIVED_AT_STATION, at=MONTH_OVER.replace(hour=9))

    state, events = told("78001002")

    assert (state, len(events)) == (ParcelState.READY_FOR_PICKUP, 1)


def test_keeper_tells_of_a_parcel_of_the_own_station_and_can_still_hand_it_out(county):
    keeper, number = county["keeper"], number_of("78001001")
    address = f"/station/{number}/mishap"
    assert f'href="{address}"' in keeper.get(f"/station/{number}").text
    assert keeper.get(address).status_code == 200

    answer = keeper.post(address, data={"reason": "damaged", "cause": "unsaid", "note": "漏水"})

    assert answer.status_code == 303
    state, (event,) = told("78001001")
    assert (state, event.source, event.where) == (ParcelState.ON_HOLD, Source.STATION, "竹园")
    assert "78001001" in keeper.get("/station").text
    assert keeper.post(f"/station/{number}", data={"known_by": "in_person"}).status_code == 303
    assert told("78001001")[0] is ParcelState.DELIVERED


def test_parcel_held_at_the_hub_does_not_stand_at_the_station(county):
    with database.transaction() as db:
        held = make_parcel(db, waybill="78001003")
        tell(db, held.parcel_no, EventKind.ON_HOLD)

    keeper = county["keeper"]

    assert "78001003" not in keeper.get("/station").text
    assert keeper.post(f"/station/{held.parcel_no}", data={"known_by": "in_person"}).status_code == 409
    assert told("78001003")[0] is ParcelState.ON_HOLD


def test_keeper_of_another_station_finds_nothing(county):
    keeper, address = county["keeper"], f"/station/{number_of('78001002')}/mishap"

    assert keeper.get(address).status_code == 404
    assert keeper.post(address, data=DAMAGED).status_code == 404
    assert told("78001002") == (ParcelState.IN_TRANSIT, [])
