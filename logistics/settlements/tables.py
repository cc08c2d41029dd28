"""Rows of stored statements: one per courier and month."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import guard
from logistics.settlements.types import StatementState


class StatementRow(Base):
    """A courier's statement of a month; the file lies in the files folder under its SHA-256."""

    __tablename__ = "logistics_statement"
    __table_args__ = (
        one_of("state", StatementState),
        UniqueConstraint("period", "carrier"),
        CheckConstraint("(state = 'agreed') = (agreed_fen IS NOT NULL)", name="agreed_with_amount"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    carrier: Mapped[str] = mapped_column(ForeignKey("logistics_carrier.name"))
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[StatementState] = mapped_column(EnumText(StatementState))
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    why: Mapped[str] = mapped_column(Text, default="")
    agreed_fen: Mapped[int | None] = mapped_column(BigInteger)
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


# A statement of a closed month stays as it was netted. On PostgreSQL the month's row is held, so that nobody
# closes it meanwhile; whoever comes too late begins again and is then refused by the service.
guard(
    StatementRow,
    "logistics_statement_closed",
    sqlite=tuple(
        f"CREATE TRIGGER logistics_statement_{moment.lower()} BEFORE {moment} ON logistics_statement "
        f"WHEN EXISTS (SELECT 1 FROM logistics_period p WHERE p.name IN ({rows}) AND p.state = 'closed') "
        "BEGIN SELECT RAISE(ABORT, 'the period is closed'); END"
        for moment, rows in (
            ("INSERT", "NEW.period"),
            ("UPDATE", "OLD.period, NEW.period"),
            ("DELETE", "OLD.period"),
        )
    ),
    postgresql=(
        "CREATE FUNCTION logistics_statement_closed_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ DECLARE months text[]; BEGIN "
        "IF TG_OP = 'INSERT' THEN months := ARRAY[NEW.period]; "
        "ELSIF TG_OP = 'DELETE' THEN months := ARRAY[OLD.period]; "
        "ELSE months := ARRAY[OLD.period, NEW.period]; END IF; "
        "PERFORM 1 FROM logistics_period p WHERE p.name = ANY (months) ORDER BY p.name FOR SHARE; "
        "IF EXISTS (SELECT 1 FROM logistics_period p "
        "WHERE p.name = ANY (months) AND p.state = 'closed') THEN "
        "RAISE EXCEPTION 'the period is closed' USING ERRCODE = 'serialization_failure'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER logistics_statement_closed BEFORE INSERT OR UPDATE OR DELETE "
        "ON logistics_statement FOR EACH ROW EXECUTE FUNCTION logistics_statement_closed_refuse()",
    ),
)
