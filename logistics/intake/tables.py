"""Rows of uploaded daily files; what was read is kept with them until they are taken in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from logistics.intake.types import FileState


class DailyFileRow(Base):
    """A courier's daily file; the same file of the same carrier is there once."""

    __tablename__ = "logistics_daily_file"
    __table_args__ = (one_of("state", FileState), UniqueConstraint("carrier", "sha256"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    carrier: Mapped[str] = mapped_column(ForeignKey("logistics_carrier.name"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[FileState] = mapped_column(EnumText(FileState))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    taken_in: Mapped[int] = mapped_column(Integer, default=0)
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LayoutRow(Base):
    """How a carrier's file was laid out last time: field → column, remembered for the next."""

    __tablename__ = "logistics_layout"

    carrier: Mapped[str] = mapped_column(ForeignKey("logistics_carrier.name"), primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
