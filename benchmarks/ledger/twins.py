"""A second database that gets the ledger's very rows from the bare driver: what the same rows cost alone."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import uuid4

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from county import database
from county.ledger import tables

_WRITTEN = ("county_account", "county_posting", "county_entry", "county_ledger_seal")
_TABLES = (
    tables.ACCOUNTS,
    tables.ENTRIES,
    tables.POSTINGS,
    tables.HOLDS,
    tables.PERIODS,
    tables.SEALS,
)
# What was not copied yet: accounts by their id, the rest by the seals that came since.
_NEW = {
    "county_account": "SELECT * FROM county_account WHERE id > {accounts}",
    "county_posting": "SELECT p.* FROM county_ledger_seal s JOIN county_posting p ON p.entry_id = s.entry_id "
    "WHERE s.sequence > {seals} ORDER BY s.sequence, p.line",
    "county_entry": "SELECT e.* FROM county_ledger_seal s JOIN county_entry e ON e.id = s.entry_id "
    "WHERE s.sequence > {seals} ORDER BY s.sequence",
    "county_ledger_seal": "SELECT * FROM county_ledger_seal WHERE sequence > {seals} ORDER BY sequence",
}


class Driver(Protocol):
    """What a twin needs of a connection."""

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        """Read rows as the driver gives them."""

    def write(self, rows: dict[str, Sequence[tuple[Any, ...]]]) -> None:
        """Write rows into their tables and commit."""


class Twin:
    """A database with the ledger's tables, filled by the driver from another one."""

    def __init__(self, source: Driver, target: Driver) -> None:
        self.source, self.target = source, target
        self.accounts = self.seals = 0

    def copy_new(self) -> float:
        """Copy what is new; give the seconds that the writing alone took."""
        rows: dict[str, Sequence[tuple[Any, ...]]] = {
            table: self.source.read(_NEW[table].format(accounts=self.accounts, seals=self.seals))
            for table in _WRITTEN
        }
        begin = time.perf_counter()
        self.target.write(rows)
        took = time.perf_counter() - begin
        self.accounts = max([self.accounts, *(row[0] for row in rows["county_account"])])
        self.seals = max([self.seals, *(row[0] for row in rows["county_ledger_seal"])])
        return took


class _Sqlite:
    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            self.connection.execute(f"PRAGMA {pragma}")

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement).fetchall()

    def write(self, rows: dict[str, Sequence[tuple[Any, ...]]]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        for table, lines in rows.items():
            if lines:
                marks = ", ".join("?" * len(lines[0]))
                self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", lines)
        self.connection.execute("COMMIT")


class _Postgresql:
    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url.replace("+psycopg", ""))

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        rows = self.connection.execute(statement).fetchall()
        self.connection.commit()
        return rows

    def write(self, rows: dict[str, Sequence[tuple[Any, ...]]]) -> None:
        with self.connection.cursor() as cursor:
            for table, lines in rows.items():
                if lines:
                    marks = ", ".join(["%s"] * len(lines[0]))
                    cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", lines)
        self.connection.commit()


@contextmanager
def twin(url: str, *, guards: bool) -> Iterator[Twin]:
    """Make a twin of the ledger at `url` on the same kind of database, with or without its guards."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///") + f".twin{int(guards)}"
        _make_tables(f"sqlite:///{path}", guards)
        source, target = _Sqlite(url.removeprefix("sqlite:///")), _Sqlite(path)
        yield Twin(source, target)
        source.connection.close()
        target.connection.close()
        return
    name = f"shanhuo_twin_{uuid4().hex[:8]}"
    server = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    theirs = make_url(url).set(database=name).render_as_string(hide_password=False)
    _make_tables(theirs, guards)
    from_ours, to_theirs = _Postgresql(url), _Postgresql(theirs)
    try:
        yield Twin(from_ours, to_theirs)
    finally:
        from_ours.connection.close()
        to_theirs.connection.close()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def _make_tables(url: str, guards: bool) -> None:
    engine = database.make_engine(url)
    for table in _TABLES:
        table.create(engine)
    if not guards:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                names = connection.scalars(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                ).all()
                for name in names:
                    connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                for table in _TABLES:
                    # Foreign keys stay: they belong to the table; only our own guards go.
                    connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
    engine.dispose()
