"""Use cases of netting: computing a month's lines, closing it with one balanced entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from county import clock
from county.audit import service as audit
from county.audit.types import Actor
from county.database import changed_rows, insert_once
from county.errors import NotFound, Stale
from county.jobs import service as jobs
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.people.types import SamePerson
from logistics.allocation.types import CostRule, Method
from logistics.carriers import service as carriers
from logistics.netting import rules
from logistics.netting.tables import CourierClaimRow, PartyRow, PeriodRow
from logistics.netting.types import (
    CourierClaim,
    EarlierMonthOpen,
    MonthNotOver,
    NothingToNet,
    OpenPosition,
    PartyLine,
    Period,
    PeriodClosed,
    PeriodEvent,
    PeriodOutdated,
    PeriodState,
    StatementsOpen,
)
from logistics.settlements import service as settlements
from logistics.settlements.rules import month_span
from logistics.settlements.types import StatementState
from logistics.tours import service as tours
from logistics.tours.types import PublishedTour, TourState

JOB = "net_period"
# Tours that bind their couriers to a share.
BINDING = (TourState.PUBLISHED, TourState.FINISHED)


def ask_for_netting(db: Session, *, period: str, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Ask for a month to be computed; a job does it, because exact shares take seconds.

    Refuses: `BadPeriod`, `PeriodClosed`.
    """
    if settlements.is_closed(db, period=period):
        raise PeriodClosed(period=period)
    values = {
        "name": period,
        "state": PeriodState.OPEN,
        "cost_fen": 0,
        "cost_rule": CostRule.BOUND_V1.value,
        "tours": [],
        "version": 1,
    }
    insert_once(db, PeriodRow, values)
    if _locked(db, period).state is PeriodState.CLOSED:
        raise PeriodClosed(period=period)
    payload = {"period": period, "person_id": str(person_id)}
    jobs.plan_job(db, kind=JOB, key=f"{period}:{now.isoformat()}", payload=payload, run_at=now, now=now)
    audit.record(db, actor=actor, action="period.asked", object=("period", period), now=now)


def share_days(published: Sequence[PublishedTour], *, cost_rule: CostRule) -> list[PartyLine]:
    """Share each day's cost exactly among its couriers; outside any transaction.

    Source: LOGISTICS.md §2: Shapley over all coalitions, day by day, by the period's frozen cost rule.
    """
    # The solver's libraries are only needed by the clerk; the web process starts without them.
    from logistics.allocation import service as allocation

    lines = []
    for tour in published:
        shared = allocation.allocate(
            instance=tour.instance, bill_fen=tour.cost_fen, method=Method.SHAPLEY, cost_rule=cost_rule
        )
        lines += [
            PartyLine(share.courier, share.share_fen, share.alone_fen, share.parcels, 0)
            for share in shared.shares
        ]
    return lines


def record_netting(
    db: Session,
    *,
    period: str,
    person_id: UUID,
    published: Sequence[PublishedTour],
    shares: Sequence[PartyLine],
    now: datetime,
) -> None:
    """Record a month's lines, in place of earlier ones; a closed month is left alone."""
    row = _locked(db, period)
    if row.state is PeriodState.CLOSED:
        return
    after = rules.move(row.state, PeriodEvent.RECONCILE)
    lines = rules.add_up(shares, agreed_fen=_agreed_fen(db, period), claims_fen=_claims_fen(db, period))
    db.execute(delete(PartyRow).where(PartyRow.period == period))
    for line in lines:
        db.add(
            PartyRow(
                period=period,
                carrier=line.carrier,
                share_fen=line.share_fen,
                alone_fen=line.alone_fen,
                parcels=line.parcels,
                agreed_fen=line.agreed_fen,
                claims_fen=line.claims_fen,
            )
        )
    db.flush()
    _move(
        db,
        row,
        after,
        {
            "cost_fen": sum(tour.cost_fen for tour in published),
            "tours": [tour.tour_no for tour in published],
            "proposed_by": person_id,
            "reconciled_at": now,
        },
    )
    audit.record(
        db,
        actor=Actor.system("job:" + JOB),
        action="period.reconcile",
        object=("period", period),
        after={"couriers": len(lines), "cost_fen": sum(tour.cost_fen for tour in published)},
        now=now,
    )


def close_period(
    db: Session, *, period: str, version: int, person_id: UUID, actor: Actor, now: datetime
) -> None:
    """Close a month as a second person: one balanced entry on its last day, then its days are shut.

    Refuses: `SamePerson` for the one who had it computed, `MonthNotOver`, `EarlierMonthOpen`,
    `StatementsOpen`, `PeriodOutdated`, `NothingToNet`, `IllegalMove`, `Stale`.
    """
    row = _locked(db, period)
    rules.move(row.state, PeriodEvent.CLOSE)
    if row.version != version:
        raise Stale(what=period)
    if row.proposed_by == person_id:
        raise SamePerson()
    _starts_on, ends_on = month_span(period)
    if clock.county_day(now) < ends_on:
        raise MonthNotOver(period=period)
    lines = _require_complete(db, row)
    ids = {each.name: each.id for each in carriers.list_carriers(db)}
    entry = rules.postings(lines, carrier_ids=ids)
    ledger.post(
        db,
        key=f"net:{period}",
        cause=Cause(kind="period", ref=period),
        postings=[Posting(account=account, fen=fen) for account, fen in entry],
        memo=f"netting {period}",
        effective_on=ends_on - timedelta(days=1),
        now=now,
    )
    db.execute(update(CourierClaimRow).where(*_waiting(period)).values(period=period))
    ledger.close_period(db, ends_on=ends_on, now=now)
    _move(db, row, PeriodState.CLOSED, {"closed_by": person_id, "closed_at": now})
    audit.record(
        db,
        actor=actor,
        action="period.close",
        object=("period", period),
        before={"state": PeriodState.RECONCILED.value},
        after={"state": PeriodState.CLOSED.value, "net_fen": sum(line.net_fen for line in lines)},
        now=now,
    )


def _require_complete(db: Session, row: PeriodRow) -> tuple[PartyLine, ...]:
    """Refuse a month that does not hold everything of its days, or that has others open before it."""
    earlier = _earliest_open(db, period=row.name)
    if earlier is not None:
        raise EarlierMonthOpen(period=earlier)
    statements = settlements.list_statements(db, period=row.name)
    waiting = [each.carrier for each in statements if each.state is not StatementState.AGREED]
    if waiting:
        raise StatementsOpen(carriers="、".join(waiting))
    lines = _lines(db, row.name)
    starts_on, ends_on = month_span(row.name)
    bound = tours.list_tours(db, states=BINDING, from_on=starts_on, to_on=ends_on, limit=None)
    agreed_fen = {line.carrier: line.agreed_fen for line in lines if line.agreed_fen}
    now_agreed_fen = {name: fen for name, fen in _agreed_fen(db, row.name).items() if fen}
    claims_fen = {line.carrier: line.claims_fen for line in lines if line.claims_fen}
    if sorted(row.tours) != sorted(tour.tour_no for tour in bound) or agreed_fen != now_agreed_fen:
        raise PeriodOutdated(period=row.name)
    if claims_fen != {name: fen for name, fen in _claims_fen(db, row.name).items() if fen}:
        raise PeriodOutdated(period=row.name)
    if not lines:
        raise NothingToNet(period=row.name)
    return lines


def _earliest_open(db: Session, *, period: str) -> str | None:
    """Give the earliest month before this one that has something to net and is not closed."""
    starts_on, _ends_on = month_span(period)
    found = {f"{tour.on:%Y-%m}" for tour in tours.list_tours(db, states=BINDING, to_on=starts_on, limit=None)}
    found |= {each.period for each in settlements.list_statements(db) if each.period < period}
    found |= set(
        db.scalars(
            select(PeriodRow.name).where(PeriodRow.name < period, PeriodRow.state == PeriodState.RECONCILED)
        )
    )
    return min((name for name in found if not settlements.is_closed(db, period=name)), default=None)


def _agreed_fen(db: Session, period: str) -> dict[str, int]:
    return {
        each.carrier: each.agreed_fen or 0
        for each in settlements.list_statements(db, period=period)
        if each.state is StatementState.AGREED
    }


def record_courier_claim(
    db: Session, *, ref: str, carrier: str, parcel_no: str, fen: int, actor: Actor, now: datetime
) -> str:
    """Put a claim for which a courier is liable into what it owes; its next month's line shows and clears it.

    The caller books it, in the same transaction, on the account given back. The same `ref` again is once.
    Takes: `fen`, below 0 to take an earlier claim back under a `ref` of its own.
    Gives: the name of the courier's receivable account.
    Refuses: `NotFound` for a carrier that is not in the pool.
    """
    found = carriers.get_carrier(db, name=carrier)
    values = {
        "ref": ref,
        "carrier": carrier,
        "parcel_no": parcel_no,
        "fen": fen,
        "booked_on": clock.county_day(now),
        "period": None,
    }
    if insert_once(db, CourierClaimRow, values):
        after = {"ref": ref, "parcel": parcel_no, "fen": fen}
        audit.record(
            db, actor=actor, action="courier.claim", object=("carrier", carrier), after=after, now=now
        )
    return rules.receivable_account(found.id)


def list_courier_claims(db: Session, *, period: str) -> list[CourierClaim]:
    """List the claims in a month's lines, one each: netted in it, or waiting for it while it is open."""
    is_in = CourierClaimRow.period == period
    row = db.get(PeriodRow, period)
    if row is None or row.state is not PeriodState.CLOSED:
        is_in = and_(*_waiting(period))
    query = select(CourierClaimRow).where(is_in)
    return [
        CourierClaim(each.ref, each.carrier, each.parcel_no, each.fen, each.booked_on, each.period)
        for each in db.scalars(query.order_by(CourierClaimRow.booked_on, CourierClaimRow.ref))
    ]


def _waiting(period: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Say which claims a month takes: all booked before its end that no month took."""
    _starts_on, ends_on = month_span(period)
    return CourierClaimRow.period.is_(None), CourierClaimRow.booked_on < ends_on


def _claims_fen(db: Session, period: str) -> dict[str, int]:
    query = select(CourierClaimRow.carrier, func.sum(CourierClaimRow.fen)).where(*_waiting(period))
    return {name: int(fen) for name, fen in db.execute(query.group_by(CourierClaimRow.carrier))}


def published_in(db: Session, *, period: str) -> list[PublishedTour]:
    """List a month's published tours."""
    starts_on, ends_on = month_span(period)
    return tours.list_published_days(db, from_on=starts_on, to_on=ends_on)


def get_period(db: Session, *, period: str) -> Period:
    """Give a settlement period."""
    row = db.get(PeriodRow, period)
    if row is None:
        raise NotFound(what="period")
    return _period(db, row)


def list_periods(db: Session) -> list[Period]:
    """List settlement periods, newest first."""
    return [_period(db, row) for row in db.scalars(select(PeriodRow).order_by(PeriodRow.name.desc()))]


def list_open(db: Session) -> list[OpenPosition]:
    """List what is open with each courier, by name; one with which nothing is open is left out."""
    balances = ledger.balances(db, prefix="payable:courier") | ledger.balances(
        db, prefix="receivable:courier"
    )
    positions = [
        OpenPosition(
            carrier=each.name,
            we_owe_fen=-balances.get(rules.payable_account(each.id), 0),
            owes_us_fen=balances.get(rules.receivable_account(each.id), 0),
        )
        for each in carriers.list_carriers(db)
    ]
    return [each for each in positions if each.we_owe_fen or each.owes_us_fen]


def _locked(db: Session, period: str) -> PeriodRow:
    row = db.get(PeriodRow, period, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(what="period")
    return row


def _move(db: Session, row: PeriodRow, state: PeriodState, values: dict[str, Any]) -> None:
    moved = db.execute(
        update(PeriodRow)
        .where(PeriodRow.name == row.name, PeriodRow.version == row.version)
        .values({**values, "state": state, "version": row.version + 1})
    )
    if changed_rows(moved) != 1:
        raise Stale(what=row.name)


def _lines(db: Session, period: str) -> tuple[PartyLine, ...]:
    query = select(PartyRow).where(PartyRow.period == period).order_by(PartyRow.carrier)
    return tuple(
        PartyLine(row.carrier, row.share_fen, row.alone_fen, row.parcels, row.agreed_fen, row.claims_fen)
        for row in db.scalars(query)
    )


def _period(db: Session, row: PeriodRow) -> Period:
    return Period(
        name=row.name,
        state=row.state,
        cost_fen=row.cost_fen,
        cost_rule=row.cost_rule,
        tours=tuple(row.tours),
        lines=_lines(db, row.name),
        proposed_by=row.proposed_by,
        reconciled_at=row.reconciled_at,
        closed_at=row.closed_at,
        version=row.version,
    )
