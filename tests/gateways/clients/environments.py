"""Makes the environments of the two clients that cannot live in ours, once, under `.clients/`.

`python -m tests.gateways.clients.environments` makes both; the tests make what is missing. The locks pin
every package by its hash; where packages come from is the user's own setting of pip, uv and npm.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import run

HERE = Path(__file__).resolve().parent
CACHE = run.ROOT / ".clients"
PATIENCE_S = 600


class CannotMake(Exception):
    """A client's environment cannot be made here; the message says why."""


def python_alipay() -> list[str]:
    """Give the words that run the speaker of python-alipay-sdk in its own environment.

    Refuses: `CannotMake`, without a network for example.
    """
    folder, lock = CACHE / "python", HERE / "python/requirements.lock"
    python = folder / "bin/python"

    def make() -> None:
        venv.EnvBuilder(clear=True, symlinks=True, with_pip=False).create(folder)
        uv = shutil.which("uv") or shutil.which("uv", path=str(run.PROGRAMS))
        if uv:
            words = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock)]
        else:
            words = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
            words += ["install", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock)]
        _do(words, run.ROOT)

    _make_once(folder, f"{_digest(lock)} Python {platform.python_version()}", make)
    return [str(python), str(HERE / "speaks_python_alipay.py")]


def node_alipay() -> list[str]:
    """Give the words that run the speaker of Node's alipay-sdk with its own node_modules.

    Refuses: `CannotMake`, without Node or a network for example.
    """
    folder, node, npm = CACHE / "node", shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise CannotMake("node or npm is not installed")
    files = [HERE / "node/package.json", HERE / "node/package-lock.json"]

    def make() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        words = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        # Who has no network should hear it soon; the check of a change rather tries again.
        _do(words if os.environ.get("CI") else [*words, "--fetch-retries=0"], folder)

    _make_once(folder, _digest(*files), make)
    return [node, str(HERE / "speaks_node_alipay.mjs"), str(folder)]


def _make_once(folder: Path, wanted: str, make: Callable[[], None]) -> None:
    """Make an environment unless it is there, finished, from exactly this; one maker at a time."""
    stamp = folder / "made-from"
    with _only_one(folder.name):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        make()
        stamp.write_text(wanted)


@contextmanager
def _only_one(name: str) -> Iterator[None]:
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _do(words: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env=os.environ | run.uv_settings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMake(str(error)) from None
    if done.returncode:
        raise CannotMake(f"{Path(words[0]).name} said: {(done.stdout + done.stderr).strip()[-500:]}")


def main() -> None:
    """Make both, or end with the reason why not."""
    try:
        python_alipay()
        node_alipay()
    except CannotMake as error:
        sys.exit(f"A client's environment cannot be made: {error}")


if __name__ == "__main__":
    main()
