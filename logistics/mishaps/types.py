"""What somebody tells of a parcel that is damaged or lost, and why that is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from county.errors import N_, Refused
from logistics.tracking.types import Cause, Reason


@dataclass(frozen=True)
class Report:
    """What is wrong, on whose side it lies as far as one can see, and a note."""

    reason: Reason
    cause: Cause
    note: str


class Desk(StrEnum):
    """Where somebody who takes a report back sits: each takes back its own, the association everybody's."""

    HUB = "hub"
    STATION = "station"
    ASSOCIATION = "association"


class GoodsDesk(Protocol):
    """The question to the room that sells: what travels in a parcel?"""

    def __call__(self, db: Any, *, parcel_no: str) -> Sequence[str]:
        """List the goods as people read them; nothing for a parcel without an order."""


class ParcelIsOver(Refused):
    """The parcel was collected or handed out, or went back to its sender: nothing befalls it here."""

    code = "parcel_is_over"
    says = N_(
        "Parcel {number} was delivered or went back to its sender on {at}, so it is not damaged or missing "
        "here. Please look at the number again."
    )


class NotAtStation(Refused):
    """The parcel has not come to the keeper's station, or has left it again."""

    code = "not_at_station"
    says = N_(
        "Parcel {number} does not lie at your station. Please look at the number again, or call the hub."
    )
