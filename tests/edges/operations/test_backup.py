"""A backup holds the database and the pictures, comes back exactly, and nothing damaged is ever restored."""

import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from county import config, database
from county.config import Settings
from county.errors import BadInput
from county.operations import backup, migrations

SERVER = os.environ.get("SHANHUO_TEST_DATABASE_URL", "")
KINDS = ["sqlite", *(["postgresql"] if SERVER else [])]
VERSION = '''"""Make the guest book of these tests."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make it."""
    op.execute("CREATE TABLE guest (name VARCHAR(40) NOT NULL)")


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE guest")
'''


@pytest.fixture(params=[pytest.param(kind, marks=pytest.mark.database) for kind in KINDS])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Give settings on a migrated database with one guest and one picture."""
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    (scripts / "env.py").write_text((migrations.SCRIPTS / "env.py").read_text())
    (scripts / "versions" / "0001_make_guest.py").write_text(VERSION)
    made = config.load({}, root=tmp_path, demo=True)
    if request.param == "postgresql":
        name = f"shanhuo_backup_{uuid4().hex[:12]}"
        _on_server(f"CREATE DATABASE {name}")
        made = replace(
            made, database_url=make_url(SERVER).set(database=name).render_as_string(hide_password=False)
        )
    engine = database.make_engine(made.database_url)
    migrations.upgrade(engine, scripts=scripts)
    engine.dispose()
    _write(made, "Xiaohong")
    (made.instance / "files").mkdir(parents=True)
    (made.instance / "files" / "tea.webp").write_bytes(b"tea")
    yield made
    if request.param == "postgresql":
        _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(statement: str) -> None:
    server = create_engine(make_url(SERVER).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def _write(settings: Settings, name: str) -> None:
    engine = database.make_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO guest (name) VALUES (:name)"), {"name": name})
    engine.dispose()


def _guests(settings: Settings) -> list[str]:
    engine = database.make_engine(settings.database_url)
    with engine.connect() as connection:
        names = list(connection.scalars(text("SELECT name FROM guest ORDER BY name")))
    engine.dispose()
    return names


def _pictures(settings: Settings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (settings.instance / "files").iterdir()}


def test_a_backup_comes_back_exactly_and_counts_as_a_restore(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    (settings.instance / "alipay-app-private.pem").write_text("secret")
    made = backup.make_backup(settings, file)
    _write(settings, "Later")
    (settings.instance / "files" / "later.webp").write_bytes(b"later")

    restored = backup.restore(settings, file, replace=True)

    assert restored == made
    assert made.migration == "0001"
    assert _guests(settings) == ["Xiaohong"]
    assert _pictures(settings) == {"tea.webp": b"tea"}
    assert backup.restore_epoch(settings.instance) == 1
    assert [name for name in zipfile.ZipFile(file).namelist() if "pem" in name or "secret" in name] == []
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_database_that_is_not_empty_is_kept_without_replace(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    backup.make_backup(settings, file)
    _write(settings, "Later")

    with pytest.raises(BadInput, match="holds tables already"):
        backup.restore(settings, file, replace=False)

    assert _guests(settings) == ["Later", "Xiaohong"]
    assert backup.restore_epoch(settings.instance) == 0


def test_a_damaged_backup_is_refused_before_anything_is_touched(settings: Settings, tmp_path: Path) -> None:
    file, damaged = tmp_path / "monday.backup", tmp_path / "damaged.backup"
    backup.make_backup(settings, file)
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(damaged, "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, b"TEA" if name == "files/tea.webp" else whole.read(name))
    _write(settings, "Later")

    with pytest.raises(BadInput) as refusal:
        backup.restore(settings, damaged, replace=True)

    assert [fault.where for fault in refusal.value.faults] == [f"{damaged}:files/tea.webp"]
    assert _guests(settings) == ["Later", "Xiaohong"]
    assert backup.restore_epoch(settings.instance) == 0


def test_a_backup_with_a_name_that_leads_outside_is_refused(settings: Settings, tmp_path: Path) -> None:
    file, evil = tmp_path / "monday.backup", tmp_path / "evil.backup"
    backup.make_backup(settings, file)
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(evil, "w") as packed:
        manifest = json.loads(whole.read("manifest.json"))
        manifest["files"]["../../escaped"] = manifest["files"]["files/tea.webp"]
        for name in set(whole.namelist()) - {"manifest.json"}:
            packed.writestr(name, whole.read(name))
        packed.writestr("../../escaped", b"tea")
        packed.writestr("manifest.json", json.dumps(manifest))

    with pytest.raises(BadInput, match="no safe name"):
        backup.restore(settings, evil, replace=True)

    assert list(tmp_path.rglob("escaped")) == []


def test_a_database_in_use_is_not_restored(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    backup.make_backup(settings, file)
    engine = database.make_engine(settings.database_url)

    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(BadInput, match="is in use"):
            backup.restore(settings, file, replace=True)
    engine.dispose()

    assert backup.restore_epoch(settings.instance) == 0


def test_something_else_is_no_backup(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a backup")

    with pytest.raises(BadInput, match="is not a backup of this program"):
        backup.restore(settings, file, replace=True)

    assert _guests(settings) == ["Xiaohong"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.tar", "there is no such file; expected one that `backup` wrote"),
        ("y" * 300, "there is no such file; expected one that `backup` wrote"),
        (".", "is a folder; expected the file that `backup` wrote"),
    ],
)
def test_what_is_no_file_is_no_backup(settings: Settings, tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(BadInput) as refusal:
        backup.restore(settings, tmp_path / name, replace=True)

    assert [str(fault) for fault in refusal.value.faults] == [f"{tmp_path / name}:1: {says}"]
    assert _guests(settings) == ["Xiaohong"]
