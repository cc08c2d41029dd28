"""Looks at an installation as a careful colleague would: what is wrong, what deserves attention."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from county import clock, config, database
from county.config import Settings
from county.errors import BadInput, Fault
from county.operations import migrations
from county.payments import keys

KEY_BITS_MIN = 2048
FREE_BYTES_MIN = 1_000_000_000
CLOCK_DRIFT_MAX_S = 5
# No installation can be older than this program, nor have a machine clock of the next century.
YEARS = range(2026, 2100)
Check = Callable[[Settings], "Iterator[Finding]"]


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    ATTENTION = "attention"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """What one check found: `where` is a setting, a file or a program."""

    level: Level
    where: str
    what: str


def examine(settings: Settings, more: Sequence[Check] = ()) -> list[Finding]:
    """Do every check of an installation, in the order in which an operator would.

    Takes: `more`, checks that other rooms bring.
    """
    checks: tuple[Check, ...] = (_folder, _clock, _database, _keys, _gateway, _addresses, _redis, *more)
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check(settings)
        except BadInput as refusal:
            findings += [Finding(Level.WRONG, fault.where, fault.what) for fault in refusal.faults]
    return findings


def faults(findings: Sequence[Finding]) -> list[Fault]:
    """Give what is wrong as faults."""
    return [Fault(each.where, each.what) for each in findings if each.level is Level.WRONG]


def _folder(settings: Settings) -> Iterator[Finding]:
    where = str(settings.instance)
    try:
        settings.instance.mkdir(parents=True, exist_ok=True)
        probe = settings.instance / f".doctor-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding(Level.WRONG, where, f"cannot be written to: {error.strerror}")
        return
    free = shutil.disk_usage(settings.instance).free
    level = Level.OK if free >= FREE_BYTES_MIN else Level.ATTENTION
    yield Finding(level, where, f"is writable, {free // 1_000_000} MB free")
    secret = settings.instance / "secret-key"
    if secret.exists() and _is_open(secret):
        yield Finding(Level.ATTENTION, str(secret), "can be read by others; expected mode 600")


def _clock(settings: Settings) -> Iterator[Finding]:
    now = clock.now()
    if now.year not in YEARS:
        yield Finding(Level.WRONG, "clock", f"says {now:%Y-%m-%d %H:%M} UTC; set this machine's clock")
    elif settings.clock_file and settings.clock_file.exists():
        offset = settings.clock_file.read_text().strip()
        yield Finding(Level.OK, "clock", f"the demo's clock is moved by {offset} s")
    else:
        yield Finding(
            Level.OK, "clock", f"says {now.astimezone(clock.COUNTY_ZONE):%Y-%m-%d %H:%M} county time"
        )


def _database(settings: Settings) -> Iterator[Finding]:
    where = "SHANHUO_DATABASE_URL"
    if settings.database_file is not None and not settings.database_file.exists():
        yield Finding(Level.ATTENTION, where, "there is no database yet; `migrate` makes it")
        return
    engine = database.make_engine(settings.database_url)
    try:
        yield from _look_into(engine, where)
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()
        yield Finding(Level.WRONG, where, f"the database does not answer: {said[0] if said else error}")
    finally:
        engine.dispose()
    if settings.database_file and not settings.demo:
        yield Finding(Level.OK, where, "SQLite serves one machine; a county in service uses PostgreSQL")


def _look_into(engine: Engine, where: str) -> Iterator[Finding]:
    at, newest = migrations.current(engine), migrations.head()
    if at != newest:
        what = f"stands at migration {at or 'none'}, newest is {newest}; run `migrate`"
        yield Finding(Level.ATTENTION, where, what)
    else:
        yield Finding(Level.OK, where, f"answers, at migration {at}")
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        drift_s = abs((theirs - clock.now()).total_seconds())
        if drift_s > CLOCK_DRIFT_MAX_S:
            what = f"the database's clock and this machine's are {drift_s:.0f} s apart"
            yield Finding(Level.ATTENTION, where, what)


def _keys(settings: Settings) -> Iterator[Finding]:
    private_path, public_path = settings.alipay_private_key_file, settings.alipay_public_key_file
    if settings.uses_simulator and not private_path.exists():
        yield Finding(Level.ATTENTION, str(private_path), "is not there yet; `demo` and `simulator` make it")
        return
    private, public = keys.read_private_key(private_path), keys.read_public_key(public_path)
    for path, key in ((private_path, private), (public_path, public)):
        if key.key_size < KEY_BITS_MIN:
            what = f"has {key.key_size} bits; expected {KEY_BITS_MIN} or more"
            yield Finding(Level.WRONG, str(path), what)
    if _is_pair(private, public):
        what = "is the public half of our own key; expected the key that Alipay shows for this application"
        yield Finding(Level.WRONG, str(public_path), what)
    elif settings.uses_simulator:
        signer = keys.read_private_key(settings.simulator_private_key_file)
        if not _is_pair(signer, public):
            what = f"does not belong to {settings.simulator_private_key_file}, with which the simulator signs"
            yield Finding(Level.WRONG, str(public_path), what)
        else:
            yield Finding(Level.OK, "keys", "are readable and belong together")
    else:
        yield Finding(Level.OK, "keys", "are readable; only a payment proves that Alipay knows ours")
    if _is_open(private_path):
        yield Finding(Level.ATTENTION, str(private_path), "can be read by others; expected mode 600")


def _gateway(settings: Settings) -> Iterator[Finding]:
    where = "SHANHUO_ALIPAY_GATEWAY"
    address = urlsplit(settings.alipay_gateway)
    simulated = settings.uses_simulator or settings.alipay_app_id == config.SIMULATOR_APP_ID
    if simulated and not settings.demo:
        yield Finding(
            Level.WRONG, where, "is the simulator, whose money is pretended; expected Alipay's gateway"
        )
    elif not simulated and address.scheme != "https":
        yield Finding(Level.WRONG, where, f"is {settings.alipay_gateway}; expected an https address")
    elif simulated:
        yield Finding(Level.OK, where, "is the simulator, as a demo wants it")
    else:
        sandbox = "sandbox" in (address.hostname or "") or "alipaydev" in (address.hostname or "")
        level = Level.ATTENTION if sandbox else Level.OK
        yield Finding(level, where, f"is {address.hostname}" + (", a sandbox" if sandbox else ""))


def _addresses(settings: Settings) -> Iterator[Finding]:
    for name, address in (
        ("SHANHUO_PUBLIC_URL", settings.public_url),
        ("SHANHUO_RELAY_URL", settings.relay_url),
    ):
        parts = urlsplit(address)
        near = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if near and not settings.demo:
            what = f"is {address}, which only this machine reaches"
            yield Finding(Level.ATTENTION, name, what)
        elif not near and parts.scheme != "https":
            yield Finding(
                Level.ATTENTION, name, f"is {address}; expected https, or cookies travel in the open"
            )
        else:
            yield Finding(Level.OK, name, f"is {address}")


def _redis(settings: Settings) -> Iterator[Finding]:
    where = "SHANHUO_REDIS_URL"
    if not settings.redis_url:
        if settings.database_url.startswith("postgresql"):
            what = "is empty: each web process counts its rate limits for itself"
            yield Finding(
                Level.ATTENTION if settings.rate_limits and not settings.demo else Level.OK, where, what
            )
        return
    import redis

    try:
        redis.Redis.from_url(settings.redis_url, socket_connect_timeout=3, socket_timeout=3).ping()
    except (redis.RedisError, OSError) as error:
        yield Finding(Level.WRONG, where, f"does not answer: {error}")
    else:
        yield Finding(Level.OK, where, "answers")


def _is_pair(private: rsa.RSAPrivateKey, public: rsa.RSAPublicKey) -> bool:
    return private.public_key().public_numbers() == public.public_numbers()


def _is_open(path: Path) -> bool:
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
