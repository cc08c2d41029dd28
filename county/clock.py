"""The only place that reads the clock and that knows the county's time zone."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")

_offset_file: Path | None = None
_offset_seen: tuple[int, timedelta] = (0, timedelta())


def follow_offset_file(path: Path | None) -> None:
    """Let a file with a number of seconds move this process's clock (demo and tests only)."""
    global _offset_file, _offset_seen
    _offset_file, _offset_seen = path, (0, timedelta())


def move(path: Path, *, seconds: int) -> None:
    """Write the offset that every process following `path` will see at its next look."""
    beside = path.with_suffix(".new")
    beside.write_text(str(seconds))
    os.replace(beside, path)


def _offset() -> timedelta:
    global _offset_seen
    if _offset_file is None:
        return timedelta()
    try:
        changed_ns = _offset_file.stat().st_mtime_ns
    except FileNotFoundError:
        return timedelta()
    if changed_ns != _offset_seen[0]:
        _offset_seen = (changed_ns, timedelta(seconds=int(_offset_file.read_text())))
    return _offset_seen[1]


def now() -> datetime:
    """Read the present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset()


def monotonic_s() -> float:
    """Read a clock that never jumps, for measuring durations in seconds."""
    return time.monotonic()


def county_day(at: datetime) -> date:
    """Say which county day (Asia/Shanghai) an instant falls on."""
    return require_aware(at).astimezone(COUNTY_ZONE).date()


def day_start(on: date) -> datetime:
    """Give the instant, in UTC, at which a county day begins."""
    return datetime(on.year, on.month, on.day, tzinfo=COUNTY_ZONE).astimezone(UTC)


def require_aware(at: datetime) -> datetime:
    """Refuse a naive datetime; give an aware one back unchanged."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at
