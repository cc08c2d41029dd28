"""Rows of payments, notices, instructions and suspense, with what must never happen as constraints."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from county.payments.types import FindingKind, InstructionState, PaymentState, Wish


class PaymentRow(Base):
    """The payment of one order: one trade number pays one order, and is refunded no more than once over."""

    __tablename__ = "county_payment"
    __table_args__ = (
        one_of("state", PaymentState),
        CheckConstraint("fen > 0", name="fen_positive"),
        CheckConstraint("refunding_fen >= 0 AND refunding_fen <= fen", name="refunding_within"),
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= refunding_fen", name="refunded_within"),
        CheckConstraint("state IN ('awaiting', 'closed') OR trade_no IS NOT NULL", name="paid_has_trade"),
        CheckConstraint("state IN ('awaiting', 'closed') OR paid_at IS NOT NULL", name="paid_has_time"),
        Index("ix_county_payment_next_ask_at", "next_ask_at"),
        Index("ix_county_payment_group_no", "group_no"),
        # The daily bill asks for a day's payments.
        Index("ix_county_payment_paid_at", "paid_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    group_no: Mapped[str] = mapped_column(String(64))
    out_trade_no: Mapped[str] = mapped_column(String(64), unique=True)
    fen: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(String(256))
    seller_id: Mapped[str] = mapped_column(String(32))
    sub_merchant_id: Mapped[str] = mapped_column(String(32))
    settle_days: Mapped[int] = mapped_column(Integer)
    holds_for_split: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[PaymentState] = mapped_column(EnumText(PaymentState))
    trade_no: Mapped[str | None] = mapped_column(String(64), unique=True)
    refunding_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    returns_to: Mapped[str] = mapped_column(String(500))
    asks: Mapped[int] = mapped_column(Integer, default=0)
    next_ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class PaymentNoticeRow(Base):
    """A notice that was accepted, once, as it came."""

    __tablename__ = "county_payment_notice"

    notify_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("county_payment.id"))
    trade_no: Mapped[str] = mapped_column(String(64))
    trade_status: Mapped[str] = mapped_column(String(40))
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    effect: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(PaymentNoticeRow, "county_payment_notice")


class SuspenseRow(Base):
    """Money of a second trade for an order that was paid already, until somebody settles it."""

    __tablename__ = "county_payment_suspense"
    __table_args__ = (CheckConstraint("fen > 0", name="fen_positive"),)

    trade_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("county_payment.id"))
    out_trade_no: Mapped[str] = mapped_column(String(64))
    fen: Mapped[int] = mapped_column(BigInteger)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InstructionRow(Base):
    """Something the provider is to do once, by a request number that is stored before the first call."""

    __tablename__ = "county_payment_instruction"
    __table_args__ = (
        one_of("wish", Wish),
        one_of("state", InstructionState),
        CheckConstraint("fen >= 0", name="fen_not_negative"),
        CheckConstraint("wish = 'transfer' OR payment_id IS NOT NULL", name="has_payment"),
        CheckConstraint(
            "state NOT IN ('done', 'refused') OR finished_at IS NOT NULL", name="finished_has_time"
        ),
        Index("ix_county_payment_instruction_payment_id", "payment_id"),
        # The daily bill asks for a day's refunds and splits, and for those of its trades.
        Index("ix_county_payment_instruction_finished_at", "finished_at"),
        Index("ix_county_payment_instruction_trade_no", "trade_no"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    wish: Mapped[Wish] = mapped_column(EnumText(Wish))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    request_no: Mapped[str] = mapped_column(String(64), unique=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_payment.id"))
    trade_no: Mapped[str | None] = mapped_column(String(64))
    fen: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[InstructionState] = mapped_column(EnumText(InstructionState))
    outcome: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BillRow(Base):
    """A day's bill that was read and compared."""

    __tablename__ = "county_payment_bill"

    bill_on: Mapped[date] = mapped_column(Date, primary_key=True)
    lines: Mapped[int] = mapped_column(Integer)
    findings: Mapped[int] = mapped_column(Integer)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BillTroubleRow(Base):
    """A day's bill that came and cannot be used, until one comes that can."""

    __tablename__ = "county_payment_bill_trouble"

    bill_on: Mapped[date] = mapped_column(Date, primary_key=True)
    why: Mapped[str] = mapped_column(String(300))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SettledRow(Base):
    """A refused instruction that somebody dealt with by hand, and what was done."""

    __tablename__ = "county_payment_settled"

    instruction_id: Mapped[UUID] = mapped_column(
        ForeignKey("county_payment_instruction.id"), primary_key=True
    )
    note: Mapped[str] = mapped_column(String(300))
    settled_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(SettledRow, "county_payment_settled")


class BillLineRow(Base):
    """A line of a bill: one payment or one refund of a trade, with its fee, as printed."""

    __tablename__ = "county_payment_bill_line"
    __table_args__ = (Index("ix_county_payment_bill_line_out_trade_no", "out_trade_no"),)

    trade_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    is_refund: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    out_trade_no: Mapped[str] = mapped_column(String(64))
    fen: Mapped[int] = mapped_column(BigInteger)
    fee_fen: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bill_on: Mapped[date] = mapped_column(Date)


class FindingRow(Base):
    """A difference between a bill and our books, until somebody settles it."""

    __tablename__ = "county_payment_finding"
    __table_args__ = (one_of("kind", FindingKind),)

    bill_on: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[FindingKind] = mapped_column(EnumText(FindingKind), primary_key=True)
    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    detail: Mapped[str] = mapped_column(String(64), primary_key=True)
    ours_fen: Mapped[int] = mapped_column(BigInteger)
    theirs_fen: Mapped[int] = mapped_column(BigInteger)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_note: Mapped[str] = mapped_column(String(300), default="")


class QrRow(Base):
    """What the QR code of a payment group shows; `text` is empty from the question to its answer."""

    __tablename__ = "county_payment_qr"

    group_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    # How many orders it pays: one that is cancelled makes it another payment.
    orders: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(String(4000))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
