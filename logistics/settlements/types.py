"""Stored statements and what was found in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused
from logistics.parcels.types import Parcel


class StatementState(StrEnum):
    """Where a statement is."""

    UPLOADED = "uploaded"
    RECONCILED = "reconciled"
    FAILED = "failed"
    AGREED = "agreed"


class StatementEvent(StrEnum):
    """What happens to a statement."""

    RECONCILE = "reconcile"
    FAIL = "fail"
    REPLACE = "replace"
    AGREE = "agree"


@dataclass(frozen=True)
class SentParcel:
    """A parcel that a carrier took for us, and the county day on which it was picked up."""

    parcel: Parcel
    picked_up_on: date


@dataclass(frozen=True)
class ReasonSum:
    """How many waybills have a reason, and by how much we were charged too much or too little."""

    waybills: int
    over_fen: int
    under_fen: int


@dataclass(frozen=True)
class Discrepancy:
    """One waybill that differs; for `cod` the amounts are those remitted and collected."""

    waybill: str
    reason: str
    charged_fen: int
    expected_fen: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class UnreadableRow:
    """A row of the statement that cannot be read, and why."""

    row: int
    why: str


@dataclass(frozen=True)
class Findings:
    """What reading a statement against our records found.

    `disputed_fen` is what was charged too much, net of what was charged too little, on freight; what
    remains of the charge is agreed.
    """

    lines: int
    waybills: int
    charged_fen: int
    expected_fen: int
    matched: int
    by_reason: Mapping[str, ReasonSum]
    items: tuple[Discrepancy, ...]
    unreadable: tuple[UnreadableRow, ...]

    @property
    def disputed_fen(self) -> int:
        """Give the sum of charged − expected over all freight differences that the statement bills."""
        return sum(
            item.charged_fen - item.expected_fen for item in self.items if item.rows and item.reason != "cod"
        )

    @property
    def agreed_fen(self) -> int:
        """Give what of the charge is beyond dispute."""
        return self.charged_fen - self.disputed_fen


@dataclass(frozen=True)
class Statement:
    """A courier's statement of a month; `findings` once it was reconciled, `why` when that failed."""

    id: UUID
    period: str
    carrier: str
    file_name: str
    sha256: str
    state: StatementState
    findings: Findings | None
    why: str
    agreed_fen: int | None
    uploaded_at: datetime
    agreed_at: datetime | None
    version: int


class StatementAgreed(Refused):
    """This courier's statement of the month is agreed already and cannot be replaced."""

    code = "statement_agreed"
    says = N_("{carrier}'s statement of {period} is agreed already; corrections go into the next month.")


class PeriodClosed(Refused):
    """A closed month takes nothing any more."""

    code = "period_closed"
    says = N_("The month {period} is closed; corrections go into the next one.")


class BadPeriod(Refused):
    """A settlement period is a month such as 2026-10."""

    code = "bad_period"
    says = N_("Please choose a month such as 2026-10.")
    status = 422
