"""The association's tasks: who may look, who may act, and that two people at once act once."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from county import clock, database
from county.payments import service
from county.payments.bill_faults import BillFaultKind, fault_of, write_fault
from county.payments.store import bills
from county.payments.types import Finding, FindingKind, PaymentLine
from county.people.types import Role
from county.web import places
from tests.makers.people import make_person
from tests.makers.web import all_at_once, make_browser
from tests.services.payments.acting import APP_ID, SELLER_ID, ActingProvider, Shop, make_notice

PAGE = "/payments/tasks"


@pytest.fixture
def admin(web_app: Flask) -> FlaskClient:
    """Give an association's browser, with order A1 paid twice and one difference in yesterday's bill."""
    acting = ActingProvider(app_id=APP_ID, seller_id=SELLER_ID)
    service.wire_provider(lambda: acting)
    service.wire_receiver(Shop())
    now = clock.now()
    with database.transaction() as db:
        service.open_payment(
            db,
            lines=[PaymentLine("A1", 7_650, "高山茶")],
            returns_to="/orders/A1",
            expires_at=now + timedelta(minutes=30),
            now=now,
        )
        for number in ("1", "2"):
            notice = make_notice(notify_id=f"n{number}", trade_no=f"T{number}")
            service.record_notice(db, notice=notice, now=now)
        finding = Finding(clock.county_day(now), FindingKind.UNKNOWN_ORDER, "<b>&X1", 0, 100, "T9")
        bills.add_findings(db, [(finding, "")], now=now)
        person = make_person(db, Role.ASSOCIATION_ADMIN)
    return make_browser(web_app, person)


def forms(text: str) -> list[dict[str, str]]:
    """Read the hidden fields of each form of a task."""
    found = [
        dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        for form in re.findall(r'<form class="form" action="/payments/tasks".*?</form>', text, re.S)
    ]
    return [{name: unescape(value) for name, value in form.items()} for form in found]


def form_of(text: str, act: str) -> dict[str, str]:
    """Give the form of an act."""
    return next(form for form in forms(text) if form["act"] == act)


def counted(text: str) -> set[str]:
    """Give the counts of open tasks that a page's navigation shows."""
    return set(re.findall(r'class="open-tasks"[^>]*>([^<]+)<', text))


def refunds() -> list[str]:
    with database.reading() as db:
        return [one.key for one in service.list_instructions(db, out_trade_no="A1")]


def test_the_list_says_what_how_much_and_what_to_do(admin: FlaskClient) -> None:
    text = admin.get(PAGE).text

    assert text.count("<h1") == 1
    assert "2 tasks, the oldest first." in text
    assert "Order A1 was paid a second time, by trade T2." in text
    assert "¥76.50" in text.replace('<span class="price-figure">', "")
    assert "&lt;b&gt;&amp;X1, which is no order of ours." in text
    assert sorted(form["act"] for form in forms(text)) == ["send_back", "settle"]


def test_every_page_says_how_many_tasks_are_open(admin: FlaskClient, web_app: Flask) -> None:
    with database.transaction() as db:
        auditor, buyer = make_person(db, Role.AUDITOR), make_person(db, Role.BUYER)

    assert counted(admin.get("/me").text) == {"2"}
    assert "2 open tasks" in admin.get("/me").text
    assert counted(make_browser(web_app, auditor).get("/me").text) == {"2"}
    assert counted(make_browser(web_app, buyer).get("/me").text) == set()
    assert admin.post(PAGE, data=form_of(admin.get(PAGE).text, "send_back")).status_code == 303
    assert "1 open task<" in admin.get("/me").text


def test_more_than_99_open_tasks_are_said_as_such(admin: FlaskClient) -> None:
    with database.transaction() as db:
        on = clock.county_day(clock.now())
        many = [Finding(on, FindingKind.UNKNOWN_ORDER, f"X{at}", 0, 100, "T") for at in range(97)]
        bills.add_findings(db, [(each, "") for each in many], now=clock.now())
    assert counted(admin.get("/me").text) == {"99"}

    with database.transaction() as db:
        last = Finding(on, FindingKind.UNKNOWN_ORDER, "X97", 0, 100, "T")
        bills.add_findings(db, [(last, "")], now=clock.now())

    assert counted(admin.get("/me").text) == {"99+"}
    assert "more than 99 open tasks" in admin.get("/me").text


def test_who_may_not_see_tasks_costs_no_count(
    admin: FlaskClient, web_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as db:
        person = make_person(db, Role.BUYER)
    buyer = make_browser(web_app, person)
    counts: list[object] = []
    with web_app.app_context():
        offered = places.offered()
    (place,) = [each for each in offered if each.endpoint == "tasks.list_tasks"]

    def count(_db: object, *, now: object) -> int:
        counts.append(now)
        return 7

    others = [each for each in offered if each is not place]
    monkeypatch.setitem(web_app.config, "PLACES", (*others, replace(place, open_tasks=count)))
    buyer.get("/me")
    admin.get("/api/v1/me")
    assert counts == []

    assert counted(admin.get("/me").text) == {"7"}
    assert len(counts) == 1


def test_why_a_bill_cannot_be_used_is_said_in_the_readers_language(admin: FlaskClient) -> None:
    fault = fault_of(BillFaultKind.OTHER_DAY, said="2026-10-04", expected="2026-10-05")
    with database.transaction() as db:
        now = clock.now()
        service.note_bill_trouble(db, on=date(2026, 10, 5), why=write_fault(fault), now=now)
        service.note_bill_trouble(db, on=date(2026, 10, 6), why="账单不存在", now=now)

    english, chinese = (admin.get(f"{PAGE}?lang={language}").text for language in ("en", "zh_CN"))

    says = "bill of 2026-10-05 cannot be used: it is of the day 2026-10-04, expected 2026-10-05"
    assert says in english.replace("&#39;", "'")
    assert "2026-10-05的支付宝账单用不了：它是 2026-10-04 的，应该是 2026-10-05 的" in chinese
    assert "2026-10-06的支付宝账单用不了：账单不存在" in chinese


def test_an_act_is_done_and_said(admin: FlaskClient) -> None:
    first = form_of(admin.get(PAGE).text, "send_back")

    answer = admin.post(PAGE, data=first, follow_redirects=True)

    assert "Done and written down." in answer.text
    assert "1 task, the oldest first." in answer.text
    assert refunds() == ["suspense:T2:1"]


def test_a_form_sent_twice_acts_once_and_another_form_is_told_that_it_is_gone(admin: FlaskClient) -> None:
    form = form_of(admin.get(PAGE).text, "send_back")
    other = form_of(admin.get(PAGE).text, "send_back")

    first, again, late = (admin.post(PAGE, data=each) for each in (form, form, other))

    assert (first.status_code, again.status_code, late.status_code) == (303, 303, 409)
    assert "Somebody dealt with this already." in late.text
    assert refunds() == ["suspense:T2:1"]


def test_two_people_at_once_act_once(admin: FlaskClient, web_app: Flask) -> None:
    with database.transaction() as db:
        people = [make_person(db, Role.ASSOCIATION_ADMIN) for _ in range(4)]
    browsers = [make_browser(web_app, person) for person in people]
    given = [(browser, form_of(browser.get(PAGE).text, "send_back")) for browser in browsers]

    answers = all_at_once(lambda each: each[0].post(PAGE, data=each[1]).status_code, given)

    assert sorted(answers) == [303, 409, 409, 409]
    assert refunds() == ["suspense:T2:1"]


def test_a_note_is_asked_for(admin: FlaskClient) -> None:
    form = form_of(admin.get(PAGE).text, "settle")

    empty = admin.post(PAGE, data={**form, "note": " "})
    long = admin.post(PAGE, data={**form_of(empty.text, "settle"), "note": "x" * 301})
    with database.reading() as db:
        still_open = len(service.list_findings(db))
    settled = admin.post(PAGE, data={**form_of(long.text, "settle"), "note": "问过支付宝"})

    assert (empty.status_code, long.status_code, still_open, settled.status_code) == (422, 422, 1, 303)
    with database.reading() as db:
        assert service.list_findings(db) == []


def test_the_auditor_looks_and_does_not_act(admin: FlaskClient, web_app: Flask) -> None:
    form = forms(admin.get(PAGE).text)[0]
    with database.transaction() as db:
        auditor = make_person(db, Role.AUDITOR)
    browser = make_browser(web_app, auditor)

    seen, acted = browser.get(PAGE), browser.post(PAGE, data=form)

    assert seen.status_code == 200 and "You may look; the association acts." in seen.text
    assert forms(seen.text) == []
    assert acted.status_code == 403
    assert refunds() == []


@pytest.mark.parametrize("role", [Role.BUYER, Role.FARMER, Role.STREAMER, Role.COURIER_CLERK])
def test_nobody_else_sees_it(admin: FlaskClient, web_app: Flask, role: Role) -> None:
    with database.transaction() as db:
        person = make_person(db, role)

    assert make_browser(web_app, person).get(PAGE).status_code in (403, 404)


def test_without_a_token_against_forgery_nothing_is_done(admin: FlaskClient, web_app: Flask) -> None:
    form = form_of(admin.get(PAGE).text, "send_back")
    del form["csrf_token"]
    web_app.config["WTF_CSRF_ENABLED"] = True

    answer = admin.post(PAGE, data=form)

    assert answer.status_code == 400
    assert refunds() == []
