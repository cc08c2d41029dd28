"""Rows of weigh slips, purchase papers, what each invoice covers, and uploaded tables of papers."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from shop.papers.types import FileState, PaperKind

_FIRST = text("corrects_id IS NULL")
_LIVE = text("is_live")
_VALID = text("voided_at IS NULL")


class WeighSlipRow(Base):
    """A weigh slip; never changed, corrected at most once by another that names it."""

    __tablename__ = "shop_weigh_slip"
    __table_args__ = (
        CheckConstraint("net_g > 0 AND net_g <= gross_g", name="net_within_gross"),
        CheckConstraint("fen >= 0", name="fen_not_negative"),
        Index(
            "uq_shop_weigh_slip_line",
            "order_no",
            "line",
            unique=True,
            sqlite_where=_FIRST,
            postgresql_where=_FIRST,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    grower_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    order_no: Mapped[str] = mapped_column(ForeignKey("shop_order.number"), index=True)
    line: Mapped[int] = mapped_column(Integer)
    what: Mapped[str] = mapped_column(String(140))
    gross_g: Mapped[int] = mapped_column(Integer)
    net_g: Mapped[int] = mapped_column(Integer)
    fen: Mapped[int] = mapped_column(BigInteger)
    on: Mapped[date] = mapped_column("weighed_on", Date)
    weighed_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("shop_weigh_slip.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(200), default="")


class PurchasePaperRow(Base):
    """A purchase paper; a wrong one is voided and stays on record."""

    __tablename__ = "shop_purchase_paper"
    __table_args__ = (
        one_of("kind", PaperKind),
        CheckConstraint("from_on < to_on", name="span"),
        CheckConstraint("(kind = 'invoice') = (fen IS NOT NULL)", name="invoice_has_amount"),
        CheckConstraint("fen IS NULL OR fen > 0", name="fen_positive"),
        Index(
            "uq_shop_purchase_paper_number",
            "kind",
            "code",
            "number",
            unique=True,
            sqlite_where=_VALID,
            postgresql_where=_VALID,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[PaperKind] = mapped_column(EnumText(PaperKind))
    grower_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(40))
    issued_on: Mapped[date] = mapped_column(Date)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    fen: Mapped[int | None] = mapped_column(BigInteger)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str] = mapped_column(String(200), default="")


class PaperSlipRow(Base):
    """A slip that an invoice was written for; in force for one invoice at a time."""

    __tablename__ = "shop_paper_slip"
    __table_args__ = (
        Index("uq_shop_paper_slip_live", "slip_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    paper_id: Mapped[UUID] = mapped_column(ForeignKey("shop_purchase_paper.id"), primary_key=True)
    slip_id: Mapped[UUID] = mapped_column(ForeignKey("shop_weigh_slip.id"), primary_key=True)
    is_live: Mapped[bool] = mapped_column(Boolean, default=True)


class PaperFileRow(Base):
    """An uploaded table of papers: the same file is one row, however often it is sent."""

    __tablename__ = "shop_paper_file"
    __table_args__ = (one_of("state", FileState),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    rows: Mapped[list[Any]] = mapped_column(JSON)
    faults: Mapped[list[Any]] = mapped_column(JSON)
    state: Mapped[FileState] = mapped_column(EnumText(FileState))
    taken_in: Mapped[int] = mapped_column(Integer, default=0)
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(WeighSlipRow, "shop_weigh_slip")
