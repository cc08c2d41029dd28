"""The spoken names of order states, with the tone of their badge."""

from county.errors import N_
from shop.orders.types import OrderState

ORDER_STATES: dict[OrderState, tuple[str, str]] = {
    OrderState.AWAITING_PAYMENT: (N_("Not paid yet"), "warn"),
    OrderState.PAID: (N_("Paid, being packed"), "today"),
    OrderState.PACKED: (N_("Packed, waits for the van"), "today"),
    OrderState.SHIPPED: (N_("On its way"), "today"),
    OrderState.AT_STATION: (N_("At the pick-up station"), "today"),
    OrderState.DELIVERED: (N_("Delivered"), "good"),
    OrderState.COMPLETED: (N_("Completed"), "good"),
    OrderState.CANCELLED: (N_("Cancelled"), ""),
    OrderState.REFUNDED: (N_("Money returned"), ""),
}
REASONS = {
    "expired": N_("It was not paid in time."),
    "cancelled_by_buyer": N_("You cancelled it."),
    "refunded": N_("It was called off before it was packed; your money goes back to you."),
    "late_payment": N_("The payment came after the goods were gone, so the money went back."),
}
