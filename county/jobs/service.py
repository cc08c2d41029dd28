"""Plan jobs, claim and close them, and tell how far behind we are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from county import clock, room
from county.errors import NotFound
from county.jobs import rules, store
from county.jobs.types import Job, JobNotDead, JobState, Work, WorkerVanished

_kinds: dict[str, room.JobKind] = {}


def install(kinds: Iterable[room.JobKind]) -> None:
    """Make job kinds known to the workers of this process; installing one again changes nothing.

    Refuses: `ValueError` when a kind is already installed with another function.
    """
    for kind in kinds:
        if _kinds.setdefault(kind.kind, kind) != kind:
            raise ValueError(f"job kind {kind.kind} is installed twice")


def installed_kinds(*, outside: bool | None = None) -> tuple[str, ...]:
    """List the installed kinds, all or only those that do (or do not) call outside."""
    return tuple(sorted(k.kind for k in _kinds.values() if outside is None or k.outside is outside))


def is_outside(kind: str) -> bool:
    """Tell whether an installed kind calls outside, so that it opens its own transactions."""
    return _kinds[kind].outside


def forget_kinds() -> None:
    """Uninstall every kind (tests)."""
    _kinds.clear()


def plan_job(
    db: Session,
    *,
    kind: str,
    key: str,
    payload: Mapping[str, Any] | None = None,
    run_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Write a job that a worker does once `run_at` (left out: at once) has come.

    Takes: `key`, the business key, unique within `kind` for ever; `payload`, plain JSON values.
    Gives: True when it is new; planning it again changes nothing and gives False.
    """
    return store.add_job(
        db,
        kind=kind,
        key=key,
        payload=payload or {},
        run_at=clock.require_aware(run_at or now),
        now=clock.require_aware(now),
    )


@dataclass(frozen=True)
class Planned:
    """A job to be planned with many others: its kind, its business key and its payload."""

    kind: str
    key: str
    payload: Mapping[str, Any]


def plan_jobs(db: Session, planned: Sequence[Planned], *, now: datetime) -> None:
    """Write many jobs that are due at once; those that were planned before stay as they are."""
    clock.require_aware(now)
    if planned:
        store.add_jobs(db, [(each.kind, each.key, each.payload) for each in planned], run_at=now, now=now)


def report_progress(db: Session, *, kind: str, key: str, done_parts: int, all_parts: int) -> None:
    """Say how far a long job has come, for the person who waits for it."""
    store.report_progress(db, kind=kind, key=key, done_parts=done_parts, all_parts=all_parts)


def find_job(db: Session, *, kind: str, key: str) -> Job | None:
    """Find a job by its business key."""
    return store.find_job(db, kind=kind, key=key)


def list_jobs(
    db: Session, *, state: JobState | None = None, kind: str | None = None, limit: int = 100
) -> list[Job]:
    """List jobs by the time they run, all or those of a state or kind, for the admin page."""
    return store.list_jobs(db, state=state, kind=kind, limit=limit)


def count_by_state(db: Session) -> dict[JobState, int]:
    """Count the jobs in each state, for the metrics."""
    return store.count_by_state(db)


def revive_job(db: Session, *, job_id: int, now: datetime) -> None:
    """Start a job that was given up again, with all its attempts before it.

    Refuses: `JobNotDead` when it is in any other state.
    """
    if not store.revive(db, job_id=job_id, now=now):
        raise JobNotDead(job_id=job_id)


def oldest_due_age_s(db: Session, *, now: datetime) -> int:
    """Say for how many seconds the oldest due job has been waiting; 0 when none waits."""
    oldest_at = store.oldest_due_at(db, now=now)
    return 0 if oldest_at is None else max(0, int((now - oldest_at).total_seconds()))


def was_rung(db: Session, *, bell: str, on: date) -> bool:
    """Tell whether a daily bell was rung for a county day."""
    return store.was_rung(db, bell=bell, on=on)


def remember_ring(db: Session, *, bell: str, on: date, now: datetime) -> None:
    """Remember that a daily bell was rung for a county day."""
    store.add_ring(db, bell=bell, on=on, now=now)


def get_work(kind: str) -> Work:
    """Load what an installed kind does.

    Refuses: `NotFound` when the kind is not installed.
    """
    found = _kinds.get(kind)
    if found is None:
        raise NotFound(what=f"job kind {kind}")
    return Work(kind=kind, outside=found.outside, does=room.load(found.does))


def has_work(db: Session, *, kinds: Collection[str], busy: Collection[int], now: datetime) -> bool:
    """Tell whether a job of these kinds can be claimed, without taking any lock."""
    return store.has_work(db, kinds=kinds, busy=busy, now=now)


def claim_job(db: Session, *, kinds: Collection[str], busy: Collection[int], now: datetime) -> Job | None:
    """Take the due job that waits longest and hold its row until this transaction ends.

    Takes: `busy`, ids of jobs that this process is doing already.
    Gives: the job as it was before the claim; outside kinds are leased, local ones must be finished by the
    caller in the same transaction.
    """
    job = store.next_job(db, kinds=kinds, busy=busy, now=now)
    if job is None or not _kinds[job.kind].outside:
        return job
    if job.state is JobState.RUNNING and job.attempts > len(rules.BACKOFF):
        fail_job(db, job=replace(job, attempts=job.attempts - 1), error=WorkerVanished(job.kind), now=now)
        return replace(job, state=JobState.DEAD)
    store.lease(db, job_id=job.id, until=now + rules.LEASE)
    return job


def finish_job(db: Session, *, job: Job, now: datetime) -> bool:
    """Mark a claimed job as done; False when its lease ran out and somebody else claimed it meanwhile."""
    attempts = job.attempts + 1 if _kinds[job.kind].outside else job.attempts
    return store.finish(db, job_id=job.id, attempts=attempts, now=now)


def fail_job(db: Session, *, job: Job, error: BaseException, now: datetime) -> bool:
    """Record that a claimed job failed, and when it is tried again; the sixth failure is the last.

    Gives: False when somebody else went on with the job meanwhile; nothing is recorded then.
    """
    failures = job.attempts + 1
    state, run_at = rules.after_failure(failures=failures, now=now)
    return store.fail(
        db,
        job_id=job.id,
        seen_attempts=failures if _kinds[job.kind].outside else job.attempts,
        attempts=failures,
        state=state,
        run_at=run_at,
        error=rules.error_text(error),
        now=now,
    )


def renew_leases(db: Session, *, job_ids: Collection[int], now: datetime) -> None:
    """Keep running outside jobs from being claimed by others for another while."""
    store.renew_leases(db, job_ids=job_ids, until=now + rules.LEASE)
