"""Sessions, their products and why one cannot be booked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

SessionId = NewType("SessionId", UUID)


class SessionState(StrEnum):
    """Where a session is."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    LIVE = "live"
    ENDED = "ended"
    CANCELLED = "cancelled"


class SessionEvent(StrEnum):
    """What happens to a session."""

    CONFIRM = "confirm"
    BEGIN = "begin"
    END = "end"
    CANCEL = "cancel"


@dataclass(frozen=True)
class SessionProduct:
    """A product of a session and what its streamer earns on it, in basis points of the goods."""

    product_id: UUID
    position: int
    commission_bp: int


@dataclass(frozen=True)
class LiveSession:
    """A livestream session; streamer and studio are known once it is confirmed."""

    id: SessionId
    session_no: str
    title: str
    farmer_id: UUID
    streamer_id: UUID | None
    studio_id: UUID | None
    start_at: datetime
    end_at: datetime
    state: SessionState
    products: tuple[SessionProduct, ...]
    requested_at: datetime
    version: int


@dataclass(frozen=True)
class FreeSlot:
    """A span near the wish in which streamer and studio are both free."""

    streamer_id: UUID
    studio_id: UUID
    start_at: datetime
    end_at: datetime


class SessionClash(Refused):
    """Streamer or studio is booked in this span already; the database says so."""

    code = "session_clash"
    says = N_("The streamer or the studio is booked at this time already.")


class NotAvailable(Refused):
    """The streamer has not said that they can at this time."""

    code = "not_available"
    says = N_("{streamer} has not said that they can go on air at this time.")


class BadSession(Refused):
    """The session asked for is not one that can be held."""

    code = "bad_session"
    says = N_("This session cannot be booked: {why}")
    status = 422
