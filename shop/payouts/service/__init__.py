"""Payouts' use cases, the only way in from other features.

A folder: the questions this feature asks of others, the release, the settlement at Alipay, and its fees.
"""

from shop.payouts.service.fees import record_fee
from shop.payouts.service.releasing import grower_money, release_order
from shop.payouts.service.settling import (
    advance,
    count_stuck,
    find_settlement,
    instruction_done,
    instruction_refused,
    is_ours,
    list_stuck,
    list_unsettled,
    retry_settlement,
    whereabouts,
)
from shop.payouts.service.tasks import MoneyTasks
from shop.payouts.service.wires import find_paid_out, wire_claims, wire_paid_out, wire_payees

__all__ = [
    "MoneyTasks",
    "advance",
    "count_stuck",
    "find_paid_out",
    "find_settlement",
    "grower_money",
    "instruction_done",
    "instruction_refused",
    "is_ours",
    "list_stuck",
    "list_unsettled",
    "record_fee",
    "release_order",
    "retry_settlement",
    "whereabouts",
    "wire_claims",
    "wire_paid_out",
    "wire_payees",
]
