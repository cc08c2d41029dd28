"""Collect the tasks of all sources and hand an act to the source that it belongs to."""

from datetime import datetime
from heapq import merge

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.tasks.types import Listed, NoteMissing, TaskGone, TaskSource, Waiting

SHOWN = 200
NOTE_CHARACTERS = 300
_sources: dict[str, TaskSource] = {}


def offer(source: TaskSource) -> None:
    """Add a source of tasks; called in a room's wiring. Offering it again replaces it."""
    _sources[source.name] = source


def list_waiting(db: Session, *, now: datetime, limit: int = SHOWN) -> Waiting:
    """List what waits for a person in all features, oldest first, and count it."""
    lists = (
        [Listed(source.name, task) for task in source.list_tasks(db, now=now, limit=limit)]
        for source in _sources.values()
    )
    tasks = tuple(merge(*lists, key=lambda each: each.task.since_at))[:limit]
    count = sum(source.count_tasks(db, now=now) for source in _sources.values())
    return Waiting(tasks, count)


def count_waiting(db: Session, *, now: datetime) -> int:
    """Count what waits for a person in all features; the navigation's `open_tasks`."""
    return sum(source.count_tasks(db, now=now) for source in _sources.values())


def act(db: Session, *, source: str, key: str, act: str, note: str, actor: Actor, now: datetime) -> None:
    """Do one act of one task, once.

    Refuses: `TaskGone` when there is no such task any more; `NoteMissing` for a note that is too long; and
    what the source refuses.
    """
    if len(note) > NOTE_CHARACTERS:
        raise NoteMissing(most=NOTE_CHARACTERS)
    if source not in _sources:
        raise TaskGone()
    _sources[source].act(db, key=key, act=act, note=note.strip(), actor=actor, now=now)


def require_note(note: str) -> str:
    """Give a note that says something; refuses `NoteMissing`. For sources whose act needs one."""
    if not note:
        raise NoteMissing(most=NOTE_CHARACTERS)
    return note
