"""Rows of live events: written once, numbered without gaps per session."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from livestream.room.types import LiveKind


class LiveCounterRow(Base):
    """The number of a session's last event; taking the next one locks this row."""

    __tablename__ = "livestream_counter"
    __table_args__ = (CheckConstraint("last >= 0", name="last_not_negative"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("livestream_session.id"), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class LiveEventRow(Base):
    """Something that happened in a session's room."""

    __tablename__ = "livestream_event"
    __table_args__ = (one_of("kind", LiveKind),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("livestream_session.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[LiveKind] = mapped_column(EnumText(LiveKind))
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(LiveEventRow, "livestream_event")
