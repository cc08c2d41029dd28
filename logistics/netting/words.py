"""The spoken names of period states."""

from county.errors import N_
from logistics.netting.types import PeriodState

PERIOD_STATES: dict[PeriodState, tuple[str, str]] = {
    PeriodState.OPEN: (N_("Being computed"), "warn"),
    PeriodState.RECONCILED: (N_("Computed, not closed"), "today"),
    PeriodState.CLOSED: (N_("Closed"), "good"),
}
