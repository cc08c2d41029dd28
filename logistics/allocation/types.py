"""Couriers of the pool, their shares of a bill, and what speaks for and against leaving."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from county.errors import N_, Refused
from county.money import Fen

MOST_COURIERS = 21
LARGEST_BILL_FEN = 10**12


class Method(StrEnum):
    """How a bill is shared."""

    SHAPLEY = "shapley"
    EQUAL_SAVING = "equal-saving"
    VOLUME = "volume"


class CostRule(StrEnum):
    """What a coalition would cost by itself; a contract period keeps the rule it began with."""

    BOUND_V1 = "bound-v1"


@dataclass(frozen=True, slots=True)
class CourierTerms:
    """A courier of the pool and the price per unit at which it could sub-contract, None = it cannot."""

    courier: str
    subcontract_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one courier pays, beside what it would pay alone (on the bill's scale)."""

    courier: str
    share_fen: Fen
    alone_fen: Fen
    parcels: int
    units: int


@dataclass(frozen=True, slots=True)
class WorstCoalition:
    """The couriers that would gain most (or lose least, when negative) by leaving together."""

    couriers: tuple[str, ...]
    excess_fen: int


@dataclass(frozen=True, slots=True)
class Stability:
    """Who would rather leave: single couriers, and the number of coalitions of any size."""

    pays_more_than_alone: tuple[str, ...]
    blocking_coalitions: int
    worst: WorstCoalition


@dataclass(frozen=True, slots=True)
class Allocation:
    """A shared bill; the shares add up to `bill_fen`. `not_carried` parcels fit no vehicle or no road."""

    method: Method
    cost_rule: CostRule
    bill_fen: Fen
    shares: tuple[Share, ...]
    stability: Stability
    not_carried: int = 0


class TooManyCouriers(Refused):
    """Exact shares look at every coalition, and there are too many."""

    code: ClassVar[str] = "too_many_couriers"
    says: ClassVar[str] = N_("{count} couriers have parcels, expected at most {most} for exact shares.")
    status: ClassVar[int] = 422


class NothingToShare(Refused):
    """A bill without any parcel that could have caused it."""

    code: ClassVar[str] = "nothing_to_share"
    says: ClassVar[str] = N_("There is a bill of {bill_fen} fen but no parcel that a vehicle could carry.")
    status: ClassVar[int] = 422


class CostsTooLarge(Refused):
    """Lengths, rates or loads so large that whole numbers would overflow."""

    code: ClassVar[str] = "costs_too_large"
    says: ClassVar[str] = N_("The cost of all couriers is too large to be computed exactly.")
    status: ClassVar[int] = 422
