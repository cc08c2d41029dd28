"""How a live event looks on the wire."""

import json
from typing import Any

from livestream.room.types import LiveEvent


def as_data(event: LiveEvent) -> dict[str, Any]:
    """Give an event as its JSON object: kind, epoch seconds, and the state of what changed."""
    return {"kind": event.kind.value, "sent_at": event.sent_at.timestamp(), **event.state}


def as_sse(event: LiveEvent) -> bytes:
    """Write an event as Server-Sent Events: its number as id, one line of JSON."""
    return f"id: {event.number}\ndata: {json.dumps(as_data(event), ensure_ascii=False)}\n\n".encode()
