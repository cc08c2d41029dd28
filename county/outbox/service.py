"""Announce events, and know who listens to them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county import ids, room
from county.errors import NotFound
from county.jobs import service as jobs
from county.outbox import rules, store
from county.outbox.types import DELIVER, Announcement

_handlers: dict[str, list[str]] = {}


def install(handlers: Iterable[room.Handler]) -> None:
    """Make the listeners of this process known; installing one again changes nothing."""
    jobs.install([room.JobKind(kind=DELIVER, does="county.outbox.handlers:deliver")])
    for handler in handlers:
        listening = _handlers.setdefault(handler.event, [])
        if handler.does not in listening:
            listening.append(handler.does)


def forget_handlers() -> None:
    """Uninstall every listener (tests)."""
    _handlers.clear()


def announce(db: Session, event: object, *, now: datetime) -> UUID:
    """Write an event and one due job for each function that listens to its class, in this transaction.

    Takes: `event`, an instance of a frozen dataclass at the top level of a feature's `types.py`.
    Gives: the id of the announcement.
    """
    event_id = ids.new_id()
    name = rules.name_of(type(event))
    store.add_event(db, event_id=event_id, event=name, facts=rules.facts_of(event), announced_at=now)
    for does in _handlers.get(name, ()):
        payload = {"event_id": str(event_id), "does": does}
        jobs.plan_job(db, kind=DELIVER, key=f"{event_id}:{does}", payload=payload, run_at=now, now=now)
    return event_id


def announce_all(db: Session, events: Sequence[object], *, now: datetime) -> None:
    """Write many events and their due jobs, as `announce` does, in a few statements."""
    rows: list[store.EventValues] = []
    planned: list[jobs.Planned] = []
    for event in events:
        event_id, name = ids.new_id(), rules.name_of(type(event))
        rows.append(store.event_values(event_id, name, rules.facts_of(event), now))
        for does in _handlers.get(name, ()):
            payload = {"event_id": str(event_id), "does": does}
            planned.append(jobs.Planned(DELIVER, f"{event_id}:{does}", payload))
    if rows:
        store.add_events(db, rows)
    jobs.plan_jobs(db, planned, now=now)


def read_event(db: Session, *, event_id: UUID) -> Any:
    """Give the event of an announcement as the dataclass that was announced.

    Refuses: `NotFound`.
    """
    found = store.find_event(db, event_id=event_id)
    if found is None:
        raise NotFound(what=f"event {event_id}")
    return rules.event_from(found.event, found.facts)


def list_announcements(
    db: Session, *, event: type[Any] | None = None, limit: int = 100
) -> list[Announcement]:
    """List what was announced, the newest in front."""
    return store.list_events(db, event=None if event is None else rules.name_of(event), limit=limit)
