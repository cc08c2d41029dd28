"""Rows of the bank's statement."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from shop.bank.types import LineKind

_IN_FORCE = text("reversed_at IS NULL")


class BankLineRow(Base):
    """One line of the bank's statement; a reference is in force once, as it stands there once."""

    __tablename__ = "shop_bank_line"
    __table_args__ = (
        one_of("kind", LineKind),
        CheckConstraint("fen > 0", name="fen_positive"),
        CheckConstraint(
            "(kind = 'alipay') = (seller_id IS NOT NULL) "
            "AND (kind = 'courier_in') = (carrier_id IS NOT NULL)",
            name="party_of_its_kind",
        ),
        CheckConstraint("kind <> 'spending' OR note <> ''", name="spent_on_something"),
        CheckConstraint(
            "(reversed_at IS NULL) = (reversed_by IS NULL) AND (reversed_at IS NULL) = (reverse_reason = '')",
            name="reversed_by_somebody_for_a_reason",
        ),
        Index(
            "uq_shop_bank_line_in_force",
            "reference",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[LineKind] = mapped_column(EnumText(LineKind))
    seller_id: Mapped[UUID | None] = mapped_column(ForeignKey("shop_seller.id"))
    carrier_id: Mapped[UUID | None] = mapped_column(ForeignKey("logistics_carrier.id"))
    fen: Mapped[int] = mapped_column(BigInteger)
    moved_on: Mapped[date] = mapped_column(Date)
    # As the bank writes it; migration 0008 told references apart that two sellers had, by an end such as /2.
    reference: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(80), default="")
    entry_key: Mapped[str] = mapped_column(String(200), unique=True)
    booked_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reversed_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reverse_reason: Mapped[str] = mapped_column(String(200), default="")
