"""Rows of money that arrived in the bank account."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from shop.withdrawals.types import Source

_IN_FORCE = text("reversed_at IS NULL")


class WithdrawalRow(Base):
    """One arrival on the bank's statement; a seller's reference is in force once, whoever books it."""

    __tablename__ = "shop_withdrawal"
    __table_args__ = (
        one_of("source", Source),
        CheckConstraint("fen > 0", name="fen_positive"),
        CheckConstraint(
            "(reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reverse_reason = '')",
            name="reversed_by_somebody_for_a_reason",
        ),
        Index(
            "uq_shop_withdrawal_in_force",
            "seller_id",
            "reference",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("shop_seller.id"))
    source: Mapped[Source] = mapped_column(EnumText(Source))
    fen: Mapped[int] = mapped_column(BigInteger)
    arrived_on: Mapped[date] = mapped_column(Date)
    reference: Mapped[str] = mapped_column(String(60))
    entry_key: Mapped[str] = mapped_column(String(200), unique=True)
    booked_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reversed_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reverse_reason: Mapped[str] = mapped_column(String(200), default="")
