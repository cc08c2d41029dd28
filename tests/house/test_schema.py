"""Tables follow the house, and the migrations make exactly the schema of the models, up and down."""

import re
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import (
    CheckConstraint,
    Engine,
    Float,
    Numeric,
    UniqueConstraint,
    func,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError

from county import config, database, guards, process
from county.database import Base, EnumText
from county.operations import migration_writer, migrations, seeding
from county.payments import keys
from tests.house import schema

# PostgreSQL cuts longer names off, and two cut names may be one.
NAME_MAX = 63

migration_writer.load_models()


def described(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return schema.describe(connection)


def test_no_table_holds_a_float_or_decimal() -> None:
    inexact = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Float | Numeric)
    ]

    assert inexact == []


def test_every_enum_column_has_its_check() -> None:
    lacking = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EnumText)
        and f"ck_{table.name}_{column.name}_known" not in {each.name for each in table.constraints}
    ]

    assert lacking == []


def test_every_constraint_has_a_name_that_fits() -> None:
    kinds = (CheckConstraint, UniqueConstraint)
    unnamed = [
        f"{table.name}: {each}"
        for table in Base.metadata.sorted_tables
        for each in table.constraints
        if isinstance(each, kinds) and not each.name
    ]
    names = [str(each.name) for table in Base.metadata.sorted_tables for each in table.constraints]
    names += [str(each.name) for table in Base.metadata.sorted_tables for each in table.indexes]
    names += [table.name for table in Base.metadata.sorted_tables] + list(guards.GUARDS)

    assert unnamed == []
    assert [name for name in names if len(name) > NAME_MAX] == []


def test_migrations_have_four_digits_and_one_head() -> None:
    scripts = ScriptDirectory.from_config(migrations.make_config())
    files = sorted(path.name for path in (migrations.SCRIPTS / "versions").glob("*.py"))

    assert len(scripts.get_heads()) == 1
    assert files != []
    assert [name for name in files if not re.fullmatch(r"\d{4}_[a-z]+(_[a-z0-9]+)+\.py", name)] == []
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]


def test_migrations_import_nothing_of_this_program() -> None:
    imports = [
        f"{path.name}: {line}"
        for path in (migrations.SCRIPTS / "versions").glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(from|import) (county|logistics|shop|livestream|app)\b", line)
    ]

    assert imports == []


def test_migrations_make_the_schema_of_the_models(empty: Engine) -> None:
    migrations.upgrade(empty)
    migrated = described(empty)
    migrations.downgrade(empty, to="base")
    emptied = described(empty)
    Base.metadata.create_all(empty)

    modelled = described(empty)

    assert sorted(migrated - modelled) == [], "in the migrations, not in the models"
    assert sorted(modelled - migrated) == [], "in the models, not in the migrations"
    assert emptied == set()


def test_each_migration_goes_down_and_up_again(empty: Engine) -> None:
    scripts = ScriptDirectory.from_config(migrations.make_config())
    revisions = [each.revision for each in scripts.walk_revisions()]
    migrations.upgrade(empty)
    whole = described(empty)

    for below in [*revisions[1:], "base"]:
        migrations.downgrade(empty, to=below)
        migrations.upgrade(empty)

        assert described(empty) == whole


def test_a_filled_database_goes_down_and_up_again(empty: Engine, tmp_path: Path) -> None:
    settings = _demo_settings(empty, tmp_path)
    migrations.upgrade(empty)
    keys.make_demo_keys(settings)
    process.connect(settings, migration_writer.rooms())
    seeding.seed(settings, migration_writer.rooms())
    database.disconnect()
    scripts = ScriptDirectory.from_config(migrations.make_config())
    revisions = [each.revision for each in scripts.walk_revisions()]
    whole = described(empty)
    filled = counted(empty)

    for below in [*revisions[1:], "base"]:
        migrations.downgrade(empty, to=below)
        kept = counted(empty)
        migrations.upgrade(empty)

        assert described(empty) == whole
        # A table of earlier migrations that a later one replaced is there again, and empty.
        assert {table: filled.get(table, 0) for table in kept} == kept
        assert counted(empty) == {table: kept.get(table, 0) for table in filled}

    assert filled["county_person"] > 0


def test_events_told_apart_by_their_reason_become_one_downwards_and_stay_append_only(empty: Engine) -> None:
    migrations.upgrade(empty, to="0006")
    at = "2026-10-05 03:00:00+00:00"
    with empty.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO logistics_parcel (id, parcel_no, waybill, carrier, direction, station, units, "
                "weight_g, volume_cm3, cod_fen, name, phone, province, city, county, detail, order_ref, "
                "state, taken_in_at, ready_at, moved_at, version) VALUES (:id, 'WB1', 'WB1', '中通', 'in', "
                "'S1', 1, 1, 0, 0, '', '', '', '', '', '', '', 'on_hold', :at, :at, :at, 1)"
            ),
            {"id": uuid4().hex, "at": at},
        )
        for reason in ("damaged", "lost"):
            connection.execute(
                text(
                    "INSERT INTO logistics_tracking_event (id, parcel_no, kind, at, place, source, "
                    "recorded_at, reason, cause, note) VALUES (:id, 'WB1', 'on_hold', :at, '', 'scan', :at, "
                    ":reason, 'weather', '箱子塌了')"
                ),
                {"id": uuid4().hex, "at": at, "reason": reason},
            )

    migrations.downgrade(empty, to="0005")
    assert counted(empty)["logistics_tracking_event"] == 1
    assert changing_is_refused(empty)

    migrations.upgrade(empty, to="0006")
    with empty.connect() as connection:
        told = connection.execute(
            text("SELECT kind, reason, cause, note FROM logistics_tracking_event")
        ).all()
    assert [tuple(row) for row in told] == [("on_hold", "unsaid", "unsaid", "")]
    assert changing_is_refused(empty)


def changing_is_refused(engine: Engine) -> bool:
    for statement in (
        "UPDATE logistics_tracking_event SET place = 'x'",
        "DELETE FROM logistics_tracking_event",
    ):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    return True


def counted(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        tables = [name for name in inspect(connection).get_table_names() if "_fts_" not in name]
        return {
            name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
            for name in tables
            if name != "alembic_version"
        }


def _demo_settings(engine: Engine, root: Path) -> config.Settings:
    url = engine.url.render_as_string(hide_password=False)
    return replace(config.load({}, root=root, demo=True), database_url=url)
