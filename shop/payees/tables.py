"""Rows of the accounts of people and of couriers; history is kept, numbers stand sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.sealed import SealedText
from shop.payees.types import AccountKind, AccountState

_CONFIRMED = text("state = 'confirmed'")
_PROPOSED = text("state = 'proposed'")


class PayeeAccountRow(Base):
    """An account of a person or a carrier: proposed by one, confirmed by another, usable from a day later."""

    __tablename__ = "shop_payee_account"
    __table_args__ = (
        one_of("kind", AccountKind),
        one_of("state", AccountState),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_people"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> person_id", name="not_by_owner"),
        CheckConstraint(
            "(state IN ('confirmed', 'replaced')) = (usable_from IS NOT NULL)", name="usable_when_confirmed"
        ),
        CheckConstraint(
            "usable_from IS NULL OR (confirmed_by IS NOT NULL AND usable_from > confirmed_at)",
            name="cooling_off",
        ),
        CheckConstraint("(person_id IS NULL) <> (carrier_id IS NULL)", name="one_payee"),
        CheckConstraint("carrier_id IS NULL OR kind = 'bank'", name="firms_have_a_bank"),
        Index(
            "uq_shop_payee_account_current",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=_CONFIRMED,
            postgresql_where=_CONFIRMED,
        ),
        Index(
            "uq_shop_payee_account_proposal",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=_PROPOSED,
            postgresql_where=_PROPOSED,
        ),
        Index(
            "uq_shop_payee_account_carrier_current",
            "carrier_id",
            "kind",
            unique=True,
            sqlite_where=_CONFIRMED,
            postgresql_where=_CONFIRMED,
        ),
        Index(
            "uq_shop_payee_account_carrier_proposal",
            "carrier_id",
            "kind",
            unique=True,
            sqlite_where=_PROPOSED,
            postgresql_where=_PROPOSED,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"), index=True)
    carrier_id: Mapped[UUID | None] = mapped_column(ForeignKey("logistics_carrier.id"), index=True)
    kind: Mapped[AccountKind] = mapped_column(EnumText(AccountKind))
    number: Mapped[str] = mapped_column(SealedText("shop_payee_account.number"))
    holder: Mapped[str] = mapped_column(String(60))
    bank: Mapped[str] = mapped_column(String(60))
    branch: Mapped[str] = mapped_column(String(60))
    state: Mapped[AccountState] = mapped_column(EnumText(AccountState), index=True)
    consent_paper: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer, default=1)
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    usable_from: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def payee_id(self) -> UUID:
        """Give the person or the carrier whose account it is."""
        payee_id = self.person_id or self.carrier_id
        assert payee_id is not None
        return payee_id
