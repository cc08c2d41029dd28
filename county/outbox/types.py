"""What was announced, as it lies in the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

DELIVER = "outbox.deliver"


@dataclass(frozen=True)
class Announcement:
    """One event: `event` is its class as `module:Name`, `facts` its fields as JSON values."""

    id: UUID
    event: str
    facts: Mapping[str, Any]
    announced_at: datetime
