"""Events reach every listener unchanged, and vanish with the transaction that announced them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from county import database
from county.errors import NotFound
from county.jobs import service as jobs
from county.jobs import worker
from county.jobs.types import JobState
from county.outbox import service
from county.outbox.types import DELIVER
from county.room import Handler

pytestmark = pytest.mark.database

NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
HERE = __name__
ParcelId = NewType("ParcelId", UUID)


class Side(StrEnum):
    IN = "in"


@dataclass(frozen=True)
class Weighed:
    parcel_id: ParcelId
    weight_g: int
    name: str
    at: datetime
    on: date
    side: Side
    lots: tuple[UUID, ...]
    note: str | None = None


@dataclass(frozen=True)
class Unheard:
    number: int


WEIGHED = Weighed(
    parcel_id=ParcelId(UUID(int=7)),
    weight_g=2500,
    name="富硒茶 🍵",
    at=NOW,
    on=date(2026, 10, 5),
    side=Side.IN,
    lots=(UUID(int=1), UUID(int=2)),
)
heard: list[tuple[str, object]] = []


def first(db: Session, event: Weighed, now: datetime) -> None:
    heard.append(("first", event))


def second(db: Session, event: Weighed, now: datetime) -> None:
    if not heard:
        raise ValueError("not yet")
    heard.append(("second", event))


@pytest.fixture(autouse=True)
def _listening(database_url: str) -> Iterator[None]:
    jobs.forget_kinds()
    heard.clear()
    service.install(
        [
            Handler(event=f"{HERE}:Weighed", does=f"{HERE}:second"),
            Handler(event=f"{HERE}:Weighed", does=f"{HERE}:first"),
        ]
    )
    yield
    service.forget_handlers()
    jobs.forget_kinds()


def test_every_listener_gets_the_event_that_was_announced() -> None:
    with database.transaction() as db:
        service.announce(db, WEIGHED, now=NOW)

    worker.work_until_idle(lambda: NOW)
    worker.work_until_idle(lambda: NOW.replace(minute=1))

    assert heard == [("first", WEIGHED), ("second", WEIGHED)]
    assert type(heard[0][1]) is Weighed


def test_one_failing_listener_is_retried_without_the_others() -> None:
    with database.transaction() as db:
        event_id = service.announce(db, WEIGHED, now=NOW)

    worker.work_until_idle(lambda: NOW)

    with database.reading() as db:
        first_job = jobs.find_job(db, kind=DELIVER, key=f"{event_id}:{HERE}:first")
        second_job = jobs.find_job(db, kind=DELIVER, key=f"{event_id}:{HERE}:second")
    assert first_job is not None and first_job.state is JobState.DONE
    assert second_job is not None and (second_job.state, second_job.attempts) == (JobState.DUE, 1)


def test_event_of_a_rolled_back_transaction_was_never_announced() -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as db:
        service.announce(db, WEIGHED, now=NOW)
        raise ZeroDivisionError

    assert worker.work_until_idle(lambda: NOW) == 0
    with database.reading() as db:
        assert service.list_announcements(db) == []


def test_event_without_listeners_is_kept_and_makes_no_job() -> None:
    with database.transaction() as db:
        event_id = service.announce(db, Unheard(3), now=NOW)

    with database.reading() as db:
        assert service.read_event(db, event_id=event_id) == Unheard(3)
        assert [a.facts for a in service.list_announcements(db, event=Unheard)] == [{"number": 3}]
        assert jobs.list_jobs(db) == []


def test_installing_a_listener_again_delivers_once() -> None:
    service.install([Handler(event=f"{HERE}:Weighed", does=f"{HERE}:first")])
    with database.transaction() as db:
        service.announce(db, WEIGHED, now=NOW)
        planned = jobs.list_jobs(db)

    assert len(planned) == 2


def test_what_is_not_a_dataclass_is_no_event(db: Session) -> None:
    with pytest.raises(TypeError, match="not an event"):
        service.announce(db, {"a": 1}, now=NOW)


def test_unknown_announcement_is_not_found(db: Session) -> None:
    with pytest.raises(NotFound):
        service.read_event(db, event_id=UUID(int=9))
