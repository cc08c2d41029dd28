"""Rows of sessions; the database refuses that a streamer or a studio is booked twice."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from livestream.guards import no_overlap
from livestream.sessions.types import SessionState

BOOKED = "state IN ('confirmed', 'live')"


class SessionRow(Base):
    """A livestream session."""

    __tablename__ = "livestream_session"
    __table_args__ = (
        one_of("state", SessionState),
        CheckConstraint("start_at < end_at", name="span"),
        CheckConstraint(
            "state IN ('requested', 'cancelled') OR (streamer_id IS NOT NULL AND studio_id IS NOT NULL)",
            name="booked_with_streamer_and_studio",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    farmer_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    streamer_id: Mapped[UUID | None] = mapped_column(ForeignKey("livestream_streamer.person_id"), index=True)
    studio_id: Mapped[UUID | None] = mapped_column(ForeignKey("livestream_studio.id"), index=True)
    start_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[SessionState] = mapped_column(EnumText(SessionState))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class SessionProductRow(Base):
    """A product of a session and the commission promised for it."""

    __tablename__ = "livestream_session_product"
    __table_args__ = (CheckConstraint("commission_bp BETWEEN 0 AND 5000", name="commission_range"),)

    session_id: Mapped[UUID] = mapped_column(ForeignKey("livestream_session.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("shop_product.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    commission_bp: Mapped[int] = mapped_column(Integer)


no_overlap(SessionRow, "livestream_session_streamer_once", who="streamer_id", only_if=BOOKED)
no_overlap(SessionRow, "livestream_session_studio_once", who="studio_id", only_if=BOOKED)
