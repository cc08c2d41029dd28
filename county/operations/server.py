"""The web process: granian with worker threads, tied together so that no worker outlives the main process."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from county import room
from county.operations import leash

THREADS = 8
KILL_WORKERS_AFTER_S = 3


def default_workers(database_url: str) -> int:
    """Say how many worker processes serve by default: one on SQLite (one writer), else one per core."""
    return 1 if database_url.startswith("sqlite") else os.cpu_count() or 1


def serve(*, application: str, host: str, port: int, workers: int, threads: int) -> None:
    """Serve a WSGI application until SIGINT or SIGTERM.

    Takes: `application`, the `module:attribute` of a function that makes it; called in each worker.
    """
    server = Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_WORKERS_AFTER_S,
    )
    server.serve(target_loader=partial(_make_in_worker, application, os.getpid()), wrap_loader=False)


def _make_in_worker(application: str, main: int) -> Any:
    # After kill -9 of the main process granian's worker would go on answering and a restart bind beside it.
    leash.die_with(main)
    make: Callable[[], Any] = room.load(application)
    return make()
