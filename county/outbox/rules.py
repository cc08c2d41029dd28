"""How an event becomes JSON and an event again."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from county import room


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def name_of(kind: type[Any]) -> str:
    """Name an event class as `module:Name`, the way wiring names it."""
    return f"{kind.__module__}:{kind.__qualname__}"


def facts_of(event: object) -> dict[str, Any]:
    """Write the fields of an event as JSON values."""
    if not is_dataclass(event) or isinstance(event, type):
        raise TypeError(f"{event!r} is not an event: events are instances of frozen dataclasses")
    facts: dict[str, Any] = _adapter(type(event)).dump_python(event, mode="json")
    return facts


def event_from(name: str, facts: Mapping[str, Any]) -> Any:
    """Make the event again from its name and its fields."""
    return _adapter(room.load(name)).validate_python(facts)
