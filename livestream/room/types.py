"""Live events of a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class LiveKind(StrEnum):
    """What changed in the room."""

    PIN = "pin"
    PRICE = "price"
    STOCK = "stock"
    CHAT = "chat"
    NOTICE = "notice"
    END = "end"


@dataclass(frozen=True)
class LiveEvent:
    """One event: numbers grow by one per session; `state` is the whole new state of what changed."""

    session_id: UUID
    number: int
    kind: LiveKind
    state: Mapping[str, Any]
    sent_at: datetime
