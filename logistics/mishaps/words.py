"""The spoken names of what can befall a parcel, and of whose side it lies on."""

from county.errors import N_
from logistics.tracking.types import Cause, Reason

REASONS = {
    Reason.DAMAGED: N_("It is damaged"),
    Reason.LOST: N_("It cannot be found"),
}
CAUSES = {
    Cause.UNSAID: N_("I do not know"),
    Cause.SHIPPER: N_("Packed too weakly"),
    Cause.CARRIER: N_("The courier's handling"),
    Cause.WEATHER: N_("Rain, snow, flood"),
    Cause.CONSIGNEE: N_("The consignee"),
}
