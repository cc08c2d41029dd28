"""Rows of attributed sales."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, UtcDateTime


class AttributedSaleRow(Base):
    """A paid order that came through a session's link: once per order."""

    __tablename__ = "livestream_attributed_sale"
    __table_args__ = (
        CheckConstraint("goods_fen >= 0 AND commission_fen >= 0", name="fen_not_negative"),
        CheckConstraint("commission_fen <= goods_fen", name="commission_within_goods"),
    )

    order_no: Mapped[str] = mapped_column(ForeignKey("shop_order.number"), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("livestream_session.id"), index=True)
    streamer_id: Mapped[UUID] = mapped_column(ForeignKey("livestream_streamer.person_id"), index=True)
    goods_fen: Mapped[int] = mapped_column(BigInteger)
    commission_fen: Mapped[int] = mapped_column(BigInteger)
    sold_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_final: Mapped[bool] = mapped_column(Boolean)
