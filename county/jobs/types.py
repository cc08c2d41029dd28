"""Jobs as other features see them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from county.errors import N_, Refused


class JobState(StrEnum):
    """Where a job is: waiting for its time, leased to a worker, finished, or given up."""

    DUE = "due"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True)
class Job:
    """One piece of work with a business key; `done_parts` of `all_parts` is progress (0 of 0: unknown)."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    run_at: datetime
    state: JobState
    attempts: int
    last_error: str
    lease_until: datetime | None
    done_parts: int
    all_parts: int
    planned_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Work:
    """What a job kind does, once its function is loaded."""

    kind: str
    outside: bool
    does: Callable[..., None]


class JobNotDead(Refused):
    """Only a job that was given up can be started again by hand."""

    code = "job_not_dead"
    says = N_("Job {job_id} was not given up; it cannot be started again.")


class WorkerVanished(Exception):
    """A worker took the job again and again and was never heard of."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the workers that took this {kind} job all vanished before it was done")
