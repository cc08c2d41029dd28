"""Long lists as one parameter, so that a statement keeps one text whatever their length."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator


class _JsonList(TypeDecorator[Sequence[Any]]):
    """A list of texts or ids as SQLite's json_each reads it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> str:
        return json.dumps([each.hex if isinstance(each, UUID) else each for each in value or ()])


def among(column: ColumnElement[Any], name: str, *, dialect: str) -> ColumnElement[bool]:
    """Make the condition that a column's value is in the list bound as `name`."""
    if dialect == "postgresql":
        # Not = ANY(…): a plan kept from a small table compares each row with each element.
        return column.in_(select(func.unnest(bindparam(name, type_=ARRAY(column.type)))))
    each = func.json_each(bindparam(name, type_=_JsonList)).table_valued("value")
    return column.in_(select(each.c.value))
