"""When a failed job is tried again, and when a daily bell is due."""

from datetime import date, datetime, timedelta

from county import clock
from county.jobs.types import JobState

# RULES.md §8: 1 min, 5, 30, 2 h, 6 h, then dead.
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
LEASE = timedelta(minutes=5)
ERROR_LENGTH = 2000


def after_failure(*, failures: int, now: datetime) -> tuple[JobState, datetime]:
    """Say what becomes of a job that failed for the `failures`-th time, and when it runs again."""
    if failures > len(BACKOFF):
        return JobState.DEAD, now
    return JobState.DUE, now + BACKOFF[failures - 1]


def error_text(error: BaseException) -> str:
    """Put an exception into one line short enough for the job's row."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:ERROR_LENGTH]


def last_ring_on(*, daily_at: str, now: datetime) -> date:
    """Give the county day of the last moment at which a bell of `daily_at` ("HH:MM") should have rung."""
    hour, _, minute = daily_at.partition(":")
    local = clock.require_aware(now).astimezone(clock.COUNTY_ZONE)
    is_before = (local.hour, local.minute) < (int(hour), int(minute))
    return local.date() - timedelta(days=1) if is_before else local.date()
