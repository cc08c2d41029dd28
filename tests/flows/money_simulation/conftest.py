"""Fixtures of the money simulation: one theatre per file, on SQLite or on the database of the run."""

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from tests.flows.money_simulation.running import Theatre, open_theatre


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    """Open a theatre on SQLite."""
    with open_theatre() as opened:
        yield opened


@pytest.fixture(scope="module")
def theatre_here(database_kind: str, empty_schema: str) -> Iterator[Theatre]:
    """Open a theatre on the kind of database that this run asks for."""
    url = ""
    if database_kind == "postgresql":
        template = make_url(empty_schema)
        own = template.set(database=f"{template.database}_money")
        url = own.render_as_string(hide_password=False)
    with open_theatre(database_url=url) as opened:
        yield opened
