"""Fixtures of the house tests: a database without tables, of each kind."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from county.database import make_engine

SERVER = os.environ.get("SHANHUO_TEST_DATABASE_URL", "")
KINDS = ["sqlite", *(["postgresql"] if SERVER else [])]


@pytest.fixture(params=[pytest.param(kind, marks=pytest.mark.database) for kind in KINDS])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an engine on a database without tables."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'house.db'}")
        yield engine
        engine.dispose()
        return
    name = f"shanhuo_house_{uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name}")
    engine = make_engine(make_url(SERVER).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    server = create_engine(make_url(SERVER).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()
