"""An office: two people of the association, a grower with money owed, and their browsers."""

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from county import clock, database
from county.people.types import Person
from tests.makers.payees import make_admin
from tests.makers.payruns import make_market, make_payable_grower
from tests.makers.people import NOW
from tests.makers.web import make_browser


@dataclass(frozen=True)
class Office:
    """What the tests of these pages begin with."""

    app: Flask
    grower: Person
    one: FlaskClient
    two: FlaskClient
    admins: tuple[Person, Person]


@pytest.fixture(autouse=True)
def at_one_moment(monkeypatch):
    """Let every test stand at one moment."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def office(web_app: Flask) -> Office:
    """Make the office."""
    with database.transaction() as db:
        grower = make_payable_grower(db, seller=make_market(db))
        admins = make_admin(db), make_admin(db, name="罗斌")
    one, two = (make_browser(web_app, admin) for admin in admins)
    return Office(web_app, grower, one, two, admins)
