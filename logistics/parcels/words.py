"""The spoken names of parcel states, with the tone of their badge."""

from county.errors import N_
from logistics.parcels.types import Direction, ParcelState

PARCEL_STATES: dict[ParcelState, tuple[str, str]] = {
    ParcelState.PENDING: (N_("Announced"), "warn"),
    ParcelState.PICKED_UP: (N_("Collected"), "today"),
    ParcelState.IN_TRANSIT: (N_("On its way"), "today"),
    ParcelState.OUT_FOR_DELIVERY: (N_("On the van"), "today"),
    ParcelState.READY_FOR_PICKUP: (N_("At the pick-up station"), "today"),
    ParcelState.DELIVERED: (N_("Delivered"), "good"),
    ParcelState.ON_HOLD: (N_("Held back"), "bad"),
    ParcelState.DELIVERY_FAILED: (N_("Nobody could take it"), "bad"),
    ParcelState.RETURN_TO_SENDER: (N_("Goes back"), "bad"),
    ParcelState.CANCELLED: (N_("Cancelled"), ""),
    ParcelState.UNKNOWN: (N_("Not known"), "warn"),
}
DIRECTIONS: dict[Direction, str] = {
    Direction.IN: N_("Into the county"),
    Direction.OUT: N_("Out of the county"),
}
