"""Rows of parcels handed out: written once, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from logistics.proofs.types import KnownBy


class HandoverRow(Base):
    """A parcel is handed out once, by the keeper of its station."""

    __tablename__ = "logistics_handover"
    __table_args__ = (one_of("known_by", KnownBy),)

    parcel_no: Mapped[str] = mapped_column(ForeignKey("logistics_parcel.parcel_no"), primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("logistics_station.code"))
    keeper_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    known_by: Mapped[KnownBy] = mapped_column(EnumText(KnownBy))
    handed_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(HandoverRow, "logistics_handover")
