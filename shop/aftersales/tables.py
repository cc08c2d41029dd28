"""Rows of claims, their pictures and what happened to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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
from shop.aftersales.rules import UNSETTLED, WAITS
from shop.aftersales.types import (
    ClaimEvent,
    ClaimKind,
    ClaimReason,
    ClaimState,
    LiableParty,
    LiableWhy,
    Party,
)


def _any_of(states: tuple[ClaimState, ...]) -> str:
    return "state IN (" + ", ".join(f"'{state.value}'" for state in states) + ")"


class ClaimRow(Base):
    """A claim on a line of an order; a line has one unsettled claim at a time."""

    __tablename__ = "shop_claim"
    __table_args__ = (
        one_of("kind", ClaimKind),
        one_of("reason", ClaimReason),
        one_of("state", ClaimState),
        one_of("liable", LiableParty),
        one_of("liable_why", LiableWhy),
        ForeignKeyConstraint(
            ["order_id", "position"],
            ["shop_order_line.order_id", "shop_order_line.position"],
            name="fk_shop_claim_line",
        ),
        CheckConstraint("(kind = 'spoiled') = (pieces > 0)", name="pieces_when_spoiled"),
        CheckConstraint("spoiled >= 0 AND spoiled <= pieces", name="spoiled_within_pieces"),
        CheckConstraint("goods_fen >= 0 AND freight_fen >= 0", name="fen_not_negative"),
        CheckConstraint("goods_fen + freight_fen > 0", name="fen_positive"),
        CheckConstraint(f"({_any_of(tuple(WAITS))}) = (due_at IS NOT NULL)", name="waits_with_time"),
        CheckConstraint(f"({_any_of(UNSETTLED)}) = (closed_at IS NULL)", name="closed_with_time"),
        CheckConstraint("(liable IS NULL) = (liable_why IS NULL)", name="liable_with_reason"),
        Index(
            "uq_shop_claim_unsettled_line",
            "order_id",
            "position",
            unique=True,
            sqlite_where=text(_any_of(UNSETTLED)),
            postgresql_where=text(_any_of(UNSETTLED)),
        ),
        Index("ix_shop_claim_due", "state", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    order_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    order_no: Mapped[str] = mapped_column(String(20), index=True)
    position: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(60))
    carrier: Mapped[str] = mapped_column(String(60))
    kind: Mapped[ClaimKind] = mapped_column(EnumText(ClaimKind))
    reason: Mapped[ClaimReason] = mapped_column(EnumText(ClaimReason))
    spoiled: Mapped[int] = mapped_column(Integer)
    pieces: Mapped[int] = mapped_column(Integer)
    goods_fen: Mapped[int] = mapped_column(BigInteger)
    freight_fen: Mapped[int] = mapped_column(BigInteger)
    says: Mapped[str] = mapped_column(String(500))
    state: Mapped[ClaimState] = mapped_column(EnumText(ClaimState))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    grower_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("shop_lot.id"), index=True)
    waybill: Mapped[str] = mapped_column(String(40), default="")
    return_carrier: Mapped[str] = mapped_column(String(60), default="")
    liable: Mapped[LiableParty | None] = mapped_column(EnumText(LiableParty))
    liable_why: Mapped[LiableWhy | None] = mapped_column(EnumText(LiableWhy))
    lost_fen: Mapped[int | None] = mapped_column(BigInteger)
    booked: Mapped[int] = mapped_column(Integer, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=1)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class ClaimPictureRow(Base):
    """A picture that a buyer sent with a claim."""

    __tablename__ = "shop_claim_picture"

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("shop_claim.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    picture_id: Mapped[UUID] = mapped_column(ForeignKey("county_picture.id"), index=True)


class ClaimStepRow(Base):
    """Something that happened to a claim; `event` is empty for the claim itself."""

    __tablename__ = "shop_claim_step"
    __table_args__ = (one_of("event", ClaimEvent), one_of("party", Party))

    claim_id: Mapped[UUID] = mapped_column(ForeignKey("shop_claim.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[ClaimEvent | None] = mapped_column(EnumText(ClaimEvent))
    party: Mapped[Party] = mapped_column(EnumText(Party))
    says: Mapped[str] = mapped_column(String(500))


append_only(ClaimPictureRow, "shop_claim_picture")
append_only(ClaimStepRow, "shop_claim_step")
