"""Which state a parcel is in after its events, whatever the order in which they came."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from logistics.parcels.types import ParcelState
from logistics.tracking.types import Cause, EventKind, Mishap, Reason, TrackingEvent

STATES: dict[EventKind, ParcelState] = {
    EventKind.TAKEN_IN: ParcelState.PENDING,
    EventKind.COLLECTED_FROM_SENDER: ParcelState.PICKED_UP,
    EventKind.HUB_IN: ParcelState.IN_TRANSIT,
    EventKind.LOADED: ParcelState.OUT_FOR_DELIVERY,
    EventKind.LINEHAUL_DEPARTED: ParcelState.IN_TRANSIT,
    EventKind.LINEHAUL_ARRIVED: ParcelState.IN_TRANSIT,
    EventKind.OUT_FOR_DELIVERY: ParcelState.OUT_FOR_DELIVERY,
    EventKind.ARRIVED_AT_STATION: ParcelState.READY_FOR_PICKUP,
    EventKind.COLLECTED: ParcelState.DELIVERED,
    EventKind.DELIVERY_FAILED: ParcelState.DELIVERY_FAILED,
    EventKind.REFUSED: ParcelState.DELIVERY_FAILED,
    EventKind.RETURNED: ParcelState.RETURN_TO_SENDER,
    EventKind.ON_HOLD: ParcelState.ON_HOLD,
}
# Events at the same instant are read in this order, so that every order of arrival ends alike.
_ORDER = {kind: rank for rank, kind in enumerate(EventKind)}
_CAUSES = {cause: rank for rank, cause in enumerate(Cause)}
# These say nothing of where a parcel is: told to be lost, it stays lost. All others are a sign of it.
_NO_SIGN = (EventKind.TAKEN_IN, EventKind.ON_HOLD)
# Nothing that happened before changes a parcel that reached its end; only a return does.
_ENDS = (EventKind.COLLECTED, EventKind.RETURNED)
# Whoever takes back what was told says why, in so many characters at most.
MISTAKE_MAX = 200


def state_after(events: Iterable[tuple[datetime, EventKind]]) -> tuple[ParcelState, datetime | None]:
    """Give the state after all events, sorted by when they happened, and since when the parcel is in it.

    Gives: pending since None when nothing happened yet; repeated events change nothing.
    Source: LOGISTICS.md §3: repeated, late and out-of-order pushes end as the sorted replay does.
    """
    state, since_at, ended = ParcelState.PENDING, None, False
    for at, kind in sorted(set(events), key=lambda event: (event[0], _ORDER[event[1]])):
        if ended and kind is not EventKind.RETURNED:
            continue
        if since_at is None or STATES[kind] is not state:
            since_at = at
        state, ended = STATES[kind], kind in _ENDS
    return state, since_at


def ended_at(events: Iterable[TrackingEvent]) -> datetime | None:
    """Give when a parcel reached its end, its consignee or its sender; None while it is on its way."""
    return min((event.at for event in events if event.kind in _ENDS), default=None)


def mishaps_of(events: Collection[TrackingEvent]) -> list[Mishap]:
    """Give what stands of damage and loss after all events, in whatever order they came; a loss first.

    Damage stays; a parcel is lost until a later event is a sign of it. What was told by mistake, and what is
    told of the time after the parcel reached its end, says nothing. The earliest report whose cause is said
    says the cause.
    """
    end_at = ended_at(events)
    found: dict[Reason, list[TrackingEvent]] = {Reason.LOST: [], Reason.DAMAGED: []}
    for event in sorted(events, key=_reading_order):
        if event.mistake or (end_at is not None and event.at > end_at):
            continue
        if event.reason is not Reason.UNSAID:
            found[event.reason].append(event)
        elif event.kind not in _NO_SIGN:
            found[Reason.LOST].clear()
    return [_mishap(reason, reports) for reason, reports in found.items() if reports]


def _reading_order(event: TrackingEvent) -> tuple[datetime, bool, int, int]:
    """Read what ends a parcel's way last within an instant: what is delivered then is not lost."""
    return event.at, event.kind in _ENDS, _ORDER[event.kind], _CAUSES[event.cause]


def _mishap(reason: Reason, reports: Sequence[TrackingEvent]) -> Mishap:
    said = [each.cause for each in reports if each.cause is not Cause.UNSAID]
    return Mishap(reason, said[0] if said else Cause.UNSAID, reports[0].at)


def mishap_of(events: Collection[TrackingEvent]) -> Mishap | None:
    """Give whether a parcel is damaged or lost after all its events; a lost one is lost, damaged or not."""
    return next(iter(mishaps_of(events)), None)


def last_sign(events: Iterable[tuple[datetime, EventKind]]) -> EventKind | None:
    """Give the last event that says where a parcel is; None when nothing does."""
    signs = [event for event in events if event[1] not in _NO_SIGN]
    return max(signs, key=lambda event: (event[0], _ORDER[event[1]]))[1] if signs else None
