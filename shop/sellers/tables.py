"""Rows of sellers of record and of the growers who sell through them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from shop.sellers.types import MoneyMode


class SellerRow(Base):
    """A seller of record; `merchant_id` is its Alipay account or sub-merchant number."""

    __tablename__ = "shop_seller"
    __table_args__ = (
        one_of("mode", MoneyMode),
        CheckConstraint("association_bp BETWEEN 0 AND 10000", name="association_bp_range"),
        CheckConstraint("cap_bp BETWEEN 0 AND 10000", name="cap_bp_range"),
        CheckConstraint("claim_hours BETWEEN 0 AND 2400", name="claim_hours_range"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    mode: Mapped[MoneyMode] = mapped_column(EnumText(MoneyMode))
    merchant_id: Mapped[str] = mapped_column(String(40))
    association_bp: Mapped[int] = mapped_column(Integer)
    cap_bp: Mapped[int] = mapped_column(Integer)
    claim_hours: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReturnAddressRow(Base):
    """Where buyers send goods of a seller back to; who has none on record cannot take goods back."""

    __tablename__ = "shop_return_address"

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("shop_seller.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer)


class GrowerRow(Base):
    """A grower sells through one seller of record at a time."""

    __tablename__ = "shop_grower"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), primary_key=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("shop_seller.id"), index=True)
    place_code: Mapped[str] = mapped_column(ForeignKey("county_place.code"))
    station: Mapped[str] = mapped_column(String(40))
