"""Rows of tracking events: written once, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from logistics.tracking.types import EventKind, Source


class TrackingEventRow(Base):
    """Something that happened to a parcel; the same thing told twice is one row."""

    __tablename__ = "logistics_tracking_event"
    __table_args__ = (
        one_of("kind", EventKind),
        one_of("source", Source),
        UniqueConstraint("parcel_no", "kind", "at", "place"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    parcel_no: Mapped[str] = mapped_column(ForeignKey("logistics_parcel.parcel_no"))
    kind: Mapped[EventKind] = mapped_column(EnumText(EventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    place: Mapped[str] = mapped_column(String(80))
    source: Mapped[Source] = mapped_column(EnumText(Source))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(TrackingEventRow, "logistics_tracking_event")
