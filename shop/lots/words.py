"""The spoken names of lot states, with the tone of their badge."""

from county.errors import N_
from shop.lots.types import LotState

LOT_STATES: dict[LotState, tuple[str, str]] = {
    LotState.OPEN: (N_("Packed from now"), "good"),
    LotState.CLOSED: (N_("Used up"), ""),
    LotState.STOPPED: (N_("Stopped"), "bad"),
}
