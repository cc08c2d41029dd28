"""A bill of 100,000 rows against our side of the day: every kind of difference found, none invented."""

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from benchmarks.bills import make, reading
from county import database, process
from county.wiring import ROOM

ROWS, EACH = 100_000, 100


def run(seeds: Sequence[int] = (1,), quick: bool = False) -> list[dict[str, Any]]:
    """Measure on SQLite, and on `SHANHUO_TEST_DATABASE_URL` when that is set."""
    rows: list[dict[str, Any]] = []
    for name in ("SQLite", "PostgreSQL"):
        if name == "PostgreSQL" and not os.environ.get("SHANHUO_TEST_DATABASE_URL"):
            continue
        measured = []
        for seed in seeds:
            with _scratch(name) as url, multiprocessing.get_context("spawn").Pool(1) as pool:
                count, each = (2_000, 10) if quick else (ROWS, EACH)
                packed, day, lines = pool.apply(_prepare, (url, count, each, seed))
                # Another process, whose memory is the reading's alone.
                with multiprocessing.get_context("spawn").Pool(1) as reader:
                    measured.append(reader.apply(_read, (url, packed, day, lines)))
        rows += _table(name, measured)
    return rows


def _prepare(url: str, count: int, each: int, seed: int) -> tuple[bytes, make.Day, int]:
    process.load_tables([ROOM])
    engine = database.make_engine(url)
    database.Base.metadata.create_all(engine)
    day = make.make_day(count=count, each=each, seed=seed)
    make.fill(engine, day)
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    engine.dispose()
    packed, lines = make.pack(day), len(day.rows)
    # The reading process gets only what Alipay would answer and what must be found: its memory is its own.
    answers = make.Day(executed=day.executed, asked=day.asked, expected=day.expected)
    return packed, answers, lines


def _read(url: str, packed: bytes, day: make.Day, lines: int) -> dict[str, Any]:
    process.load_tables([ROOM])
    database.connect(url)
    before = _peak_mb()
    begin, begin_cpu = time.perf_counter(), time.process_time()
    kinds = reading.read(packed, day)
    took = {"s": time.perf_counter() - begin, "cpu_s": time.process_time() - begin_cpu}
    database.disconnect()
    return {"kinds": kinds, "lines": lines, "peak_mb": _peak_mb(), "more_mb": _peak_mb() - before, **took}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _table(name: str, measured: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for kind in measured[0]["kinds"]:
        must, right, wrong = (sum(one["kinds"][kind][place] for one in measured) for place in range(3))
        rows.append(
            {"database": name, "difference": kind.value, "injected": must, "found": right, "false": wrong}
        )
    worst = max(measured, key=lambda one: one["s"])
    whole = {key: worst[key] for key in ("lines", "s", "cpu_s", "peak_mb", "more_mb")}
    return [*rows, {"database": name, "difference": f"slowest of {len(measured)} runs", **whole}]


@contextmanager
def _scratch(name: str) -> Iterator[str]:
    if name == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'bills.db'}"
        return
    server_url, there = make_url(os.environ["SHANHUO_TEST_DATABASE_URL"]), f"shanhuo_bills_{uuid4().hex[:8]}"
    server = create_engine(server_url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {there}"))
    try:
        yield server_url.set(database=there).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {there} WITH (FORCE)"))
        server.dispose()
