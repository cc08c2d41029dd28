"""The spoken names of papers and of what is wrong with a row."""

from county.errors import N_
from shop.papers.types import FileState, PaperKind, RowFault

KINDS = {
    PaperKind.INVOICE: N_("Purchase invoice"),
    PaperKind.OWN_PRODUCE: N_("Own-produce paper"),
}
FILE_STATES = {
    FileState.CHECKED: (N_("Not taken in yet"), "warn"),
    FileState.TAKEN_IN: (N_("Taken in"), "good"),
}
ROW_FAULTS = {
    RowFault.KIND: N_("The kind is neither 收购发票 nor 自产证明."),
    RowFault.GROWER: N_("Nobody has this mobile number."),
    RowFault.SPOILT: N_("A spreadsheet spoilt this number. Format the column as text and type it again."),
    RowFault.NUMBER: N_("The number, the code or the amount cannot be right for this kind."),
    RowFault.DAY: N_("A day cannot be read; write it like 2026-10-31."),
    RowFault.SPAN: N_("The last day lies before the first one."),
    RowFault.AMOUNT: N_("The amount is not what the grower's slips of these days add up to."),
    RowFault.TWICE: N_("This number stands in the file above already."),
}
