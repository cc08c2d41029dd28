"""Takes an installation into one archive, and brings it back.

In it: the database as of one instant and the pictures. Not in it: keys (`*.pem`, `secret-key`), because who
holds a backup must not be able to pay in our name; nor the simulator's books, which are pretended.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import URL, make_url

from county import clock, database, outputs
from county.config import Settings
from county.errors import BadInput, Fault
from county.operations import archive, migrations

PICTURES = "files"
RESTORES = "restores.jsonl"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
_DUMP = {SQLITE: "database.sqlite", POSTGRESQL: "database.pgdump"}


def make_backup(settings: Settings, target: Path) -> archive.Manifest:
    """Write the database, as of one instant, and the pictures into one archive.

    The programs may go on running: a picture is written before the row that names it, so those copied after
    the database lack none.
    Refuses: `BadInput` when there is no database, a program for it is missing, or `target`
    is no place for a file.
    """
    outputs.require_places({"FILE": target}, inputs=[settings.database_file])
    kind = _kind(settings)
    engine = database.make_engine(settings.database_url)
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as folder:
        try:
            at = migrations.current(engine)
        finally:
            engine.dispose()
        if at is None:
            raise BadInput(
                [Fault("SHANHUO_DATABASE_URL", "holds no database of this program; nothing to back up")]
            )
        dump = Path(folder) / _DUMP[kind]
        made_at = clock.now()
        (_dump_sqlite if kind == SQLITE else _dump_postgresql)(settings, dump)
        files = {_DUMP[kind]: dump, **_pictures(settings.instance)}
        return archive.write(target, made_at=made_at.isoformat(), kind=kind, migration=at, files=files)


def restore(settings: Settings, source: Path, *, replace: bool) -> archive.Manifest:
    """Bring an installation back to a backup: database first, then pictures, then a line in `restores.jsonl`.

    Every checksum is checked before anything is touched; the database changes in one transaction.
    Refuses: `BadInput` when the archive is damaged or of the other kind of database, when the database is not
    empty and `replace` is not set, or when somebody still uses it.
    """
    kind = _kind(settings)
    settings.instance.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.instance) as name:
        folder = Path(name)
        manifest = archive.unpack(source, folder)
        if manifest.kind != kind:
            what = f"is of {manifest.kind}, the configured database is {kind}"
            raise BadInput([Fault(str(source), what)])
        engine = database.make_engine(settings.database_url)
        try:
            if not replace and set(inspect(engine).get_table_names()) - {"alembic_version"}:
                what = "holds tables already; `--replace` throws them away"
                raise BadInput([Fault("SHANHUO_DATABASE_URL", what)])
            (_require_unused_sqlite if kind == SQLITE else _require_unused_postgresql)(settings, engine)
        finally:
            engine.dispose()
        # First the line, then the deed: a restore that is killed half-way still counts.
        _note_restore(settings.instance, manifest, archive.checksum(source))
        (_load_sqlite if kind == SQLITE else _load_postgresql)(settings, folder / _DUMP[kind])
        _put_pictures(settings.instance, folder / PICTURES)
    return manifest


def restore_epoch(instance: Path) -> int:
    """Count the restores of this installation.

    A number that goes out of the house and is not random carries this count, so that those given out between
    a backup and its restore are never given out again.
    """
    path = instance / RESTORES
    return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0


def _kind(settings: Settings) -> str:
    return SQLITE if settings.database_url.startswith("sqlite") else POSTGRESQL


def _pictures(instance: Path) -> dict[str, Path]:
    folder = instance / PICTURES
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    return {path.relative_to(instance).as_posix(): path for path in found if path.is_file()}


def _put_pictures(instance: Path, fresh: Path) -> None:
    target, old = instance / PICTURES, instance / f".{PICTURES}.old"
    shutil.rmtree(old, ignore_errors=True)
    fresh.mkdir(exist_ok=True)
    if target.exists():
        os.replace(target, old)
    os.replace(fresh, target)
    shutil.rmtree(old, ignore_errors=True)


def _note_restore(instance: Path, manifest: archive.Manifest, checksum: str) -> None:
    line = {"restored_at": clock.now().isoformat(), "backup_made_at": manifest.made_at, "sha256": checksum}
    with open(instance / RESTORES, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _sqlite_file(settings: Settings) -> str:
    return settings.database_url.removeprefix("sqlite:///")


def _dump_sqlite(settings: Settings, target: Path) -> None:
    with closing(sqlite3.connect(_sqlite_file(settings))) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
        here.execute("PRAGMA journal_mode=DELETE")


def _require_unused_sqlite(settings: Settings, engine: Engine) -> None:
    engine.dispose()
    with closing(sqlite3.connect(_sqlite_file(settings), timeout=1)) as here:
        try:
            # Leaving WAL mode takes the file for us alone, so it fails while any program has it open.
            here.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            what = f"is in use ({error}); stop the programs first"
            raise BadInput([Fault("SHANHUO_DATABASE_URL", what)]) from None


def _load_sqlite(settings: Settings, dump: Path) -> None:
    with closing(sqlite3.connect(dump)) as fresh, closing(sqlite3.connect(_sqlite_file(settings))) as here:
        fresh.backup(here)
        here.execute("PRAGMA journal_mode=WAL")


def _dump_postgresql(settings: Settings, target: Path) -> None:
    _run(make_url(settings.database_url), ["pg_dump", "-Fc", "--no-owner", "--no-acl", "-f", str(target)])


def _require_unused_postgresql(_settings: Settings, engine: Engine) -> None:
    with engine.connect() as connection:
        others = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        ).scalar_one()
    if others:
        what = f"is in use by {others} connections; stop the programs first"
        raise BadInput([Fault("SHANHUO_DATABASE_URL", what)])


def _load_postgresql(settings: Settings, dump: Path) -> None:
    url = make_url(settings.database_url)
    script = dump.with_suffix(".sql")
    _run(url, ["pg_restore", "--no-owner", "--no-acl", "-f", str(script), str(dump)], connects=False)
    fresh = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    once = ["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull]
    _run(url, [*once, "-c", fresh, "-f", str(script)])


def _run(url: URL, words: list[str], *, connects: bool = True) -> None:
    program = shutil.which(words[0])
    if program is None:
        what = f"needs {words[0]} of PostgreSQL's client programs, which is not on this machine"
        raise BadInput([Fault("SHANHUO_DATABASE_URL", what)])
    environment = {**os.environ, **(_address(url) if connects else {})}
    done = subprocess.run([program, *words[1:]], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise BadInput([Fault(words[0], said[0])])


def _address(url: URL) -> Mapping[str, str]:
    # In the environment, not on the command line, where every user of the machine could read the password.
    said: Mapping[str, Callable[[], object]] = {
        "PGHOST": lambda: url.host,
        "PGPORT": lambda: url.port,
        "PGUSER": lambda: url.username,
        "PGPASSWORD": lambda: url.password,
        "PGDATABASE": lambda: url.database,
    }
    return {name: str(value) for name, get in said.items() if (value := get()) is not None}
