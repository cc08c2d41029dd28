"""The independent checker is worth something: it finds every planted fault."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.solvers.planner.checker import Raw, check_schedule

HERE = Path(__file__).parent
INSTANCE: Raw = json.loads((HERE / "example_instance.json").read_text(encoding="utf-8"))


def _schedule() -> Raw:
    schedule: Raw = json.loads((HERE / "example_schedule.json").read_text(encoding="utf-8"))
    schedule["unplaced"] = []
    return schedule


def _sessions_only(schedule: Raw) -> list[str]:
    return [
        fault
        for fault in check_schedule(INSTANCE, schedule)
        if fault != "not every request is listed exactly once"
    ]


def test_example_schedule_is_faultless_but_for_its_reasons() -> None:
    assert _sessions_only(_schedule()) == []


def _start(at: str) -> Callable[[Raw], None]:
    return lambda schedule: schedule["sessions"][0].update(starts_at=at)


def _change(**members: object) -> Callable[[Raw], None]:
    return lambda schedule: schedule["sessions"][0].update(members)


def _whole(**members: object) -> Callable[[Raw], None]:
    return lambda schedule: schedule.update(members)


PLANTED: dict[str, Callable[[Raw], None]] = {
    "off the grid": _start("2026-09-26T09:10:00+08:00"),
    "outside the window": _start("2026-09-26T10:00:00+08:00"),
    "before opening": _start("2026-09-26T06:00:00+08:00"),
    "in another zone": _start("2026-09-26T01:00:00+00:00"),
    "on a day without window": _start("2026-10-09T09:00:00+08:00"),
    "with slots of its own": _change(slots=3),
    "by somebody without the category": _change(streamer="主播-16"),
    "beside another in its studio": _change(studio="直播间-1"),
    "twice": lambda schedule: schedule["sessions"].append(copy.deepcopy(schedule["sessions"][3])),
    "with a wrong objective": _whole(objective=32852),
    "with a bound below the objective": _whole(upper_bound=32850),
    "with a gap rounded down": _whole(gap_bp=3780),
    "with a gap too high": _whole(gap_bp=3782),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_fault_is_found(name: str) -> None:
    schedule = _schedule()

    PLANTED[name](schedule)

    assert _sessions_only(schedule) != []
