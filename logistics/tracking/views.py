"""A parcel's way in the reader's language, for pages of this room and those above."""

from flask_babel import gettext
from sqlalchemy.orm import Session

from county.errors import N_
from county.files import service as files
from logistics.parcels import service as parcels
from logistics.tracking import service
from logistics.tracking.types import Cause, EventKind, Reason, Step, TrackingEvent

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
MISHAPS: dict[Reason, str] = {
    Reason.DAMAGED: N_("Was found damaged"),
    Reason.LOST: N_("Cannot be found"),
}
CAUSES: dict[Cause, str] = {
    Cause.CARRIER: N_("because of the courier"),
    Cause.SHIPPER: N_("because of the packing or the sender"),
    Cause.CONSIGNEE: N_("because of the consignee"),
    Cause.WEATHER: N_("because of the weather"),
}
_BAD = (EventKind.DELIVERY_FAILED, EventKind.REFUSED, EventKind.RETURNED, EventKind.ON_HOLD)


def list_steps(db: Session, *, parcel_no: str, is_staff: bool = False) -> list[Step]:
    """List a parcel's way, newest first; it begins when the parcel was taken in.

    Takes: `is_staff`, to show the notes and pictures that belong to damage and loss.
    """
    parcel = parcels.get_parcel(db, parcel_no=parcel_no)
    events = service.list_events(db, parcel_no=parcel_no)
    shown = {event.picture_id for event in events if event.picture_id and is_staff}
    pictures = {found.id: found.url() for found in files.pictures_of(db, ids=shown).values()}
    steps = [
        Step(
            at=event.at,
            what=say_event(event),
            where=event.where,
            tone="bad" if event.kind in _BAD and not event.mistake else "",
            note=_note(event) if is_staff else "",
            picture=pictures.get(event.picture_id, "") if event.picture_id else "",
        )
        for event in events
    ]
    begun = N_("Packed, waits for the van") if parcel.order_ref else SENTENCES[EventKind.TAKEN_IN]
    return [*steps, Step(parcel.taken_in_at, gettext(begun), "", "")]


def say_event(event: TrackingEvent) -> str:
    """Say in the reader's language what happened, and why when it is known."""
    what = str(gettext(MISHAPS.get(event.reason) or SENTENCES[event.kind]))
    if event.mistake:
        return str(gettext("%(what)s – this was a mistake", what=what))
    if event.cause is Cause.UNSAID:
        return what
    return str(gettext("%(what)s, %(why)s", what=what, why=gettext(CAUSES[event.cause])))


def _note(event: TrackingEvent) -> str:
    return " · ".join(each for each in (event.note, event.mistake) if each)
