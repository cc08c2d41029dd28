"""Values in and out of the JSON API: one serialiser, JSON bodies, cursor paging."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from flask import request

from county.errors import BadInput, Fault
from county.web.types import BadCursor

PAGE_SIZE = 50
PAGE_MAX = 100


def to_json(value: Any) -> Any:
    """Turn a dataclass into JSON values: fen stay integers, instants become UTC ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(to_json(key)): to_json(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_json(each) for each in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_json(each) for each in value]
    return value


def json_body() -> dict[str, Any]:
    """Give the request's JSON object; refuses anything else."""
    if b"\\u0000" in request.get_data(cache=True):
        raise BadInput([Fault("body", "has a NUL character (\\u0000); expected text without it")])
    try:
        # NaN and Infinity are Python's, not JSON's.
        body = json.loads(request.get_data(cache=True), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadInput([Fault("body", "is not JSON; expected a JSON object")]) from None
    if not isinstance(body, dict):
        raise BadInput([Fault("body", "is not a JSON object")])
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def page_wanted() -> tuple[int, list[Any] | None]:
    """Read `?limit=` and `?cursor=`: how many items, and the sort key after which they begin."""
    limit = request.args.get("limit", str(PAGE_SIZE))
    if not re.fullmatch(r"[0-9]{1,3}", limit) or not 1 <= int(limit) <= PAGE_MAX:
        raise BadCursor()
    cursor = request.args.get("cursor")
    if not cursor:
        return int(limit), None
    try:
        after = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor() from None
    if not isinstance(after, list):
        raise BadCursor()
    return int(limit), after


def page_by_instant() -> tuple[int, tuple[datetime, UUID] | None]:
    """Read `?limit=` and `?cursor=` of a list in the order of instants, and of ids within one instant."""
    limit, after = page_wanted()
    if after is None:
        return limit, None
    try:
        at, item_id = datetime.fromisoformat(after[0]).astimezone(UTC), UUID(after[1])
        is_ours = len(after) == 2 and after[0] == at.isoformat()
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError):
        raise BadCursor() from None
    if not is_ours:
        raise BadCursor()
    return limit, (at, item_id)


def page_of(items: Sequence[Any], *, limit: int, after: Sequence[Any] | None) -> dict[str, Any]:
    """Make one page of at most `limit` items; `after` is the sort key of the last one, None at the end."""
    cursor = None
    if after is not None:
        # Instants keep their microseconds: cut to milliseconds, the next page would leave items out.
        key = [
            each.astimezone(UTC).isoformat() if isinstance(each, datetime) else to_json(each)
            for each in after
        ]
        cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    return {"items": to_json(items[:limit]), "next_cursor": cursor}
