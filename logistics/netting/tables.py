"""Rows of settlement periods and each courier's line in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import guard
from logistics.netting.types import PeriodState


class PeriodRow(Base):
    """A settlement period: a month such as 2026-10."""

    __tablename__ = "logistics_period"
    __table_args__ = (
        one_of("state", PeriodState),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_with_time"),
        CheckConstraint("closed_by IS NULL OR closed_by <> proposed_by", name="two_people"),
    )

    name: Mapped[str] = mapped_column(String(7), primary_key=True)
    state: Mapped[PeriodState] = mapped_column(EnumText(PeriodState))
    cost_fen: Mapped[int] = mapped_column(BigInteger)
    cost_rule: Mapped[str] = mapped_column(String(40))
    tours: Mapped[list[Any]] = mapped_column(JSON)
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"))
    reconciled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class PartyRow(Base):
    """A courier's line of a period: once per period and courier."""

    __tablename__ = "logistics_period_party"
    __table_args__ = (CheckConstraint("share_fen >= 0 AND agreed_fen >= 0", name="fen_not_negative"),)

    period: Mapped[str] = mapped_column(ForeignKey("logistics_period.name"), primary_key=True)
    carrier: Mapped[str] = mapped_column(ForeignKey("logistics_carrier.name"), primary_key=True)
    share_fen: Mapped[int] = mapped_column(BigInteger)
    alone_fen: Mapped[int] = mapped_column(BigInteger)
    parcels: Mapped[int] = mapped_column(Integer)
    agreed_fen: Mapped[int] = mapped_column(BigInteger)


_CLOSED = "SELECT 1 FROM logistics_period p WHERE p.name = {row}.period AND p.state = 'closed'"

# A closed period replays for ever: nothing of it can be changed, by no program.
guard(
    PartyRow,
    "logistics_period_closed",
    sqlite=(
        *(
            f"CREATE TRIGGER logistics_period_party_{moment.lower()} "
            f"BEFORE {moment} ON logistics_period_party "
            f"WHEN EXISTS ({_CLOSED.format(row=row)}) BEGIN SELECT RAISE(ABORT, 'the period is closed'); END"
            for moment, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
        ),
        "CREATE TRIGGER logistics_period_reopen BEFORE UPDATE ON logistics_period "
        "WHEN OLD.state = 'closed' BEGIN SELECT RAISE(ABORT, 'the period is closed'); END",
        "CREATE TRIGGER logistics_period_drop BEFORE DELETE ON logistics_period "
        "WHEN OLD.state = 'closed' BEGIN SELECT RAISE(ABORT, 'the period is closed'); END",
    ),
    postgresql=(
        "CREATE FUNCTION logistics_period_closed_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ DECLARE month text; BEGIN "
        "IF TG_OP = 'INSERT' THEN month := NEW.period; ELSE month := OLD.period; END IF; "
        "IF EXISTS (SELECT 1 FROM logistics_period p WHERE p.name = month AND p.state = 'closed') THEN "
        "RAISE EXCEPTION 'the period is closed' USING ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER logistics_period_party_closed BEFORE INSERT OR UPDATE OR DELETE "
        "ON logistics_period_party FOR EACH ROW EXECUTE FUNCTION logistics_period_closed_refuse()",
        "CREATE FUNCTION logistics_period_reopen_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF OLD.state = 'closed' THEN RAISE EXCEPTION 'the period is closed' "
        "USING ERRCODE = 'restrict_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER logistics_period_reopen BEFORE UPDATE OR DELETE "
        "ON logistics_period FOR EACH ROW EXECUTE FUNCTION logistics_period_reopen_refuse()",
    ),
)
