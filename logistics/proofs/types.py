"""Handing parcels out at a station."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from county.errors import N_, Refused


class KnownBy(StrEnum):
    """How the keeper knew that it was the consignee."""

    PHONE = "phone"
    IN_PERSON = "in_person"


@dataclass(frozen=True)
class Handover:
    """A parcel was handed to its consignee."""

    parcel_no: str
    station: str
    keeper_id: UUID
    known_by: KnownBy
    handed_at: datetime


class WrongPhone(Refused):
    """The four digits are not the end of the consignee's phone number."""

    code = "wrong_phone"
    says = N_("These are not the last four digits of the phone number on the parcel.")
    status = 422
