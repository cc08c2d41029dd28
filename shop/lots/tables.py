"""Rows of lots and of the order lines packed from them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from shop.lots.types import LotState


class LotRow(Base):
    """A lot; one of a product is open at a time."""

    __tablename__ = "shop_lot"
    __table_args__ = (
        one_of("state", LotState),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_with_time"),
        CheckConstraint("(state = 'stopped') = (stopped_at IS NOT NULL)", name="stopped_with_time"),
        Index(
            "uq_shop_lot_open_product",
            "product_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("shop_product.id"), index=True)
    grower_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    state: Mapped[LotState] = mapped_column(EnumText(LotState))
    made_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stop_reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)


class LotUseRow(Base):
    """A line of an order and the lot it was packed from; written once, at packing."""

    __tablename__ = "shop_lot_use"
    __table_args__ = (
        ForeignKeyConstraint(
            ["order_id", "position"],
            ["shop_order_line.order_id", "shop_order_line.position"],
            name="fk_shop_lot_use_line",
        ),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    order_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("shop_lot.id"), index=True)
    order_no: Mapped[str] = mapped_column(String(20), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    quantity: Mapped[int] = mapped_column(Integer)
    packed_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(LotUseRow, "shop_lot_use")
