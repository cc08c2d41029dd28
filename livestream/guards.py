"""Refuses overlapping spans in the database itself: exclusion constraint or triggers."""

from typing import Any

from county.guards import guard


def no_overlap(table: Any, name: str, *, who: str, only_if: str = "") -> None:
    """Refuse two spans [start_at, end_at) of the same `who` that overlap, among rows that count.

    Takes: `only_if`, an SQL condition that begins with a column, such as `state IN ('a')`; left out, every
    row counts.
    PostgreSQL: exclusion constraint (btree_gist). SQLite: triggers; writers are one at a time there.
    """
    table_name = table.__tablename__
    where = f" WHERE ({only_if})" if only_if else ""
    new_counts = _prefixed(only_if, "NEW") if only_if else "1"
    clash = (
        f"SELECT 1 FROM {table_name} o WHERE o.{who} = NEW.{who} AND o.id <> NEW.id "
        f"AND o.start_at < NEW.end_at AND NEW.start_at < o.end_at"
        + (f" AND {_prefixed(only_if, 'o')}" if only_if else "")
    )
    sqlite = tuple(
        f"CREATE TRIGGER {name}_{moment.split()[0].lower()} BEFORE {moment} ON {table_name} "
        f"WHEN {new_counts} AND EXISTS ({clash}) "
        f"BEGIN SELECT RAISE(ABORT, '{name}: spans overlap'); END"
        for moment in ("INSERT", "UPDATE")
    )
    postgresql = (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        f"ALTER TABLE {table_name} ADD CONSTRAINT {name} EXCLUDE USING gist "
        f"({who} WITH =, tstzrange(start_at, end_at) WITH &&){where}",
    )
    guard(table, name, sqlite=sqlite, postgresql=postgresql)


def _prefixed(condition: str, alias: str) -> str:
    """Put an alias before the condition's first word, the column: `state IN (…)` → `NEW.state IN (…)`."""
    return f"({alias}.{condition})"
