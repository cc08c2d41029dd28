"""A granian server of its own process over a tiny application: `granian_main.py PORT`."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from county.operations import server


def make() -> Callable[..., Iterable[bytes]]:
    """Make an application that answers with the id of the worker."""

    def answer(_environ: object, start_response: Callable[..., object]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]

    return answer


if __name__ == "__main__":
    server.serve(
        application="granian_main:make", host="127.0.0.1", port=int(sys.argv[1]), workers=1, threads=2
    )
