"""A rate card of one courier for one zone and span of days."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class RateCard:
    """What a courier charges for parcels to some provinces on some days.

    `provinces` are plain names (`rules.plain_province`); `is_for_others` marks the card for all provinces
    that no other card of the courier names. `valid_from` and `valid_to` are both included. A
    `volumetric_divisor` of 0 means that volume does not count. `line` is where
    the card stands in its file.
    """

    courier: str
    zone: str
    provinces: frozenset[str]
    is_for_others: bool
    first_g: int
    first_fen: int
    step_g: int
    step_fen: int
    volumetric_divisor: int
    round_g: int
    valid_from: date
    valid_to: date
    line: int = 0
