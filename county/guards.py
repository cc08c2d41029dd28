"""Triggers that keep what a CHECK cannot say, declared beside their tables for both databases."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import DDL, Table, event


@dataclass(frozen=True)
class Guard:
    """One named protection of a table: the statements that make it, per database."""

    name: str
    table: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]


GUARDS: dict[str, Guard] = {}


def guard(table: Any, name: str, *, sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    """Declare a guard of `table` (a `Table` or a row class); `create_all` makes it with the table."""
    table = getattr(table, "__table__", table)
    assert isinstance(table, Table)
    if name in GUARDS:
        raise ValueError(f"guard {name} is declared twice")
    GUARDS[name] = Guard(name=name, table=table.name, sqlite=sqlite, postgresql=postgresql)
    for dialect, statements in (("sqlite", sqlite), ("postgresql", postgresql)):
        for statement in statements:
            # DDL() formats with %, so a literal % must be doubled.
            ddl = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl)


def append_only(table: Any, name: str) -> None:
    """Refuse every UPDATE and DELETE of a table, and on SQLite INSERT OR REPLACE over an existing key."""
    table = getattr(table, "__table__", table)
    key = " AND ".join(f"{column.name} = NEW.{column.name}" for column in table.primary_key.columns)
    sqlite = (
        f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {table.name} "
        f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END",
        f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {table.name} "
        f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END",
        f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {table.name} "
        f"WHEN EXISTS (SELECT 1 FROM {table.name} WHERE {key}) "
        f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END",
    )
    postgresql = (
        f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table.name} is append-only' "
        "USING ERRCODE = 'restrict_violation'; END $$",
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_refuse()",
    )
    guard(table, name, sqlite=sqlite, postgresql=postgresql)
