"""The pages of tours: roles, forms, a real plan by the job, the driver's and the keeper's way through it."""

import re
from datetime import timedelta

import pytest

from county import clock, database
from county.jobs import worker
from county.people import service as people
from county.people.types import Role
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, ParcelState
from logistics.stations import service as stations
from logistics.tours import service as tours
from logistics.tours.types import TourState, TripState
from tests.makers.people import ROBOT
from tests.makers.tours import make_driver, make_network, make_parcel

PHONES = {
    Role.HUB_CLERK: "13700000001",
    Role.ASSOCIATION_ADMIN: "13700000002",
    Role.AUDITOR: "13700000003",
    Role.DRIVER: "13700000004",
    Role.STATION_KEEPER: "13700000005",
    Role.COURIER_CLERK: "13700000006",
    Role.BUYER: "13700000007",
}
PASSWORD = "a-long-enough-one"


@pytest.fixture
def county(web_app):
    """Make a small county with a person for each role and three parcels to plan."""
    hashed = people.hash_password(PASSWORD)
    with database.transaction() as db:
        for role, phone in PHONES.items():
            person = people.register_person(
                db,
                name=f"{role.value}甲",
                phone=phone,
                roles=[role],
                password_hash=hashed,
                actor=ROBOT,
                now=clock.now(),
            )
            if role is Role.STATION_KEEPER:
                keeper = person
        make_network(db)
        stations.attach_keeper(db, person_id=keeper.id, station="S1")
        numbers = [
            make_parcel(db, waybill="780000001").parcel_no,
            make_parcel(db, waybill="780000002", station="S2").parcel_no,
            make_parcel(db, waybill="780000003", station="S2", direction=Direction.OUT).parcel_no,
        ]
    return web_app, numbers


def browser(web_app, role):
    """Sign a client in."""
    client = web_app.test_client()
    answer = client.post("/sign-in", data={"phone": PHONES[role], "password": PASSWORD})
    assert answer.status_code == 303
    return client


def ask(client, **changes):
    """Send the planning form for tomorrow."""
    on = clock.county_day(clock.now()) + timedelta(days=1)
    given = {"on": on.isoformat(), "departs": "08:00", "limit": "2", "baselines": ["alone"], **changes}
    return client.post("/tours/new", data=given)


def list_tours():
    """List all tours."""
    with database.reading() as db:
        return tours.list_tours(db)


def state_of(number):
    """Give a parcel's state."""
    with database.reading() as db:
        return parcels.get_parcel(db, parcel_no=number).state


def test_plan_runs_as_a_job_and_its_page_shows_cost_bound_saving_and_map(county):
    web_app, _numbers = county
    clerk = browser(web_app, Role.HUB_CLERK)
    answer = ask(clerk)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert "data-poll" in clerk.get(address).text
    polled = clerk.get(address + "/progress").json
    assert (polled["state"], polled["numbers"]) == ("running", [["包裹", "3"]])

    worker.work_until_idle(raises=True)

    (tour,) = list_tours()
    # One van, 24 km at 1.00 and two stops at 1.00 beside its day of 200.00: the bound proves it the best.
    assert (tour.state, tour.cost_fen, tour.bound_fen, tour.gap_bp) == (TourState.DRAFT, 22_600, 22_600, 0)
    page = clerk.get(address).text
    assert "226.00" in page
    assert page.count("<polyline") == 1
    assert clerk.get(address + "/progress").json["state"] == "done"


def test_job_that_runs_twice_leaves_the_same_draft(county):
    web_app, _numbers = county
    ask(browser(web_app, Role.HUB_CLERK))
    worker.work_until_idle(raises=True)
    before = list_tours()

    from logistics.tours.jobs import plan_tour

    plan_tour({"tour_no": before[0].tour_no}, clock.now())

    assert list_tours() == before


def test_published_tour_is_driven_and_handed_out_by_plain_forms(county):
    web_app, (near, far, back) = county
    clerk = browser(web_app, Role.ASSOCIATION_ADMIN)
    address = ask(clerk).headers["Location"]
    worker.work_until_idle(raises=True)
    assert clerk.post(address + "/publish").status_code == 303

    driver = browser(web_app, Role.DRIVER)
    for _step in range(4):
        page = driver.get("/driving").text
        action = re.search(r'action="(/driving/(?:trips|stops)/[^"]+)"', page)
        ticked = re.findall(r'name="done" value="([^"]+)"', page)
        assert driver.post(action[1], data={"done": ticked, "how": "ticked"}).status_code == 303
    assert list_tours()[0].state is TourState.FINISHED
    assert [state_of(each) for each in (near, far, back)] == [
        ParcelState.READY_FOR_PICKUP,
        ParcelState.READY_FOR_PICKUP,
        ParcelState.PICKED_UP,
    ]

    keeper = browser(web_app, Role.STATION_KEEPER)
    assert "780000001" in keeper.get("/station").text
    wrong = keeper.post(f"/station/{near}", data={"known_by": "phone", "digits": "9999"})
    assert (wrong.status_code, state_of(near)) == (422, ParcelState.READY_FOR_PICKUP)
    assert keeper.post(f"/station/{near}", data={"known_by": "phone", "digits": "1234"}).status_code == 303
    assert state_of(near) is ParcelState.DELIVERED
    assert keeper.get(f"/station/{far}").status_code == 404


def test_nobody_there_leaves_the_stops_parcels_open(county):
    web_app, (near, _far, _back) = county
    clerk = browser(web_app, Role.HUB_CLERK)
    address = ask(clerk).headers["Location"]
    worker.work_until_idle(raises=True)
    clerk.post(address + "/publish")
    driver = browser(web_app, Role.DRIVER)
    with database.reading() as db:
        (trip,) = tours.get_book(db, tour_no=list_tours()[0].tour_no).trips
    stop = next(each for each in trip.stops if each.station == "S1")
    driver.post(f"/driving/trips/{trip.id}/leave")

    driver.post(f"/driving/stops/{stop.id}/end", data={"done": [near], "how": "nobody"})

    assert state_of(near) is ParcelState.DELIVERY_FAILED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"on": "2020-01-01"}, "on"),
        ({"on": "tomorrow"}, "on"),
        ({"departs": "25:00"}, "departs"),
        ({"limit": "0"}, "limit"),
        ({"limit": "９９"}, "limit"),
    ],
)
def test_bad_planning_form_is_refused_and_makes_no_tour(county, changes, field):
    web_app, _numbers = county

    answer = ask(browser(web_app, Role.HUB_CLERK), **changes)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert list_tours() == []


def test_day_without_parcels_is_refused_with_a_sentence(county):
    web_app, _numbers = county
    clerk = browser(web_app, Role.HUB_CLERK)
    ask(clerk)
    worker.work_until_idle(raises=True)
    (tour,) = list_tours()
    clerk.post(f"/tours/{tour.tour_no}/publish")

    assert ask(clerk).status_code == 409
    assert list_tours()[0].tour_no == tour.tour_no and len(list_tours()) == 1


DESK = {Role.HUB_CLERK, Role.ASSOCIATION_ADMIN}


@pytest.mark.parametrize("role", list(PHONES))
def test_each_role_reaches_only_its_pages(county, role):
    web_app, _numbers = county
    clerk = browser(web_app, Role.HUB_CLERK)
    address = ask(clerk).headers["Location"]
    client = browser(web_app, role)

    seen = {
        path: client.get(path).status_code
        for path in ("/tours", address, "/tours/new", "/driving", "/driving/stops", "/station")
    }
    withdrawn = client.post(address + "/withdraw").status_code

    looks, plans = role in {*DESK, Role.AUDITOR}, role in DESK
    assert seen == {
        "/tours": 200 if looks else 403,
        address: 200 if looks else 403,
        "/tours/new": 200 if plans else 403,
        "/driving": 200 if role is Role.DRIVER else 403,
        "/driving/stops": 200 if role is Role.DRIVER else 403,
        "/station": 200 if role is Role.STATION_KEEPER else 403,
    }
    assert withdrawn == (303 if plans else 403)
    assert list_tours()[0].state is (TourState.WITHDRAWN if plans else TourState.PLANNING)


def test_other_drivers_stop_answers_404_and_nothing_changes(county):
    web_app, (near, *_rest) = county
    with database.transaction() as db:
        other = make_driver(db, name="甲师傅")
    clerk = browser(web_app, Role.HUB_CLERK)
    address = ask(clerk).headers["Location"]
    worker.work_until_idle(raises=True)
    with database.reading() as db:
        book = tours.get_book(db, tour_no=address.rsplit("/", 1)[1])
    clerk.post(address + "/driver", data={"vehicle": book.vehicles[0].id, "driver": other.id})
    clerk.post(address + "/publish")
    mine = browser(web_app, Role.DRIVER)

    left = mine.post(f"/driving/trips/{book.trips[0].id}/leave")
    ended = mine.post(f"/driving/stops/{book.trips[0].stops[0].id}/end", data={"done": [near]})

    assert (left.status_code, ended.status_code) == (404, 404)
    with database.reading() as db:
        (trip,) = tours.get_book(db, tour_no=book.tour.tour_no).trips
    assert (trip.state, state_of(near)) == (TripState.WAITING, ParcelState.IN_TRANSIT)
