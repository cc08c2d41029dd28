"""Rows of stored statements: one per courier and month."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from logistics.settlements.types import StatementState


class StatementRow(Base):
    """A courier's statement of a month; the file lies in the files folder under its SHA-256."""

    __tablename__ = "logistics_statement"
    __table_args__ = (
        one_of("state", StatementState),
        UniqueConstraint("period", "carrier"),
        CheckConstraint("(state = 'agreed') = (agreed_fen IS NOT NULL)", name="agreed_with_amount"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    carrier: Mapped[str] = mapped_column(ForeignKey("logistics_carrier.name"))
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[StatementState] = mapped_column(EnumText(StatementState))
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    why: Mapped[str] = mapped_column(Text, default="")
    agreed_fen: Mapped[int | None] = mapped_column(BigInteger)
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)
