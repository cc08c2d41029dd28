"""Settings from the environment and `.env`, read once at the front door into typed values."""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from county.errors import BadInput, Fault

NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "BIND",
    "PORT",
    "RELAY_URL",
    "TEST_DATABASE_URL",
    "SECRET_KEY",
    "PUBLIC_URL",
    "ALIPAY_GATEWAY",
    "ALIPAY_APP_ID",
    "ALIPAY_SELLER_ID",
    "ALIPAY_PRIVATE_KEY_FILE",
    "ALIPAY_PUBLIC_KEY_FILE",
    "SIMULATOR_PRIVATE_KEY_FILE",
    "RATE_LIMITS",
    "LOCALE",
    "DEMO",
)
PREFIX = "SHANHUO_"
SIMULATOR_APP_ID = "2021000000000001"
SIMULATOR_SELLER_ID = "2088000000000001"


@dataclass(frozen=True)
class Settings:
    """Every setting of CONTRACTS §2, with defaults filled in; `instance` is the folder of made files."""

    instance: Path
    database_url: str
    redis_url: str
    bind: str
    port: int
    relay_url: str
    test_database_url: str
    secret_key: str
    public_url: str
    alipay_gateway: str
    alipay_app_id: str
    alipay_seller_id: str
    alipay_private_key_file: Path
    alipay_public_key_file: Path
    simulator_private_key_file: Path
    rate_limits: bool
    locale: str
    demo: bool

    @property
    def database_file(self) -> Path | None:
        """The file of a database in SQLite."""
        is_file = self.database_url.startswith("sqlite:///")
        return Path(self.database_url.removeprefix("sqlite:///")) if is_file else None

    @property
    def relay_port(self) -> int:
        """Give the port that the relay listens on."""
        return self.port + 1

    @property
    def simulator_port(self) -> int:
        """Give the port that the Alipay simulator listens on."""
        return self.port + 2

    @property
    def uses_simulator(self) -> bool:
        """Tell whether payments go to the simulator of this installation."""
        return self.alipay_gateway == f"http://127.0.0.1:{self.simulator_port}/gateway.do"

    @property
    def clock_file(self) -> Path | None:
        """Give the file that moves the demo's clock; none in service."""
        return self.instance / "clock-offset" if self.demo else None

    def shown(self) -> dict[str, str]:
        """Give the effective settings as text, secrets masked, by their public names."""
        shown = {}
        for name in NAMES:
            value = getattr(self, name.lower())
            if isinstance(value, bool):
                text = ("on" if value else "off") if name == "RATE_LIMITS" else str(int(value))
            else:
                text = str(value)
            shown[PREFIX + name] = _masked(name, text)
        return shown


def _masked(name: str, text: str) -> str:
    if name == "SECRET_KEY":
        return "****"
    password = urlsplit(text).password if name.endswith("URL") and text else None
    return text.replace(f":{password}@", ":****@") if password else text


def read_env_file(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines; blank lines and lines that begin with # are skipped."""
    values: dict[str, str] = {}
    faults = []
    if not path.exists():
        return values
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput([Fault(str(path), "is not UTF-8 text")]) from None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            faults.append(Fault(f"{path}:{number}", f"{line[:40]!r} is not a setting; expected NAME=value"))
        else:
            values[name.strip()] = value.strip().strip("\"'")
    if faults:
        raise BadInput(faults)
    return values


def load(
    environ: Mapping[str, str] | None = None, *, root: Path | None = None, demo: bool | None = None
) -> Settings:
    """Read all settings, the environment before `.env`, and refuse what cannot be right.

    Takes: `environ`, the process's when left out; `root`, the folder of `.env` and `instance`, the working
    folder when left out; `demo` overrides `SHANHUO_DEMO`.
    Refuses: `BadInput` with one fault per wrong or unknown setting.
    """
    root = root or Path.cwd()
    environ = os.environ if environ is None else environ
    given = {**read_env_file(root / ".env"), **environ}
    given = {name[len(PREFIX) :]: value for name, value in given.items() if name.startswith(PREFIX)}
    faults: list[Fault] = []
    for name in sorted(set(given) - set(NAMES)):
        faults.append(Fault(PREFIX + name, "is not a setting of this program; see .env.example"))
    reader = _Reader(given, faults)
    instance = root / "instance"
    port = reader.port()
    is_demo = reader.flag("DEMO", {"1": True, "0": False}, "0") if demo is None else demo
    bind = given.get("BIND") or "127.0.0.1"
    settings = Settings(
        instance=instance,
        database_url=reader.database("DATABASE_URL", f"sqlite:///{instance / 'shanhuo.db'}", root),
        redis_url=reader.url("REDIS_URL", "", ("redis", "rediss")),
        bind=bind,
        port=port,
        relay_url=reader.url("RELAY_URL", f"http://127.0.0.1:{port + 1}"),
        test_database_url=given.get("TEST_DATABASE_URL", ""),
        secret_key=given.get("SECRET_KEY", ""),
        public_url=reader.url("PUBLIC_URL", f"http://127.0.0.1:{port}"),
        alipay_gateway=reader.url("ALIPAY_GATEWAY", f"http://127.0.0.1:{port + 2}/gateway.do"),
        alipay_app_id=reader.digits("ALIPAY_APP_ID", SIMULATOR_APP_ID),
        alipay_seller_id=reader.digits("ALIPAY_SELLER_ID", SIMULATOR_SELLER_ID),
        alipay_private_key_file=Path(
            given.get("ALIPAY_PRIVATE_KEY_FILE") or instance / "alipay-app-private.pem"
        ),
        alipay_public_key_file=Path(given.get("ALIPAY_PUBLIC_KEY_FILE") or instance / "alipay-public.pem"),
        simulator_private_key_file=Path(
            given.get("SIMULATOR_PRIVATE_KEY_FILE") or instance / "simulator-private.pem"
        ),
        rate_limits=reader.flag("RATE_LIMITS", {"on": True, "off": False}, "on"),
        locale=reader.choice("LOCALE", ("zh_CN", "en")),
        demo=is_demo,
    )
    if settings.demo and not _is_loopback(bind):
        faults.append(
            Fault("SHANHUO_BIND", f"is {bind}; demo accounts may only be served on a loopback address")
        )
    if not settings.rate_limits and not settings.demo:
        faults.append(
            Fault("SHANHUO_RATE_LIMITS", "is off; that is allowed only together with SHANHUO_DEMO=1")
        )
    if settings.secret_key and len(settings.secret_key) < 32:
        faults.append(Fault("SHANHUO_SECRET_KEY", "is shorter than 32 characters"))
    if faults:
        raise BadInput(faults)
    return settings


def make_secret_key(settings: Settings) -> str:
    """Give the secret that signs browser sessions, made once under the instance folder when not set."""
    if settings.secret_key:
        return settings.secret_key
    settings.instance.mkdir(parents=True, exist_ok=True)
    path = settings.instance / "secret-key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return path.read_text()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Reader:
    """Turns texts into typed settings and collects what is wrong with them."""

    def __init__(self, given: Mapping[str, str], faults: list[Fault]) -> None:
        self.given = given
        self.faults = faults

    def _fault(self, name: str, what: str) -> None:
        self.faults.append(Fault(PREFIX + name, what))

    def port(self) -> int:
        text = self.given.get("PORT") or "8321"
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 65_533:
            self._fault("PORT", f"is {text!r}; expected a whole number from 1 to 65533")
            return 8321
        return int(text)

    def flag(self, name: str, words: Mapping[str, bool], default: str) -> bool:
        text = self.given.get(name) or default
        if text not in words:
            self._fault(name, f"is {text!r}; expected {' or '.join(words)}")
            return words[default]
        return words[text]

    def choice(self, name: str, words: tuple[str, ...]) -> str:
        text = self.given.get(name) or words[0]
        if text not in words:
            self._fault(name, f"is {text!r}; expected {' or '.join(words)}")
            return words[0]
        return text

    def url(self, name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        text = (self.given.get(name) or default).rstrip("/")
        if text and (urlsplit(text).scheme not in schemes or not urlsplit(text).netloc):
            self._fault(name, f"is {text!r}; expected an address that begins with {schemes[0]}://")
        return text

    def digits(self, name: str, default: str) -> str:
        text = self.given.get(name) or default
        if not (text.isascii() and text.isdigit() and len(text) == 16):
            self._fault(name, f"is {text!r}; expected 16 digits")
        return text

    def database(self, name: str, default: str, root: Path) -> str:
        text = self.given.get(name) or default
        if text.startswith("postgresql://"):
            text = "postgresql+psycopg://" + text.removeprefix("postgresql://")
        if text.startswith("sqlite:///"):
            path = text.removeprefix("sqlite:///")
            return f"sqlite:///{root / path}"
        if not text.startswith("postgresql+psycopg://"):
            self._fault(name, "expected sqlite:///FILE or postgresql+psycopg://…")
        return text
