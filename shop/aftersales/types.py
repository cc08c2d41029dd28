"""Claims, what can happen to them, who is liable, and why one is refused."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused
from county.files.types import StoredPicture
from logistics.tracking.types import Mishap

ClaimId = NewType("ClaimId", UUID)


class ClaimKind(StrEnum):
    """What a buyer wants: money for spoiled pieces, money alone, or money for goods sent back."""

    SPOILED = "spoiled"
    REFUND_ONLY = "refund_only"
    RETURN = "return"


class ClaimReason(StrEnum):
    """Why a buyer claims."""

    SPOILED = "spoiled"
    NOT_ARRIVED = "not_arrived"
    WRONG_GOODS = "wrong_goods"
    OTHER = "other"
    UNWANTED = "unwanted"


class ClaimState(StrEnum):
    """Where a claim is; each waiting state has a time until which somebody must act."""

    OPEN = "open"
    REFUSED = "refused"
    APPEALED = "appealed"
    TO_RETURN = "to_return"
    RETURNING = "returning"
    REFUNDING = "refunding"
    STUCK = "stuck"
    DONE = "done"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ClaimEvent(StrEnum):
    """What happens to a claim."""

    APPROVE = "approve"
    APPROVE_RETURN = "approve_return"
    REFUSE = "refuse"
    APPEAL = "appeal"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    SEND_BACK = "send_back"
    RECEIVE = "receive"
    DISPUTE = "dispute"
    REFUND_DONE = "refund_done"
    REFUND_FAILED = "refund_failed"
    RETRY = "retry"


class Party(StrEnum):
    """Who makes something happen: people, the clock, or the payment that took effect."""

    BUYER = "buyer"
    GROWER = "grower"
    ASSOCIATION = "association"
    CLOCK = "clock"
    MONEY = "money"


class LiableParty(StrEnum):
    """Who bears what a claim costs the grower."""

    GROWER = "grower"
    COURIER = "courier"
    ASSOCIATION = "association"


class LiableWhy(StrEnum):
    """By which rule somebody is liable."""

    WITHIN_PROMISE = "within_promise"
    WRONG_GOODS = "wrong_goods"
    NOT_SENT = "not_sent"
    GOODS_BACK = "goods_back"
    LATE = "late"
    LOST = "lost"
    HELD_UP = "held_up"
    DAMAGED = "damaged"
    BAD_PACKING = "bad_packing"
    BEFORE_HAND_OVER = "before_hand_over"
    LAY_AT_HUB = "lay_at_hub"
    NOT_HANDED_OVER = "not_handed_over"
    GOODWILL = "goodwill"
    CARRIER_UNKNOWN = "carrier_unknown"
    DECIDED = "decided"


@dataclass(frozen=True)
class Liability:
    """Who is liable and why."""

    party: LiableParty
    why: LiableWhy


@dataclass(frozen=True)
class Way:
    """What tracking says of a parcel's way; None for what did not happen (yet).

    `held_up`: by the courier, after the hand-over; `excused`: held after it because of sender, consignee or
    weather, which the courier does not answer for.
    """

    packed: bool
    collected_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    delivered_at: datetime | None
    held_up: bool
    refused: bool
    carrier_known: bool
    mishap: Mishap | None = None
    excused: bool = False


@dataclass(frozen=True)
class Asked:
    """What a buyer asks for: `spoiled` of `pieces` for spoiled goods, both 0 otherwise."""

    position: int
    kind: ClaimKind
    reason: ClaimReason
    spoiled: int
    pieces: int
    says: str
    picture_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Expected:
    """What a claim would bring and how: the money, and until when the grower decides."""

    title: str
    goods_fen: int
    freight_fen: int
    decide_until: datetime

    @property
    def fen(self) -> int:
        """Give goods and freight together."""
        return self.goods_fen + self.freight_fen


@dataclass(frozen=True)
class Choice:
    """A kind of claim for a line: until when it is possible, or why it is not."""

    kind: ClaimKind
    until_at: datetime | None
    refusal: Refused | None


@dataclass(frozen=True)
class Effect:
    """What approving a claim does: to the buyer, to the grower's part, and who bears it by the rules."""

    buyer_fen: int
    grower_before_fen: int
    grower_after_fen: int
    liability: Liability


@dataclass(frozen=True)
class Step:
    """Something that happened to a claim, and what was said with it."""

    at: datetime
    event: ClaimEvent | None
    party: Party
    says: str


@dataclass(frozen=True)
class Claim:
    """A claim on one line of an order.

    `due_at`: until when somebody must act in the present state; `lost_fen`: what the refund took from the
    grower's part, once it is known; `booked`: how often a liability was booked (a change books again).
    """

    id: ClaimId
    claim_no: str
    order_id: UUID
    order_no: str
    position: int
    title: str
    carrier: str
    kind: ClaimKind
    reason: ClaimReason
    spoiled: int
    pieces: int
    goods_fen: int
    freight_fen: int
    says: str
    state: ClaimState
    due_at: datetime | None
    buyer_id: UUID
    grower_id: UUID
    lot_id: UUID | None
    waybill: str
    return_carrier: str
    liable: LiableParty | None
    liable_why: LiableWhy | None
    lost_fen: int | None
    booked: int
    tries: int
    opened_at: datetime
    closed_at: datetime | None
    version: int

    @property
    def fen(self) -> int:
        """Give goods and freight together."""
        return self.goods_fen + self.freight_fen

    @property
    def refund_key(self) -> str:
        """Give the business key of this claim's refund; a new try after a refused one has its own."""
        return f"claim:{self.claim_no}:{self.tries}"


@dataclass(frozen=True)
class ClaimFile:
    """A claim with everything that belongs to it on a page."""

    claim: Claim
    pictures: tuple[StoredPicture, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class LotRate:
    """How a lot does: what was packed from it, how many buyers, how much of it is claimed."""

    lot_no: str
    product_id: UUID
    title: str
    grower_id: UUID
    made_on: date
    note: str
    state: str
    stop_reason: str
    version: int
    lines: int
    pieces: int
    buyers: int
    claims: int
    claimed_lines: int

    @property
    def rate_bp(self) -> int:
        """Give the part of the packed lines that were claimed as spoiled, in basis points."""
        return self.claimed_lines * 10_000 // self.lines if self.lines else 0


@dataclass(frozen=True)
class ClaimApproved:
    """A claim was approved, by a person or because nobody decided in time: the lot's buyers are warned."""

    claim_no: str


class NotClaimable(Refused):
    """The order is not in a state in which this can be claimed."""

    code = "not_claimable"
    says = N_("This cannot be claimed now: {why}")


class ClaimLate(Refused):
    """The time in which this could be claimed is over."""

    code = "claim_late"
    says = N_("The time to claim this ended on {until}. Please call the association if it is serious.")


class NoReturnForFresh(Refused):
    """Fresh goods are not returned without a reason."""

    code = "no_return_for_fresh"
    says = N_(
        "Fresh goods cannot be sent back (Consumer Protection Law, article 25). "
        "If something is spoiled, claim it as spoiled: a picture is enough, nothing is sent back."
    )


class BadClaim(Refused):
    """What was asked for cannot be; `field` says where."""

    code = "bad_claim"
    says = N_("This claim cannot be sent: {why}")
    status = 422


class BadDecision(Refused):
    """What somebody decided or did cannot be recorded like this; `field` says where."""

    code = "bad_decision"
    says = N_("This cannot be recorded: {why}")
    status = 422


class ClaimIsOpen(Refused):
    """A line has one open claim at a time."""

    code = "claim_is_open"
    says = N_("There is a claim for this already: {claim_no}. Please wait until it is decided.")


class ClaimDecided(Refused):
    """The same was claimed before and refused for good."""

    code = "claim_decided"
    says = N_("This was decided already, with claim {claim_no}.")


class NothingLeft(Refused):
    """The line's money went back already."""

    code = "nothing_left"
    says = N_("The money for this went back already; nothing is left to return.")


class DecisionLate(Refused):
    """The time to do this is over; the clock decides."""

    code = "decision_late"
    says = N_("The time for this is over. What happens now happens by itself.")


class NoReturnAddress(Refused):
    """Nobody knows where the goods shall be sent back to."""

    code = "no_return_address"
    says = N_(
        "{seller} has no address for returns on record, so the buyer cannot be told where to send the goods. "
        "The association writes it down under “Addresses for returns”; then this return can be accepted."
    )
    status = 422
