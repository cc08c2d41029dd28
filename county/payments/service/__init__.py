"""Payments' use cases, the only way in from other features.

A folder: what the process is wired to, opening and closing, what we are told, what we tell the
provider, and its daily bill.
"""

from county.payments.service.billing import (
    list_bills_read,
    list_findings,
    list_split_orders,
    list_unpaid_of,
    note_bill_trouble,
    record_bill,
    settle_finding,
    was_bill_read,
)
from county.payments.service.instructing import (
    begin_instruction,
    close_instruction,
    find_instruction,
    list_instructions,
    list_suspense,
    open_binding,
    open_confirmation,
    open_refund,
    open_split,
    open_suspense_refund,
    open_transfer,
    take_over,
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
from county.payments.service.scanning import begin_qr, close_qr, find_qr
from county.payments.service.tasks import PaymentTasks
from county.payments.service.wires import provider, wire_provider, wire_receiver

__all__ = [
    "NoticeEffect",
    "PaymentTasks",
    "begin_instruction",
    "begin_qr",
    "close_instruction",
    "close_payment",
    "close_qr",
    "count_notices",
    "find_instruction",
    "find_payment",
    "find_qr",
    "find_return",
    "get_group",
    "get_payment",
    "list_due_asks",
    "list_findings",
    "list_instructions",
    "list_split_orders",
    "list_suspense",
    "list_unpaid_of",
    "note_ask",
    "note_bill_trouble",
    "open_binding",
    "open_confirmation",
    "open_payment",
    "open_refund",
    "open_split",
    "open_suspense_refund",
    "open_transfer",
    "provider",
    "record_bill",
    "record_notice",
    "record_query",
    "settle_finding",
    "start_page_pay",
    "take_late",
    "take_over",
    "list_bills_read",
    "was_bill_read",
    "wire_provider",
    "wire_receiver",
]
