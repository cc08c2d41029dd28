"""Plays the county's first story on a fresh database, through the running pages, and prints each step.

Every step is what a person would do: a form filled in, a button pressed, a call of the API. Time is moved by the
demo's clock, so that a claim window of two days passes in a moment.
"""

import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from county import clock, config, database
from county.money import format_yuan
from county.operations import demo
from county.operations.supervisor import Supervisor
from county.operations.visiting import NotAsExpected, Page, Visitor

PASSWORD = demo.PASSWORD
BUYER, FARMER, AGENT, STREAMER = "13900000001", "13900000011", "13900000021", "13900000031"
COURIER, HUB, DRIVER, KEEPER = "13900000041", "13900000042", "13900000051", "13900000061"
ADMIN, SECOND_ADMIN, AUDITOR = "13900000091", "13900000092", "13900000099"
ADDRESS = {
    "name": "李明",
    "phone": "13900000001",
    "province": "陕西",
    "city": "西安市",
    "county": "雁塔区",
    "detail": "小寨东路1号2单元301室",
}


@dataclass
class Story:
    """What the story has come to know so far; steps print one line each."""

    settings: config.Settings
    clock_file: Path
    say: Callable[[str], None]
    offset: timedelta = timedelta()
    facts: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Visitor] = field(default_factory=dict)
    count: int = 0

    def person(self, phone: str) -> Visitor:
        """Give somebody's browser, signed in."""
        if phone not in self.people:
            visitor = Visitor(self.settings.public_url)
            visitor.sign_in(phone=phone, password=PASSWORD)
            self.people[phone] = visitor
        return self.people[phone]

    def step(self, sentence: str) -> None:
        """Print one step with its figures."""
        self.count += 1
        self.say(f"{self.count:2d}. {sentence}")

    def later(self, **span: float) -> None:
        """Let time pass: every program's clock moves on."""
        self.offset += timedelta(**span)
        clock.move(self.clock_file, seconds=int(self.offset.total_seconds()))

    def wait_for(self, what: str, look: Callable[[], bool], *, within_s: float = 60) -> None:
        """Look again and again until something is so; the clerk needs a moment for what was announced."""
        until_s = clock.monotonic_s() + within_s
        while not look():
            if clock.monotonic_s() > until_s:
                raise NotAsExpected(f"waited {within_s:.0f} s for: {what}")
            threading.Event().wait(0.2)


@click.command("story")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the instance here.")
@click.pass_context
def story_command(ctx: click.Context, keep: Path | None) -> int:
    """Play the county's story on a fresh database and print each step with its figures."""
    from county.operations import chapters

    with _county(keep) as story:
        started_s = clock.monotonic_s()
        for chapter in chapters.ALL:
            chapter(story)
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
    """Find a port with the next two free as well."""
    for _attempt in range(50):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port < 65_000 and all(_is_free(port + more) for more in range(3)):
            return int(port)
    raise NotAsExpected("no three free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def yuan(fen: int) -> str:
    """Write fen for the story."""
    return "¥" + format_yuan(fen)


def as_json(page: Page) -> Any:
    """Read a page that answers JSON."""
    return json.loads(page.text)


def pause(seconds: float) -> None:
    """Wait a moment for another program."""
    time.sleep(seconds)
