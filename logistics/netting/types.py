"""Settlement periods and each courier's line in them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused
from logistics.settlements.types import PeriodClosed as PeriodClosed


class PeriodState(StrEnum):
    """Where a settlement period is."""

    OPEN = "open"
    RECONCILED = "reconciled"
    CLOSED = "closed"


class PeriodEvent(StrEnum):
    """What happens to a settlement period."""

    RECONCILE = "reconcile"
    CLOSE = "close"


@dataclass(frozen=True)
class PartyLine:
    """A courier's line: its share of the joint tours, the claims it is liable for, what we agreed to owe it.

    `net_fen` above 0: the courier pays the pool; below 0: the pool pays the courier. `alone_fen` is what it
    would have paid by itself, on the scale of the shared cost. `claims_fen` is below 0 when more claims were
    taken back than made.
    """

    carrier: str
    share_fen: int
    alone_fen: int
    parcels: int
    agreed_fen: int
    claims_fen: int = 0

    @property
    def net_fen(self) -> int:
        """Give share + claims − agreed."""
        return self.share_fen + self.claims_fen - self.agreed_fen


@dataclass(frozen=True)
class CourierClaim:
    """What a courier owes for one claim; a claim taken back is another one, below 0.

    `period` is the month in which it was netted, None while it waits for one.
    """

    ref: str
    carrier: str
    parcel_no: str
    fen: int
    booked_on: date
    period: str | None


@dataclass(frozen=True)
class Period:
    """A settlement period: a month, its joint cost and every courier's line."""

    name: str
    state: PeriodState
    cost_fen: int
    cost_rule: str
    tours: tuple[str, ...]
    lines: tuple[PartyLine, ...]
    proposed_by: UUID | None
    reconciled_at: datetime | None
    closed_at: datetime | None
    version: int

    @property
    def agreed_fen(self) -> int:
        """Give what the pool owes all couriers for linehaul."""
        return sum(line.agreed_fen for line in self.lines)

    @property
    def claims_fen(self) -> int:
        """Give what all couriers owe for claims."""
        return sum(line.claims_fen for line in self.lines)

    @property
    def net_fen(self) -> int:
        """Give what all couriers together pay the pool."""
        return sum(line.net_fen for line in self.lines)


@dataclass(frozen=True)
class OpenPosition:
    """What is open with a courier from closed months and claims, each way."""

    carrier: str
    we_owe_fen: int
    owes_us_fen: int


class MonthNotOver(Refused):
    """A month can only be closed when it is over."""

    code = "month_not_over"
    says = N_("The month {period} is not over yet.")


class StatementsOpen(Refused):
    """Statements of the month wait for a decision."""

    code = "statements_open"
    says = N_("These couriers' statements wait for a decision: {carriers}.")


class PeriodOutdated(Refused):
    """What was computed is not what there is now: a tour or a statement came or went since."""

    code = "period_outdated"
    says = N_("Tours or statements of {period} changed since it was computed. Have it computed again.")


class EarlierMonthOpen(Refused):
    """Months are closed in order, or the earlier one's tours and statements would never be netted."""

    code = "earlier_month_open"
    says = N_("{period} is not closed yet. Close that month first.")


class NothingToNet(Refused):
    """There is neither a tour nor an agreed statement in the month."""

    code = "nothing_to_net"
    says = N_("There is neither a published tour nor an agreed statement in {period}.")
