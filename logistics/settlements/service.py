"""Use cases of settlements: keeping a statement, reading it against our records, agreeing on it."""

import csv
import hashlib
import os
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from county import clock
from county.audit import service as audit
from county.audit.types import Actor
from county.database import changed_rows, insert_once
from county.errors import NotFound, Stale
from county.ids import new_id
from county.jobs import service as jobs
from county.ledger import service as ledger
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, ParcelState
from logistics.rates import service as rates
from logistics.rates.types import RateCard
from logistics.settlements import rules
from logistics.settlements.tables import StatementRow
from logistics.settlements.types import (
    Discrepancy,
    Findings,
    PeriodClosed,
    ReasonSum,
    SentParcel,
    Statement,
    StatementAgreed,
    StatementEvent,
    StatementState,
    UnreadableRow,
)
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind

JOB = "reconcile_statement"
# Parcels in these states never left with the carrier.
NOT_SENT = (ParcelState.PENDING, ParcelState.CANCELLED)
_findings: TypeAdapter[Findings] = TypeAdapter(Findings)
RATE_COLUMNS = (
    "courier", "zone", "provinces", "first_g", "first_fen", "step_g", "step_fen",
    "volumetric_divisor", "round_g", "valid_from", "valid_to",
)  # fmt: skip
WAYBILL_COLUMNS = (
    "waybill", "courier", "picked_up_on", "province", "weight_g", "volume_cm3", "cod_fen", "status",
)  # fmt: skip


def keep_file(folder: Path, *, path: Path) -> str:
    """Copy an uploaded statement into the files folder under its SHA-256; outside any transaction."""
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    kept = statement_path(folder, sha256=sha256, name=path.name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{os.getpid()}.new")
    beside.write_bytes(content)
    os.replace(beside, kept)
    return sha256


def statement_path(folder: Path, *, sha256: str, name: str) -> Path:
    """Give where a kept statement lies; the ending tells CSV from XLSX."""
    return folder / "statements" / (sha256 + Path(name).suffix.lower())


def store_statement(
    db: Session,
    *,
    period: str,
    carrier: str,
    file_name: str,
    sha256: str,
    person_id: UUID,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Keep a courier's statement of a month, in place of one that is not agreed yet; a job reads it.

    Refuses: `BadPeriod`, `PeriodClosed`, `StatementAgreed`.
    """
    if is_closed(db, period=period):
        raise PeriodClosed(period=period)
    values: dict[str, Any] = {
        "period": period,
        "carrier": carrier,
        "file_name": file_name[:120],
        "sha256": sha256,
        "state": StatementState.UPLOADED,
        "findings": None,
        "why": "",
        "uploaded_by": person_id,
        "uploaded_at": now,
        "version": 1,
    }
    before = ""
    statement_id = new_id()
    if not insert_once(db, StatementRow, {"id": statement_id, **values}):
        row = db.scalars(
            select(StatementRow).where(StatementRow.period == period, StatementRow.carrier == carrier)
        ).one()
        if row.state is StatementState.AGREED:
            raise StatementAgreed(carrier=carrier, period=period)
        before, statement_id = row.sha256, row.id
        _move(db, row, StatementEvent.REPLACE, values | {"version": row.version + 1})
    payload = {"statement_id": str(statement_id), "sha256": sha256}
    key = f"{statement_id}:{sha256}:{now.isoformat()}"
    jobs.plan_job(db, kind=JOB, key=key, payload=payload, run_at=now, now=now)
    audit.record(
        db,
        actor=actor,
        action="statement.uploaded",
        object=("statement", f"{period} {carrier}"),
        before={"sha256": before},
        after={"sha256": sha256},
        now=now,
    )
    return statement_id


def reconcile_file(
    path: Path, *, period: str, carrier: str, sent: Sequence[SentParcel], cards: Sequence[RateCard]
) -> Findings:
    """Read a statement against parcels and rate cards; outside any transaction.

    Refuses: `BadInput` when the file cannot be used.
    """
    # DuckDB is only needed by the clerk; the web process starts without it.
    from logistics.statements import service as statements

    with tempfile.TemporaryDirectory(prefix="settlement-") as folder:
        waybills, rate_file = Path(folder) / "waybills.csv", Path(folder) / "rates.csv"
        _write(waybills, WAYBILL_COLUMNS, [_record(each) for each in sent])
        _write(rate_file, RATE_COLUMNS, [_rate(card) for card in cards])
        found = statements.reconcile(
            waybills=waybills, rates=rate_file, statement=path, courier=carrier, period=period
        )
    return Findings(
        lines=found.statement.lines,
        waybills=found.statement.waybills,
        charged_fen=found.statement.charged_fen,
        expected_fen=found.expected_fen,
        matched=found.matched,
        by_reason={
            str(reason): ReasonSum(sums.waybills, sums.over_fen, sums.under_fen)
            for reason, sums in found.by_reason.items()
        },
        items=tuple(
            Discrepancy(item.waybill, str(item.reason), item.charged_fen, item.expected_fen, tuple(item.rows))
            for item in found.items
        ),
        unreadable=tuple(UnreadableRow(each.row, each.why) for each in found.unreadable),
    )


def record_findings(
    db: Session, *, statement_id: UUID, sha256: str, findings: Findings | None, why: str, now: datetime
) -> None:
    """Record what reading a statement found, or why it failed; one replaced meanwhile is left alone."""
    row = db.get(StatementRow, statement_id, with_for_update=True)
    if row is None or row.sha256 != sha256 or row.state is not StatementState.UPLOADED:
        return
    event = StatementEvent.RECONCILE if findings is not None else StatementEvent.FAIL
    stored = _findings.dump_python(findings, mode="json") if findings is not None else None
    _move(db, row, event, {"findings": stored, "why": why, "version": row.version + 1})
    audit.record(
        db,
        actor=Actor.system("job:" + JOB),
        action=f"statement.{event.value}",
        object=("statement", f"{row.period} {row.carrier}"),
        after={"charged_fen": findings.charged_fen if findings else None, "why": why},
        now=now,
    )


def agree(db: Session, *, statement_id: UUID, version: int, actor: Actor, now: datetime) -> int:
    """Fix what of a reconciled statement is agreed: the charge less what is disputed.

    Gives: the agreed amount in fen.
    Refuses: `NotFound`, `IllegalMove`, `Stale` when it was replaced since it was looked at.
    """
    row = db.get(StatementRow, statement_id, with_for_update=True)
    if row is None:
        raise NotFound(what="statement")
    if row.version != version:
        raise Stale(what=f"{row.carrier} {row.period}")
    rules.move(row.state, StatementEvent.AGREE)
    findings = _findings.validate_python(row.findings)
    values = {"agreed_fen": findings.agreed_fen, "agreed_at": now, "version": row.version + 1}
    _move(db, row, StatementEvent.AGREE, values)
    audit.record(
        db,
        actor=actor,
        action="statement.agree",
        object=("statement", f"{row.period} {row.carrier}"),
        before={"charged_fen": findings.charged_fen},
        after={"agreed_fen": findings.agreed_fen, "disputed_fen": findings.disputed_fen},
        now=now,
    )
    return findings.agreed_fen


def get_statement(db: Session, *, statement_id: UUID, carrier: str | None = None) -> Statement:
    """Give a statement, through its carrier when one is given."""
    row = db.get(StatementRow, statement_id)
    if row is None or (carrier is not None and row.carrier != carrier):
        raise NotFound(what="statement")
    return _statement(row)


def list_statements(db: Session, *, period: str | None = None, carrier: str | None = None) -> list[Statement]:
    """List statements, newest month first, of a month or a carrier when given."""
    query = select(StatementRow).order_by(StatementRow.period.desc(), StatementRow.carrier)
    if period is not None:
        query = query.where(StatementRow.period == period)
    if carrier is not None:
        query = query.where(StatementRow.carrier == carrier)
    return [_statement(row) for row in db.scalars(query)]


def parcels_sent(db: Session, *, carrier: str) -> list[SentParcel]:
    """List the parcels that we sent out with a carrier: those it bills us for.

    A parcel counts as picked up on the county day when a van or the hub first had it.
    """
    found = parcels.list_parcels(db, carrier=carrier, direction=Direction.OUT, limit=None)
    sent = [parcel for parcel in found if parcel.state not in NOT_SENT]
    kinds = (EventKind.COLLECTED_FROM_SENDER, EventKind.HUB_IN)
    first_at = tracking.first_seen(db, parcel_nos=[each.parcel_no for each in sent], kinds=kinds)
    return [
        SentParcel(parcel, clock.county_day(first_at.get(parcel.parcel_no, parcel.taken_in_at)))
        for parcel in sent
    ]


def cards_of(db: Session, *, carrier: str) -> list[RateCard]:
    """List a carrier's rate cards."""
    return rates.list_cards(db, courier=carrier)


def is_closed(db: Session, *, period: str) -> bool:
    """Tell whether the books of a month are closed; refuses `BadPeriod`."""
    _starts_on, ends_on = rules.month_span(period)
    return any(closed.ends_on >= ends_on for closed in ledger.list_periods(db))


def _move(db: Session, row: StatementRow, event: StatementEvent, values: dict[str, Any]) -> None:
    after = rules.move(row.state, event)
    moved = db.execute(
        update(StatementRow)
        .where(StatementRow.id == row.id, StatementRow.version == row.version)
        .values({**values, "state": after})
    )
    if changed_rows(moved) != 1:
        raise Stale(what=f"{row.carrier} {row.period}")


def _record(sent: SentParcel) -> list[object]:
    parcel = sent.parcel
    status = "returned" if parcel.state is ParcelState.RETURN_TO_SENDER else "delivered"
    return [
        parcel.waybill,
        parcel.carrier,
        sent.picked_up_on.isoformat(),
        parcel.consignee.province,
        parcel.weight_g,
        parcel.volume_cm3,
        parcel.cod_fen,
        status,
    ]


def _rate(card: RateCard) -> list[object]:
    return [
        card.courier,
        card.zone,
        "*" if card.is_for_others else "|".join(sorted(card.provinces)),
        card.first_g,
        card.first_fen,
        card.step_g,
        card.step_fen,
        card.volumetric_divisor,
        card.round_g,
        _day(card.valid_from),
        _day(card.valid_to),
    ]


def _day(on: date) -> str:
    return on.isoformat()


def _write(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _statement(row: StatementRow) -> Statement:
    return Statement(
        id=row.id,
        period=row.period,
        carrier=row.carrier,
        file_name=row.file_name,
        sha256=row.sha256,
        state=row.state,
        findings=_findings.validate_python(row.findings) if row.findings else None,
        why=row.why,
        agreed_fen=row.agreed_fen,
        uploaded_at=row.uploaded_at,
        agreed_at=row.agreed_at,
        version=row.version,
    )
