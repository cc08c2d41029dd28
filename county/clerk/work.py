"""The clerk at work: keeps the leader's lock, the bells and the threads that do due jobs."""

import logging
from collections.abc import Sequence
from threading import Event, Thread

from county import clock
from county.clerk.bells import Bells
from county.clerk.leader import LeaderLock
from county.jobs import service as jobs
from county.jobs import worker
from county.room import Bell

_log = logging.getLogger("shanhuo.clerk")
LOOK_EVERY_S = 0.3
LOCK_EVERY_S = 1.0
RENEW_EVERY_S = 60.0
AFTER_TROUBLE_S = 2.0
OUTSIDE_THREADS = 3
STOP_WITHIN_S = 4.0


class Clerk:
    """One clerk process; `stop` ends `run` from any thread or signal handler."""

    def __init__(self, bells: Sequence[Bell], *, lock: LeaderLock) -> None:
        self._lock = lock
        self._leads = Event()
        self._bells = Bells(bells, leads=self._leads.is_set)
        self._stopping = Event()

    @property
    def leads(self) -> bool:
        """Tell whether this clerk rings the bells."""
        return self._leads.is_set()

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped: do due jobs, and lead whenever nobody else does."""
        # Local and outside jobs apart: a slow bank must not keep the others waiting.
        threads = [Thread(target=self._work, args=(False,), name="local", daemon=True)]
        threads += [
            Thread(target=self._work, args=(True,), name=f"outside-{number}", daemon=True)
            for number in range(1, OUTSIDE_THREADS + 1)
        ]
        for thread in threads:
            thread.start()
        try:
            self._watch()
        finally:
            self._stop_leading(wait=False)
            self._lock.give_back()
            until_s = clock.monotonic_s() + STOP_WITHIN_S
            for thread in threads:
                thread.join(timeout=max(0.01, until_s - clock.monotonic_s()))

    def _watch(self) -> None:
        renewed_s = clock.monotonic_s()
        while not self._stopping.is_set():
            if self._leads.is_set():
                if not self._lock.is_ours():
                    _log.error("the leader's lock is lost: the bells stop at once")
                    self._stop_leading(wait=False)
            elif self._lock.take():
                _log.info("this clerk leads")
                self._leads.set()
                self._bells.start()
            if clock.monotonic_s() - renewed_s >= RENEW_EVERY_S:
                renewed_s = clock.monotonic_s()
                self._renew_leases()
            self._stopping.wait(LOCK_EVERY_S)

    def _stop_leading(self, *, wait: bool) -> None:
        self._leads.clear()
        self._bells.stop(wait=wait)

    def _renew_leases(self) -> None:
        try:
            worker.renew_leases(now=clock.now())
        except Exception:  # noqa: BLE001 - a long job may then be done twice, which every job bears
            _log.exception("the leases could not be renewed")

    def _work(self, outside: bool) -> None:
        kinds = jobs.installed_kinds(outside=outside)
        while not self._stopping.is_set():
            try:
                did = worker.work_one(kinds)
            except Exception:  # noqa: BLE001 - the database is away; the job waits where it was
                _log.exception("looking for due jobs failed")
                self._stopping.wait(AFTER_TROUBLE_S)
                continue
            if did is None:
                self._stopping.wait(LOOK_EVERY_S)
