"""Brings a database to the schema of this version, with Alembic and without a configuration file."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from county.errors import BadInput, Fault

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"
# Any number will do, as long as every start of this program takes the same one.
_POSTGRESQL_LOCK = 7_204_411


def make_config(scripts: Path = SCRIPTS) -> Config:
    """Make the Alembic configuration that an alembic.ini would otherwise hold."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    return config


def head(scripts: Path = SCRIPTS) -> str | None:
    """Give the number of the newest migration; raises when there are two."""
    return ScriptDirectory.from_config(make_config(scripts)).get_current_head()


def current(engine: Engine) -> str | None:
    """Give the number of the migration that a database stands at; `None` for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(engine: Engine, scripts: Path = SCRIPTS) -> bool:
    """Tell whether a database stands at the newest migration."""
    return current(engine) == head(scripts)


def upgrade(engine: Engine, *, to: str = "head", scripts: Path = SCRIPTS) -> None:
    """Bring a database up to a migration, all of it in one transaction.

    Refuses: `BadInput` when the database holds tables but no migration, or an unknown one.
    """
    _require_known(engine, scripts)
    _run(engine, scripts, command.upgrade, to)


def downgrade(engine: Engine, *, to: str, scripts: Path = SCRIPTS) -> None:
    """Bring a database down to an older migration (`base` = empty), all of it in one transaction."""
    _require_known(engine, scripts)
    _run(engine, scripts, command.downgrade, to)


def _run(engine: Engine, scripts: Path, step: Any, to: str) -> None:
    config = make_config(scripts)
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # A batch migration drops and remakes a table; with foreign keys on, the drop would empty its
            # children. The pragma does nothing inside a transaction, so the driver gets it before one begins.
            _driver(connection).execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})
                config.attributes["connection"] = connection
                step(config, to)
                if sqlite:
                    _require_whole(connection)
        finally:
            if sqlite:
                _driver(connection).execute("PRAGMA foreign_keys=ON")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _require_whole(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        raise RuntimeError(
            f"the migration left {len(orphans)} rows without their parent, first in {orphans[0][0]}"
        )


def _require_known(engine: Engine, scripts: Path) -> None:
    at = current(engine)
    shown = engine.url.render_as_string(hide_password=True)
    if at is None:
        if set(inspect(engine).get_table_names()) - {"alembic_version"}:
            what = f"{shown} holds tables that this program did not make; expected an empty database"
            raise BadInput([Fault("SHANHUO_DATABASE_URL", what)])
        return
    known = {each.revision for each in ScriptDirectory.from_config(make_config(scripts)).walk_revisions()}
    if at not in known:
        what = f"{shown} stands at migration {at}, which this version does not know; start a newer version"
        raise BadInput([Fault("SHANHUO_DATABASE_URL", what)])
