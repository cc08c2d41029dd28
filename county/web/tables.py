"""Rows of answers already given, so that the same request sent twice is done once."""

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, UtcDateTime


class AnswerRow(Base):
    """The answer to one idempotency key of one owner, written in the transaction of its effect."""

    __tablename__ = "county_answer"

    owner: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(String(220), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer, default=0)
    body: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
