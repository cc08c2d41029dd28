"""A whole county in one process: shop, clerk and Alipay with one clock, no sockets, and a hand that kills.

Every seed begins on the same two database files, copied back before it. Chance, ids and time are the seed's
own, so a seed tells the same story whenever it is run.
"""

import random
import secrets
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import clock, config, database, process
from county.errors import Refused
from county.jobs import service as jobs
from county.outbox import service as outbox
from county.payments import alipay, keys
from county.payments import service as payments
from county.payments.alipay import provider as adapter
from county.payments.alipay.transport import AnswerLost, NothingSent
from county.payments.simulator.desk import Desk
from tests.makers.people import NOW

# Real signatures, only shorter: 2,048 bits would be a third of all the time.
BITS = 1024
ROOMS = tuple(room for room in front_door.ROOMS if room.name != "livestream")
ENVIRON = {"SHANHUO_RATE_LIMITS": "off", "SHANHUO_SECRET_KEY": "test-" * 10}


class Killed(BaseException):
    """The process died here: no `except Exception` may go on."""


class Fate:
    """What is about to happen to the process and to its next calls."""

    def __init__(self) -> None:
        self.commits_left: int | None = None
        self.after_commit = False
        self.call: str = ""
        self.kills = 0

    def clear(self) -> None:
        """Let nothing happen any more."""
        self.commits_left, self.call = None, ""

    def die(self) -> None:
        """Kill the process."""
        self.clear()
        self.kills += 1
        raise Killed


class Mortal(Session):
    """A database session that may die right before or right after a commit."""

    fate = Fate()

    def commit(self) -> None:
        """Commit, unless the process dies first; or die before anybody hears of it."""
        left = self.fate.commits_left
        if left is None:
            super().commit()
            return
        self.fate.commits_left = left - 1
        if left > 0:
            super().commit()
        elif self.fate.after_commit:
            super().commit()
            self.fate.die()
        else:
            self.fate.die()


class Line:
    """The adapter's line to the gateway: straight into the simulator, with its faults and some of ours."""

    def __init__(self, desk: Desk, fate: Fate) -> None:
        self.desk, self.fate, self.calls = desk, fate, 0

    def post(self, query: str, body: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send one request, or lose it, or die before or after its effect."""
        self.calls += 1
        fate, self.fate.call = self.fate.call, ""
        if fate == "unreachable":
            raise NothingSent("nobody listens")
        if fate == "die_before":
            self.fate.die()
        answer = self.desk.gateway.answer(query, body.encode("ascii"), "http://simulator")
        if fate == "die_after":
            self.fate.die()
        kind = answer.fault.kind if answer.fault else ""
        if kind in ("dropped", "effect_timeout"):
            raise AnswerLost(kind)
        return (502 if kind == "bad_gateway" else 200), answer.body


class World:
    """The county in one process."""

    def __init__(self, folder: Path, *, database_url: str = "") -> None:
        # What people do and what ids come out are drawn apart, so that a change of ids keeps the story.
        self.chance, self.ids = random.Random(0), random.Random(0)
        self.now = NOW
        self.fate = Mortal.fate
        self.settings = config.load({**ENVIRON, "SHANHUO_DATABASE_URL": database_url}, root=folder, demo=True)
        _write_keys(self.settings)
        self.desk = Desk(self.settings, post=self._take_notice)
        self.line = Line(self.desk, self.fate)
        self.lose_notice: Callable[[], str] = lambda: ""

    def clock(self) -> datetime:
        """Give the county's time; both sides read it."""
        return self.now

    def pass_time(self, span: timedelta) -> None:
        """Let time go on; nothing else."""
        self.now += span

    def begin(self, seed: int) -> None:
        """Begin a seed: its time and its chance."""
        self.now = NOW
        self.chance.seed(f"people {seed}")
        self.ids.seed(f"ids {seed}")
        self.fate.clear()
        self.fate.kills = 0

    def _take_notice(self, _url: str, body: bytes, _charset: str) -> str:
        """Be the notify page: as `county.payments.pages.take_notice`, without HTTP."""
        fate = self.lose_notice()
        if fate == "lost":
            return "[lost]"
        if fate in ("dies before", "dies after"):
            self.fate.commits_left, self.fate.after_commit = 0, fate == "dies after"
        try:
            notice = payments.provider().read_notice(body)
            database.in_transaction(lambda db: payments.record_notice(db, notice=notice, now=self.now))
        except Refused:
            return "fail"
        except Killed:
            return "[killed]"
        return "success"

    def download(self, address: str, *, timeout_s: float) -> bytes:
        """Fetch a bill from the simulator's address."""
        token = urlsplit(address).path.rpartition("/")[2]
        with self.desk.database.transaction() as db:
            row = db.execute("SELECT content FROM bill WHERE token = ?", (token,)).fetchone()
        return bytes(row["content"])


def _write_keys(settings: config.Settings) -> None:
    settings.instance.mkdir(parents=True, exist_ok=True)
    for path in (settings.alipay_private_key_file, settings.simulator_private_key_file):
        if not path.exists():
            key = rsa.generate_private_key(public_exponent=65_537, key_size=BITS)
            path.write_bytes(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.TraditionalOpenSSL,
                    serialization.NoEncryption(),
                )
            )
    keys.make_demo_keys(settings)


@contextmanager
def standing(world: World) -> Iterator[World]:
    """Put the world under the whole program: its clock, its chance, its line to Alipay."""
    chance = world.ids
    with ExitStack() as stack:
        stack.callback(jobs.forget_kinds)
        stack.callback(outbox.forget_handlers)
        for target, name, new in (
            (clock, "now", world.clock),
            (secrets, "choice", chance.choice),
            (secrets, "randbelow", chance.randrange),
            (secrets, "token_hex", lambda n=16: chance.randbytes(n).hex()),
            (secrets, "token_bytes", lambda n=16: chance.randbytes(n)),
            (secrets, "token_urlsafe", lambda n=16: chance.randbytes(n).hex()),
            (adapter, "download", world.download),
        ):
            stack.enter_context(mock.patch.object(target, name, new))
        stack.enter_context(
            mock.patch("county.ids.uuid4", lambda: uuid.UUID(bytes=chance.randbytes(16), version=4))
        )
        engine = database.connect(world.settings.database_url)
        stack.callback(database.disconnect)
        if engine.dialect.name == "sqlite":
            # Nobody pulls this plug: processes die here, machines do not.
            event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        database._Current.factory = sessionmaker(engine, class_=Mortal, expire_on_commit=False)
        process.load_tables(front_door.ROOMS)
        outbox.forget_handlers()
        jobs.forget_kinds()
        # The live room stays away: its commissions are answered by the cast, without sessions and links.
        process.connect_rooms(ROOMS, world.settings)
        alipay.connect(world.settings)
        client: Any = payments.provider().calls.client  # type: ignore[attr-defined]
        client.transport = world.line
        yield world


class Stages:
    """Copies of both databases as they stood after the cast had come, to begin every seed on."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.url = make_url(world.settings.database_url)
        self.is_sqlite = self.url.drivername == "sqlite"
        self.folder = folder
        self.files = {"simulator": world.desk.database.path}
        if self.is_sqlite:
            self.files["shop"] = Path(str(self.url.database))

    def keep(self, name: str = "kept") -> None:
        """Keep both databases as they are now, under a name."""
        self._let_go()
        for kept, used in self.files.items():
            shutil.copyfile(used, self.folder / f"{kept}-{name}.db")
        if not self.is_sqlite:
            self._copy_on_server(of=str(self.url.database), to=f"{self.url.database}_{name}")

    def restore(self, name: str = "kept") -> None:
        """Put both databases back."""
        self._let_go()
        for kept, used in self.files.items():
            shutil.copyfile(self.folder / f"{kept}-{name}.db", used)
        if not self.is_sqlite:
            self._copy_on_server(of=f"{self.url.database}_{name}", to=str(self.url.database))

    def make(self) -> None:
        """Make the database on a server, empty."""
        if not self.is_sqlite:
            self._copy_on_server(of="template1", to=str(self.url.database))

    def drop(self) -> None:
        """Remove both databases from a server."""
        self._let_go()
        if not self.is_sqlite:
            for name in (self.url.database, f"{self.url.database}_kept"):
                self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _copy_on_server(self, *, of: str, to: str) -> None:
        self._on_server(f"DROP DATABASE IF EXISTS {to} WITH (FORCE)", f"CREATE DATABASE {to} TEMPLATE {of}")

    def _on_server(self, *statements: str) -> None:
        engine = create_engine(self.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def _let_go(self) -> None:
        # The last connection that closes writes SQLite's log into the file and removes it.
        database.engine().dispose()
        self.world.desk.database.close()
