"""Where an order's money is on its way to its receivers, and what a grower's money page shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID


class ClaimDesk(Protocol):
    """The question to the feature that keeps claims: does a buyer wait for an answer about this order?"""

    def __call__(self, db: Any, *, order_no: str) -> bool:
        """Tell whether a claim of the order is open; its money is not released then."""


class PayeeDesk(Protocol):
    """The question to the feature that knows where people's money goes."""

    def __call__(self, db: Any, *, person_id: UUID, now: datetime) -> str | None:
        """Find a person's confirmed account at Alipay; None when there is none yet."""


@dataclass(frozen=True)
class PaidOut:
    """What became of money that is owed: sales + compensation + fees − at the bank − arrived = owed.

    `waiting`: sums that cannot be sent now, each with a message id that says why.
    """

    sales_fen: int
    compensation_fen: int
    fees_fen: int
    under_way_fen: int
    arrived_fen: int
    owed_fen: int
    waiting: tuple[tuple[int, str], ...]


class PaidOutDesk(Protocol):
    """The question to the feature that pays growers: what was sent, what arrived, what waits for what?"""

    def __call__(self, db: Any, *, grower_id: UUID, now: datetime) -> PaidOut:
        """Say what became of the money that is owed to a grower."""


class SettlementState(StrEnum):
    """How far the money of a sub-merchant's order is on its way from Alipay to its receivers."""

    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    BINDING = "binding"
    SPLITTING = "splitting"
    SETTLED = "settled"


class SettlementEvent(StrEnum):
    """What can happen to a settlement."""

    CONFIRM = "confirm"
    SPLIT = "split"
    FAIL = "fail"
    BIND = "bind"
    FINISH = "finish"


@dataclass(frozen=True)
class Settlement:
    """The settlement of one order at Alipay.

    `stuck` says why a person has to look: `no_account`, or Alipay's code for why not; empty while it moves.
    `tries` counts the attempts, each with request numbers of its own.
    """

    order_no: str
    state: SettlementState
    stuck: str
    tries: int
    begun_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class SettlementPart:
    """What one split of an order was when it was executed; `account` is empty for the payee's own rest."""

    position: int
    account: str
    fen: int


NO_ACCOUNT = "no_account"


class MoneyState(StrEnum):
    """Where a grower's part of an order is."""

    WAITING_DELIVERY = "waiting_delivery"
    WAITING_CLAIMS = "waiting_claims"
    RELEASED = "released"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class GrowerSale:
    """One order of a grower as a sum that adds up.

    Goods − returned to the buyer − freight that the price includes − streamers − association = yours.
    """

    order_no: str
    what: str
    sold_at: datetime
    goods_fen: int
    returned_fen: int
    freight_fen: int
    streamer_fen: int
    association_fen: int
    yours_fen: int
    state: MoneyState
    expected_at: datetime | None


@dataclass(frozen=True)
class GrowerMoney:
    """All of a grower's sales, and the sums by where the money is."""

    sales: tuple[GrowerSale, ...]
    released_fen: int
    waiting_fen: int
    next_at: datetime | None

    @property
    def goods_fen(self) -> int:
        """Give what the goods sold for, over all sales."""
        return sum(sale.goods_fen for sale in self.sales)

    @property
    def returned_fen(self) -> int:
        """Give what went back to buyers, over all sales."""
        return sum(sale.returned_fen for sale in self.sales)

    @property
    def freight_fen(self) -> int:
        """Give the freight that prices included, over all sales."""
        return sum(sale.freight_fen for sale in self.sales)

    @property
    def streamer_fen(self) -> int:
        """Give the streamers' part over all sales."""
        return sum(sale.streamer_fen for sale in self.sales)

    @property
    def association_fen(self) -> int:
        """Give the association's part over all sales."""
        return sum(sale.association_fen for sale in self.sales)

    @property
    def yours_fen(self) -> int:
        """Give the grower's part over all sales."""
        return sum(sale.yours_fen for sale in self.sales)
