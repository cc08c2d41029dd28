"""The spoken names of runs, payments, reasons to wait and faults of a bank's answer."""

from county.errors import N_
from shop.payruns.types import AnswerFault, ItemState, RunKind, RunState, WaitReason

KINDS = {
    RunKind.GROWERS: N_("Growers"),
    RunKind.STREAMERS: N_("Streamers"),
    RunKind.COMPENSATION: N_("Compensation"),
    RunKind.FEES: N_("Alipay's fees"),
    RunKind.COURIERS: N_("Couriers"),
}
RUN_STATES = {
    RunState.DRAFT: (N_("Waits for a second person"), "warn"),
    RunState.CONFIRMED: (N_("Confirmed"), "today"),
    RunState.EXPORTED: (N_("File made"), "today"),
    RunState.SENT: (N_("At the bank"), "today"),
    RunState.DONE: (N_("Answered by the bank"), "good"),
    RunState.CANCELLED: (N_("Cancelled"), ""),
}
ITEM_STATES = {
    ItemState.PLANNED: (N_("Planned"), ""),
    ItemState.SENT: (N_("At the bank"), "today"),
    ItemState.PAID: (N_("Paid"), "good"),
    ItemState.RETURNED: (N_("Came back, owed again"), "bad"),
    ItemState.CANCELLED: (N_("Cancelled"), ""),
}
REASONS = {
    WaitReason.NO_PAPER: N_("The purchase paper is missing"),
    WaitReason.NO_ACCOUNT: N_("There is no confirmed bank account"),
    WaitReason.COOLING_OFF: N_("The bank account was changed less than a day ago"),
    WaitReason.NEGATIVE: N_("More was refunded than earned; the next sales fill it up"),
    WaitReason.RETURNED: N_("The bank could not pay to this account"),
}
FAULTS = {
    AnswerFault.SPOILT: N_("A spreadsheet spoilt this number; ask the bank for the file anew."),
    AnswerFault.UNKNOWN: N_("No payment of this run has this number."),
    AnswerFault.RESULT: N_("The result says neither paid nor returned."),
    AnswerFault.AMOUNT: N_("The amount cannot be read."),
    AnswerFault.AMOUNT_DIFFERS: N_("The amount is not the one we sent."),
    AnswerFault.TWICE: N_("The number stands in the file twice."),
    AnswerFault.RETURNED: N_("This payment came back before; it cannot be paid any more."),
}
