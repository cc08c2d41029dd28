"""Which of a parcel's events decide who bears a claim, and which are only the courier's own late word."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from logistics.tracking import rules as tracking_rules
from logistics.tracking.types import Cause, EventKind, Reason, Source, TrackingEvent

ARRIVED = (EventKind.ARRIVED_AT_STATION, EventKind.COLLECTED)
# What holds a parcel up is the courier's, unless it is said to be somebody else's.
COURIERS = (Cause.UNSAID, Cause.CARRIER)


@dataclass(frozen=True)
class Evidence:
    """What decides, and what is shown as the courier's word; both newest first."""

    decides: tuple[TrackingEvent, ...]
    couriers_word: tuple[TrackingEvent, ...]


def weigh(events: Collection[TrackingEvent], *, opened_at: datetime) -> Evidence:
    """Sort a parcel's events by what they prove for a claim that was opened at an instant.

    What a courier's own file says to clear it counts when it was recorded here before delivery and claim: the
    file's own times prove nothing. What blames the courier counts whenever it comes. A mistake, and damage or
    loss told of the time after the delivery, is neither.
    """
    known = [event for event in events if event.source is not Source.FEED or event.recorded_at < opened_at]
    end_at = tracking_rules.ended_at(known)
    departed_at = min((each.at for each in events if each.kind is EventKind.LINEHAUL_DEPARTED), default=None)
    decides, word = [], []
    for event in events:
        if _is_late(event, end_at=end_at, opened_at=opened_at) and _clears(event, departed_at=departed_at):
            word.append(event)
        elif not event.mistake and not _is_after(event, end_at):
            decides.append(event)
    return Evidence(tuple(decides), tuple(word))


def _is_late(event: TrackingEvent, *, end_at: datetime | None, opened_at: datetime) -> bool:
    if event.source is not Source.FEED:
        return False
    # A delivery is told after it happened; all else can be told before.
    if end_at is None or event.kind in ARRIVED:
        return event.recorded_at >= opened_at
    return event.recorded_at >= min(end_at, opened_at)


def _clears(event: TrackingEvent, *, departed_at: datetime | None) -> bool:
    """Tell whether an event takes the blame from the courier: it came earlier, or it was somebody else."""
    if event.kind is not EventKind.ON_HOLD:
        return event.kind in (*ARRIVED, EventKind.REFUSED)
    had_it = departed_at is not None and event.at >= departed_at
    is_befallen = event.reason is not Reason.UNSAID
    return event.cause not in COURIERS or (is_befallen and event.cause is Cause.UNSAID and not had_it)


def _is_after(event: TrackingEvent, end_at: datetime | None) -> bool:
    return event.kind is EventKind.ON_HOLD and end_at is not None and event.at > end_at
