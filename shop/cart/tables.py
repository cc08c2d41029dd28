"""Rows of carts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, UtcDateTime


class CartLineRow(Base):
    """A size in a buyer's cart, and the live-room link it was put there from."""

    __tablename__ = "shop_cart_line"
    __table_args__ = (CheckConstraint("quantity BETWEEN 1 AND 9999", name="quantity_range"),)

    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("shop_sku.id"), primary_key=True)
    quantity: Mapped[int] = mapped_column(Integer)
    source_ref: Mapped[str] = mapped_column(String(400))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
