"""Queries on job rows; the state of a job changes only here, each time in one guarded statement."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import CursorResult, Select, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from county import database
from county.database import Base
from county.jobs.tables import BellRingRow, JobRow
from county.jobs.types import Job, JobState

_JOB = JobRow.__table__.c
_CLAIMABLE = or_(
    and_(_JOB.state == JobState.DUE, _JOB.run_at <= bindparam("now")),
    and_(_JOB.state == JobState.RUNNING, _JOB.lease_until <= bindparam("now")),
)
_NEXT: Select[Any] = (
    select(JobRow.__table__)
    .where(_CLAIMABLE, _JOB.kind.in_(bindparam("kinds", expanding=True)))
    .where(_JOB.id.not_in(bindparam("busy", expanding=True)))
    .order_by(_JOB.run_at, _JOB.id)
    .limit(1)
)
_NEXT_LOCKED = _NEXT.with_for_update(skip_locked=True)
_PLAN = {
    "sqlite": sqlite.insert(JobRow).on_conflict_do_nothing(index_elements=["kind", "key"]).returning(_JOB.id),
    "postgresql": postgresql.insert(JobRow)
    .on_conflict_do_nothing(index_elements=["kind", "key"])
    .returning(_JOB.id),
}
_PLAN_MANY: dict[str, Any] = {
    "sqlite": sqlite.insert(Base.metadata.tables["county_job"]).on_conflict_do_nothing(
        index_elements=["kind", "key"]
    ),
    "postgresql": postgresql.insert(Base.metadata.tables["county_job"]).on_conflict_do_nothing(
        index_elements=["kind", "key"]
    ),
}


def _job(row: Any) -> Job:
    return Job(**row._mapping)


def add_job(
    db: Session, *, kind: str, key: str, payload: Mapping[str, Any], run_at: datetime, now: datetime
) -> bool:
    """Write a due job unless its kind and key are there already; tell whether it is new."""
    values = _values(kind, key, payload, run_at, now)
    return db.execute(_PLAN[db.get_bind().dialect.name], values).first() is not None


def add_jobs(
    db: Session, jobs: Sequence[tuple[str, str, Mapping[str, Any]]], *, run_at: datetime, now: datetime
) -> None:
    """Write due jobs, each kind, key and payload, unless they are there already."""
    rows = [_values(kind, key, payload, run_at, now) for kind, key, payload in jobs]
    db.execute(_PLAN_MANY[db.get_bind().dialect.name], rows)


def _values(
    kind: str, key: str, payload: Mapping[str, Any], run_at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": key,
        "payload": dict(payload),
        "run_at": run_at,
        "state": JobState.DUE,
        "attempts": 0,
        "last_error": "",
        "done_parts": 0,
        "all_parts": 0,
        "planned_at": now,
    }


def next_job(db: Session, *, kinds: Collection[str], busy: Collection[int], now: datetime) -> Job | None:
    """Take the claimable job that waits longest; on PostgreSQL its row stays locked for us."""
    statement = _NEXT_LOCKED if database.is_postgresql(db) else _NEXT
    row = db.execute(statement, {"now": now, "kinds": list(kinds), "busy": list(busy)}).first()
    return None if row is None else _job(row)


def has_work(db: Session, *, kinds: Collection[str], busy: Collection[int], now: datetime) -> bool:
    """Tell whether a job can be claimed, without taking any lock."""
    parameters = {"now": now, "kinds": list(kinds), "busy": list(busy)}
    return db.execute(_NEXT, parameters).first() is not None


def lease(db: Session, *, job_id: int, until: datetime) -> None:
    """Mark a job as running and count the attempt."""
    _rows(
        db,
        update(JobRow)
        .where(_JOB.id == job_id)
        .values(state=JobState.RUNNING, lease_until=until, attempts=_JOB.attempts + 1),
    )


def renew_leases(db: Session, *, job_ids: Collection[int], until: datetime) -> None:
    """Push the leases of running jobs forward."""
    running = and_(_JOB.id.in_(job_ids), _JOB.state == JobState.RUNNING)
    _rows(db, update(JobRow).where(running).values(lease_until=until))


def finish(db: Session, *, job_id: int, attempts: int, now: datetime) -> bool:
    """Mark a job as done if it is still the attempt that we made."""
    ours = and_(
        _JOB.id == job_id, _JOB.attempts == attempts, _JOB.state.in_((JobState.DUE, JobState.RUNNING))
    )
    return (
        _rows(
            db,
            update(JobRow)
            .where(ours)
            .values(state=JobState.DONE, lease_until=None, last_error="", finished_at=now),
        )
        == 1
    )


def fail(
    db: Session,
    *,
    job_id: int,
    seen_attempts: int,
    attempts: int,
    state: JobState,
    run_at: datetime,
    error: str,
    now: datetime,
) -> bool:
    """Record a failure if nobody else went on with the job meanwhile."""
    is_open = _JOB.state.in_((JobState.DUE, JobState.RUNNING))
    values = {
        "state": state,
        "attempts": attempts,
        "run_at": run_at,
        "last_error": error,
        "lease_until": None,
        "finished_at": now if state is JobState.DEAD else None,
    }
    ours = and_(_JOB.id == job_id, _JOB.attempts == seen_attempts, is_open)
    return _rows(db, update(JobRow).where(ours).values(values)) == 1


def revive(db: Session, *, job_id: int, now: datetime) -> bool:
    """Make a dead job due now, with all its attempts before it."""
    dead = and_(_JOB.id == job_id, _JOB.state == JobState.DEAD)
    values = {"state": JobState.DUE, "attempts": 0, "run_at": now, "finished_at": None}
    return _rows(db, update(JobRow).where(dead).values(values)) == 1


def report_progress(db: Session, *, kind: str, key: str, done_parts: int, all_parts: int) -> None:
    """Write how far a job has come."""
    job = and_(_JOB.kind == kind, _JOB.key == key)
    _rows(db, update(JobRow).where(job).values(done_parts=done_parts, all_parts=all_parts))


def find_job(db: Session, *, kind: str, key: str) -> Job | None:
    """Find a job by its business key."""
    row = db.execute(select(JobRow.__table__).where(_JOB.kind == kind, _JOB.key == key)).first()
    return None if row is None else _job(row)


def list_jobs(db: Session, *, state: JobState | None, kind: str | None, limit: int) -> list[Job]:
    """List jobs, the ones that come first in front."""
    statement = select(JobRow.__table__).order_by(_JOB.run_at, _JOB.id).limit(limit)
    if state is not None:
        statement = statement.where(_JOB.state == state)
    if kind is not None:
        statement = statement.where(_JOB.kind == kind)
    return [_job(row) for row in db.execute(statement)]


def count_by_state(db: Session) -> dict[JobState, int]:
    """Count the jobs in each state."""
    counted = {row[0]: row[1] for row in db.execute(select(_JOB.state, func.count()).group_by(_JOB.state))}
    return {state: counted.get(state, 0) for state in JobState}


def oldest_due_at(db: Session, *, now: datetime) -> datetime | None:
    """Give the time since which the oldest claimable job waits."""
    due_at = func.coalesce(_JOB.lease_until, _JOB.run_at)
    statement = select(JobRow.__table__).where(_CLAIMABLE).order_by(due_at).limit(1)
    row = db.execute(statement, {"now": now}).first()
    return None if row is None else (row.lease_until or row.run_at)


def was_rung(db: Session, *, bell: str, on: date) -> bool:
    """Tell whether a daily bell was rung for a county day."""
    rung = exists().where(BellRingRow.bell == bell, BellRingRow.rung_on == on)
    return bool(db.execute(select(rung)).scalar())


def add_ring(db: Session, *, bell: str, on: date, now: datetime) -> None:
    """Remember that a daily bell was rung."""
    db.execute(insert(BellRingRow).values(bell=bell, rung_on=on, rung_at=now))


def _rows(db: Session, statement: Any) -> int:
    result = db.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount
