"""Fixtures of all tests: real databases (SQLite, and PostgreSQL when asked), the application, its clients."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import clock, config, database, process

pytest_plugins = ["tests.house.loopback_only"]
POSTGRESQL = os.environ.get("SHANHUO_TEST_DATABASE_URL", "")
ENVIRON = {"SHANHUO_RATE_LIMITS": "off", "SHANHUO_SECRET_KEY": "test-" * 10}
KINDS = ["sqlite", *(["postgresql"] if POSTGRESQL else [])]


# Files that run for minutes, the longest first: begun last, they would leave one worker alone at the end.
LONGEST = (
    "tests/browser/test_pages.py",
    "tests/flows/money_simulation/test_seeds_one.py",
    "tests/flows/money_simulation/test_seeds_two.py",
    "tests/solvers/routes/test_every_plan_is_sound.py",
    "tests/flows/",
    "tests/solvers/",
    "tests/gateways/",
    "tests/browser/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; the order inside a file stays."""

    def rank(item: pytest.Item) -> int:
        ranks = (rank for rank, start in enumerate(LONGEST) if item.nodeid.startswith(start))
        return next(ranks, len(LONGEST))

    items.sort(key=rank)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that uses a database once per kind of database."""
    if "database_kind" in metafunc.fixturenames:
        marked = [pytest.param(kind, marks=pytest.mark.database) for kind in KINDS]
        metafunc.parametrize("database_kind", marked, scope="session", indirect=True)


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database that this test runs on."""
    kind: str = request.param
    return kind


def _run_on_server(statement: str) -> None:
    server = make_url(POSTGRESQL).set(database="postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def empty_schema(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a database with the whole schema and no rows; nobody writes to it."""
    process.load_tables(front_door.ROOMS)
    if database_kind == "sqlite":
        path = tmp_path_factory.mktemp("schema") / "template.db"
        url = f"sqlite:///{path}"
    else:
        name = f"shanhuo_test_{uuid4().hex[:12]}"
        _run_on_server(f"CREATE DATABASE {name}")
        url = make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    engine = database.make_engine(url)
    database.Base.metadata.create_all(engine)
    if database_kind == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    engine.dispose()
    yield url
    if database_kind == "postgresql":
        _run_on_server(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@pytest.fixture
def database_url(empty_schema: str, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """Connect this process to a fresh database with the whole schema."""
    if database_kind == "sqlite":
        path = tmp_path / "instance" / "shanhuo.db"
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(empty_schema.removeprefix("sqlite:///"), path)
        url = f"sqlite:///{path}"
    else:
        name = f"shanhuo_test_{uuid4().hex[:12]}"
        _run_on_server(f"CREATE DATABASE {name} TEMPLATE {make_url(empty_schema).database}")
        url = make_url(empty_schema).set(database=name).render_as_string(hide_password=False)
    database.connect(url)
    yield url
    database.disconnect()
    clock.follow_offset_file(None)
    if database_kind == "postgresql":
        _run_on_server(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@pytest.fixture(scope="session")
def shared_engine(empty_schema: str) -> Iterator[Any]:
    """Give one engine for all tests that roll back."""
    engine = database.make_engine(empty_schema)
    yield engine
    engine.dispose()


@pytest.fixture
def db(shared_engine: Any, tmp_path: Path) -> Iterator[Session]:
    """Give a database session whose every change is rolled back after the test."""
    process.connect_rooms(front_door.ROOMS, config.load(ENVIRON, root=tmp_path, demo=True))
    with shared_engine.connect() as connection:
        with Session(connection, expire_on_commit=False) as db:
            yield db
            db.rollback()
    # An open connection would keep PostgreSQL from copying this database for the next test.
    shared_engine.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> config.Settings:
    """Give demo settings on a fresh database, without rate limits."""
    url = database_url if database_url.startswith("postgresql") else ""
    return config.load({**ENVIRON, "SHANHUO_DATABASE_URL": url}, root=tmp_path, demo=True)


@pytest.fixture
def web_app(settings: config.Settings) -> Flask:
    """Give the whole application on a fresh database."""
    app = front_door.create_app(settings)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def client(web_app: Flask) -> FlaskClient:
    """Give a client of the application; forms need no CSRF token here (test_csrf turns them on)."""
    return web_app.test_client()
