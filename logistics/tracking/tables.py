"""Rows of tracking events: written once, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from logistics.tracking.types import Cause, EventKind, Reason, Source

_PICTURED = text("picture_id IS NOT NULL")


class TrackingEventRow(Base):
    """Something that happened to a parcel; the same thing told twice is one row."""

    __tablename__ = "logistics_tracking_event"
    __table_args__ = (
        one_of("kind", EventKind),
        one_of("source", Source),
        one_of("reason", Reason),
        one_of("cause", Cause),
        CheckConstraint(
            "kind = 'on_hold' OR (reason = 'unsaid' AND cause = 'unsaid')", name="reason_when_held"
        ),
        # Damaged and lost, told at the same minute, are two things, whichever comes first.
        UniqueConstraint(
            "parcel_no",
            "kind",
            "at",
            "place",
            "reason",
            "cause",
            name="uq_logistics_tracking_event_told_once",
        ),
        # Few events have a picture; who may see it is asked each time it is fetched.
        Index(
            "ix_logistics_tracking_event_picture_id",
            "picture_id",
            sqlite_where=_PICTURED,
            postgresql_where=_PICTURED,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    parcel_no: Mapped[str] = mapped_column(ForeignKey("logistics_parcel.parcel_no"))
    kind: Mapped[EventKind] = mapped_column(EnumText(EventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(String(80))
    source: Mapped[Source] = mapped_column(EnumText(Source))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[Reason] = mapped_column(EnumText(Reason))
    cause: Mapped[Cause] = mapped_column(EnumText(Cause))
    note: Mapped[str] = mapped_column(String(200))
    picture_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_picture.id"))


class TrackingMistakeRow(Base):
    """Damage or loss that was told by mistake, and how that came about; the audit log keeps who says so."""

    __tablename__ = "logistics_tracking_mistake"
    __table_args__ = (CheckConstraint("why <> ''", name="why_said"),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tracking_event.id"), primary_key=True)
    why: Mapped[str] = mapped_column(String(200))
    taken_back_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(TrackingEventRow, "logistics_tracking_event")
append_only(TrackingMistakeRow, "logistics_tracking_mistake")
