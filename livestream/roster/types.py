"""Streamers and why one is refused."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused


class Level(StrEnum):
    """The certification ladder; each level unlocks product classes."""

    TRAINEE = "trainee"
    CERTIFIED = "certified"
    SENIOR = "senior"


@dataclass(frozen=True)
class Streamer:
    """A certified streamer."""

    person_id: UUID
    name: str
    level: Level
    born_on: date
    certified_until: date


@dataclass(frozen=True)
class Availability:
    """A span in which a streamer can go on air."""

    id: UUID
    start_at: datetime
    end_at: datetime


class TooYoung(Refused):
    """Streamers are at least 16 years old; at 16 and 17 a guardian consents."""

    code = "too_young"
    says = N_("Streamers must be at least 16; at 16 and 17 the guardian's written consent is needed.")
    status = 422


class SpanTaken(Refused):
    """The streamer said for an overlapping span already that they can."""

    code = "span_taken"
    says = N_("This overlaps with a time that is entered already.")


class BadSpan(Refused):
    """A span must end after it starts and be of a sensible length."""

    code = "bad_span"
    says = N_("The time must end after it starts and last at most 24 hours.")
    status = 422
