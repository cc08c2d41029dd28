"""The rows of the log, their salts and their seals; the database itself refuses to change the past."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from county import guards
from county.database import Base, UtcDateTime

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")


class AuditRow(Base):
    """One thing that was done."""

    __tablename__ = "county_audit"

    id: Mapped[int] = mapped_column(SEQUENCE, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    role: Mapped[str] = mapped_column(String(40))
    on_behalf_of: Mapped[UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(100))
    object_kind: Mapped[str] = mapped_column(String(100))
    object_ref: Mapped[str] = mapped_column(String(200))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    personal: Mapped[dict[str, str]] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint("action <> '' AND object_kind <> ''", name="says_what"),
        Index("ix_county_audit_object", "object_kind", "object_ref"),
        Index("ix_county_audit_person_id", "person_id"),
        Index("ix_county_audit_at", "at"),
    )


class AuditSaltRow(Base):
    """The salt of a record's personal digests; without it they say nothing, and the chain stays whole."""

    __tablename__ = "county_audit_salt"

    audit_id: Mapped[int] = mapped_column(ForeignKey("county_audit.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))


class AuditSealRow(Base):
    """One link of the chain, written as the last thing before the commit."""

    __tablename__ = "county_audit_seal"

    sequence: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(ForeignKey("county_audit.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    __table_args__ = (CheckConstraint("sequence >= 1", name="from_one"),)


guards.append_only(AuditRow, "county_audit_kept")
guards.append_only(AuditSealRow, "county_audit_seal_kept")
guards.guard(
    AuditSealRow,
    "county_audit_seal_contiguous",
    sqlite=(
        "CREATE TRIGGER county_audit_seal_contiguous BEFORE INSERT ON county_audit_seal "
        "WHEN NEW.sequence <> 1 + coalesce((SELECT max(sequence) FROM county_audit_seal), 0) "
        "OR EXISTS (SELECT 1 FROM county_audit_seal WHERE audit_id = NEW.audit_id OR hash = NEW.hash) "
        "BEGIN SELECT RAISE(ABORT, 'county_audit_seal has no gaps'); END",
    ),
    postgresql=(
        # Its plan is kept: one made while the table was small must not read all of it ever after.
        "CREATE FUNCTION county_audit_seal_contiguous_refuse() RETURNS trigger LANGUAGE plpgsql "
        "SET enable_seqscan = off AS "
        "$$ BEGIN IF NEW.sequence <> 1 + coalesce((SELECT max(sequence) FROM county_audit_seal), 0) THEN "
        "RAISE EXCEPTION 'county_audit_seal has no gaps' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER county_audit_seal_contiguous BEFORE INSERT ON county_audit_seal "
        "FOR EACH ROW EXECUTE FUNCTION county_audit_seal_contiguous_refuse()",
    ),
)
