"""Bells ring for the county's day, once, and only while we lead."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from county import clock, database
from county.clerk.bells import Bells
from county.clerk.leader import FileLock, leader_lock
from county.jobs import rules
from county.jobs import service as jobs
from county.room import Bell

HERE = __name__
rung: list[datetime] = []


def ring(now: datetime) -> None:
    rung.append(now)


def break_once(now: datetime) -> None:
    rung.append(now)
    if len(rung) == 1:
        raise ValueError("the wire broke")


DAILY = Bell("daily", f"{HERE}:ring", daily_at="03:30")


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    rung.clear()
    yield
    clock.follow_offset_file(None)


def move_to(folder: Path, at: datetime) -> None:
    """Move the county's clock to `at`, to within a few seconds."""
    file = folder / "clock-offset"
    clock.follow_offset_file(None)
    clock.move(file, seconds=round((at - clock.now()).total_seconds()))
    clock.follow_offset_file(file)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        # 03:30 in the county is 19:30 UTC of the day before.
        (datetime(2026, 10, 4, 19, 29, 59, tzinfo=UTC), "2026-10-04"),
        (datetime(2026, 10, 4, 19, 30, tzinfo=UTC), "2026-10-05"),
        (datetime(2026, 10, 5, 16, 0, tzinfo=UTC), "2026-10-05"),
    ],
)
def test_a_daily_bell_belongs_to_the_last_county_day_whose_hour_has_come(now: datetime, day: str) -> None:
    assert rules.last_ring_on(daily_at="03:30", now=now).isoformat() == day


def test_a_daily_bell_rings_once_a_day_of_the_moved_clock(database_url: str, tmp_path: Path) -> None:
    bells = Bells([DAILY], leads=lambda: True)
    day = timedelta(days=1)
    start = datetime(2026, 10, 5, 0, 0, tzinfo=UTC)

    for at in (start, start + timedelta(hours=1), start + day, start + 9 * day, start + 9 * day):
        move_to(tmp_path, at)
        bells.ring(DAILY)

    # The clock runs on while the test does: a second after the moment that it was moved to.
    assert [clock.county_day(each).isoformat() for each in rung] == ["2026-10-05", "2026-10-06", "2026-10-14"]


def test_a_daily_bell_that_failed_is_not_taken_for_rung(database_url: str) -> None:
    bell = Bell("daily", f"{HERE}:break_once", daily_at="00:00")

    Bells([bell], leads=lambda: True).ring(bell)
    with database.reading() as db:
        assert not jobs.was_rung(db, bell="daily", on=clock.county_day(clock.now()))
    Bells([bell], leads=lambda: True).ring(bell)
    Bells([bell], leads=lambda: True).ring(bell)

    assert len(rung) == 2


def test_a_failed_daily_bell_pauses_before_it_rings_again(database_url: str) -> None:
    bell = Bell("daily", f"{HERE}:break_once", daily_at="00:00")
    bells = Bells([bell], leads=lambda: True)

    bells.ring(bell)
    bells.ring(bell)

    assert len(rung) == 1


def test_who_does_not_lead_rings_nothing(database_url: str) -> None:
    Bells([DAILY], leads=lambda: False).ring(DAILY)

    assert rung == []


@pytest.mark.parametrize("bell", [Bell("none", "x:y"), Bell("both", "x:y", every_s=1, daily_at="03:00")])
def test_a_bell_has_exactly_one_rhythm(bell: Bell) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Bells([bell], leads=lambda: True)


def test_the_lock_is_taken_once_and_free_when_given_back(database_url: str, tmp_path: Path) -> None:
    first = leader_lock(database_url, instance=tmp_path)
    second = leader_lock(database_url, instance=tmp_path)

    assert (first.take(), second.take()) == (True, False)
    assert (first.take(), first.is_ours(), second.is_ours()) == (True, True, False)
    first.give_back()
    assert (second.take(), first.is_ours(), first.take()) == (True, False, False)
    second.give_back()


def test_a_lock_file_that_was_replaced_is_not_ours(tmp_path: Path) -> None:
    first = FileLock(tmp_path / "clerk.lock")
    second = FileLock(tmp_path / "clerk.lock")
    assert first.take()

    (tmp_path / "clerk.lock").unlink()
    assert second.take()

    assert (first.is_ours(), second.is_ours()) == (False, True)
    second.give_back()
