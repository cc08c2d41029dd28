"""A whole installation in a folder of its own, whose programs can be killed and started again."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from county import clock, config
from county.operations import leash
from county.operations.supervisor import answers

FRONT_DOOR = Path(__file__).resolve().parents[2] / "app.py"
UP_WITHIN_S = 60.0


class NotUp(Exception):
    """A program did not come up, or a command failed; the message says what it said last."""


@dataclass
class Installation:
    """The settings of a running installation and its programs by name."""

    root: Path
    environ: dict[str, str]
    settings: config.Settings
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    moved_s: int = 0

    def command(self, *words: str) -> tuple[int, str]:
        """Run a command of the front door to its end; give its exit code and what it said."""
        done = subprocess.run(
            [sys.executable, str(FRONT_DOOR), *words],
            cwd=self.root,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    def start(self, name: str, *words: str) -> None:
        """Start a program in a group of its own, tied to this process; call from the main thread only."""
        with open(self.root / f"{name}.log", "ab") as log:
            self.programs[name] = subprocess.Popen(
                [sys.executable, "-I", "-S", leash.__file__, str(os.getpid())]
                + [sys.executable, str(FRONT_DOOR), *words],
                cwd=self.root,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill a program and everything in its group at once, as a power cut would."""
        process = self.programs.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_up(self, name: str, address: str) -> None:
        """Wait until a program answers at an address."""
        until_s = time.monotonic() + UP_WITHIN_S
        while not answers(address):
            if self.programs[name].poll() is not None or time.monotonic() > until_s:
                said = (self.root / f"{name}.log").read_text(encoding="utf-8", errors="replace")
                raise NotUp(f"{name} did not come up; it said last: {said[-2000:]}")
            threading.Event().wait(0.05)

    def start_web(self) -> None:
        """Start the web process."""
        self.start("web", "serve")

    def wait_for_web(self) -> None:
        """Wait until the web process answers."""
        self.wait_until_up("web", self.settings.public_url + "/healthz")

    def let_pass(self, seconds: int) -> None:
        """Move the clock of every program forward."""
        assert self.settings.clock_file is not None
        self.moved_s += seconds
        clock.move(self.settings.clock_file, seconds=self.moved_s)

    def stop(self) -> None:
        """Kill every program."""
        for name in list(self.programs):
            self.kill(name)


@contextlib.contextmanager
def installed(database_url: str) -> Iterator[Installation]:
    """Make a demo installation, start simulator, web and clerk, and leave nothing behind.

    Takes: `database_url`, a PostgreSQL server on which a scratch database is made and dropped, or "" for
    SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="shanhuo-storm-") as folder, _scratch(database_url) as url:
        root, port = Path(folder), free_ports(random.Random())
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SHANHUO_")}
        environ |= {
            "PYTHONPATH": str(FRONT_DOOR.parent),
            "SHANHUO_PORT": str(port),
            "SHANHUO_DEMO": "1",
            "SHANHUO_RATE_LIMITS": "off",
            "SHANHUO_SECRET_KEY": uuid4().hex + uuid4().hex,
        }
        if url:
            environ["SHANHUO_DATABASE_URL"] = url
        here = Installation(root, environ, config.load(environ, root=root, demo=True))
        here.settings.instance.mkdir()
        try:
            _fill(here)
            here.start("simulator", "simulator")
            here.start_web()
            here.start("clerk", "clerk")
            here.wait_until_up("simulator", f"http://127.0.0.1:{here.settings.simulator_port}/")
            here.wait_for_web()
            yield here
        finally:
            here.stop()


def _fill(here: Installation) -> None:
    from county.payments import keys

    keys.make_demo_keys(here.settings)
    for words in (("migrate",), ("seed",)):
        code, said = here.command(*words)
        if code:
            raise NotUp(f"{words[0]} ended with {code}: {said[-2000:]}")


@contextlib.contextmanager
def _scratch(server_url: str) -> Iterator[str]:
    """Make and drop a PostgreSQL database; nothing to do for SQLite."""
    if not server_url:
        yield ""
        return
    name = f"shanhuo_storm_{uuid4().hex[:12]}"
    server = create_engine(make_url(server_url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            with server.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        server.dispose()


def free_ports(choice: random.Random) -> int:
    """Find a port with the next two free as well, below the range that the system gives out itself."""
    for port in choice.sample(range(20_000, 30_000, 3), 200):
        if all(_is_free(port + more) for more in range(3)):
            return port
    raise NotUp("no three free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
