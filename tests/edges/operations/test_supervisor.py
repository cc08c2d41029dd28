"""The supervisor starts, restarts and stops its programs, and none outlives it, however it dies."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from county import clock
from county.errors import BadInput
from county.operations import ports

HERE = Path(__file__).parent
STAND_IN = HERE / "stand_in.py"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(fact: Callable[[], bool], what: str, within_s: float = 20.0) -> None:
    until_s = clock.monotonic_s() + within_s
    while not fact():
        assert clock.monotonic_s() < until_s, f"waited {within_s} s in vain: {what}"
        threading.Event().wait(0.02)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def answer_of(port: int) -> int | None:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
            return int(answer.read())
    except OSError:
        return None


class Run:
    """A supervisor in a process of its own and the lines it said."""

    def __init__(self, words: list[str]) -> None:
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def said(self, pattern: str) -> re.Match[str]:
        def found() -> re.Match[str] | None:
            return next((m for line in list(self.lines) if (m := re.search(pattern, line))), None)

        wait_for(lambda: found() is not None, f"{pattern!r} in {self.lines}")
        match = found()
        assert match is not None
        return match


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start(*programs: str) -> Run:
        run = Run([sys.executable, str(HERE / "supervise.py"), str(tmp_path / "logs"), *programs])
        runs.append(run)
        return run

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_stops_everything_and_ends_with_0(
    supervise: Callable[..., Run], end: signal.Signals
) -> None:
    port = free_port()
    run = supervise(f"web={STAND_IN} serve {port}@http://127.0.0.1:{port}/", f"clerk={STAND_IN} serve 0")
    pids = [int(pid) for pid in re.findall(r"\d+", run.said(r"^up \{(.*)\} late \[\]")[1])]

    run.process.send_signal(end)

    assert run.process.wait(timeout=10) == 0
    assert run.lines[-1] == "Stopping."
    assert len(pids) == 2
    assert [pid for pid in pids if is_running(pid)] == []


def test_killed_outright_it_leaves_no_program_behind(supervise: Callable[..., Run], tmp_path: Path) -> None:
    port = free_port()
    run = supervise(
        f"web={HERE / 'granian_main.py'} {port}@http://127.0.0.1:{port}/",
        f"clerk={STAND_IN} stubborn {tmp_path / 'stubborn'}",
    )
    pids = [int(pid) for pid in re.findall(r"\d+", run.said(r"^up \{(.*)\} late \[\]")[1])]
    worker = answer_of(port)
    assert worker is not None and worker not in pids

    run.process.kill()
    run.process.wait()

    wait_for(lambda: not any(is_running(pid) for pid in [*pids, worker]), f"the end of {pids} and {worker}")
    # The kernel closes a killed program's sockets after it has gone from the list.
    wait_for(lambda: ports.is_free("127.0.0.1", port), f"port {port} to be free")


def test_a_program_that_ignores_the_request_is_killed(supervise: Callable[..., Run], tmp_path: Path) -> None:
    run = supervise(f"clerk={STAND_IN} stubborn {tmp_path / 'stubborn'}")
    wait_for((tmp_path / "stubborn").exists, "the stubborn program")
    wait_for(lambda: (tmp_path / "stubborn").read_text() != "", "its process id")
    pid = int((tmp_path / "stubborn").read_text())

    run.process.terminate()

    assert run.process.wait(timeout=15) == 0
    assert not is_running(pid)


def test_a_program_that_dies_is_started_again_with_growing_pauses(
    supervise: Callable[..., Run], tmp_path: Path
) -> None:
    run = supervise(f"clerk={STAND_IN} die {tmp_path / 'died'}")

    run.said(r"^clerk ended \(exit code 3\); starting it again in 0.5 s. It said last: the cupboard is bare$")
    run.said(r"^clerk ended \(exit code 3\); starting it again in 1 s.")
    run.said(r"^clerk ended \(exit code 3\); starting it again in 2 s.")

    assert len(set((tmp_path / "died").read_text().split())) == 3


def test_a_web_server_killed_outright_is_replaced_and_its_worker_gone(supervise: Callable[..., Run]) -> None:
    port = free_port()
    run = supervise(f"web={HERE / 'granian_main.py'} {port}@http://127.0.0.1:{port}/")
    main = int(run.said(r"^up \{'web': (\d+)\} late \[\]")[1])
    worker = answer_of(port)
    assert worker is not None

    os.kill(main, signal.SIGKILL)

    run.said(r"^web ended \(killed by SIGKILL\); starting it again in 0.5 s.")
    wait_for(lambda: answer_of(port) not in (None, worker), "a new worker")
    assert not is_running(worker)


def test_a_leash_whose_parent_is_gone_starts_nothing(tmp_path: Path) -> None:
    leash = HERE.parents[2] / "county" / "operations" / "leash.py"
    words = [sys.executable, str(leash), "1", sys.executable, str(STAND_IN), "die", str(tmp_path / "died")]

    code = subprocess.run(words, check=False).returncode

    assert code == -signal.SIGKILL
    assert not (tmp_path / "died").exists()


def test_busy_ports_are_named_in_one_sentence() -> None:
    with socket.socket() as first, socket.socket() as second:
        for each in (first, second):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            each.bind(("127.0.0.1", 0))
            each.listen()
        web, relay, free = first.getsockname()[1], second.getsockname()[1], free_port()

        with pytest.raises(BadInput) as refusal:
            ports.require_free("127.0.0.1", {"web": web, "relay": relay, "simulator": free})

    assert [str(fault) for fault in refusal.value.faults] == [
        f"SHANHUO_PORT: ports {web} (web), {relay} (relay) on 127.0.0.1 are in use; "
        "stop what runs there or choose another number"
    ]


def test_without_prctl_a_program_ends_when_its_parent_closes_the_pipe(tmp_path: Path) -> None:
    code = (
        "import sys; from county.operations import leash; "
        "sys.exit(leash.run_until_parent_closes(sys.argv[1:]))"
    )
    port = free_port()
    words = [sys.executable, "-c", code, sys.executable, str(STAND_IN), "serve", str(port)]
    leash = subprocess.Popen(words, stdin=subprocess.PIPE, cwd=HERE.parents[2])
    wait_for(lambda: answer_of(port) is not None, "the program")
    pid = answer_of(port)
    assert pid is not None

    assert leash.stdin is not None
    leash.stdin.close()

    assert leash.wait(timeout=10) == -signal.SIGTERM % 256
    assert not is_running(pid)
