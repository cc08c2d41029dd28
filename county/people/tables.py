"""Rows of people, their roles, sign-ins and consents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.people.types import Role, TokenKind


class PersonRow(Base):
    """A person; an erased one keeps the row and loses name and phone."""

    __tablename__ = "county_person"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    locale: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoleRow(Base):
    """A role that a person has."""

    __tablename__ = "county_role"
    __table_args__ = (one_of("role", Role),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(EnumText(Role), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoleChangeRow(Base):
    """A role to be given or taken: proposed by one person, confirmed by another."""

    __tablename__ = "county_role_change"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_people"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    role: Mapped[Role] = mapped_column(EnumText(Role))
    grants: Mapped[bool]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TokenRow(Base):
    """A sign-in; the token itself is only stored as its SHA-256."""

    __tablename__ = "county_token"
    __table_args__ = (one_of("kind", TokenKind),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[TokenKind] = mapped_column(EnumText(TokenKind))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    acting_for_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInCodeRow(Base):
    """A one-time code sent to a phone; one is open per phone at a time."""

    __tablename__ = "county_sign_in_code"
    __table_args__ = (
        CheckConstraint("tries >= 0 AND tries <= 5", name="tries_in_range"),
        Index(
            "uq_county_sign_in_code_open",
            "phone",
            unique=True,
            sqlite_where=text("used_at IS NULL"),
            postgresql_where=text("used_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    phone: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignInFailureRow(Base):
    """A wrong sign-in, counted per account (a digest of the phone) and per address."""

    __tablename__ = "county_sign_in_failure"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    source: Mapped[str] = mapped_column(String(80), index=True)
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentRow(Base):
    """A farmer's written consent for a village agent; what it covers never changes, it can be withdrawn."""

    __tablename__ = "county_consent"
    __table_args__ = (
        CheckConstraint("farmer_id <> agent_id", name="two_people"),
        CheckConstraint("starts_at < ends_at", name="span"),
        UniqueConstraint("paper_ref"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    farmer_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), index=True)
    scopes: Mapped[list[Any]] = mapped_column(JSON)
    paper_ref: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
