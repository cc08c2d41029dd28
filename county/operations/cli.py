"""The commands that start, check and keep an installation."""

from collections.abc import Sequence
from pathlib import Path

import click
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from county import config, database, room
from county.errors import BadInput, Fault
from county.operations import backup, demo, doctor, migrations, ports, server
from county.outputs import counted
from county.room import Room


@click.command()
def demo_command() -> int:
    """Start everything the demo needs on this machine; Ctrl-C stops all of it."""
    return demo.run(config.load(demo=True), front_door=demo.front_door())


@click.command()
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Worker processes [1 on SQLite, else one per core]."
)
@click.option("--threads", type=click.IntRange(1, 256), default=server.THREADS, show_default=True)
def serve_command(workers: int | None, threads: int) -> None:
    """Serve the pages and the API."""
    settings = config.load()
    ports.require_free(settings.bind, {"web": settings.port})
    server.serve(
        application="app:create_app",
        host=settings.bind,
        port=settings.port,
        workers=workers or server.default_workers(settings.database_url),
        threads=threads,
    )


@click.command()
@click.option("--to", default="head", show_default=True, help="Stop at this migration.")
@click.option(
    "--down-to", metavar="NNNN|base", help="Go back to this migration; `base` empties the database."
)
@click.option("--show", is_flag=True, help="Only say where the database stands; exit 1 when it is behind.")
def migrate_command(to: str, down_to: str | None, show: bool) -> int:
    """Bring the database to the schema of this version."""
    settings = config.load()
    engine = database.make_engine(settings.database_url)
    try:
        if down_to:
            migrations.downgrade(engine, to=down_to)
        elif not show:
            migrations.upgrade(engine, to=to)
        at, newest = migrations.current(engine), migrations.head()
    except CommandError as error:
        raise BadInput([Fault("migrate", f"{error}; expected a migration such as 0001")]) from None
    except OperationalError as error:
        said = str(error.orig).strip().splitlines()[0]
        raise BadInput([Fault("SHANHUO_DATABASE_URL", f"the database does not answer: {said}")]) from None
    finally:
        engine.dispose()
    click.echo(f"database at {at or 'no migration'}, newest {newest or 'no migration'}")
    return 1 if show and at != newest else 0


@click.command()
@click.pass_obj
def doctor_command(rooms: Sequence[Room] | None) -> int:
    """Say the effective settings, secrets masked, and what is wrong with this installation."""
    settings = config.load()
    for name, value in settings.shown().items():
        click.echo(f"{name}={value}")
    more = [room.load(name) for each in rooms or () for name in getattr(each, "checks", ())]
    findings = doctor.examine(settings, more)
    click.echo()
    for each in findings:
        click.echo(f"{each.level.value:<10} {each.where}: {each.what}")
    if wrong := doctor.faults(findings):
        raise BadInput(wrong)
    return 1 if any(each.level is doctor.Level.ATTENTION for each in findings) else 0


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup_command(file: Path) -> None:
    """Write the database and the pictures into FILE; the programs may go on running."""
    manifest = backup.make_backup(config.load(), file)
    size = sum(each.bytes for each in manifest.files.values())
    holds = f"{counted(len(manifest.files), 'file')}, {counted(size, 'byte')}"
    click.echo(f"{file}: {holds}, migration {manifest.migration}")
    click.echo("Keys are not in it: keep the .pem files and the secret key apart.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Throw away what the database holds now.")
def restore_command(file: Path, replace: bool) -> int:
    """Bring the database and the pictures back from FILE; stop the programs first."""
    settings = config.load()
    manifest = backup.restore(settings, file, replace=replace)
    click.echo(
        f"restored what was there on {manifest.made_at} (restore {backup.restore_epoch(settings.instance)})"
    )
    if manifest.migration != migrations.head():
        click.echo(
            f"It stands at migration {manifest.migration}, newest is {migrations.head()}: run `migrate`."
        )
        return 1
    return 0
