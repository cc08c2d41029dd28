"""The spoken names of statement states and reasons."""

from county.errors import N_
from logistics.settlements.types import StatementState

STATEMENT_STATES: dict[StatementState, tuple[str, str]] = {
    StatementState.UPLOADED: (N_("Being read"), "warn"),
    StatementState.RECONCILED: (N_("Read, please decide"), "today"),
    StatementState.FAILED: (N_("Cannot be read"), "bad"),
    StatementState.AGREED: (N_("Agreed"), "good"),
}
REASONS: dict[str, str] = {
    "unknown_waybill": N_("Not our waybill"),
    "out_of_period": N_("Picked up in another month"),
    "lost": N_("Charged although lost"),
    "returned": N_("The way back was charged"),
    "duplicate": N_("Charged twice"),
    "weight": N_("Other weight"),
    "zone": N_("Other zone"),
    "rate": N_("Other rate"),
    "not_billed": N_("Not on the statement"),
    "cod": N_("Cash on delivery differs"),
}
