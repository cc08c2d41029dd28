"""What can be wrong with a day's bill: the kinds, how each is said, and how one is kept as a short text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from county.errors import N_, Fault, Phrase

MOST_CHARACTERS = 50


class BillFaultKind(StrEnum):
    """Why a bill cannot be used."""

    NO_BILL = "no_bill"
    TOO_LARGE = "too_large"
    NO_HEAD = "no_head"
    OTHER_ACCOUNT = "other_account"
    OTHER_DAY = "other_day"
    NO_COLUMNS = "no_columns"
    ROW_CELLS = "row_cells"
    ROW_KIND = "row_kind"
    ROW_NUMBER = "row_number"
    ROW_TIME = "row_time"
    ROW_DAY = "row_day"
    ROW_AMOUNT = "row_amount"
    ROW_TWICE = "row_twice"
    NO_TOTAL = "no_total"
    TOTAL_DIFFERS = "total_differs"


SAYS = {
    BillFaultKind.NO_BILL: N_("it is not a zip with Alipay's 业务明细 in GBK, or not a whole one"),
    BillFaultKind.TOO_LARGE: N_("it is larger than a bill can be"),
    BillFaultKind.NO_HEAD: N_("it has no line of column names; expected Alipay's 业务明细"),
    BillFaultKind.OTHER_ACCOUNT: N_("it is of account {said}, expected {expected}"),
    BillFaultKind.OTHER_DAY: N_("it is of the day {said}, expected {expected}"),
    BillFaultKind.NO_COLUMNS: N_("it lacks the columns {said}"),
    BillFaultKind.ROW_CELLS: N_("row {row} has {said} cells, expected {expected}"),
    BillFaultKind.ROW_KIND: N_("row {row}: “{said}” is neither 交易 nor 退款"),
    BillFaultKind.ROW_NUMBER: N_("row {row} lacks a number, or has one of more than {expected} characters"),
    BillFaultKind.ROW_TIME: N_("row {row}: “{said}” is not a time such as 2026-10-05 08:00:00"),
    BillFaultKind.ROW_DAY: N_("row {row}: {said} is not on the bill's day"),
    BillFaultKind.ROW_AMOUNT: N_("row {row}: “{said}” is not an amount such as 12.30"),
    BillFaultKind.ROW_TWICE: N_("it has a row twice: trade {said}"),
    BillFaultKind.NO_TOTAL: N_("it has no line {said}"),
    BillFaultKind.TOTAL_DIFFERS: N_("it claims {said} as {expected}, but its rows add up otherwise"),
}


@dataclass(frozen=True)
class BillFault(Fault):
    """A fault of a bill by its kind, so that it can be said in the reader's language."""

    kind: BillFaultKind
    facts: Mapping[str, str]


def fault_of(kind: BillFaultKind, **facts: object) -> BillFault:
    """Make a fault; facts are cut to what can be kept and shown."""
    kept = {
        name: "".join(each for each in str(fact) if each.isprintable())[:MOST_CHARACTERS]
        for name, fact in facts.items()
    }
    where = f"bill:{kept['row']}" if "row" in kept else "bill"
    return BillFault(where, SAYS[kind].format(**kept), kind, kept)


def write_fault(fault: BillFault) -> str:
    """Write a fault as the text that is kept with the bill's day."""
    return json.dumps({"fault": fault.kind, **fault.facts}, ensure_ascii=False)


def say_fault(why: str) -> str | Phrase:
    """Read a kept text; words that are no fault of ours (Alipay's refusal) stay as they are."""
    try:
        facts = json.loads(why)
        says = SAYS[BillFaultKind(facts.pop("fault"))]
        return Phrase(says, facts)
    except (ValueError, TypeError, KeyError, AttributeError):
        return why
