"""Rows of studios."""

from uuid import UUID

from sqlalchemy import Boolean, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base


class StudioRow(Base):
    """A studio; a cold one can show goods that must stay cold."""

    __tablename__ = "livestream_studio"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    is_cold: Mapped[bool] = mapped_column(Boolean)
