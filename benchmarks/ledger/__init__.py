"""Entries per second, singly and in batches, beside the bare driver.

Three anchors in the same run, turn by turn with ours, so that a busy machine slows all alike: `plain` writes
as many rows without keys, guards and chain; `same` the very rows, with their seals and hashes ready, into the
very tables, keys and indexes, without guards; `guarded` the same with the guards.
"""

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from benchmarks.ledger import twins
from county import database
from county.ledger import service, tables
from county.ledger.types import Cause, Draft, Posting

NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
CAUSE = Cause(kind="order", ref="20261005")
BATCH = 1_000


def run(seeds: object = None, quick: bool = False) -> list[dict[str, Any]]:
    """Measure posting and reading on SQLite, and on `SHANHUO_TEST_DATABASE_URL` when that is set."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rows += _measure(f"sqlite:///{Path(folder) / 'ledger.db'}", "SQLite", quick)
    if os.environ.get("SHANHUO_TEST_DATABASE_URL"):
        with _scratch(os.environ["SHANHUO_TEST_DATABASE_URL"]) as url:
            rows += _measure(url, "PostgreSQL", quick)
    return rows


TABLES = (
    tables.ACCOUNTS,
    tables.ENTRIES,
    tables.POSTINGS,
    tables.HOLDS,
    tables.PERIODS,
    tables.SEALS,
)


def _measure(url: str, name: str, quick: bool) -> list[dict[str, Any]]:
    engine = database.connect(url)
    for table in TABLES:
        table.create(engine)
    # PostgreSQL keeps plans made for an empty table until autovacuum has looked, within a minute or so.
    for number in range(5):
        _post(_transfers(f"warm{number}", BATCH))
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    singles, batches = (50, 3) if quick else (400, 20)
    bare_single = _rate(singles, lambda n: _bare(url, [(f"b{n}", 5)]))
    single = _rate(singles, lambda n: _post(_sales(f"s{n}", 1)))
    with twins.twin(url, guards=False) as same, twins.twin(url, guards=True) as guarded:
        batch, rates = _turns(url, batches, {"same": same, "guarded": guarded})
    entries = singles + (batches + 5) * BATCH
    posted = entries * 2 + singles * 3
    balance_ms = 1000 / _rate(5, lambda n: _read_balance())
    verify_s = 1 / _rate(1, lambda n: _verify())
    database.disconnect()
    return [
        _row(name, "5-leg entries/s, one commit each", single, {"plain": bare_single}),
        _row(name, f"transfers/s, {BATCH} a commit", batch, rates),
        {"database": name, "what": f"balance of an account with half of {posted} postings", "ms": balance_ms},
        {"database": name, "what": f"chain of {entries} entries verified", "s": verify_s},
    ]


def _turns(url: str, batches: int, twin_of: dict[str, twins.Twin]) -> tuple[float, dict[str, float]]:
    """Give transfers per second of the median turn, ours and each anchor's."""
    took: dict[str, list[float]] = {"ours": [], "plain": [], **{name: [] for name in twin_of}}
    for twin in twin_of.values():
        twin.copy_new()
    for number in range(batches):
        drafts = partial(_transfers, f"t{number}", BATCH)
        bare = [(f"bb{number}-{i}", 2) for i in range(BATCH)]
        took["ours"].append(_seconds(partial(_post_made, drafts)))
        took["plain"].append(_seconds(partial(_bare, url, bare)))
        for name, twin in twin_of.items():
            took[name].append(twin.copy_new())
    rates = {name: BATCH / statistics.median(seconds) for name, seconds in took.items()}
    return rates.pop("ours"), rates


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _row(name: str, what: str, ours: float, anchors: dict[str, float]) -> dict[str, Any]:
    row: dict[str, Any] = {"database": name, "what": what, "per_s": ours}
    for anchor, rate in anchors.items():
        row |= {f"{anchor}_per_s": rate, f"of_{anchor}": ours / rate}
    return row


def _rate(count: int, work: Callable[[int], object]) -> float:
    begin = time.perf_counter()
    for number in range(count):
        work(number)
    return count / (time.perf_counter() - begin)


def _sales(prefix: str, count: int) -> list[Draft]:
    legs = (
        Posting("cash:alipay", 7650),
        Posting("payable:streamer:s1", -685),
        Posting("income:association", -343),
        Posting("payable:farmer:f1", -5822),
        Posting("income:freight", -800),
    )
    return [Draft(key=f"{prefix}:{n}", cause=CAUSE, postings=legs) for n in range(count)]


def _transfers(prefix: str, count: int) -> list[Draft]:
    legs = (Posting("cash:alipay", 100), Posting("income:goods", -100))
    return [Draft(key=f"{prefix}:{n}", cause=CAUSE, postings=legs) for n in range(count)]


def _post(drafts: list[Draft]) -> None:
    with database.transaction() as db:
        service.post_many(db, drafts=drafts, now=NOW)


def _post_made(make: Callable[[], list[Draft]]) -> None:
    _post(make())


def _read_balance() -> int:
    with database.reading() as db:
        return service.balance(db, account="cash:alipay")


def _verify() -> None:
    with database.reading() as db:
        assert service.verify_chain(db) == []


def _bare(url: str, entries: list[tuple[str, int]]) -> None:
    """Write the same number of rows with the driver alone: no guards, no keys, no chain."""
    head = [(uuid4().hex, key, "real", "order", "1", "", "2026-10-05") for key, _ in entries]
    legs = [
        (row[0], line, 1, 100) for row, (_, count) in zip(head, entries, strict=True) for line in range(count)
    ]
    if url.startswith("sqlite"):
        _bare_sqlite(url.removeprefix("sqlite:///") + ".bare", head, legs)
    else:
        _bare_postgresql(url.replace("+psycopg", ""), head, legs)


_open: dict[str, Any] = {}
_TABLES = (
    "CREATE TABLE IF NOT EXISTS bare_entry "
    "(id TEXT, key TEXT, book TEXT, kind TEXT, ref TEXT, memo TEXT, day TEXT)",
    "CREATE TABLE IF NOT EXISTS bare_posting (entry_id TEXT, line INTEGER, account_id INTEGER, fen BIGINT)",
)


def _bare_sqlite(path: str, head: list[Any], legs: list[Any]) -> None:
    if path not in _open:
        _open[path] = sqlite3.connect(path, isolation_level=None)
        _open[path].execute("PRAGMA journal_mode=WAL")
        _open[path].execute("PRAGMA synchronous=FULL")
        for statement in _TABLES:
            _open[path].execute(statement)
    connection = _open[path]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO bare_entry VALUES (?, ?, ?, ?, ?, ?, ?)", head)
    connection.executemany("INSERT INTO bare_posting VALUES (?, ?, ?, ?)", legs)
    connection.execute("COMMIT")


def _bare_postgresql(url: str, head: list[Any], legs: list[Any]) -> None:
    if url not in _open:
        _open[url] = psycopg.connect(url)
        for statement in _TABLES:
            _open[url].execute(statement)
    with _open[url].transaction(), _open[url].cursor() as cursor:
        cursor.executemany("INSERT INTO bare_entry VALUES (%s, %s, %s, %s, %s, %s, %s)", head)
        cursor.executemany("INSERT INTO bare_posting VALUES (%s, %s, %s, %s)", legs)
    _open[url].commit()


@contextmanager
def _scratch(url: str) -> Iterator[str]:
    name = f"shanhuo_bench_{uuid4().hex[:8]}"
    server = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        for connection in _open.values():
            connection.close()
        _open.clear()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
