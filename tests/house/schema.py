"""Describes the schema of a database in words that two ways of making it can be compared by."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, inspect, text

_TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') "
    "OR (type = 'table' AND sql LIKE 'CREATE VIRTUAL%')",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
    "UNION ALL SELECT proname, pg_get_functiondef(p.oid) FROM pg_proc p "
    "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prokind = 'f' "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
}
_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def describe(connection: Connection) -> set[str]:
    """List every table, column, constraint, index and trigger of a database, one line each."""
    dialect = connection.dialect.name
    lines = set()
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        if table == "alembic_version" or "_fts_" in table:
            continue
        lines |= {f"{table}: {line}" for line in _describe_table(inspector, table)}
    for kind, query in (("trigger", _TRIGGERS[dialect]), ("index", _INDEXES[dialect])):
        for name, statement in connection.execute(text(query)):
            if "alembic_version" not in statement:
                lines.add(f"{kind} {name}: {_plain(statement)}")
    return lines


def _describe_table(inspector: object, table: str) -> Iterator[str]:
    look = inspector
    for column in look.get_columns(table):  # type: ignore[attr-defined]
        null = "null" if column["nullable"] else "not null"
        yield f"column {column['name']} {column['type']} {null} default {column['default']}"
    key = look.get_pk_constraint(table)  # type: ignore[attr-defined]
    yield f"primary key {key['name']} {key['constrained_columns']}"
    for each in look.get_foreign_keys(table):  # type: ignore[attr-defined]
        yield (
            f"foreign key {each['name']} {each['constrained_columns']} → "
            f"{each['referred_table']} {each['referred_columns']} {sorted(each['options'].items())}"
        )
    for each in look.get_unique_constraints(table):  # type: ignore[attr-defined]
        yield f"unique {each['name']} {each['column_names']}"
    for each in look.get_check_constraints(table):  # type: ignore[attr-defined]
        yield f"check {each['name']} {_plain(each['sqltext'])}"


def _plain(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).strip()
