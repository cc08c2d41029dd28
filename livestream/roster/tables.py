"""Rows of streamers and of the spans in which they can go on air."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from livestream.guards import no_overlap
from livestream.roster.types import Level


class StreamerRow(Base):
    """A streamer; `guardian_paper` names the guardian's consent of a 16- or 17-year-old."""

    __tablename__ = "livestream_streamer"
    __table_args__ = (one_of("level", Level),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), primary_key=True)
    level: Mapped[Level] = mapped_column(EnumText(Level))
    born_on: Mapped[date] = mapped_column(Date)
    guardian_paper: Mapped[str] = mapped_column(String(60))
    certified_until: Mapped[date] = mapped_column(Date)


class AvailabilityRow(Base):
    """A span in which a streamer can go on air; spans of one streamer do not overlap."""

    __tablename__ = "livestream_availability"
    __table_args__ = (CheckConstraint("start_at < end_at", name="span"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    streamer_id: Mapped[UUID] = mapped_column(ForeignKey("livestream_streamer.person_id"), index=True)
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)


no_overlap(AvailabilityRow, "livestream_availability_once", who="streamer_id")
