"""Payments' use cases, the only way in from other features.

A folder: what the process is wired to, opening and closing, what we are told, and what we tell the provider.
"""

from county.payments.service.instructing import (
    begin_instruction,
    close_instruction,
    find_instruction,
    list_instructions,
    list_suspense,
    open_confirmation,
    open_refund,
    open_split,
    open_suspense_refund,
    open_transfer,
)
from county.payments.service.opening import (
    close_payment,
    find_payment,
    find_return,
    get_group,
    get_payment,
    open_payment,
    start_page_pay,
    take_late,
)
from county.payments.service.receiving import (
    NoticeEffect,
    count_notices,
    list_due_asks,
    note_ask,
    record_notice,
    record_query,
)
from county.payments.service.wires import provider, wire_provider, wire_receiver

__all__ = [
    "NoticeEffect",
    "begin_instruction",
    "close_instruction",
    "close_payment",
    "count_notices",
    "find_instruction",
    "find_payment",
    "find_return",
    "get_group",
    "get_payment",
    "list_due_asks",
    "list_instructions",
    "list_suspense",
    "note_ask",
    "open_confirmation",
    "open_payment",
    "open_refund",
    "open_split",
    "open_suspense_refund",
    "open_transfer",
    "provider",
    "record_notice",
    "record_query",
    "start_page_pay",
    "take_late",
    "wire_provider",
    "wire_receiver",
]
