"""Use cases of pay runs, for other features and edges.

Five files: what could be paid, a run on its way to the bank, the bank's answer, who was paid what, and what
came back as tasks.
"""

from shop.payruns.service.answering import apply_answer, list_answers, retry_item
from shop.payruns.service.computing import look_at
from shop.payruns.service.looking import (
    bank_fen,
    get_run,
    grower_paid_out,
    hashes_of,
    list_payments,
    list_runs,
    payments_by_number,
    standing_of,
)
from shop.payruns.service.running import (
    cancel_run,
    confirm_run,
    create_run,
    export_run,
    give_file,
    send_run,
)
from shop.payruns.service.tasks import PaymentTasks

__all__ = [
    "PaymentTasks",
    "apply_answer",
    "bank_fen",
    "cancel_run",
    "confirm_run",
    "create_run",
    "export_run",
    "get_run",
    "give_file",
    "grower_paid_out",
    "hashes_of",
    "list_answers",
    "list_payments",
    "list_runs",
    "look_at",
    "payments_by_number",
    "retry_item",
    "send_run",
    "standing_of",
]
