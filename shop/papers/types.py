"""Weigh slips, purchase papers, what lacks a paper, and the refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

SlipNo = NewType("SlipNo", str)
PaperId = NewType("PaperId", UUID)


class PaperKind(StrEnum):
    """What proves a purchase from a grower.

    `invoice` is 农产品收购发票, written by the buyer for slips that exist; `own_produce` is the grower's
    paper that they sell what they grew (自产农产品), which covers every slip within its validity.
    Source: 增值税法 第二十四条 (own produce is exempt), in force since 2026-01-01.
    """

    INVOICE = "invoice"
    OWN_PRODUCE = "own_produce"


class FileState(StrEnum):
    """Where an uploaded table of papers is."""

    CHECKED = "checked"
    TAKEN_IN = "taken_in"


class RowFault(StrEnum):
    """What is wrong with a row of an uploaded table of papers."""

    KIND = "kind"
    GROWER = "grower"
    SPOILT = "spoilt"
    NUMBER = "number"
    DAY = "day"
    SPAN = "span"
    AMOUNT = "amount"
    TWICE = "twice"


@dataclass(frozen=True)
class WeighSlip:
    """What a grower delivered of one order line: weights in grams, what it is bought for.

    `fen` is the grower's part of the line. A wrong slip is corrected by a new one that names it.
    """

    slip_no: SlipNo
    grower_id: UUID
    order_no: str
    line: int
    what: str
    gross_g: int
    net_g: int
    fen: int
    on: date
    weighed_by: UUID
    corrects: SlipNo | None


@dataclass(frozen=True)
class NewPaper:
    """A purchase paper as typed or read; `fen` is None for an own-produce paper; days are `[from, to)`."""

    kind: PaperKind
    grower_id: UUID
    code: str
    number: str
    issued_on: date
    from_on: date
    to_on: date
    fen: int | None


@dataclass(frozen=True)
class PurchasePaper:
    """A purchase paper on record, and how many slips it covers."""

    id: PaperId
    kind: PaperKind
    grower_id: UUID
    grower: str
    code: str
    number: str
    issued_on: date
    from_on: date
    to_on: date
    fen: int | None
    slips: int
    added_at: datetime
    voided_at: datetime | None


@dataclass(frozen=True)
class Lacking:
    """A grower's slips that no paper covers, as one line of the association's list."""

    grower_id: UUID
    grower: str
    slips: int
    fen: int
    first_on: date
    last_on: date
    orders: tuple[str, ...]


@dataclass(frozen=True)
class FileRow:
    """A readable row of an uploaded table: the paper's grower is named by phone number."""

    row: int
    kind: PaperKind
    phone: str
    code: str
    number: str
    issued_on: date
    from_on: date
    to_on: date
    fen: int | None


@dataclass(frozen=True)
class BadRow:
    """A row of an uploaded table that cannot be used."""

    row: int
    fault: RowFault
    text: str


@dataclass(frozen=True)
class ReadFile:
    """An uploaded table of papers as it was read."""

    name: str
    sha256: str
    rows: tuple[FileRow, ...]
    faults: tuple[BadRow, ...]


@dataclass(frozen=True)
class CheckedRow:
    """A readable row beside what is on record: a new paper, a known one, or one that cannot be taken in."""

    row: FileRow
    grower_id: UUID | None
    grower: str
    is_known: bool
    fault: RowFault | None

    @property
    def is_ready(self) -> bool:
        """Tell whether the row would be taken in."""
        return self.fault is None and not self.is_known


@dataclass(frozen=True)
class PaperFile:
    """An uploaded table of papers, checked against what is on record now."""

    id: UUID
    name: str
    state: FileState
    rows: tuple[CheckedRow, ...]
    faults: tuple[BadRow, ...]
    taken_in: int
    uploaded_at: datetime


class BadPaper(Refused):
    """A paper that cannot be one."""

    code = "bad_paper"
    says = N_("{field} cannot be right: {why}")
    status = 422


class PaperKnown(Refused):
    """A paper with this number is on record."""

    code = "paper_known"
    says = N_("A paper with the number {number} is on record already.")


class PaperAmountDiffers(Refused):
    """An invoice must be written for exactly what the slips of its days add up to."""

    code = "paper_amount_differs"
    says = N_("The invoice says ¥{invoice}, the slips of these days add up to ¥{slips}.")


class NoSlips(Refused):
    """An invoice must cover something."""

    code = "no_slips"
    says = N_("This grower has no slips of these days that lack a paper.")


class BadWeight(Refused):
    """Weights of a slip that cannot be right."""

    code = "bad_weight"
    says = N_("The net weight must be above 0 and at most the gross weight.")
    status = 422


class SlipCorrected(Refused):
    """A slip is corrected once; the newer one may be corrected again."""

    code = "slip_corrected"
    says = N_("Slip {slip} was corrected already. Correct the newer one.")
