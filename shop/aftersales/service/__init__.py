"""Use cases of aftersales, the only way in from other features.

A folder: opening, deciding, addresses, sending back, liability, its evidence, warning, reading: eight ideas.
"""

from shop.aftersales.service.addresses import find_return_address
from shop.aftersales.service.deciding import appeal, approve, list_due, refuse, retry, run_due, withdraw
from shop.aftersales.service.liability import (
    decide_liability,
    effect_of,
    judge,
    list_couriers_words,
    refund_done,
    refund_refused,
)
from shop.aftersales.service.opening import expect_claim, list_choices, open_claim, usual_pieces
from shop.aftersales.service.reading import (
    find_lot_no,
    find_parcel_no,
    find_sight,
    get_file,
    get_lot_rate,
    has_open_claim,
    list_claims,
    list_lot_claims,
    list_lot_rates,
    names_of,
)
from shop.aftersales.service.returning import dispute, receive, send_back
from shop.aftersales.service.telling import written
from shop.aftersales.service.waiting import ClaimTasks
from shop.aftersales.service.warning import (
    may_claim,
    recall_lot,
    stop_lot,
    tell_mishap,
    tell_mistake,
    warn_lot,
)

__all__ = [
    "ClaimTasks",
    "appeal",
    "approve",
    "decide_liability",
    "dispute",
    "effect_of",
    "expect_claim",
    "find_lot_no",
    "find_parcel_no",
    "find_return_address",
    "find_sight",
    "get_file",
    "get_lot_rate",
    "has_open_claim",
    "judge",
    "list_choices",
    "list_claims",
    "list_couriers_words",
    "list_due",
    "list_lot_claims",
    "list_lot_rates",
    "may_claim",
    "names_of",
    "open_claim",
    "recall_lot",
    "receive",
    "refund_done",
    "refund_refused",
    "refuse",
    "retry",
    "run_due",
    "send_back",
    "stop_lot",
    "tell_mishap",
    "tell_mistake",
    "usual_pieces",
    "warn_lot",
    "withdraw",
    "written",
]
