"""Deciding a claim: approving, refusing, appealing, withdrawing, and what the clock does by itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.errors import N_
from county.outbox import service as outbox
from shop.aftersales import rules, store
from shop.aftersales.service import amounts
from shop.aftersales.service.addresses import put_off, require_return_address
from shop.aftersales.service.liability import judge
from shop.aftersales.service.moving import lock_claim, transition
from shop.aftersales.service.opening import list_on_line
from shop.aftersales.service.telling import tell_buyer, tell_grower
from shop.aftersales.types import (
    BadDecision,
    Claim,
    ClaimApproved,
    ClaimEvent,
    ClaimKind,
    ClaimState,
    NoReturnAddress,
    NothingLeft,
    Party,
)
from shop.orders.types import Order
from shop.refunds import service as refunds

CLOCK = Actor.system("claims")
# What the provider keeps with the refund and the buyer may read there.
REASONS = {
    ClaimKind.SPOILED: "坏果包赔",
    ClaimKind.REFUND_ONLY: "仅退款",
    ClaimKind.RETURN: "退货退款",
}


def approve(
    db: Session,
    *,
    claim_no: str,
    version: int,
    by: Party,
    actor: Actor,
    now: datetime,
    grower_id: UUID | None = None,
    spoiled: int | None = None,
    says: str = "",
) -> Claim:
    """Approve a claim: the refund is planned, or the goods are asked back first.

    Takes: `spoiled`, more pieces than were asked for, if the one who decides saw more in the pictures; never
    fewer: who would give less refuses and says why.
    Refuses: `NotFound`, `IllegalMove`, `DecisionLate`, `Stale`, `BadDecision`, `NothingLeft`, and
    `NoReturnAddress` for a return to a seller whose address is not on record.
    """
    order, claim = lock_claim(db, claim_no=claim_no, version=version, grower_id=grower_id)
    require_words(says, needed=False)
    event = rules.approval(claim.kind, is_sent_back=bool(claim.waybill))
    if event is ClaimEvent.APPROVE_RETURN:
        return _ask_back(db, order=order, claim=claim, by=by, says=says, actor=actor, now=now)
    pieces = claim.spoiled if spoiled is None else spoiled
    return pay(
        db, order=order, claim=claim, event=event, by=by, spoiled=pieces, says=says, actor=actor, now=now
    )


def refuse(
    db: Session,
    *,
    claim_no: str,
    version: int,
    by: Party,
    says: str,
    actor: Actor,
    now: datetime,
    grower_id: UUID | None = None,
) -> Claim:
    """Refuse a claim with a reason; the buyer may ask the association once, whose refusal is the end."""
    _order, claim = lock_claim(db, claim_no=claim_no, version=version, grower_id=grower_id)
    require_words(says, needed=True)
    after = transition(db, claim=claim, event=ClaimEvent.REFUSE, by=by, says=says, actor=actor, now=now)
    code = "claim_refused" if after.state is ClaimState.REFUSED else "claim_closed"
    tell_buyer(db, claim=after, code=code, why=says, now=now)
    return after


def appeal(
    db: Session, *, claim_no: str, version: int, buyer_id: UUID, says: str, actor: Actor, now: datetime
) -> Claim:
    """Ask the association about a refused claim, once, within 48 hours."""
    _order, claim = lock_claim(db, claim_no=claim_no, version=version, buyer_id=buyer_id)
    require_words(says, needed=True)
    after = transition(
        db, claim=claim, event=ClaimEvent.APPEAL, by=Party.BUYER, says=says, actor=actor, now=now
    )
    tell_grower(db, claim=after, code="claim_appealed", now=now)
    return after


def withdraw(
    db: Session, *, claim_no: str, version: int, buyer_id: UUID, actor: Actor, now: datetime
) -> Claim:
    """Take a claim back; a new one can be made while the time runs."""
    _order, claim = lock_claim(db, claim_no=claim_no, version=version, buyer_id=buyer_id)
    after = transition(db, claim=claim, event=ClaimEvent.WITHDRAW, by=Party.BUYER, actor=actor, now=now)
    tell_grower(db, claim=after, code="claim_withdrawn", now=now)
    return after


def retry(db: Session, *, claim_no: str, version: int, actor: Actor, now: datetime) -> Claim:
    """Have a refund that the provider refused made again, as the association."""
    order, claim = lock_claim(db, claim_no=claim_no, version=version)
    return pay(
        db,
        order=order,
        claim=claim,
        event=ClaimEvent.RETRY,
        by=Party.ASSOCIATION,
        spoiled=claim.spoiled,
        says="",
        actor=actor,
        now=now,
    )


def list_due(db: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """List the claims on which nobody acted in time."""
    return store.list_due(db, now=now, limit=limit)


def run_due(db: Session, *, claim_no: str, now: datetime) -> Claim | None:
    """Do with a claim what happens by itself when its time is over; None when somebody acted meanwhile."""
    order, claim = lock_claim(db, claim_no=claim_no, version=None)
    if claim.due_at is None or claim.due_at > now:
        return None
    event = rules.timed_out(claim)
    if event is ClaimEvent.APPROVE_RETURN:
        try:
            return _ask_back(db, order=order, claim=claim, by=Party.CLOCK, says="", actor=CLOCK, now=now)
        except NoReturnAddress:
            return put_off(db, order=order, claim=claim, actor=CLOCK, now=now)
    if event is not ClaimEvent.LAPSE:
        try:
            return pay(
                db,
                order=order,
                claim=claim,
                event=event,
                by=Party.CLOCK,
                spoiled=claim.spoiled,
                says="",
                actor=CLOCK,
                now=now,
            )
        except NothingLeft:
            event = ClaimEvent.LAPSE  # The whole order was paid back in another way meanwhile.
    after = transition(db, claim=claim, event=event, by=Party.CLOCK, actor=CLOCK, now=now)
    tell_buyer(db, claim=after, code="claim_lapsed", now=now)
    return after


def pay(
    db: Session,
    *,
    order: Order,
    claim: Claim,
    event: ClaimEvent,
    by: Party,
    spoiled: int,
    says: str,
    actor: Actor,
    now: datetime,
) -> Claim:
    """Plan a claim's refund, computed anew by what went back meanwhile; say who is liable.

    Refuses: `NothingLeft` when all of it went back already; `BadDecision` for fewer pieces than asked for.
    """
    rules.move(claim.state, event, by=by)
    earlier = [
        each
        for each in amounts.paid_spoiled(list_on_line(db, order_no=order.order_no, position=claim.position))
        if each.id != claim.id
    ]
    before = sum(each.spoiled for each in earlier)
    if claim.kind is ClaimKind.SPOILED and not claim.spoiled <= spoiled <= claim.pieces - before:
        raise BadDecision(field="spoiled", why=N_("it must be as many pieces as the buyer says, or more."))
    found = amounts.amount(
        db,
        order=order,
        position=claim.position,
        kind=claim.kind,
        reason=claim.reason,
        spoiled=spoiled,
        pieces=claim.pieces,
        before=before,
    )
    if found.goods_fen == 0:
        raise NothingLeft()
    values: dict[str, Any] = {
        "spoiled": spoiled,
        "goods_fen": found.goods_fen,
        "freight_fen": found.freight_fen,
    }
    if claim.liable is None:
        liability = judge(db, order=order, claim=claim)
        values |= {"liable": liability.party, "liable_why": liability.why}
    if event is ClaimEvent.RETRY:
        values["tries"] = claim.tries + 1
    after = transition(db, claim=claim, event=event, by=by, says=says, values=values, actor=actor, now=now)
    refunds.open_refund(
        db,
        order=order,
        key=after.refund_key,
        goods={claim.position: found.goods_fen},
        freight_fen=found.freight_fen,
        reason=REASONS[claim.kind],
        actor=actor,
        now=now,
    )
    if event is not ClaimEvent.RETRY:
        tell_buyer(db, claim=after, code="claim_approved", now=now)
        outbox.announce(db, ClaimApproved(claim_no=claim.claim_no), now=now)
    return after


def _ask_back(
    db: Session, *, order: Order, claim: Claim, by: Party, says: str, actor: Actor, now: datetime
) -> Claim:
    rules.move(claim.state, ClaimEvent.APPROVE_RETURN, by=by)
    require_return_address(db, order=order)
    after = transition(
        db, claim=claim, event=ClaimEvent.APPROVE_RETURN, by=by, says=says, actor=actor, now=now
    )
    tell_buyer(db, claim=after, code="claim_send_back", now=now)
    return after


def require_words(says: str, *, needed: bool) -> None:
    """Refuse words that are missing where a reason is needed, or that are too long."""
    if needed and not says.strip():
        raise BadDecision(field="says", why=N_("please say why in a few words."))
    if len(says) > rules.SAYS_MAX:
        raise BadDecision(field="says", why=N_("please say it in at most 500 characters."))
