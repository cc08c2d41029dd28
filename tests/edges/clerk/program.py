"""A clerk with a room of its own, run as a process by the tests: what it does it writes into a file."""

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy.orm import Session

from county import config
from county.clerk.cli import run_clerk
from county.jobs import service as jobs
from county.room import Bell, JobKind, Room

HERE = "tests.edges.clerk.program"
ROOM = Room(
    name="test",
    jobs=(
        JobKind("count", f"{HERE}:count"),
        JobKind("stuck", f"{HERE}:stuck"),
        JobKind("stuck-outside", f"{HERE}:stuck_outside", outside=True),
    ),
    bells=(
        Bell("quick", f"{HERE}:quick", every_s=1),
        Bell("daily", f"{HERE}:daily", daily_at="00:00"),
        Bell("failing", f"{HERE}:failing", every_s=1),
    ),
)


def say(word: str) -> None:
    """Append one line to the file of this test."""
    with open(os.environ["CLERK_SAYS"], "a", encoding="utf-8") as file:
        file.write(f"{word} {os.getpid()}\n")


def count(db: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Plan one further job and say so: an effect inside the transaction and a mark outside it."""
    jobs.plan_job(db, kind="effect", key=payload["name"], now=now)
    say(f"count-{payload['name']}")


def stuck(db: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Have an effect, then stand still until the file `go` is there."""
    jobs.plan_job(db, kind="effect", key=payload["name"], now=now)
    say("stuck")
    wait_for_go()


def stuck_outside(payload: Mapping[str, Any], now: datetime) -> None:
    """Stand still outside any transaction until the file `go` is there."""
    say("stuck-outside")
    wait_for_go()


def wait_for_go() -> None:
    """Wait until the test lets us go on."""
    go = Path(os.environ["CLERK_SAYS"]).with_name("go")
    while not go.exists():
        Event().wait(0.02)


def quick(now: datetime) -> None:
    """Say that the quick bell rang."""
    say("quick")


def daily(now: datetime) -> None:
    """Say that the daily bell rang."""
    say("daily")


def failing(now: datetime) -> None:
    """Fail as a bell may."""
    raise ValueError("this bell always fails")


if __name__ == "__main__":
    run_clerk(config.load(root=Path(sys.argv[1]), demo=True), [ROOM])
