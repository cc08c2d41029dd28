"""The demo: everything that the county needs, on one machine, from an empty folder to a first page."""

import os
import sys
from pathlib import Path

import click
from sqlalchemy import Engine, text

from county import config, database
from county.operations import migrations, ports
from county.operations.supervisor import Program, Supervisor, python, until_stopped
from county.payments import keys

# A slow machine with a cold disk needs most of this to import everything four times at once.
UP_WITHIN_S = 90.0
LOADING = "demo-is-loading"
PASSWORD = "shanhuo-demo"  # published; accounts with it exist in the demo only
ACCOUNTS = (
    ("buyer", "13900000001", "13900000002"),
    ("farmer", "13900000011", "13900000012"),
    ("village agent", "13900000021"),
    ("streamer", "13900000031", "13900000032"),
    ("courier clerk", "13900000041"),
    ("hub clerk", "13900000042"),
    ("driver", "13900000051"),
    ("station keeper", "13900000061"),
    ("association admin", "13900000091", "13900000092"),
    ("auditor", "13900000099"),
)


def run(settings: config.Settings, *, front_door: Path) -> int:
    """Prepare the demo county, start its programs and look after them until somebody stops it.

    Takes: `front_door`, the file `app.py` whose commands the programs are.
    Refuses: `BadInput` when a port is taken; then nothing was made.
    Gives: the exit code, 1 when a program did not come up.
    """
    ports.require_free(
        settings.bind,
        {"web": settings.port, "relay": settings.relay_port, "simulator": settings.simulator_port},
    )
    supervisor = Supervisor(
        logs=settings.instance / "logs",
        environment={**os.environ, "SHANHUO_DEMO": "1"},
        say=lambda sentence: click.echo(sentence),
    )
    code = 0
    with until_stopped(supervisor):
        code = prepare(settings, supervisor, front_door)
        if code:
            return code
        for program in programs(settings, front_door):
            supervisor.start(program)
        late = supervisor.wait_until_up(within_s=UP_WITHIN_S)
        for name in late:
            click.echo(f"{name} does not answer; it said last: {supervisor.last_words(name) or 'nothing'}")
        if late:
            click.echo(f"All of what they said is in {supervisor.logs}.")
            return 1
        click.echo(greeting(settings))
        supervisor.watch()
    return code


def programs(settings: config.Settings, front_door: Path) -> list[Program]:
    """List the programs of the demo, in the order in which they start."""
    door = str(front_door)
    here = f"http://{_host(settings.bind)}"
    return [
        Program("simulator", python([door, "simulator"]), f"{here}:{settings.simulator_port}/"),
        Program("web", python([door, "serve"]), f"{here}:{settings.port}/healthz"),
        Program("relay", python([door, "relay"]), f"{here}:{settings.relay_port}/"),
        Program("clerk", python([door, "clerk"])),
    ]


def greeting(settings: config.Settings) -> str:
    """Write the block that tells where everything is and who may sign in."""
    lines = [
        "",
        f"  Shanhuo 山货 is at        {settings.public_url}",
        f"  sign in at               {settings.public_url}/sign-in   (password for all: {PASSWORD})",
        f"  live events              {settings.relay_url}",
        f"  pretend Alipay           {settings.alipay_gateway.removesuffix('/gateway.do')}",
        "",
        *(f"  {role:<24} {'  '.join(phones)}" for role, *phones in ACCOUNTS),
        "",
        f"  database                 {settings.shown()['SHANHUO_DATABASE_URL']}",
        f"  what the programs say    {settings.instance / 'logs'}",
        "  Ctrl-C stops all of it.",
        "",
    ]
    return "\n".join(lines)


def is_empty(engine: Engine) -> bool:
    """Tell whether nobody lives in the county yet."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT 1 FROM county_person LIMIT 1")).first() is None


def prepare(settings: config.Settings, supervisor: Supervisor, front_door: Path) -> int:
    """Make keys and database and load the demo county when it is empty; give an exit code."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    config.make_secret_key(settings)
    if settings.uses_simulator:
        keys.make_demo_keys(settings)
    # Rooms load one after another: the mark tells the next start that a loading was cut off.
    loading = settings.instance / LOADING
    if not _make_database(settings, begin_again=loading.exists()):
        return 0
    click.echo("Loading the demo county.")
    loading.touch()
    code = supervisor.run_once(Program("seed", python([str(front_door), "seed"])))
    if code:
        click.echo(f"The demo county could not be loaded (exit code {code}); the lines above say why.")
        return 1
    loading.unlink()
    return 0


def _make_database(settings: config.Settings, *, begin_again: bool) -> bool:
    engine = database.make_engine(settings.database_url)
    try:
        if begin_again:
            click.echo("The last start was cut off while it loaded the demo county: beginning again.")
            migrations.downgrade(engine, to="base")
        if not migrations.is_current(engine):
            click.echo("Making the database.")
            migrations.upgrade(engine)
        return is_empty(engine)
    finally:
        engine.dispose()


def _host(bind: str) -> str:
    return f"[{bind}]" if ":" in bind else bind


def front_door() -> Path:
    """Give the file that this process was started from, which is also how the programs are started."""
    return Path(sys.argv[0]).resolve()
