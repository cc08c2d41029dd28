"""Rings the bells while we lead; what a bell does is somebody else's."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from county import clock, database
from county.jobs import rules
from county.jobs import service as jobs
from county.room import Bell, load

_log = logging.getLogger("shanhuo.clerk")
# The county's clock may be moved (demo), so daily bells are looked at often instead of being set to a time.
DAILY_LOOK_S = 5
# A daily bell that failed rings again after this pause.
AGAIN_AFTER_S = 60


class Bells:
    """The recurring bells of one clerk: a fresh scheduler each time it begins to lead."""

    def __init__(self, bells: Sequence[Bell], *, leads: Callable[[], bool]) -> None:
        self._bells = tuple(bells)
        self._leads = leads
        self._scheduler: BackgroundScheduler | None = None
        self._busy = {bell.name: Lock() for bell in bells}
        self._again_at_s: dict[str, float] = {}
        for bell in bells:
            if (bell.every_s is None) == (bell.daily_at is None):
                raise ValueError(f"bell {bell.name} needs exactly one of every_s and daily_at")

    def start(self) -> None:
        """Ring each bell that is due now, and then again and again."""
        scheduler = BackgroundScheduler(timezone=UTC)
        settings = {
            "misfire_grace_time": None,
            "coalesce": True,
            "max_instances": 1,
            "replace_existing": True,
        }
        for bell in self._bells:
            trigger = IntervalTrigger(seconds=bell.every_s or DAILY_LOOK_S, timezone=UTC)
            scheduler.add_job(self.ring, trigger, id=bell.name, args=[bell], **settings)
            # An interval begins with a pause: what fell due while nobody led is swept now.
            scheduler.add_job(self.ring, id=f"{bell.name} at start", args=[bell], **settings)
        scheduler.start()
        self._scheduler = scheduler

    def stop(self, *, wait: bool) -> None:
        """Ring no more; `wait` for bells that are being rung."""
        if self._scheduler is not None:
            scheduler, self._scheduler = self._scheduler, None
            scheduler.shutdown(wait=wait)

    def ring(self, bell: Bell) -> None:
        """Do what a bell does if we lead, it is due, and it is not being rung already."""
        if not self._busy[bell.name].acquire(blocking=False):
            return
        try:
            if self._leads():
                self._ring(bell)
        except Exception:  # noqa: BLE001 - one bell that fails must not silence the others
            _log.exception("bell %s failed", bell.name)
            self._again_at_s[bell.name] = clock.monotonic_s() + AGAIN_AFTER_S
        finally:
            self._busy[bell.name].release()

    def _ring(self, bell: Bell) -> None:
        now = clock.now()
        if bell.daily_at is None:
            load(bell.does)(now)
        elif clock.monotonic_s() >= self._again_at_s.get(bell.name, 0):
            self._ring_daily(bell, bell.daily_at, now)

    def _ring_daily(self, bell: Bell, daily_at: str, now: datetime) -> None:
        on = rules.last_ring_on(daily_at=daily_at, now=now)
        with database.reading() as db:
            if jobs.was_rung(db, bell=bell.name, on=on):
                return
        load(bell.does)(now)
        # Afterwards: a bell that dies on the way rings again, and what it does may be done twice.
        database.in_transaction(lambda db: jobs.remember_ring(db, bell=bell.name, on=on, now=now))
