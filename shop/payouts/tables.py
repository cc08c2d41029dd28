"""Rows of settlements: how far an order's money is at Alipay, and the parts of every attempt to split it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from shop.payouts.types import SettlementState


class SettlementRow(Base):
    """The settlement of one sub-merchant's order."""

    __tablename__ = "shop_settlement"
    __table_args__ = (
        one_of("state", SettlementState),
        CheckConstraint("tries >= 1", name="tries_from_one"),
        CheckConstraint("state <> 'settled' OR stuck = ''", name="settled_is_not_stuck"),
        Index("ix_shop_settlement_state", "state"),
    )

    order_no: Mapped[str] = mapped_column(String(20), ForeignKey("shop_order.number"), primary_key=True)
    state: Mapped[SettlementState] = mapped_column(EnumText(SettlementState))
    stuck: Mapped[str] = mapped_column(String(100), default="")
    tries: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SettlementPartRow(Base):
    """What one split of an order was, and its receiver's account, when an attempt to split was sent."""

    __tablename__ = "shop_settlement_part"
    __table_args__ = (CheckConstraint("fen > 0", name="fen_positive"),)

    order_no: Mapped[str] = mapped_column(String(20), ForeignKey("shop_order.number"), primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    account: Mapped[str] = mapped_column(String(40))
    fen: Mapped[int] = mapped_column(BigInteger)


append_only(SettlementPartRow, "shop_settlement_part")
