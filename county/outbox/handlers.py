"""Hands an announced event to one of its listeners: the job behind every announcement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county import room
from county.outbox import service


def deliver(db: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Call the listener that the job names with its event, in the job's own transaction."""
    event = service.read_event(db, event_id=UUID(payload["event_id"]))
    room.load(payload["does"])(db, event, now)
