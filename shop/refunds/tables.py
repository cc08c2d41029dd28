"""Rows of refunds, their lines and parts, and the count that keeps each line below its price."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from shop.orders.types import Payee
from shop.refunds.types import RefundState


class RefundRow(Base):
    """A refund of an order."""

    __tablename__ = "shop_refund"
    __table_args__ = (
        one_of("state", RefundState),
        CheckConstraint("fen > 0", name="fen_positive"),
        CheckConstraint("freight_fen >= 0 AND freight_fen <= fen", name="freight_within"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_time"),
        UniqueConstraint("order_no", "key", name="uq_shop_refund_order_no_key"),
        Index("ix_shop_refund_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    order_no: Mapped[str] = mapped_column(String(20), ForeignKey("shop_order.number"))
    key: Mapped[str] = mapped_column(String(150))
    fen: Mapped[int] = mapped_column(BigInteger)
    freight_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[RefundState] = mapped_column(EnumText(RefundState))
    reason: Mapped[str] = mapped_column(String(200))
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RefundLineRow(Base):
    """How much of one line of the order a refund returns."""

    __tablename__ = "shop_refund_line"
    __table_args__ = (CheckConstraint("fen > 0", name="fen_positive"),)

    refund_id: Mapped[UUID] = mapped_column(ForeignKey("shop_refund.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    fen: Mapped[int] = mapped_column(BigInteger)


class RefundPartRow(Base):
    """How much of one split of the order returns with a refund."""

    __tablename__ = "shop_refund_part"
    __table_args__ = (one_of("payee", Payee), CheckConstraint("fen > 0", name="fen_positive"))

    refund_id: Mapped[UUID] = mapped_column(ForeignKey("shop_refund.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    payee: Mapped[Payee] = mapped_column(EnumText(Payee))
    payee_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"), index=True)
    grower_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    fen: Mapped[int] = mapped_column(BigInteger)


class RefundCountRow(Base):
    """What was paid for a line (−1: the freight) and how much of it is refunded, planned or done.

    Two refunds at once meet at this row: the guarded update of the slower one finds too little left.
    """

    __tablename__ = "shop_refund_count"
    __table_args__ = (
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= paid_fen", name="refunded_within"),
    )

    order_no: Mapped[str] = mapped_column(String(20), ForeignKey("shop_order.number"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    paid_fen: Mapped[int] = mapped_column(BigInteger)
    refunded_fen: Mapped[int] = mapped_column(BigInteger)


append_only(RefundLineRow, "shop_refund_line")
append_only(RefundPartRow, "shop_refund_part")
