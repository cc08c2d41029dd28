"""Rows of settlement periods and each courier's line in them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Integer, String
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
    claims_fen: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class CourierClaimRow(Base):
    """What a courier owes for one claim (`fen` below 0: one taken back), netted in one month."""

    __tablename__ = "logistics_courier_claim"
    __table_args__ = (CheckConstraint("fen <> 0", name="fen_not_zero"),)

    ref: Mapped[str] = mapped_column(String(60), primary_key=True)
    carrier: Mapped[str] = mapped_column(ForeignKey("logistics_carrier.name"), index=True)
    parcel_no: Mapped[str] = mapped_column(String(40))
    fen: Mapped[int] = mapped_column(BigInteger)
    booked_on: Mapped[date] = mapped_column(Date)
    period: Mapped[str | None] = mapped_column(ForeignKey("logistics_period.name"), index=True)


_REFUSED = "BEGIN SELECT RAISE(ABORT, 'the period is closed'); END"

# A closed period replays for ever: nothing of it can be changed, by no program, nor moved into it.
guard(
    PartyRow,
    "logistics_period_closed",
    sqlite=(
        *(
            f"CREATE TRIGGER logistics_period_party_{moment.lower()} "
            f"BEFORE {moment} ON logistics_period_party WHEN EXISTS (SELECT 1 FROM logistics_period p "
            f"WHERE p.name IN ({rows}) AND p.state = 'closed') {_REFUSED}"
            for moment, rows in (
                ("INSERT", "NEW.period"),
                ("UPDATE", "OLD.period, NEW.period"),
                ("DELETE", "OLD.period"),
            )
        ),
        "CREATE TRIGGER logistics_period_reopen BEFORE UPDATE ON logistics_period "
        f"WHEN OLD.state = 'closed' {_REFUSED}",
        "CREATE TRIGGER logistics_period_drop BEFORE DELETE ON logistics_period "
        f"WHEN OLD.state = 'closed' {_REFUSED}",
    ),
    postgresql=(
        "CREATE FUNCTION logistics_period_closed_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ DECLARE months text[]; BEGIN "
        "IF TG_OP = 'INSERT' THEN months := ARRAY[NEW.period]; "
        "ELSIF TG_OP = 'DELETE' THEN months := ARRAY[OLD.period]; "
        "ELSE months := ARRAY[OLD.period, NEW.period]; END IF; "
        "IF EXISTS (SELECT 1 FROM logistics_period p "
        "WHERE p.name = ANY (months) AND p.state = 'closed') THEN "
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
        "CREATE FUNCTION logistics_period_keep_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF EXISTS (SELECT 1 FROM logistics_period p WHERE p.state = 'closed') THEN "
        "RAISE EXCEPTION 'a period is closed' USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER logistics_period_party_keep BEFORE TRUNCATE "
        "ON logistics_period_party FOR EACH STATEMENT EXECUTE FUNCTION logistics_period_keep_refuse()",
        "CREATE TRIGGER logistics_period_keep BEFORE TRUNCATE "
        "ON logistics_period FOR EACH STATEMENT EXECUTE FUNCTION logistics_period_keep_refuse()",
    ),
)
