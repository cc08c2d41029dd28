"""Places of the county's administrative division."""

from dataclasses import dataclass
from enum import StrEnum


class PlaceKind(StrEnum):
    """The level of a place."""

    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


@dataclass(frozen=True)
class Place:
    """A place by its official code (6, 9 or 12 digits)."""

    code: str
    name: str
    kind: PlaceKind
    parent: str | None
