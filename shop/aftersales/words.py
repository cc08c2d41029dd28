"""The spoken names of claims: kinds, reasons, states, steps, who is liable and why."""

from county.errors import N_
from shop.aftersales.types import (
    ClaimEvent,
    ClaimKind,
    ClaimReason,
    ClaimState,
    LiableParty,
    LiableWhy,
    Party,
)

KINDS = {
    ClaimKind.SPOILED: N_("Some is spoiled"),
    ClaimKind.REFUND_ONLY: N_("Money back"),
    ClaimKind.RETURN: N_("Send it back"),
}
KIND_NOTES = {
    ClaimKind.SPOILED: N_("Take a picture, say how many. Nothing is sent back."),
    ClaimKind.REFUND_ONLY: N_("It did not arrive, it is something else, or another reason."),
    ClaimKind.RETURN: N_("Seven days after delivery, without a reason. You pay the way back."),
}
# What the pictures of a claim should show, and who needs none.
PICTURE_NOTES = {
    ClaimKind.SPOILED: N_("Everything that is spoiled, beside the parcel's label."),
    ClaimKind.REFUND_ONLY: N_(
        "What came, beside the parcel's label. When nothing arrived, no picture is needed."
    ),
    ClaimKind.RETURN: N_("The goods as they are. You may leave it out."),
}
REASON_NAMES = {
    ClaimReason.SPOILED: N_("Spoiled"),
    ClaimReason.NOT_ARRIVED: N_("It did not arrive"),
    ClaimReason.WRONG_GOODS: N_("It is not what I ordered"),
    ClaimReason.OTHER: N_("Another reason"),
    ClaimReason.UNWANTED: N_("I do not want it"),
}
STATES: dict[ClaimState, tuple[str, str]] = {
    ClaimState.OPEN: (N_("The grower decides"), "today"),
    ClaimState.REFUSED: (N_("Refused, can be appealed"), "bad"),
    ClaimState.APPEALED: (N_("The association decides"), "today"),
    ClaimState.TO_RETURN: (N_("Please send it back"), "warn"),
    ClaimState.RETURNING: (N_("On its way back"), "today"),
    ClaimState.REFUNDING: (N_("Accepted, the money is on its way"), "good"),
    ClaimState.STUCK: (N_("Accepted, the payment failed"), "bad"),
    ClaimState.DONE: (N_("The money went back"), "good"),
    ClaimState.CLOSED: (N_("Closed, nothing went back"), ""),
    ClaimState.WITHDRAWN: (N_("Taken back"), ""),
}
# What happens by itself when the time of a state is over.
BY_ITSELF = {
    ClaimState.OPEN: N_("If the grower does not decide by then, it is accepted by itself."),
    ClaimState.REFUSED: N_("If you do not ask the association by then, it stays refused."),
    ClaimState.APPEALED: N_("If the association does not decide by then, it is accepted by itself."),
    ClaimState.TO_RETURN: N_("If nothing is sent back by then, the claim is closed."),
    ClaimState.RETURNING: N_("If the grower says nothing by then, it counts as received."),
}
PARTIES = {
    Party.BUYER: N_("Buyer"),
    Party.GROWER: N_("Grower"),
    Party.ASSOCIATION: N_("Association"),
    Party.CLOCK: N_("By itself, the time was over"),
    Party.MONEY: N_("Payment"),
}
EVENTS: dict[ClaimEvent | None, str] = {
    None: N_("Claimed"),
    ClaimEvent.APPROVE: N_("Accepted"),
    ClaimEvent.APPROVE_RETURN: N_("Return accepted"),
    ClaimEvent.REFUSE: N_("Refused"),
    ClaimEvent.APPEAL: N_("Asked the association"),
    ClaimEvent.WITHDRAW: N_("Taken back"),
    ClaimEvent.LAPSE: N_("Closed"),
    ClaimEvent.SEND_BACK: N_("Sent back"),
    ClaimEvent.RECEIVE: N_("Received"),
    ClaimEvent.DISPUTE: N_("What came back is not right"),
    ClaimEvent.REFUND_DONE: N_("The money went back"),
    ClaimEvent.REFUND_FAILED: N_("The payment failed"),
    ClaimEvent.RETRY: N_("Payment tried again"),
}
LIABLE = {
    LiableParty.GROWER: N_("Grower"),
    LiableParty.COURIER: N_("Courier"),
    LiableParty.ASSOCIATION: N_("Association"),
}
LIABLE_WHY = {
    LiableWhy.WITHIN_PROMISE: N_("It arrived in time and undamaged, so it was spoiled before."),
    LiableWhy.WRONG_GOODS: N_("Something else was packed."),
    LiableWhy.NOT_SENT: N_("It was not packed yet."),
    LiableWhy.GOODS_BACK: N_("The goods come back to the grower."),
    LiableWhy.LATE: N_("The courier needed longer than promised."),
    LiableWhy.LOST: N_("The courier took it and it did not arrive."),
    LiableWhy.HELD_UP: N_("The parcel was held up or returned on the courier's way."),
    LiableWhy.DAMAGED: N_("It was damaged on the courier's way."),
    LiableWhy.BAD_PACKING: N_("It was packed too weakly for the way."),
    LiableWhy.BEFORE_HAND_OVER: N_("It was damaged or lost before the courier had it."),
    LiableWhy.LAY_AT_HUB: N_("It lay at the hub too long."),
    LiableWhy.NOT_HANDED_OVER: N_("It was packed but never handed to the courier."),
    LiableWhy.GOODWILL: N_("Nobody's fault: goodwill towards the buyer."),
    LiableWhy.CARRIER_UNKNOWN: N_("The courier would be liable but is not in the pool."),
    LiableWhy.DECIDED: N_("The association decided so."),
}
FILTER_NAMES = {
    "waiting": N_("To decide"),
    "appeals": N_("Appeals"),
    "running": N_("Running"),
    "over": N_("Over"),
    "all": N_("All"),
}
