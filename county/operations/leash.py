"""Tie a process to its parent: when the parent ends, however it ends, the process ends too.

Run as a script it ties itself and then becomes another program: `python leash.py PARENT_PID PROGRAM WORD…`.
It imports nothing of the house, so that it starts in a few milliseconds.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; without effect where the kernel cannot.

    Takes: `parent`, the process id that the caller of this process had, to notice that it is gone already.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def run_until_parent_closes(words: list[str]) -> int:
    """Run a program, pass SIGTERM on, and stop it when standard input closes (where there is no prctl)."""
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        sys.stdin.buffer.read()
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()

    threading.Thread(target=watch, daemon=True).start()
    return child.wait()


def main(arguments: list[str]) -> None:
    """Tie this process to the parent named first, then become the program named after it."""
    parent, words = int(arguments[0]), arguments[1:]
    if sys.platform != "linux":
        sys.exit(run_until_parent_closes(words))
    die_with(parent)
    os.execvp(words[0], words)


if __name__ == "__main__":
    main(sys.argv[1:])
