"""One person for each role, in a real database."""

import pytest
from flask import Flask

from county import database
from county.people.types import Person, Role
from tests.makers.people import make_person


@pytest.fixture
def everyone(web_app: Flask) -> dict[Role, Person]:
    """Register one person for each role."""
    with database.transaction() as db:
        return {role: make_person(db, role) for role in Role}
