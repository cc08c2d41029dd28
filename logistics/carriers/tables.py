"""Rows of carriers and of the clerks who work for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from logistics.carriers.types import CarrierKind


class CarrierRow(Base):
    """A carrier of the pool."""

    __tablename__ = "logistics_carrier"
    __table_args__ = (one_of("kind", CarrierKind),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[CarrierKind] = mapped_column(EnumText(CarrierKind))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CarrierClerkRow(Base):
    """A person works as a clerk of one carrier."""

    __tablename__ = "logistics_carrier_clerk"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), primary_key=True)
    carrier_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_carrier.id"), index=True)
