"""The spoken names of session states, with the tone of their badge."""

from county.errors import N_
from livestream.sessions.types import SessionState

SESSION_STATES: dict[SessionState, tuple[str, str]] = {
    SessionState.REQUESTED: (N_("Asked for"), "warn"),
    SessionState.CONFIRMED: (N_("Confirmed"), "good"),
    SessionState.LIVE: (N_("On air"), "today"),
    SessionState.ENDED: (N_("Over"), ""),
    SessionState.CANCELLED: (N_("Cancelled"), ""),
}
