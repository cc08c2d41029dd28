"""The spoken names of the kinds of lines, and of what is open of them."""

from county.errors import N_
from shop.bank.types import LineKind, PartyKind

KINDS = {
    LineKind.ALIPAY: N_("From Alipay"),
    LineKind.COURIER_IN: N_("Settlement paid by a courier"),
    LineKind.OWN_IN: N_("Own money paid in"),
    LineKind.TAX: N_("Withheld tax paid to the tax office"),
    LineKind.SERVICE: N_("Service share sent on"),
    LineKind.FREIGHT: N_("Freight sent on"),
    LineKind.SPENDING: N_("Own spending"),
    LineKind.OWN_OUT: N_("Own money taken out"),
}
# What can still be booked of a limited kind; an amount follows.
OPEN = {
    LineKind.ALIPAY: N_("At most to withdraw"),
    LineKind.COURIER_IN: N_("Still owed"),
    LineKind.TAX: N_("Withheld and not yet paid"),
    LineKind.SERVICE: N_("Earned and not yet sent on"),
    LineKind.FREIGHT: N_("Set aside for freight"),
    LineKind.OWN_OUT: N_("Paid in and still there"),
}
EXAMPLES = {
    LineKind.OWN_IN: N_("also what was there before this program"),
    LineKind.SPENDING: N_("the bank's fees, boxes, office costs: say what for"),
}
WHOSE = {
    PartyKind.SELLER: N_("Please choose whose Alipay account it came from."),
    PartyKind.CARRIER: N_("Please choose the courier that paid."),
    PartyKind.NONE: N_("This kind is nobody's in particular: choose nobody here."),
}
