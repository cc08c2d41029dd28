"""Refunds of orders, what returns with them, where an order's money is, and the refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from county.errors import N_, Refused
from shop.orders.types import Order, Payee

# Freight is refunded like one more line, which stands before the goods.
FREIGHT = -1


class RefundState(StrEnum):
    """Where a refund is; `waiting`: Alipay settles or splits the order just now and comes first."""

    WAITING = "waiting"
    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"


class RefundEvent(StrEnum):
    """What happens to a refund."""

    SEND = "send"
    FINISH = "finish"
    REFUSE = "refuse"


@dataclass(frozen=True)
class RefundPart:
    """What of one split (its position in the order's plan) returns with a refund."""

    position: int
    payee: Payee
    payee_id: UUID | None
    grower_id: UUID | None
    fen: int


@dataclass(frozen=True)
class OrderRefund:
    """A refund of an order: `goods` names lines by position with the fen returned of each."""

    refund_no: str
    order_no: str
    key: str
    goods: tuple[tuple[int, int], ...]
    freight_fen: int
    fen: int
    parts: tuple[RefundPart, ...]
    state: RefundState
    reason: str
    planned_at: datetime
    done_at: datetime | None


class Standing(StrEnum):
    """Where the money of an order is: with the order, just being moved at Alipay, or with its receivers."""

    OPEN = "open"
    MOVING = "moving"
    SETTLED = "settled"


@dataclass(frozen=True)
class Whereabouts:
    """Where an order's money is, as far as a refund has to know.

    `accounts`: the receivers' accounts at Alipay by split position, from the split that was executed;
    `cleared`: the positions whose payables were cleared, since Alipay gave the money to the receiver.
    """

    standing: Standing = Standing.OPEN
    accounts: Mapping[int, str] = field(default_factory=dict)
    cleared: frozenset[int] = frozenset()


class SettlementDesk(Protocol):
    """The question to whoever settles orders: where is this order's money?"""

    def __call__(self, db: Any, *, order: Order) -> Whereabouts:
        """Say where the order's money is, inside the transaction that has locked the order."""


@dataclass(frozen=True)
class RefundDone:
    """A refund took effect and was booked."""

    order_no: str
    refund_no: str
    key: str
    fen: int


@dataclass(frozen=True)
class RefundRefused:
    """The provider refused a refund for good: nothing was paid back, its part may be refunded anew."""

    order_no: str
    refund_no: str
    key: str
    fen: int


class RefundBeyond(Refused):
    """More would be refunded of a line, or of the freight, than is left of what was paid for it."""

    code = "refund_beyond"
    says = N_("Only ¥{left} can still be refunded of this: {what}.")


class RefundConflict(Refused):
    """The same key was used before for another refund."""

    code = "refund_conflict"
    says = N_("This refund was already made with other amounts.")


class NothingToRefund(Refused):
    """A refund must be of something."""

    code = "nothing_to_refund"
    says = N_("There is nothing to refund.")
    status = 422
