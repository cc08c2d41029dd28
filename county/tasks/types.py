"""Tasks for people: what is wrong, since when, how much, what to do, and the acts that do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from county.audit.types import Actor
from county.errors import N_, Refused


@dataclass(frozen=True)
class Act:
    """One button of a task: `label` is a message id; `needs_note` asks what was done before it acts."""

    name: str
    label: str
    needs_note: bool = False
    is_main: bool = True


@dataclass(frozen=True)
class Task:
    """One thing that waits for a person.

    `key` names it within its source, for ever the same for the same thing; `kind`, `says` and `advice` are
    message ids, `says` and `advice` with `{fact}` places filled from `facts`; `fen` None when no money is in
    it; `link` leads to the thing, if it has a page. Without `acts` it is only shown.
    """

    key: str
    kind: str
    since_at: datetime
    says: str
    advice: str
    fen: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    link: str = ""


class TaskSource(Protocol):
    """A feature that has tasks; offered once, in its room's wiring, by `tasks.service.offer`."""

    @property
    def name(self) -> str:
        """A word of its own, such as `payments`."""

    def list_tasks(self, db: Any, *, now: datetime, limit: int) -> Sequence[Task]:
        """List what waits for a person, oldest first, at most `limit`."""

    def count_tasks(self, db: Any, *, now: datetime) -> int:
        """Count what waits, without a limit."""

    def act(self, db: Any, *, key: str, act: str, note: str, actor: Actor, now: datetime) -> None:
        """Do one act, once: audited; refuses `TaskGone` when somebody was faster or it is no longer so."""


@dataclass(frozen=True)
class Listed:
    """A task and the source that it came from."""

    source: str
    task: Task


@dataclass(frozen=True)
class Waiting:
    """The tasks that are shown, oldest first, and how many there are in all."""

    tasks: tuple[Listed, ...]
    count: int


class TaskGone(Refused):
    """The task is done, or somebody else is doing it."""

    code = "task_gone"
    says = N_("Somebody dealt with this already. The list below is as it stands now.")


class NoteMissing(Refused):
    """The act closes a task by a note, and the note is empty or too long."""

    code = "note_missing"
    says = N_("Please write what was done, in at most {most} characters.")
    status = 422
