"""The rows of announced events."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, UtcDateTime


class EventRow(Base):
    """One announced event; the jobs that deliver it name it by its id."""

    __tablename__ = "county_event"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    event: Mapped[str] = mapped_column(String(200))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_county_event_announced_at", "announced_at"),)
