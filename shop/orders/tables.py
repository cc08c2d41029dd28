"""Rows of checkouts, orders, their lines, splits, consignments and payments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from shop.orders.types import OrderState, Payee


class CheckoutRow(Base):
    """What a buyer orders and pays in one go: one order per seller of record."""

    __tablename__ = "shop_checkout"
    __table_args__ = (CheckConstraint("total_fen > 0", name="total_positive"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    total_fen: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(20))
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(40))
    county: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(200))
    source_ref: Mapped[str] = mapped_column(String(400))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrderRow(Base):
    """An order at one seller of record; its number is also its payment's out_trade_no."""

    __tablename__ = "shop_order"
    __table_args__ = (
        one_of("state", OrderState),
        CheckConstraint("goods_fen > 0", name="goods_positive"),
        CheckConstraint("freight_fen >= 0", name="freight_not_negative"),
        CheckConstraint("(state <> 'paid') OR paid_at IS NOT NULL", name="paid_has_time"),
        Index("ix_shop_order_expiry", "state", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    checkout_id: Mapped[UUID] = mapped_column(ForeignKey("shop_checkout.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("shop_seller.id"), index=True)
    state: Mapped[OrderState] = mapped_column(EnumText(OrderState))
    reason: Mapped[str] = mapped_column(String(40), default="")
    goods_fen: Mapped[int] = mapped_column(BigInteger)
    freight_fen: Mapped[int] = mapped_column(BigInteger)
    carrier: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer, default=1)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claim_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OrderLineRow(Base):
    """A line of an order; never changed after the order is placed."""

    __tablename__ = "shop_order_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("shop_order.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    sku_id: Mapped[UUID] = mapped_column(ForeignKey("shop_sku.id"), index=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("shop_product.id"), index=True)
    grower_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    title: Mapped[str] = mapped_column(String(60))
    sku_name: Mapped[str] = mapped_column(String(60))
    quantity: Mapped[int] = mapped_column(Integer)
    price_fen: Mapped[int] = mapped_column(BigInteger)
    weight_g: Mapped[int] = mapped_column(Integer)


class OrderSplitRow(Base):
    """A part of an order and who receives it, fixed before the payment."""

    __tablename__ = "shop_order_split"
    __table_args__ = (one_of("payee", Payee), CheckConstraint("fen >= 0", name="fen_not_negative"))

    order_id: Mapped[UUID] = mapped_column(ForeignKey("shop_order.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    payee: Mapped[Payee] = mapped_column(EnumText(Payee))
    payee_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"), index=True)
    grower_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    fen: Mapped[int] = mapped_column(BigInteger)


class OrderConsignmentRow(Base):
    """The part of an order that one grower packs."""

    __tablename__ = "shop_order_consignment"
    __table_args__ = (one_of("state", OrderState),)

    order_id: Mapped[UUID] = mapped_column(ForeignKey("shop_order.id"), primary_key=True)
    grower_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), primary_key=True, index=True)
    state: Mapped[OrderState] = mapped_column(EnumText(OrderState))
    parcel_no: Mapped[str | None] = mapped_column(String(40), unique=True)


class OrderPaymentRow(Base):
    """The payment of an order: one trade pays one order, one order is paid by one trade."""

    __tablename__ = "shop_order_payment"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("shop_order.id"), primary_key=True)
    trade_no: Mapped[str] = mapped_column(String(64), unique=True)
    fen: Mapped[int] = mapped_column(BigInteger)
    paid_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(OrderLineRow, "shop_order_line")
append_only(OrderSplitRow, "shop_order_split")
append_only(OrderPaymentRow, "shop_order_payment")
