"""Writes the migration that makes the tables which the models have and the newest migration has not.

Use: `python -m county.operations.migration_writer NNNN verb_thing [--tables PREFIX …]`. The statements are
those that `create_all` would run, written out for both databases, so that a file says for ever what it made.
Changes to tables that exist are written by hand (`migrations/README.md`); the house tests say when one lacks.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_mock_engine, inspect

from county import clock, room
from county.database import Base, make_engine
from county.operations import migrations

ROOMS = ("county", "logistics", "shop", "livestream")
_NUMBER = re.compile(r"\d{4}")
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_MADE = re.compile(
    r"CREATE (?:OR REPLACE )?(VIRTUAL TABLE|TABLE|VIEW|FUNCTION|SEQUENCE)\s+\"?(\w+)\"?", re.IGNORECASE
)

_FILE = '''"""{sentence}"""

from alembic import op

revision = "{number}"
down_revision = {before}
branch_labels = None
depends_on = None

{constants}


def upgrade() -> None:
    """Make the tables with their constraints, indexes and guards."""
    _do(SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL)


def downgrade() -> None:
    """Drop what `upgrade` made, the last thing first."""
    _do(SQLITE_BACK if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_BACK)


def _do(statements: tuple[str, ...]) -> None:
    connection = op.get_bind().execution_options(no_parameters=True)
    for statement in statements:
        connection.exec_driver_sql(statement)
'''


def rooms() -> list[room.Room]:
    """Give every room, the ground floor first."""
    return [room.load(f"{name}.wiring:ROOM") for name in ROOMS]


def load_models() -> None:
    """Import every module whose rows belong to the schema."""
    for each in rooms():
        for module in each.tables:
            room.load(module)


def write(
    number: str, name: str, *, prefixes: Sequence[str] = (), scripts: Path = migrations.SCRIPTS
) -> Path:
    """Write `versions/NUMBER_NAME.py` with the tables that are new since the newest migration.

    Takes: `prefixes`, to take only the tables that begin with one of them; none = all.
    Gives: the file that was made. ValueError: a bad name, a file that exists, or nothing new.
    """
    if not _NUMBER.fullmatch(number) or not _NAME.fullmatch(name):
        raise ValueError(f"{number}_{name}: expected four digits and verb_thing in small letters")
    path = scripts / "versions" / f"{number}_{name}.py"
    if path.exists():
        raise ValueError(f"{path} exists already")
    before = migrations.head(scripts)
    there = _tables_at_head(scripts) if before else set()
    chosen = [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in there and table.name.startswith(tuple(prefixes) or "")
    ]
    if not chosen:
        raise ValueError("no model has a table that the migrations do not make already")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_file_text(number, name, before, chosen), encoding="utf-8")
    return path


def statements_for(tables: Sequence[Table], dialect: str) -> list[str]:
    """List the statements with which `create_all` makes these tables, guards included, on one database."""
    said: list[str] = []

    def note(statement: Any, *_: Any) -> None:
        said.append(str(statement.compile(dialect=engine.dialect)).strip())

    engine: Any = create_mock_engine(
        "postgresql+psycopg://" if dialect == "postgresql" else "sqlite://", note
    )
    Base.metadata.create_all(engine, tables=list(tables), checkfirst=False)
    return said


def back_from(statements: Sequence[str], dialect: str) -> list[str]:
    """List the statements that undo these, the last first; triggers and indexes go with their tables."""
    back = []
    for statement in reversed(statements):
        if made := _MADE.match(statement):
            kind = "TABLE" if made[1].upper() == "VIRTUAL TABLE" else made[1].upper()
            cascade = " CASCADE" if dialect == "postgresql" else ""
            back.append(f"DROP {kind} {made[2]}{'()' if kind == 'FUNCTION' else ''}{cascade}")
    return back


def _tables_at_head(scripts: Path) -> set[str]:
    engine = make_engine("sqlite://")
    migrations.upgrade(engine, scripts=scripts)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def _file_text(number: str, name: str, before: str | None, tables: Sequence[Table]) -> str:
    parts = []
    for dialect in ("sqlite", "postgresql"):
        forward = statements_for(tables, dialect)
        parts.append(_constant(dialect.upper(), forward))
        parts.append(_constant(f"{dialect.upper()}_BACK", back_from(forward, dialect)))
    return _FILE.format(
        sentence=f"{name.replace('_', ' ').capitalize()}, as of {clock.county_day(clock.now())}.",
        number=number,
        before=f'"{before}"' if before else "None",
        constants="\n\n".join(parts),
    )


def _constant(name: str, statements: Sequence[str]) -> str:
    lines = []
    for statement in statements:
        clean = "\n".join(line.rstrip().replace("\t", "    ") for line in statement.splitlines())
        raw = "r" if "\\" in clean else ""
        quote = "'''" if clean.endswith('"') else '"""'
        lines.append(f"    {raw}{quote}{clean}{quote},")
    return f"{name} = (\n" + "\n".join(lines) + "\n)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the writer from a command line; give its exit code."""
    parser = argparse.ArgumentParser(prog="python -m county.operations.migration_writer", description=__doc__)
    parser.add_argument("number")
    parser.add_argument("name")
    parser.add_argument("--tables", nargs="*", default=[], metavar="PREFIX")
    asked = parser.parse_args(arguments)
    load_models()
    try:
        print(write(asked.number, asked.name, prefixes=asked.tables))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
