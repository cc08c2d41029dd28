"""Rows of rate cards."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base


class RateCardRow(Base):
    """What a carrier charges for a zone on a span of days, both ends included."""

    __tablename__ = "logistics_rate_card"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_to", name="span"),
        CheckConstraint("first_g > 0 AND step_g > 0 AND round_g > 0", name="grams_positive"),
        CheckConstraint("first_fen >= 0 AND step_fen >= 0", name="fen_not_negative"),
        CheckConstraint("volumetric_divisor >= 0", name="divisor_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    courier: Mapped[str] = mapped_column(String(60), index=True)
    zone: Mapped[str] = mapped_column(String(60))
    provinces: Mapped[str] = mapped_column(String(400))
    first_g: Mapped[int] = mapped_column(Integer)
    first_fen: Mapped[int] = mapped_column(BigInteger)
    step_g: Mapped[int] = mapped_column(Integer)
    step_fen: Mapped[int] = mapped_column(BigInteger)
    volumetric_divisor: Mapped[int] = mapped_column(Integer)
    round_g: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    is_for_shop: Mapped[bool]
