"""Signing in by page and API: the same answer for everybody, waiting after five wrong tries."""

import re

import pytest
from sqlalchemy import select

from county import clock, database
from county.people import service as people
from county.people.tables import SignInFailureRow
from county.people.types import Role
from tests.makers.people import ROBOT

PHONE, PASSWORD = "13800138000", "shanhuo-demo"


@pytest.fixture
def registered(web_app):
    """Register a buyer with a password."""
    hashed = people.hash_password(PASSWORD)
    with database.transaction() as db:
        return people.register_person(
            db,
            name="李明",
            phone=PHONE,
            roles=[Role.BUYER],
            password_hash=hashed,
            actor=ROBOT,
            now=clock.now(),
        )


def sign_in(client, phone=PHONE, password=PASSWORD):
    return client.post("/api/v1/sign-in", json={"phone": phone, "password": password})


def test_right_password_gives_a_token_that_works_until_signing_out(client, registered):
    answer = sign_in(client, phone="+86 138-0013-8000")

    assert answer.status_code == 200
    assert answer.json["roles"] == ["buyer"]
    asked = {"Authorization": f"Bearer {answer.json['token']}"}
    me = client.get("/api/v1/me", headers=asked).json
    assert (me["name"], me["phone"]) == ("李明", "138******00")
    assert client.post("/api/v1/sign-out", headers=asked).status_code == 204
    assert client.get("/api/v1/me", headers=asked).status_code == 401


def test_wrong_password_and_unknown_number_are_answered_alike(client, registered):
    known = sign_in(client, password="wrong")
    unknown = sign_in(client, phone="13700000000")

    assert (known.status_code, known.json["code"]) == (401, "wrong_sign_in")
    assert (unknown.status_code, unknown.json) == (401, known.json)


def test_five_wrong_tries_close_the_account_also_for_the_right_password(client, registered):
    answers = [sign_in(client, password="wrong").status_code for _ in range(5)]
    closed = sign_in(client)

    assert answers == [401] * 5
    assert (closed.status_code, closed.json["code"]) == (429, "too_many_tries")
    assert int(closed.headers["Retry-After"]) > 0
    with database.reading() as db:
        failures = list(db.scalars(select(SignInFailureRow)))
    # One row against the number and one against the address for each try; the refused one counts no more.
    assert len(failures) == 10


def test_code_by_page_signs_in_once(web_app, registered, monkeypatch):
    sent = []
    monkeypatch.setattr(
        "county.people.entry.notices.send_sms", lambda db, **given: sent.append(given["facts"]["code"])
    )
    client = web_app.test_client()

    known = client.post("/sign-in/code", data={"phone": PHONE})
    unknown = client.post("/sign-in/code", data={"phone": "13700000000"})
    signed = client.post("/sign-in", data={"phone": PHONE, "code": sent[0]})
    again = web_app.test_client().post("/sign-in", data={"phone": PHONE, "code": sent[0]})

    assert len(sent) == 1
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert (signed.status_code, again.status_code) == (303, 401)
    assert client.get("/me").status_code == 200

    def plain(answer):
        return re.sub(r'value="[^"]*"|[0-9]{11}', "", answer.text)

    assert plain(known) == plain(unknown)


def test_next_leads_only_to_this_site(web_app, registered):
    for wanted, leads_to in (
        ("/cart", "/cart"),
        ("//evil.example/", "/me"),
        ("https://evil.example/", "/me"),
        ("/\\evil.example", "/me"),
        ("javascript:alert(1)", "/me"),
    ):
        given = {"phone": PHONE, "password": PASSWORD, "next": wanted}
        assert web_app.test_client().post("/sign-in", data=given).headers["Location"] == leads_to
