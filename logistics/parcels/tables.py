"""Rows of parcels."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from logistics.parcels.types import Direction, ParcelState


class ParcelRow(Base):
    """A parcel; its state follows its tracking events."""

    __tablename__ = "logistics_parcel"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("state", ParcelState),
        UniqueConstraint("carrier", "waybill"),
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("weight_g > 0", name="weight_positive"),
        CheckConstraint("volume_cm3 >= 0", name="volume_not_negative"),
        CheckConstraint("cod_fen >= 0", name="cod_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    parcel_no: Mapped[str] = mapped_column(String(20), unique=True)
    waybill: Mapped[str] = mapped_column(String(40))
    carrier: Mapped[str] = mapped_column(String(60), index=True)
    direction: Mapped[Direction] = mapped_column(EnumText(Direction))
    station: Mapped[str] = mapped_column(String(40), index=True)
    units: Mapped[int] = mapped_column(Integer)
    weight_g: Mapped[int] = mapped_column(Integer)
    volume_cm3: Mapped[int] = mapped_column(Integer)
    cod_fen: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(20))
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(40))
    county: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(200))
    order_ref: Mapped[str] = mapped_column(String(20), index=True)
    state: Mapped[ParcelState] = mapped_column(EnumText(ParcelState), index=True)
    taken_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ready_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)
