"""The spoken names of where money is."""

from county.errors import N_
from shop.payouts.types import MoneyState

MONEY_STATES = {
    MoneyState.WAITING_DELIVERY: (N_("Comes after delivery"), "warn"),
    MoneyState.WAITING_CLAIMS: (N_("Delivered; yours when the claim time is over"), "today"),
    MoneyState.RELEASED: (N_("Yours"), "good"),
    MoneyState.REFUNDED: (N_("Returned to the buyer"), ""),
}
