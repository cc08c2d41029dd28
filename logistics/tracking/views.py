"""A parcel's way in the reader's language, for pages of this room and those above."""

from flask_babel import gettext
from sqlalchemy.orm import Session

from county.errors import N_
from logistics.parcels import service as parcels
from logistics.tracking import service
from logistics.tracking.types import EventKind, Step

SENTENCES: dict[EventKind, str] = {
    EventKind.TAKEN_IN: N_("Announced by the courier"),
    EventKind.COLLECTED_FROM_SENDER: N_("Collected by the joint tour"),
    EventKind.HUB_IN: N_("Arrived at the county hub"),
    EventKind.LOADED: N_("Loaded into the van"),
    EventKind.LINEHAUL_DEPARTED: N_("Left the county"),
    EventKind.LINEHAUL_ARRIVED: N_("Arrived in your city"),
    EventKind.OUT_FOR_DELIVERY: N_("The courier is on the way to you"),
    EventKind.ARRIVED_AT_STATION: N_("Waits at the pick-up station"),
    EventKind.COLLECTED: N_("Delivered"),
    EventKind.DELIVERY_FAILED: N_("Nobody could take it"),
    EventKind.REFUSED: N_("Was refused"),
    EventKind.RETURNED: N_("Went back to the sender"),
    EventKind.ON_HOLD: N_("Is held back"),
}
_BAD = (EventKind.DELIVERY_FAILED, EventKind.REFUSED, EventKind.RETURNED, EventKind.ON_HOLD)


def list_steps(db: Session, *, parcel_no: str) -> list[Step]:
    """List a parcel's way, newest first; it begins when the parcel was taken in."""
    parcel = parcels.get_parcel(db, parcel_no=parcel_no)
    steps = [
        Step(event.at, gettext(SENTENCES[event.kind]), event.where, "bad" if event.kind in _BAD else "")
        for event in service.list_events(db, parcel_no=parcel_no)
    ]
    begun = N_("Packed, waits for the van") if parcel.order_ref else SENTENCES[EventKind.TAKEN_IN]
    return [*steps, Step(parcel.taken_in_at, gettext(begun), "", "")]
