"""Does due jobs: an edge, which opens the transactions that a job needs."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from county import clock, database
from county.jobs import service
from county.jobs.types import Job, JobState


class _Busy:
    """The outside jobs that this process is doing right now."""

    ids: set[int] = set()
    lock = Lock()


def work_one(
    kinds: Collection[str] | None = None,
    *,
    now_function: Callable[[], datetime] = clock.now,
    raises: bool = False,
) -> Job | None:
    """Do the due job that waits longest.

    Takes: `kinds`, the kinds to look for, all installed ones when left out; `raises`, whether the job's own
    exception is raised after it has been recorded.
    Gives: the job as it was before, or None when nothing was due.
    """
    kinds = service.installed_kinds() if kinds is None else kinds
    now = now_function()
    with database.reading() as db:
        # A look first: claiming takes SQLite's only write lock, and most looks find nothing.
        if not service.has_work(db, kinds=kinds, busy=_busy_ids(), now=now):
            return None
    job, error = _claim(kinds, now)
    if job is not None and error is None and job.state is not JobState.DEAD and service.is_outside(job.kind):
        error = _do_outside(job, now, now_function)
    if job is not None and error is not None:
        failed, why = job, error
        database.in_transaction(
            lambda db: service.fail_job(db, job=failed, error=why, now=max(now, now_function()))
        )
        if raises:
            raise error
    return job


def work_until_idle(now_function: Callable[[], datetime] = clock.now, *, raises: bool = False) -> int:
    """Do every due job, local and outside, one after the other in order of time, until none is due.

    Gives: how many jobs were done or tried; a failed one waits for its backoff.
    """
    count = 0
    while work_one(now_function=now_function, raises=raises) is not None:
        count += 1
    return count


def renew_leases(*, now: datetime) -> None:
    """Keep the outside jobs that this process is doing right now from being claimed by others."""
    job_ids = _busy_ids()
    if job_ids:
        database.in_transaction(lambda db: service.renew_leases(db, job_ids=job_ids, now=now))


def _busy_ids() -> tuple[int, ...]:
    with _Busy.lock:
        return tuple(_Busy.ids)


@contextmanager
def _marked_busy(job_id: int) -> Iterator[None]:
    with _Busy.lock:
        _Busy.ids.add(job_id)
    try:
        yield
    finally:
        with _Busy.lock:
            _Busy.ids.discard(job_id)


def _claim(kinds: Collection[str], now: datetime) -> tuple[Job | None, Exception | None]:
    """Claim a job; a local one is done and closed in the same transaction, an outside one only leased."""
    claimed: list[Job] = []

    def work(db: Session) -> None:
        claimed.clear()
        job = service.claim_job(db, kinds=kinds, busy=_busy_ids(), now=now)
        if job is None:
            return
        claimed.append(job)
        if not service.is_outside(job.kind):
            service.get_work(job.kind).does(db, dict(job.payload), now)
            service.finish_job(db, job=job, now=now)

    try:
        database.in_transaction(work)
    except Exception as error:
        if not claimed:
            raise
        return claimed[0], error
    return (claimed[0] if claimed else None), None


def _do_outside(job: Job, now: datetime, now_function: Callable[[], datetime]) -> Exception | None:
    with _marked_busy(job.id):
        try:
            service.get_work(job.kind).does(dict(job.payload), now)
        except Exception as error:  # noqa: BLE001 - whatever a job raises is recorded on its row
            return error
        database.in_transaction(lambda db: service.finish_job(db, job=job, now=max(now, now_function())))
    return None
