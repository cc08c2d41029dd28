"""Pages of sessions: asking, booking with alternatives, going on air, other people's sessions."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from county import clock, database
from county.people.types import Role
from livestream.attribution import service as attribution
from livestream.room import service as room
from livestream.sessions import service as sessions
from livestream.sessions.types import SessionState
from shop.accounts.rules import streamer_account
from tests.makers.livestream import make_session, make_stage, make_streamer, request
from tests.makers.payruns import owe
from tests.makers.people import make_person
from tests.makers.refunds import make_refunded
from tests.makers.shop import make_card, make_grower, pay, place
from tests.makers.web import make_browser


@pytest.fixture
def stage(web_app):
    """Make a stage whose sessions begin on the next day."""
    tomorrow = clock.day_start(clock.county_day(clock.now()) + timedelta(days=1))
    with database.transaction() as db:
        return make_stage(db, start_at=tomorrow + timedelta(hours=12))


@pytest.fixture
def admin(web_app):
    """Sign the association in."""
    with database.transaction() as db:
        person = make_person(db, Role.ASSOCIATION_ADMIN)
    return make_browser(web_app, person)


def state_of(session):
    with database.reading() as db:
        return sessions.get_session(db, session_id=session.id).state


def decision(stage, **changes):
    """Fill in the association's form."""
    start = stage.start_at.astimezone(clock.COUNTY_ZONE)
    return {
        "streamer_id": str(stage.streamer.id),
        "studio_id": str(stage.studio.id),
        "on": start.date().isoformat(),
        "begins": f"{start:%H:%M}",
        "minutes": "60",
        "percent": "10",
        **changes,
    }


def test_taken_slot_is_409_and_offers_free_ones(web_app, stage, admin):
    with database.transaction() as db:
        make_session(db, stage)
        asked = request(db, stage)

    answer = admin.post(f"/sessions/{asked.id}/confirm", data=decision(stage))

    assert answer.status_code == 409
    assert "booked at this time already" in answer.text
    later = (stage.start_at + timedelta(hours=1)).astimezone(clock.COUNTY_ZONE)
    assert f"{later:%H:%M}" in answer.text
    assert state_of(asked) is SessionState.REQUESTED
    free = decision(stage, begins=f"{later:%H:%M}")
    assert admin.post(f"/sessions/{asked.id}/confirm", data=free).status_code == 303
    assert state_of(asked) is SessionState.CONFIRMED


def test_decision_that_makes_no_sense_is_422(stage, admin):
    with database.transaction() as db:
        asked = request(db, stage)
    wrong = [
        {"streamer_id": "x"},
        {"studio_id": ""},
        {"on": "2026-13-40"},
        {"begins": "x"},
        {"minutes": "-60"},
        {"minutes": "²"},
        {"minutes": "99999999"},
        {"minutes": "9999999"},
        {"minutes": "1"},
        {"percent": "51"},
        {"percent": "1.5"},
        {"on": "9999-12-31", "begins": "23:59"},
        {"on": "0001-01-01", "begins": "00:00"},
    ]

    for changes in wrong:
        answer = admin.post(f"/sessions/{asked.id}/confirm", data=decision(stage, **changes))
        assert answer.status_code in (409, 422), changes
    for changes in ({"streamer_id": str(uuid4())}, {"studio_id": str(uuid4())}):
        answer = admin.post(f"/sessions/{asked.id}/confirm", data=decision(stage, **changes))
        assert answer.status_code == 404, changes
    assert state_of(asked) is SessionState.REQUESTED


def test_farmer_asks_for_hours_with_the_own_products_only(web_app, stage):
    browser = make_browser(web_app, stage.farmer)
    start = stage.start_at.astimezone(clock.COUNTY_ZONE)
    given = {
        "title": "春茶专场",
        "on": start.date().isoformat(),
        "begins": f"{start:%H:%M}",
        "minutes": "60",
        "products": [str(stage.product.product_id)],
    }
    with database.transaction() as db:
        stranger = make_grower(db)

    assert make_browser(web_app, stranger).post("/sell/live/new", data=given).status_code == 404
    wrong = [
        {"title": "x"},
        {"on": "x"},
        {"begins": ""},
        {"minutes": "61"},
        {"minutes": "9" * 400},
        {"products": []},
        {"products": ["x"]},
        {"on": "2020-01-01"},
        {"on": "0001-01-01", "begins": "00:00"},
        {"on": "9999-12-31", "begins": "23:59"},
    ]
    for changes in wrong:
        assert browser.post("/sell/live/new", data=given | changes).status_code == 422, changes
    with database.reading() as db:
        assert sessions.list_sessions(db) == []

    assert browser.post("/sell/live/new", data=given).status_code == 303
    with database.reading() as db:
        (asked,) = sessions.list_sessions(db)
    assert (asked.farmer_id, asked.state, asked.start_at) == (
        stage.farmer.id,
        SessionState.REQUESTED,
        stage.start_at,
    )


def test_streamer_runs_the_own_session_and_nobody_elses(web_app, stage):
    with database.transaction() as db:
        session = make_session(db, stage)
        other = make_streamer(db, name="吴涛")
    own, stranger = make_browser(web_app, stage.streamer), make_browser(web_app, other)
    address = f"/studio/{session.id}"
    pin = {"product_id": str(stage.product.product_id)}

    assert stranger.get(address).status_code == 404
    for step, given in (("begin", {}), ("end", {}), ("pin", pin), ("say", {"text": "x"})):
        assert stranger.post(f"{address}/{step}", data=given).status_code == 404, step
    assert own.post(f"{address}/end").status_code == 409
    assert own.post(f"{address}/begin").status_code == 303
    assert own.post(f"{address}/begin").status_code == 409
    assert own.post(f"{address}/pin", data=pin).status_code == 303
    for product_id in ("x", str(uuid4())):
        assert own.post(f"{address}/pin", data={"product_id": product_id}).status_code == 404
    for text in ("", "x" * 201):
        refused = own.post(f"{address}/say", data={"text": text})
        assert refused.status_code == 422
        assert "Please write a sentence of 1 to 200 characters for the viewers." in refused.text
        assert f'value="{text}"' in refused.text
    assert own.post(f"{address}/end").status_code == 303
    assert own.post(f"{address}/pin", data=pin).status_code == 409
    assert own.post(f"{address}/say", data={"text": "too late"}).status_code == 409

    with database.reading() as db:
        events = room.list_events(db, session_id=session.id, after=0)
    assert [event.kind.value for event in events] == ["notice", "pin", "end"]
    assert events[1].state["skus"][0]["price_fen"] == 6850


def test_page_for_buyers_carries_a_link_that_earns_and_hides_what_is_not_booked(web_app, stage):
    with database.transaction() as db:
        session = make_session(db, stage)
        asked = request(db, stage)
    client = web_app.test_client()

    page = client.get(f"/live/{session.id}")
    assert re.search(rf"/products/{stage.product.product_id}\?s=[\w-]{{48}}", page.text)
    assert client.get(f"/live/{asked.id}").status_code == 404
    assert client.get("/live").status_code == 200


def test_commissions_page_counts_what_refunds_leave(web_app, stage):
    with database.transaction() as db:
        make_card(db)
        session = make_session(db, stage)
        token = attribution.attribution().token(session_id=session.id, now=session.start_at)
        numbers = []
        for _ in range(2):
            order = place(db, stage.product, source_ref=token, now=stage.start_at).orders[0]
            pay(db, order.order_no, fen=order.total_fen, now=stage.start_at)
            attribution.record_sale(db, order_no=order.order_no, now=stage.start_at)
            numbers.append(order.order_no)
        make_refunded(db, numbers[0], goods={0: 6850}, freight_fen=800)
    streamer = make_browser(web_app, stage.streamer)

    with database.transaction() as db:
        owe(db, account=streamer_account(stage.streamer.id), fen=685)
    page = streamer.get("/commissions?lang=en").text
    control = streamer.get(f"/studio/{session.id}?lang=en").text

    assert "Still to be paid" in page
    assert "Tax withheld" not in page
    assert "At the bank" not in page
    assert page.count("¥6.85") == 3
    assert "¥13.70" not in page
    assert page.count("Returned to the buyer") == 1
    assert page.count("Provisional") == 1
    assert "¥68.50" in control
    assert "¥137.00" not in control
