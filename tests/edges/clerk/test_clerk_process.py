"""Real clerk processes: one leads, all work, and what a dead one left is done again."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from county import clock, config, database
from county.jobs import service as jobs
from county.jobs.types import JobState

pytestmark = pytest.mark.database

ROOT = Path(__file__).parents[3]
WITHIN_S = 60.0


class Clerks:
    """The clerks of one test, on one database."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self.says = folder / "says"
        self.settings = config.load(
            {"SHANHUO_DATABASE_URL": database_url if database_url.startswith("postgresql") else ""},
            root=folder,
            demo=True,
        )
        self.settings.instance.mkdir(exist_ok=True)
        self.running: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        """Start a clerk and wait until it works."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SHANHUO_")},
            "SHANHUO_DATABASE_URL": self.settings.database_url,
            "CLERK_SAYS": str(self.says),
            "PYTHONPATH": str(ROOT),
        }
        log = self.folder / f"clerk-{len(self.running)}.log"
        with open(log, "w", encoding="utf-8") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.edges.clerk.program", str(self.folder)],
                env=environment,
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.running.append(process)
        until(lambda: process.poll() is not None or "clerk works" in log.read_text(encoding="utf-8"))
        assert process.poll() is None, log.read_text(encoding="utf-8")
        return process

    def said(self) -> Counter[str]:
        """Count what was said."""
        lines = self.says.read_text(encoding="utf-8").splitlines() if self.says.exists() else []
        return Counter(line.split()[0] for line in lines)

    def who_said(self, word: str) -> set[int]:
        """Give the process ids that said a word."""
        lines = self.says.read_text(encoding="utf-8").splitlines() if self.says.exists() else []
        return {int(line.split()[1]) for line in lines if line.split()[0] == word}

    def let_go(self) -> None:
        """Let the jobs that stand still go on."""
        (self.folder / "go").touch()


def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so, and fail when it does not come about."""
    end_s = clock.monotonic_s() + WITHIN_S
    while not is_so():
        assert clock.monotonic_s() < end_s, "it did not come about"
        Event().wait(0.05)


@pytest.fixture
def clerks(database_url: str, tmp_path: Path) -> Iterator[Clerks]:
    """Give the clerks of one test; kill all of them afterwards."""
    found = Clerks(database_url, tmp_path)
    yield found
    for process in found.running:
        process.kill()
        process.wait()


def plan(kind: str, name: str) -> None:
    with database.transaction() as db:
        now = clock.now()
        jobs.plan_job(db, kind=kind, key=name, payload={"name": name}, run_at=now - timedelta(1), now=now)


def state(kind: str, name: str) -> JobState | None:
    with database.reading() as db:
        found = jobs.find_job(db, kind=kind, key=name)
    return found.state if found else None


def done(kind: str) -> int:
    with database.reading() as db:
        return sum(1 for job in jobs.list_jobs(db, state=JobState.DONE, limit=1000) if job.kind == kind)


def test_a_clerk_sweeps_what_fell_due_rings_the_bells_and_stops_when_asked(clerks: Clerks) -> None:
    plan("count", "before")

    process = clerks.start()
    until(lambda: state("count", "before") is JobState.DONE)
    plan("count", "after")
    until(lambda: state("count", "after") is JobState.DONE)
    until(lambda: clerks.said()["quick"] >= 2)
    until(lambda: clerks.said()["daily"] == 1)
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=WITHIN_S) == 0
    said = clerks.said()
    assert (said["count-before"], said["count-after"], said["daily"]) == (1, 1, 1)


def test_of_two_clerks_one_rings_the_bells_and_both_do_each_job_once(clerks: Clerks) -> None:
    clerks.start()
    clerks.start()

    for number in range(60):
        plan("count", str(number))
    until(lambda: done("count") == 60)
    until(lambda: clerks.said()["quick"] >= 3)

    said = clerks.said()
    assert [said[f"count-{number}"] for number in range(60)] == [1] * 60
    assert len(clerks.who_said("quick")) == 1
    assert (len(clerks.who_said("daily")), said["daily"]) == (1, 1)


def test_when_the_leader_is_killed_in_the_middle_of_a_job_the_other_leads_and_does_it(
    clerks: Clerks,
) -> None:
    leader = clerks.start()
    until(lambda: clerks.who_said("quick") == {leader.pid})
    plan("stuck", "s")
    until(lambda: clerks.said()["stuck"] == 1)
    heir = clerks.start()
    assert state("effect", "s") is None

    leader.kill()
    leader.wait()
    until(lambda: clerks.said()["stuck"] == 2)
    clerks.let_go()
    until(lambda: state("stuck", "s") is JobState.DONE)
    until(lambda: heir.pid in clerks.who_said("quick"))

    assert state("effect", "s") is JobState.DUE
    assert clerks.who_said("stuck") == {leader.pid, heir.pid}


def test_an_outside_job_of_a_killed_clerk_runs_again_after_its_lease(clerks: Clerks) -> None:
    first = clerks.start()
    plan("stuck-outside", "s")
    until(lambda: clerks.said()["stuck-outside"] == 1)
    first.kill()
    first.wait()
    assert state("stuck-outside", "s") is JobState.RUNNING
    clerks.let_go()

    clerks.start()
    assert clerks.settings.clock_file is not None
    clock.move(clerks.settings.clock_file, seconds=301)
    until(lambda: state("stuck-outside", "s") is JobState.DONE)

    assert clerks.said()["stuck-outside"] == 2


def test_a_leader_that_loses_its_lock_stops_its_bells_and_another_leads(
    clerks: Clerks, database_kind: str
) -> None:
    first = clerks.start()
    until(lambda: clerks.who_said("quick") == {first.pid})
    log = clerks.folder / "clerk-0.log"

    if database_kind == "sqlite":
        (clerks.settings.instance / "clerk.lock").unlink()
    else:
        with database.transaction() as db:
            db.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                    "AND objid = 7219000 AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
    until(lambda: "lock is lost" in log.read_text(encoding="utf-8"))

    # The lock is free again, and the only clerk there is takes it anew.
    until(lambda: log.read_text(encoding="utf-8").count("this clerk leads") == 2)
    rung = clerks.said()["quick"]
    until(lambda: clerks.said()["quick"] > rung)
    assert first.poll() is None
