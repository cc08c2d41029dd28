"""What a courier's daily file holds, row by row, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused
from logistics.parcels.types import Consignee


class Field(StrEnum):
    """What a column of a courier's daily file means."""

    WAYBILL = "waybill"
    NAME = "name"
    PHONE = "phone"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ADDRESS = "address"
    WEIGHT = "weight"
    PIECES = "pieces"
    COD = "cod"


class FileState(StrEnum):
    """Where a daily file is: read and shown, or taken in."""

    CHECKED = "checked"
    TAKEN_IN = "taken_in"


@dataclass(frozen=True)
class NewParcel:
    """One readable row: a parcel to be taken in; without a station a person has to choose one."""

    row: int
    waybill: str
    consignee: Consignee
    weight_g: int
    units: int
    cod_fen: int
    station: str | None


@dataclass(frozen=True)
class RowFault:
    """One row that cannot be taken in: `what` is a message id whose places `facts` fill."""

    row: int
    what: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class DailyFile:
    """A courier's file as read: what is good, what is not, what the eye would not see."""

    parcels: tuple[NewParcel, ...]
    faults: tuple[RowFault, ...]
    hidden_rows: tuple[int, ...]
    hidden_sheets: tuple[str, ...]


@dataclass(frozen=True)
class CheckedFile:
    """An uploaded file and what became of it."""

    id: UUID
    carrier: str
    name: str
    state: FileState
    uploaded_at: datetime
    content: DailyFile
    known: frozenset[str]
    taken_in: int

    @property
    def waiting(self) -> tuple[NewParcel, ...]:
        """Give the readable parcels that nobody took in yet."""
        return tuple(each for each in self.content.parcels if each.waybill not in self.known)


class FileTaken(Refused):
    """The same file was uploaded before."""

    code = "file_taken"
    says = N_("This very file was read before: nothing was changed.")


class NothingToTakeIn(Refused):
    """No row of the file can be taken in."""

    code = "nothing_to_take_in"
    says = N_("No row of this file can be taken in.")
    status = 422
