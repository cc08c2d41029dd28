"""The one way in which a claim changes its state, and how claims are read and locked for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound, Stale
from shop.aftersales import rules, store
from shop.aftersales.types import Claim, ClaimEvent, DecisionLate, Party
from shop.orders import service as orders
from shop.orders.types import Order


def lock_claim(
    db: Session,
    *,
    claim_no: str,
    version: int | None,
    buyer_id: UUID | None = None,
    grower_id: UUID | None = None,
) -> tuple[Order, Claim]:
    """Give a claim and its order, both locked, the order first; through whose the claim is.

    Takes: `version`, the one that was seen; None for the clock and the money, which look at the state.
    Refuses: `NotFound`, `Stale` when somebody changed the claim since it was seen.
    """
    seen = store.Seen(buyer_id=buyer_id, grower_id=grower_id)
    row = store.find_row(db, number=claim_no, seen=seen)
    if row is None:
        raise NotFound(what="claim")
    order = orders.get_order_locked(db, order_no=row.order_no)
    row = store.find_row(db, number=claim_no, seen=seen, lock=True)
    assert row is not None
    claim = store.to_claim(row)
    if version is not None and claim.version != version:
        raise Stale(what=claim_no)
    return order, claim


def transition(
    db: Session,
    *,
    claim: Claim,
    event: ClaimEvent,
    by: Party,
    actor: Actor,
    now: datetime,
    says: str = "",
    values: dict[str, Any] | None = None,
) -> Claim:
    """Move a claim by one event, if nobody moved it since it was read, and record it.

    Whether its time is over is decided by the statement that moves it: people act before, the clock after.
    Refuses: `IllegalMove`; `DecisionLate` for people after the time; `Stale` when somebody was faster.
    """
    after = rules.move(claim.state, event, by=by)
    changes: dict[str, Any] = {**(values or {}), "due_at": rules.due_at(after, now=now)}
    if after not in rules.UNSETTLED:
        changes["closed_at"] = now
    in_time = None if claim.due_at is None else by is not Party.CLOCK
    if not store.move_row(db, claim=claim, state=after, in_time=in_time, now=now, values=changes):
        row = store.find_row(db, number=claim.claim_no, lock=True)
        if row is not None and row.version == claim.version and in_time:
            raise DecisionLate()
        raise Stale(what=claim.claim_no)
    store.add_step(db, claim_id=claim.id, event=event, party=by, says=says, now=now)
    audit.record(
        db,
        actor=actor,
        action=f"claim.{event.value}",
        object=("claim", claim.claim_no),
        before={"state": claim.state.value, "fen": claim.fen},
        after={"state": after.value, **_plain(values or {})},
        now=now,
    )
    return read_claim(db, claim_no=claim.claim_no)


def read_claim(db: Session, *, claim_no: str) -> Claim:
    """Give a claim as it is now in this transaction."""
    row = store.find_row(db, number=claim_no, lock=True)
    if row is None:
        raise NotFound(what="claim")
    return store.to_claim(row)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Give what changed as plain values of the log; enums are strings already."""
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}
