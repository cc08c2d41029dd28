"""Rows of pay runs, their items, the entries each item pays, bank files and the bank's answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from county.sealed import SealedText
from shop.payruns.types import FileForm, ItemState, RunKind, RunState

_OPEN = text("state IN ('draft', 'confirmed', 'exported')")
_LIVE = text("is_live")


class PayRunRow(Base):
    """A pay run; of one kind only one is open at a time, or two would pay the same money."""

    __tablename__ = "shop_pay_run"
    __table_args__ = (
        one_of("kind", RunKind),
        one_of("state", RunState),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> created_by", name="two_people"),
        CheckConstraint(
            "state NOT IN ('confirmed', 'exported', 'sent', 'done') OR confirmed_by IS NOT NULL",
            name="confirmed_first",
        ),
        CheckConstraint("(state IN ('sent', 'done')) = (sent_at IS NOT NULL)", name="sent_with_time"),
        Index("uq_shop_pay_run_open", "kind", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[RunKind] = mapped_column(EnumText(RunKind))
    state: Mapped[RunState] = mapped_column(EnumText(RunState))
    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(String(200), default="")


class PayItemRow(Base):
    """One payment to a person or a carrier; its number is the serial that the bank gets and answers with."""

    __tablename__ = "shop_pay_item"
    __table_args__ = (
        one_of("state", ItemState),
        UniqueConstraint("run_id", "person_id", name="uq_shop_pay_item_person"),
        UniqueConstraint("run_id", "carrier_id", name="uq_shop_pay_item_carrier"),
        CheckConstraint("(person_id IS NULL) <> (carrier_id IS NULL)", name="one_payee"),
        CheckConstraint("gross_fen > 0", name="gross_positive"),
        CheckConstraint("withheld_fen >= 0 AND withheld_fen < gross_fen", name="withheld_less"),
        CheckConstraint("(state IN ('paid', 'returned')) = (settled_at IS NOT NULL)", name="settled_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("shop_pay_run.id"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"), index=True)
    carrier_id: Mapped[UUID | None] = mapped_column(ForeignKey("logistics_carrier.id"), index=True)
    payee_account_id: Mapped[UUID] = mapped_column(ForeignKey("shop_payee_account.id"))
    account: Mapped[str] = mapped_column(String(200))
    gross_fen: Mapped[int] = mapped_column(BigInteger)
    withheld_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[ItemState] = mapped_column(EnumText(ItemState))
    reason: Mapped[str] = mapped_column(String(200), default="")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Set when somebody decided to try the account again to which the bank could not pay.
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def payee_id(self) -> UUID:
        """Give the person or the carrier who is paid."""
        payee_id = self.person_id or self.carrier_id
        assert payee_id is not None
        return payee_id


class PayItemEntryRow(Base):
    """A ledger entry that an item pays; in force (`is_live`) for one item at a time, whoever asks."""

    __tablename__ = "shop_pay_item_entry"
    __table_args__ = (
        Index(
            "uq_shop_pay_item_entry_live",
            "account",
            "entry_key",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    item_id: Mapped[UUID] = mapped_column(ForeignKey("shop_pay_item.id"), primary_key=True)
    entry_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    account: Mapped[str] = mapped_column(String(200))
    fen: Mapped[int] = mapped_column(BigInteger)
    order_no: Mapped[str | None] = mapped_column(String(20))
    is_live: Mapped[bool] = mapped_column(Boolean, default=True)


class PayFileRow(Base):
    """A bank file as it was made once, sealed: it holds whole account numbers."""

    __tablename__ = "shop_pay_file"
    __table_args__ = (one_of("form", FileForm),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("shop_pay_run.id"), primary_key=True)
    form: Mapped[FileForm] = mapped_column(EnumText(FileForm), primary_key=True)
    content: Mapped[str] = mapped_column(SealedText("shop_pay_file.content"))
    sha256: Mapped[str] = mapped_column(String(64))


class PayAnswerRow(Base):
    """A bank's answer: the same file is used once per run."""

    __tablename__ = "shop_pay_answer"
    __table_args__ = (UniqueConstraint("run_id", "sha256", name="uq_shop_pay_answer_file"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("shop_pay_run.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paid: Mapped[int] = mapped_column(Integer)
    returned: Mapped[int] = mapped_column(Integer)
    faults: Mapped[list[Any]] = mapped_column(JSON)


append_only(PayFileRow, "shop_pay_file")
append_only(PayAnswerRow, "shop_pay_answer")
