"""Makers of signed-in browsers and API tokens, without the slow password check."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from county import clock, database
from county.people import service as people
from county.people.types import Person, TokenKind

Given = TypeVar("Given")


def make_token(person: Person, *, kind: TokenKind = TokenKind.API) -> str:
    """Open a sign-in for a person, in a transaction of its own."""
    with database.transaction() as db:
        signed = people.sign_in(
            db,
            phone=person.phone or "",
            fits=True,
            kind=kind,
            address="127.0.0.1",
            request_id="test-request",
            now=clock.now(),
        )
    assert signed is not None
    return signed.token


def make_browser(web_app: Flask, person: Person, *, acting_for: UUID | None = None) -> FlaskClient:
    """Give a browser in which a person is signed in, acting for a farmer when one is given."""
    browser = web_app.test_client()
    token = make_token(person, kind=TokenKind.BROWSER)
    with browser.session_transaction() as kept:
        kept["token"] = token
    browser.set_cookie("look", "en.0.0.")
    if acting_for is not None:
        assert browser.post("/act-for", data={"farmer_id": str(acting_for)}).status_code == 303
    return browser


def headers(person: Person, *, key: str = "") -> dict[str, str]:
    """Give the headers of an API call: a fresh token, and an idempotency key when one is given."""
    found = {"Authorization": f"Bearer {make_token(person)}"}
    return found | {"Idempotency-Key": key} if key else found


def all_at_once(work: Any, given: list[Given], *, threads: int = 16) -> list[Any]:
    """Do `work` for each of `given` in threads that start together; give the results in order."""
    threads = min(threads, len(given))
    gate = Barrier(threads)

    def begin() -> None:
        gate.wait(60)

    with ThreadPoolExecutor(threads, initializer=begin) as pool:
        return list(pool.map(work, given))
