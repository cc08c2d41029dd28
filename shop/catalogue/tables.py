"""Rows of products and their sizes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from shop.catalogue.types import Category, ProductState


class ProductRow(Base):
    """A product that a grower offers through a seller of record."""

    __tablename__ = "shop_product"
    __table_args__ = (one_of("category", Category), one_of("state", ProductState))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("shop_seller.id"), index=True)
    grower_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    place_code: Mapped[str] = mapped_column(ForeignKey("county_place.code"))
    title: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[Category] = mapped_column(EnumText(Category))
    state: Mapped[ProductState] = mapped_column(EnumText(ProductState))
    picture_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_picture.id"), index=True)
    # The price includes the freight (包邮): the buyer pays none, it is taken from the goods.
    freight_included: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)
    listed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SkuRow(Base):
    """A size of a product; `available` falls and rises only by guarded updates."""

    __tablename__ = "shop_sku"
    __table_args__ = (
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("price_fen > 0", name="price_positive"),
        CheckConstraint("weight_g > 0", name="weight_positive"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("shop_product.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(60))
    price_fen: Mapped[int] = mapped_column(BigInteger)
    weight_g: Mapped[int] = mapped_column(Integer)
    available: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, default=1)
