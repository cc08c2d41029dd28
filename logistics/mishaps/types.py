"""What somebody tells of a parcel that is damaged or lost."""

from dataclasses import dataclass

from logistics.tracking.types import Cause, Reason


@dataclass(frozen=True)
class Report:
    """What is wrong, on whose side it lies as far as one can see, and a note."""

    reason: Reason
    cause: Cause
    note: str
