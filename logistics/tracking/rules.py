"""Which state a parcel is in after its events, whatever the order in which they came."""

from collections.abc import Iterable
from datetime import datetime

from logistics.parcels.types import ParcelState
from logistics.tracking.types import EventKind

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
# Nothing that happened before changes a parcel that reached its end; only a return does.
_ENDS = (EventKind.COLLECTED, EventKind.RETURNED)


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
