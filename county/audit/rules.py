"""Canonical JSON, salted digests and the hash of a record."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from county import clock
from county.audit.types import Record

FIRST_HASH = "0" * 64


def plain(value: Any) -> Any:
    """Turn a value into JSON's own types; times become UTC, ids text.

    Refuses: `TypeError` for anything else, floats included (money is fen, shares are basis points).
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, int | str):
        return value
    if isinstance(value, datetime):
        return clock.require_aware(value).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=str)
    raise TypeError(
        f"{value!r} cannot stand in the log; expected text, whole numbers, times, ids or their lists"
    )


def canonical_json(value: Any) -> str:
    """Write a value as JSON in the one way that is hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def personal_digest(*, salt: str, field: str, value: str) -> str:
    """Digest a personal value with the salt of its record."""
    return hashlib.sha256(f"{salt}\x1f{field}\x1f{value}".encode()).hexdigest()


def seal_hash(previous: str, record: Record) -> str:
    """Compute the hash that chains a record to all records before it."""
    content = canonical_json(vars(record))
    return hashlib.sha256(f"{previous}{content}".encode()).hexdigest()
