"""What a room offers to the front door: names of blueprints, commands, handlers, jobs, tables and checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from county.config import Settings


@dataclass(frozen=True)
class Handler:
    """Connects an event class to the function that reacts to it, both as `module:attribute`."""

    event: str
    does: str


@dataclass(frozen=True)
class JobKind:
    """A kind of job: `does` is `run(db, payload, now)`, or `run(payload, now)` when it calls `outside`."""

    kind: str
    does: str
    outside: bool = False


@dataclass(frozen=True)
class Bell:
    """Something the clerk does again and again; exactly one of `every_s` and `daily_at` ("HH:MM") is set."""

    name: str
    does: str
    every_s: int | None = None
    daily_at: str | None = None


@dataclass(frozen=True)
class Invariant:
    """A query that must return no row: `sql` in the dialect common to SQLite and PostgreSQL."""

    name: str
    sql: str


@dataclass(frozen=True)
class Room:
    """One floor of the house, by names only, so that listing it imports nothing."""

    name: str
    blueprints: tuple[str, ...] = ()
    api: tuple[str, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    handlers: tuple[Handler, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    bells: tuple[Bell, ...] = ()
    tables: tuple[str, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    checks: tuple[str, ...] = ()
    seeds: str | None = None
    story: str | None = None
    connect: Callable[[Settings], None] | None = None


def load(name: str) -> Any:
    """Import the thing that a `module:attribute` name stands for."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute) if attribute else import_module(module)
