"""The commands that start, check and keep an installation."""

import click

from county import config, database
from county.operations import demo, migrations, ports, server


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
    finally:
        engine.dispose()
    click.echo(f"database at {at or 'no migration'}, newest {newest or 'no migration'}")
    return 1 if show and at != newest else 0
