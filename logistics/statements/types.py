"""What a reconciliation says: reasons, items, figures, and what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """Why a waybill's charge or remittance is not as expected, in the order in which they are tried."""

    UNKNOWN_WAYBILL = "unknown_waybill"
    OUT_OF_PERIOD = "out_of_period"
    LOST = "lost"
    RETURNED = "returned"
    DUPLICATE = "duplicate"
    WEIGHT = "weight"
    ZONE = "zone"
    RATE = "rate"
    NOT_BILLED = "not_billed"
    COD = "cod"


class Field(StrEnum):
    """What a column of a courier's statement holds."""

    WAYBILL = "waybill"
    PICKED_UP_ON = "picked_up_on"
    PROVINCE = "province"
    BILLED_WEIGHT = "billed_weight_kg"
    ACTUAL_WEIGHT = "actual_weight_kg"
    FREIGHT = "freight_yuan"
    OTHER_CHARGE = "other_charge_yuan"
    CHARGE_KIND = "charge_kind"
    COD = "cod_yuan"
    TOTAL = "total_yuan"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Column:
    """One column of the statement that counts: `at` from 0, `heading` as written, `unit` its factor.

    `unit` is fen per unit of money (yuan: 100) or grams per unit of weight (kilogram: 1000), 1 elsewhere.
    """

    at: int
    heading: str
    field: Field
    unit: int = 1


@dataclass(frozen=True)
class Layout:
    """Where a statement's header is and what its columns mean.

    `charges` are the columns whose amounts add up to the charge, the freight first. A `TOTAL` among them
    stands in for a missing freight column: what it exceeds the other charges by is freight. With a `kind`
    column each row says itself whether its amount in the first charge column is freight.
    """

    header_row: int
    width: int
    waybill: Column
    charges: tuple[Column, ...]
    kind: Column | None = None
    weight: Column | None = None
    province: Column | None = None
    cod: Column | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns that are read, in the order of the file."""
        single = (self.waybill, self.kind, self.weight, self.province, self.cod)
        return tuple(sorted((*filter(None, single), *self.charges), key=lambda column: column.at))


@dataclass(frozen=True)
class Period:
    """A settlement period of whole county days, `ends_on` not included."""

    name: str
    starts_on: date
    ends_on: date


class Item(NamedTuple):
    """One discrepancy of one waybill; for `cod` the amounts are those remitted and collected."""

    waybill: str
    reason: Reason
    charged_fen: int
    expected_fen: int
    rows: Sequence[int]

    @property
    def over_fen(self) -> int:
        """Say by how much we are worse off than we should be (below 0: better)."""
        difference_fen = self.charged_fen - self.expected_fen
        return -difference_fen if self.reason is Reason.COD else difference_fen


@dataclass(frozen=True)
class ReasonTotals:
    """How many waybills have a reason, and what it costs us and saves us, kept apart."""

    waybills: int
    over_fen: int
    under_fen: int


class Unreadable(NamedTuple):
    """A row that holds a charge which cannot be read, and why."""

    row: int
    why: str


@dataclass(frozen=True)
class StatementFigures:
    """What the statement holds: non-blank rows below the header, charge lines, waybills, the sum charged."""

    rows: int
    lines: int
    waybills: int
    charged_fen: int


@dataclass(frozen=True)
class Reconciliation:
    """A courier's statement compared with our records for one period."""

    courier: str
    period: str
    statement: StatementFigures
    expected_fen: int
    matched: int
    by_reason: Mapping[Reason, ReasonTotals]
    items: Sequence[Item]
    unreadable: Sequence[Unreadable]
    layout: Layout
    hidden_rows: Sequence[int]
    hidden_sheets: Sequence[str]

    @property
    def needs_attention(self) -> bool:
        """Tell whether somebody has to look at rows that could not be read."""
        return bool(self.unreadable)
