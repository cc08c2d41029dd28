"""Keeps the programs of one machine running: starts them, waits, restarts what dies, stops them all."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from county import clock
from county.operations import leash

STOP_WITHIN_S = 5.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
# A program that ran this long is taken to be well again: its next restart waits the first pause only.
WELL_AFTER_S = 60.0
_LOOK_EVERY_S = 0.1
_REFUSED = 2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked for the end (Ctrl-C, SIGTERM or a closed terminal)."""


@dataclass(frozen=True)
class Program:
    """One program to keep running; `answers_at` is an address that answers once it is up."""

    name: str
    words: tuple[str, ...]
    answers_at: str = ""


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    started_s: float
    pause_s: float = FIRST_PAUSE_S
    again_at_s: float | None = None


@dataclass
class Supervisor:
    """Holds the running programs; `logs` gets one file per program, `say` takes a sentence for the user."""

    logs: Path
    environment: Mapping[str, str]
    say: Callable[[str], None]
    _running: dict[str, _Running] = field(default_factory=dict)

    def start(self, program: Program) -> None:
        """Start a program and keep it running from now on."""
        self.logs.mkdir(parents=True, exist_ok=True)
        process = self._spawn(program, "wb")
        self._running[program.name] = _Running(program, process, clock.monotonic_s())

    def run_once(self, program: Program) -> int:
        """Run a program to its end and give its exit code; it shares this process's output."""
        process = self._popen(program, None)
        self._running[program.name] = _Running(program, process, clock.monotonic_s())
        code = process.wait()
        del self._running[program.name]
        return code

    def wait_until_up(self, *, within_s: float) -> list[str]:
        """Wait until every program with an address answers; give the names of those that did not.

        A program that ends meanwhile because its configuration is wrong ends the waiting at once.
        """
        until_s = clock.monotonic_s() + within_s
        waiting = [each for each in self._running.values() if each.program.answers_at]
        while waiting and clock.monotonic_s() < until_s:
            refused = [name for name, each in self._running.items() if each.process.poll() == _REFUSED]
            if refused:
                return refused
            self.look_after()
            waiting = [each for each in waiting if not answers(each.program.answers_at)]
            if waiting:
                threading.Event().wait(_LOOK_EVERY_S)
        return [each.program.name for each in waiting]

    def look_after(self) -> None:
        """Notice the programs that died and start them again, each after a pause that doubles."""
        now_s = clock.monotonic_s()
        for each in self._running.values():
            if each.again_at_s is None and each.process.poll() is not None:
                self._plan_restart(each, now_s)
            if each.again_at_s is not None and now_s >= each.again_at_s:
                each.process = self._spawn(each.program, "ab")
                each.started_s, each.again_at_s = now_s, None

    def watch(self) -> None:
        """Look after the programs until somebody asks for the end."""
        while True:
            self.look_after()
            threading.Event().wait(_LOOK_EVERY_S)

    def stop(self) -> None:
        """End every program: ask, wait a few seconds together, then kill what is left of their groups."""
        for each in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                each.process.terminate()
        until_s = clock.monotonic_s() + STOP_WITHIN_S
        for each in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.process.wait(timeout=max(0.01, until_s - clock.monotonic_s()))
        for each in self._running.values():
            self._kill_group(each.process)
            each.process.wait()
        self._running.clear()

    def processes(self) -> dict[str, int]:
        """Give the process id of each program by name."""
        return {name: each.process.pid for name, each in self._running.items()}

    def _plan_restart(self, each: _Running, now_s: float) -> None:
        self._kill_group(each.process)
        if now_s - each.started_s >= WELL_AFTER_S:
            each.pause_s = FIRST_PAUSE_S
        each.again_at_s = now_s + each.pause_s
        last = _last_line(self.log_of(each.program))
        ended = f"{each.program.name} ended ({_how(each.process.returncode)})"
        said = f" It said last: {last}" if last else ""
        self.say(f"{ended}; starting it again in {each.pause_s:g} s.{said}")
        each.pause_s = min(each.pause_s * 2, LONGEST_PAUSE_S)

    def last_words(self, name: str) -> str:
        """Give the last line that a program said."""
        return _last_line(self.logs / f"{name}.log")

    def log_of(self, program: Program) -> Path:
        """Give the file that a program's output goes to."""
        return self.logs / f"{program.name}.log"

    def _spawn(self, program: Program, mode: str) -> subprocess.Popen[bytes]:
        with open(self.log_of(program), mode) as log:
            return self._popen(program, log.fileno())

    def _popen(self, program: Program, output: int | None) -> subprocess.Popen[bytes]:
        # A group of its own: Ctrl-C reaches only the supervisor, which then ends its programs in order.
        # The leash is tied to the thread that forks, so programs are started from the main thread only.
        return subprocess.Popen(
            [sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *program.words],
            stdin=subprocess.DEVNULL if sys.platform == "linux" else subprocess.PIPE,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            env=dict(self.environment),
            start_new_session=True,
        )

    def _kill_group(self, process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def until_stopped(supervisor: Supervisor) -> Iterator[None]:
    """End the block quietly when a signal asks for it, and stop every program after it."""

    def ask_for_end(*_: object) -> None:
        raise Stopped

    before = {each: signal.signal(each, ask_for_end) for each in _STOP_SIGNALS}
    try:
        yield
    except Stopped:
        supervisor.say("Stopping.")
    finally:
        for each in _STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        supervisor.stop()
        for each, handler in before.items():
            signal.signal(each, handler)


def answers(address: str) -> bool:
    """Tell whether a web server gives an answer of any kind but trouble of its own."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError, http.client.HTTPException):
        return False


def python(arguments: Sequence[str]) -> tuple[str, ...]:
    """Give the words that run this Python with some arguments."""
    return (sys.executable, *arguments)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
