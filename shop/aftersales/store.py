"""Queries on claims."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from shop.aftersales.rules import UNSETTLED
from shop.aftersales.tables import ClaimPictureRow, ClaimRow, ClaimStepRow
from shop.aftersales.types import Claim, ClaimEvent, ClaimId, ClaimKind, ClaimState, Party, Step


@dataclass(frozen=True)
class Seen:
    """Through whom claims are looked for: their buyer, their grower, or nobody (the association)."""

    buyer_id: UUID | None = None
    grower_id: UUID | None = None


def find_row(db: Session, *, number: str, seen: Seen = Seen(), lock: bool = False) -> ClaimRow | None:
    """Find a claim by number, through whose it is."""
    query = select(ClaimRow).where(ClaimRow.number == number)
    if seen.buyer_id is not None:
        query = query.where(ClaimRow.buyer_id == seen.buyer_id)
    if seen.grower_id is not None:
        query = query.where(ClaimRow.grower_id == seen.grower_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.scalar(query)


def list_rows(
    db: Session,
    *,
    seen: Seen = Seen(),
    order_no: str | None = None,
    lot_id: UUID | None = None,
    states: Collection[ClaimState] = (),
    kind: ClaimKind | None = None,
    text: str = "",
    overdue_first: bool = False,
    limit: int = 200,
) -> list[ClaimRow]:
    """List claims, newest first, or those whose time ends soonest first."""
    query = select(ClaimRow).limit(limit)
    if overdue_first:
        query = query.order_by(ClaimRow.due_at.is_(None), ClaimRow.due_at)
    query = query.order_by(ClaimRow.opened_at.desc(), ClaimRow.number)
    if seen.buyer_id is not None:
        query = query.where(ClaimRow.buyer_id == seen.buyer_id)
    if seen.grower_id is not None:
        query = query.where(ClaimRow.grower_id == seen.grower_id)
    if order_no is not None:
        query = query.where(ClaimRow.order_no == order_no)
    if lot_id is not None:
        query = query.where(ClaimRow.lot_id == lot_id)
    if states:
        query = query.where(ClaimRow.state.in_(states))
    if kind is not None:
        query = query.where(ClaimRow.kind == kind)
    if text:
        query = query.where(or_(ClaimRow.number == text, ClaimRow.order_no == text))
    return list(db.scalars(query))


def list_due(db: Session, *, now: datetime, limit: int) -> list[str]:
    """List the numbers of claims on which nobody acted in time, longest due first."""
    query = select(ClaimRow.number).where(ClaimRow.due_at <= now).order_by(ClaimRow.due_at).limit(limit)
    return list(db.scalars(query))


def move_row(
    db: Session,
    *,
    claim: Claim,
    state: ClaimState,
    in_time: bool | None,
    now: datetime,
    values: dict[str, Any],
) -> bool:
    """Set a claim's state if nobody moved it since it was read and, when asked, it is (not) due at `now`."""
    query = update(ClaimRow).where(ClaimRow.id == claim.id, ClaimRow.version == claim.version)
    if in_time is not None:
        query = query.where(ClaimRow.due_at > now if in_time else ClaimRow.due_at <= now)
    moved = db.execute(query.values(state=state, version=claim.version + 1, **values))
    return changed_rows(moved) == 1


def change_row(db: Session, *, claim: Claim, values: dict[str, Any]) -> bool:
    """Change what belongs to a claim, not its state, if nobody changed it since it was read."""
    query = update(ClaimRow).where(ClaimRow.id == claim.id, ClaimRow.version == claim.version)
    return changed_rows(db.execute(query.values(version=claim.version + 1, **values))) == 1


def count_in(db: Session, *, states: Collection[ClaimState]) -> int:
    """Count the claims in these states."""
    return db.scalar(select(func.count()).where(ClaimRow.state.in_(states))) or 0


def has_unsettled(db: Session, *, order_no: str) -> bool:
    """Tell whether an order has a claim that is not settled."""
    query = select(ClaimRow.id).where(ClaimRow.order_no == order_no, ClaimRow.state.in_(UNSETTLED)).limit(1)
    return db.scalar(query) is not None


def count_spoiled(
    db: Session, *, lot_ids: Collection[UUID], states: Sequence[ClaimState]
) -> dict[UUID, tuple[int, int]]:
    """Count the claims of spoiled goods and the lines they are on, by lot."""
    query = (
        select(ClaimRow.lot_id, func.count())
        .where(ClaimRow.lot_id.in_(lot_ids), ClaimRow.kind == ClaimKind.SPOILED, ClaimRow.state.in_(states))
        .group_by(ClaimRow.lot_id, ClaimRow.order_id, ClaimRow.position)
    )
    counted: dict[UUID, tuple[int, int]] = {}
    for lot_id, claims in db.execute(query):
        assert lot_id is not None
        before = counted.get(lot_id, (0, 0))
        counted[lot_id] = (before[0] + claims, before[1] + 1)
    return counted


def add_step(
    db: Session, *, claim_id: UUID, event: ClaimEvent | None, party: Party, says: str, now: datetime
) -> None:
    """Add what happened to a claim; the claim was moved in this transaction, so nobody adds beside us."""
    query = select(func.count()).where(ClaimStepRow.claim_id == claim_id)
    position = db.scalar(query) or 0
    step = ClaimStepRow(claim_id=claim_id, position=position, at=now, event=event, party=party, says=says)
    db.add(step)
    db.flush()


def list_steps(db: Session, *, claim_id: UUID) -> list[Step]:
    """List what happened to a claim, newest first."""
    query = select(ClaimStepRow).where(ClaimStepRow.claim_id == claim_id)
    rows = db.scalars(query.order_by(ClaimStepRow.position.desc()))
    return [Step(row.at, row.event, row.party, row.says) for row in rows]


def list_picture_ids(db: Session, *, claim_id: UUID) -> list[UUID]:
    """List the ids of a claim's pictures in their order."""
    query = select(ClaimPictureRow.picture_id).where(ClaimPictureRow.claim_id == claim_id)
    return list(db.scalars(query.order_by(ClaimPictureRow.position)))


def list_claimants(db: Session, *, picture_id: UUID) -> list[tuple[UUID, UUID]]:
    """List buyer and grower of the claims that a picture was sent with."""
    query = (
        select(ClaimRow.buyer_id, ClaimRow.grower_id)
        .join(ClaimPictureRow, ClaimPictureRow.claim_id == ClaimRow.id)
        .where(ClaimPictureRow.picture_id == picture_id)
    )
    return [(buyer_id, grower_id) for buyer_id, grower_id in db.execute(query)]


def to_claim(row: ClaimRow) -> Claim:
    """Give a row as a value."""
    return Claim(
        id=ClaimId(row.id),
        claim_no=row.number,
        order_id=row.order_id,
        order_no=row.order_no,
        position=row.position,
        title=row.title,
        carrier=row.carrier,
        kind=row.kind,
        reason=row.reason,
        spoiled=row.spoiled,
        pieces=row.pieces,
        goods_fen=row.goods_fen,
        freight_fen=row.freight_fen,
        says=row.says,
        state=row.state,
        due_at=row.due_at,
        buyer_id=row.buyer_id,
        grower_id=row.grower_id,
        lot_id=row.lot_id,
        waybill=row.waybill,
        return_carrier=row.return_carrier,
        liable=row.liable,
        liable_why=row.liable_why,
        lost_fen=row.lost_fen,
        booked=row.booked,
        tries=row.tries,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        version=row.version,
    )
