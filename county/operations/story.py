"""Plays the county's first story on a fresh database, through the running pages, and prints each step.

Every step is what a person would do: a form filled in, a button pressed, a call of the API. Time is moved by
the demo's clock, so that a claim window of two days passes in a moment.
"""

import os
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from county import clock, config, database
from county.operations import chapters, demo
from county.operations.supervisor import Supervisor
from county.operations.telling import Story
from county.operations.visiting import NotAsExpected


@click.command("story")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the instance here.")
@click.pass_context
def story_command(ctx: click.Context, keep: Path | None) -> int:
    """Play the county's story on a fresh database and print each step with its figures."""
    with _county(keep) as story:
        started_s = clock.monotonic_s()
        try:
            for chapter in chapters.ALL:
                chapter(story)
        except NotAsExpected as trouble:
            story.say(f"The story stops here: {trouble}")
            return 1
        story.say(f"The story took {clock.monotonic_s() - started_s:.1f} s.")
        return chapters.check_the_books(story, ctx.obj)


@contextmanager
def _county(keep: Path | None) -> Iterator[Story]:
    """Start a demo county of its own on free ports, in a folder of its own, and stop it afterwards."""
    with tempfile.TemporaryDirectory(prefix="shanhuo-story-") as folder:
        root = keep or Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        port = _free_ports()
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SHANHUO_")},
            "SHANHUO_PORT": str(port),
            "SHANHUO_DEMO": "1",
            "SHANHUO_RATE_LIMITS": "off",
            "SHANHUO_LOCALE": "zh_CN",
        }
        if url := os.environ.get("SHANHUO_DATABASE_URL"):
            environ["SHANHUO_DATABASE_URL"] = url
        front_door = demo.front_door()
        environ["PYTHONPATH"] = str(front_door.parent)
        before = Path.cwd()
        os.chdir(root)
        try:
            settings = config.load(environ, root=root, demo=True)
            supervisor = Supervisor(logs=settings.instance / "logs", environment=environ, say=click.echo)
            try:
                code = demo.prepare(settings, supervisor, front_door)
                if code:
                    raise NotAsExpected("the demo county could not be made")
                for program in demo.programs(settings, front_door):
                    supervisor.start(program)
                late = supervisor.wait_until_up(within_s=demo.UP_WITHIN_S)
                if late:
                    raise NotAsExpected(f"{', '.join(late)} did not come up; see {supervisor.logs}")
                database.connect(settings.database_url)
                clock.follow_offset_file(settings.clock_file)
                assert settings.clock_file is not None
                yield Story(settings, settings.clock_file, click.echo)
            finally:
                supervisor.stop()
                database.disconnect()
        finally:
            os.chdir(before)


def _free_ports() -> int:
    """Find a port with the next two free as well.

    Below the system's own range: a connection to a port of that range may meet itself.
    """
    for port in random.sample(range(20_000, 30_000, 3), 200):
        if all(_is_free(port + more) for more in range(3)):
            return port
    raise NotAsExpected("no three free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
