"""Carriers and who works for them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

CarrierId = NewType("CarrierId", UUID)


class CarrierKind(StrEnum):
    """What sort of carrier it is."""

    EXPRESS = "express"
    FREIGHT = "freight"
    BUS = "bus"
    POST = "post"
    COOPERATIVE = "cooperative"


@dataclass(frozen=True)
class Carrier:
    """A carrier of the pool; other features know it by its name."""

    id: CarrierId
    name: str
    kind: CarrierKind
