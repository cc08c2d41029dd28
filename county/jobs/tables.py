"""The rows of jobs and of the daily bells that were rung."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.jobs.types import JobState

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
_OPEN = text("state IN ('due', 'running')")


class JobRow(Base):
    """One job; the pair of kind and key protects for ever against doing it twice."""

    __tablename__ = "county_job"

    id: Mapped[int] = mapped_column(SEQUENCE, primary_key=True)
    kind: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(300))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[JobState] = mapped_column(EnumText(JobState))
    attempts: Mapped[int] = mapped_column(BigInteger)
    last_error: Mapped[str] = mapped_column(Text)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_parts: Mapped[int] = mapped_column(BigInteger)
    all_parts: Mapped[int] = mapped_column(BigInteger)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("kind", "key", name="uq_county_job_kind_key"),
        one_of("state", JobState),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
        # Done jobs stay for their keys; the workers only ever look at the open ones.
        Index("ix_county_job_open", "run_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )


class BellRingRow(Base):
    """A daily bell that was rung for a county day."""

    __tablename__ = "county_bell_ring"

    bell: Mapped[str] = mapped_column(String(100), primary_key=True)
    rung_on: Mapped[date] = mapped_column(primary_key=True)
    rung_at: Mapped[datetime] = mapped_column(UtcDateTime)
