#!/usr/bin/env python3
"""Start Shanhuo on a machine that has only Python: make ./.venv from the lock, then hand over to it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (older Pythons are what this line is for)
    sys.exit(f"Shanhuo needs Python 3.11 or newer; this is {sys.version.split()[0]}.")

import configparser
import hashlib
import os
import shutil
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "made-from"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# pip's settings under the names that uv gives them: uv reads neither pip.conf nor PIP_*.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def main(arguments: list[str]) -> None:
    """Make the environment when the lock asks for it, then become the asked command."""
    make_environment()
    command, rest = (arguments[0], arguments[1:]) if arguments else ("demo", [])
    if command in ("demo", "test", "check", "bench"):
        os.chdir(ROOT)
    become = {
        "test": tests(rest),
        "check": ["-m", "tests.house", *rest],
        "bench": ["-m", "benchmarks", *rest],
    }
    words = become.get(command, [str(ROOT / "app.py"), command, *rest])
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), *words])


def tests(arguments: list[str]) -> list[str]:
    """Give the words that run pytest; under CI=true a skipped test is a failure."""
    words = ["-m", "pytest"]
    if os.environ.get("CI") == "true":
        words += ["-p", "tests.house.nothing_skipped"]
    elif not any(map(shutil.which, CHROMIUMS)):
        print("No Chromium is installed: the browser tests will be skipped.", flush=True)
    if not arguments and (cores := os.cpu_count() or 1) > 1:
        # One worker more than cores: browsers and programs are waited for. tests/conftest.py says the order.
        words += ["-n", str(min(cores + 1, 4)), "--dist", "loadfile", "--no-loadscope-reorder"]
    return words + arguments


def make_environment() -> None:
    """Make ./.venv hold exactly the lock; a build that was killed is thrown away and begun again."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    wanted = f"{digest} Python {sys.version_info[0]}.{sys.version_info[1]}\n"
    if is_made(wanted):
        return
    lock = os.open(ROOT, os.O_RDONLY) if os.name != "nt" else None
    if lock is not None:
        import fcntl

        # The installer inherits the lock: if we are killed, it keeps the next one waiting until it has ended.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_made(wanted):
            return
    print("Making ./.venv from requirements.lock; this takes a minute the first time.", flush=True)
    uv = shutil.which("uv")
    STAMP.unlink(missing_ok=True)
    try:
        venv.EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=uv is None).create(VENV)
    except subprocess.CalledProcessError:
        sys.exit(
            "This Python cannot make environments with pip: install uv or your system's python3-venv package."
        )
    install(uv, () if lock is None else (lock,))
    beside = STAMP.with_suffix(".new")
    beside.write_text(wanted)
    beside.replace(STAMP)


def is_made(wanted: str) -> bool:
    """Tell whether the environment was finished from this lock by this Python."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted


def install(uv: str | None, keep_open: tuple[int, ...]) -> None:
    """Install the locked packages with uv, or with pip where there is no uv for this machine."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    if uv is None and subprocess.call([*pip, "install", "--quiet", "uv"], pass_fds=keep_open) == 0:
        uv = str(PROGRAMS / "uv")
    if uv:
        words = [uv, "pip", "sync", "--quiet", "--python", str(PYTHON), str(LOCK)]
    else:
        words = [*pip, "install", "--quiet", "--no-compile", "--no-deps", "--require-hashes", "-r", str(LOCK)]
    if subprocess.call(words, pass_fds=keep_open, env=os.environ | uv_settings()) != 0:
        sys.exit(
            "The locked packages could not be installed; the lines above say why. Nothing was left half done."
        )


def uv_settings() -> dict[str, str]:
    """Say pip's mirror settings in uv's words, unless uv has settings of its own."""
    if any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX", "UV_FIND_LINKS")) for name in os.environ):
        return {}
    home = Path.home()
    files = ["/etc/pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    parser = configparser.RawConfigParser()
    parser.read([*files, os.environ.get("PIP_CONFIG_FILE", "")], encoding="utf-8")
    found = {}
    for name, uv_name in PIP_TO_UV.items():
        said = next(
            (parser[part][name] for part in ("install", "global") if parser.has_option(part, name)), ""
        )
        text = os.environ.get("PIP_" + name.upper().replace("-", "_"), said)
        if text and uv_name not in os.environ:
            found[uv_name] = (",".join if name == "find-links" else " ".join)(text.split())
    if "UV_INDEX" in found:
        # pip takes the best version of all its indexes; the hashes of the lock guard what comes.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
