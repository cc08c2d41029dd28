"""Jobs are done once, in order of time, retried with growing pauses and given up visibly."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from county import database
from county.jobs import service, worker
from county.jobs.types import JobNotDead, JobState
from county.room import JobKind

pytestmark = pytest.mark.database

NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
HERE = __name__
done: list[tuple[str, datetime]] = []


def do_locally(db: Session, payload: Mapping[str, Any], now: datetime) -> None:
    done.append((payload["name"], now))
    service.plan_job(db, kind="effect", key=payload["name"], now=now)


def fail_locally(db: Session, payload: Mapping[str, Any], now: datetime) -> None:
    service.plan_job(db, kind="effect", key="half", now=now)
    raise ValueError("the scale\nis broken")


def do_outside(payload: Mapping[str, Any], now: datetime) -> None:
    with database.transaction() as db:
        found = service.find_job(db, kind="outside", key=payload["name"])
    assert found is not None
    done.append((f"{payload['name']} {found.state} {found.attempts}", now))


def fail_outside(payload: Mapping[str, Any], now: datetime) -> None:
    raise ConnectionError("no line")


@pytest.fixture(autouse=True)
def _kinds(database_url: str) -> Iterator[None]:
    service.forget_kinds()
    done.clear()
    service.install(
        [
            JobKind("local", f"{HERE}:do_locally"),
            JobKind("broken", f"{HERE}:fail_locally"),
            JobKind("outside", f"{HERE}:do_outside", outside=True),
            JobKind("deaf", f"{HERE}:fail_outside", outside=True),
        ]
    )
    yield
    service.forget_kinds()


def plan(kind: str, name: str = "a", run_at: datetime = NOW) -> bool:
    with database.transaction() as db:
        return service.plan_job(db, kind=kind, key=name, payload={"name": name}, run_at=run_at, now=NOW)


def work_at(at: datetime) -> int:
    return worker.work_until_idle(lambda: at)


def find(kind: str, name: str = "a") -> Any:
    with database.reading() as db:
        return service.find_job(db, kind=kind, key=name)


def test_planning_twice_is_the_same_as_once() -> None:
    assert plan("local") is True
    assert plan("local", run_at=NOW + timedelta(days=1)) is False

    assert find("local").run_at == NOW
    with database.reading() as db:
        assert len(service.list_jobs(db)) == 1


def test_planning_again_after_it_was_done_does_not_do_it_again() -> None:
    plan("local")
    worker.work_until_idle(lambda: NOW)

    assert plan("local") is False
    assert worker.work_until_idle(lambda: NOW) == 0
    assert done == [("a", NOW)]


def test_jobs_are_done_in_order_of_time_and_only_when_due() -> None:
    plan("local", "late", NOW + timedelta(seconds=1))
    plan("local", "second", NOW)
    plan("local", "first", NOW - timedelta(hours=1))

    assert worker.work_until_idle(lambda: NOW) == 2
    assert done == [("first", NOW), ("second", NOW)]
    assert find("local", "late").state is JobState.DUE


def test_effect_and_done_are_one_transaction() -> None:
    plan("local")

    worker.work_one(now_function=lambda: NOW)

    job = find("local")
    assert (job.state, job.attempts, job.finished_at) == (JobState.DONE, 0, NOW)
    assert find("effect") is not None


def test_failed_local_job_leaves_no_effect_and_waits_longer_each_time_until_it_is_dead() -> None:
    plan("broken")
    at, waits = NOW, []

    for _ in range(6):
        work_at(at)
        job = find("broken")
        waits.append(int((job.run_at - at).total_seconds()) // 60)
        at = job.run_at

    assert waits == [1, 5, 30, 120, 360, 0]
    assert (job.state, job.attempts) == (JobState.DEAD, 6)
    assert job.last_error == "ValueError: the scale is broken"
    assert find("effect", "half") is None
    assert worker.work_until_idle(lambda: at + timedelta(days=9)) == 0


def test_failure_is_raised_when_asked_for_after_it_was_recorded() -> None:
    plan("broken")

    with pytest.raises(ValueError, match="scale"):
        worker.work_until_idle(lambda: NOW, raises=True)

    assert find("broken").attempts == 1


def test_outside_job_is_leased_while_it_runs_and_done_afterwards() -> None:
    plan("outside")

    worker.work_until_idle(lambda: NOW)

    assert done == [("a running 1", NOW)]
    job = find("outside")
    assert (job.state, job.attempts, job.lease_until) == (JobState.DONE, 1, None)


def test_failed_outside_job_is_tried_again_and_dies_at_the_sixth_failure() -> None:
    plan("deaf")
    at = NOW

    for _ in range(6):
        work_at(at)
        at = find("deaf").run_at

    job = find("deaf")
    assert (job.state, job.attempts, job.last_error) == (JobState.DEAD, 6, "ConnectionError: no line")


def test_outside_job_of_a_vanished_worker_is_claimed_again_only_after_its_lease() -> None:
    plan("outside")
    with database.transaction() as db:
        assert service.claim_job(db, kinds=["outside"], busy=(), now=NOW) is not None

    assert worker.work_until_idle(lambda: NOW + timedelta(minutes=4)) == 0
    assert worker.work_until_idle(lambda: NOW + timedelta(minutes=5)) == 1
    assert done == [("a running 2", NOW + timedelta(minutes=5))]


def test_outside_job_whose_workers_keep_vanishing_is_given_up() -> None:
    plan("outside")
    for attempt in range(6):
        with database.transaction() as db:
            service.claim_job(db, kinds=["outside"], busy=(), now=NOW + attempt * timedelta(hours=1))

    worker.work_until_idle(lambda: NOW + timedelta(days=1))

    job = find("outside")
    assert (job.state, job.attempts) == (JobState.DEAD, 6)
    assert job.last_error.startswith("WorkerVanished")
    assert done == []


def test_a_worker_that_lost_its_lease_does_not_close_the_job_of_the_next_one() -> None:
    plan("outside")
    with database.transaction() as db:
        first = service.claim_job(db, kinds=["outside"], busy=(), now=NOW)
    with database.transaction() as db:
        service.claim_job(db, kinds=["outside"], busy=(), now=NOW + timedelta(hours=1))
    assert first is not None

    with database.transaction() as db:
        assert service.finish_job(db, job=first, now=NOW) is False
        assert service.fail_job(db, job=first, error=ValueError("late"), now=NOW) is False

    assert (find("outside").state, find("outside").attempts) == (JobState.RUNNING, 2)


def test_a_dead_job_can_be_started_again_and_no_other() -> None:
    plan("broken")
    plan("local")
    at = NOW
    for _ in range(6):
        work_at(at)
        at = find("broken").run_at

    with database.transaction() as db:
        service.revive_job(db, job_id=find("broken").id, now=at)
    with pytest.raises(JobNotDead), database.transaction() as db:
        service.revive_job(db, job_id=find("local").id, now=at)

    assert (find("broken").state, find("broken").attempts) == (JobState.DUE, 0)
    assert find("local").state is JobState.DONE


def test_age_of_the_oldest_due_job() -> None:
    def age(at: datetime) -> int:
        with database.reading() as db:
            return service.oldest_due_age_s(db, now=at)

    assert age(NOW) == 0
    plan("outside", "b", NOW + timedelta(seconds=30))
    plan("outside", "a", NOW)
    assert age(NOW - timedelta(seconds=1)) == 0
    assert age(NOW + timedelta(seconds=301)) == 301
    worker.work_one(now_function=lambda: NOW)
    assert age(NOW + timedelta(seconds=301)) == 271
    worker.work_until_idle(lambda: NOW + timedelta(seconds=30))
    assert age(NOW + timedelta(days=1)) == 0


def test_unknown_kind_stays_due_and_visible() -> None:
    plan("nobody-knows")

    assert worker.work_until_idle(lambda: NOW) == 0
    with database.reading() as db:
        assert service.oldest_due_age_s(db, now=NOW + timedelta(seconds=9)) == 9


def test_progress_is_shown() -> None:
    plan("outside")
    with database.transaction() as db:
        service.report_progress(db, kind="outside", key="a", done_parts=3, all_parts=21)

    assert (find("outside").done_parts, find("outside").all_parts) == (3, 21)


def test_counts_by_state() -> None:
    plan("local")
    plan("local", "b", NOW + timedelta(days=1))
    worker.work_until_idle(lambda: NOW)

    with database.reading() as db:
        counted = service.count_by_state(db)

    # The one done job planned an effect that nobody works.
    assert counted == {JobState.DUE: 2, JobState.RUNNING: 0, JobState.DONE: 1, JobState.DEAD: 0}


def test_the_same_kind_with_another_function_is_refused() -> None:
    service.install([JobKind("local", f"{HERE}:do_locally")])

    with pytest.raises(ValueError, match="installed twice"):
        service.install([JobKind("local", f"{HERE}:fail_locally")])


@pytest.mark.parametrize("values", ["state = 'gone'", "state = 'running'", "attempts = -1"])
def test_database_refuses_impossible_job_rows(values: str) -> None:
    plan("local")

    with pytest.raises(Exception, match="(?i)check"), database.transaction() as db:
        db.execute(text(f"UPDATE county_job SET {values}"))
