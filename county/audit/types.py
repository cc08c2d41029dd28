"""Who acts, and what the log keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """Who does something: a person in a role, perhaps on behalf of another, or a part of the program."""

    person_id: UUID | None
    role: str
    on_behalf_of: UUID | None = None
    request_id: str = ""

    @staticmethod
    def system(name: str) -> "Actor":
        """Make the actor of something the program does by itself, such as `job:release`."""
        return Actor(person_id=None, role="system", on_behalf_of=None, request_id=name)


@dataclass(frozen=True)
class Record:
    """One row of the log; `personal` holds salted digests of personal fields, never their values."""

    id: int
    at: datetime
    person_id: UUID | None
    role: str
    on_behalf_of: UUID | None
    action: str
    object_kind: str
    object_ref: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    personal: Mapping[str, str]
    request_id: str


@dataclass(frozen=True)
class Seal:
    """One link of the chain: the hash of a record together with the hash before it."""

    sequence: int
    record_id: int
    hash: str
