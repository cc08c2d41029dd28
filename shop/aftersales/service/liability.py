"""Who bears a claim: judged by what tracking knows, booked once the refund is done, changed with a reason."""

from datetime import datetime

from sqlalchemy.orm import Session

from county import money
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import N_, IllegalMove, Stale
from county.ledger import service as ledger
from county.ledger.types import Book, Posting
from county.ledger.types import Cause as LedgerCause
from county.notices import service as notices
from logistics.carriers import service as carriers
from logistics.netting import service as netting
from logistics.tracking import rules as tracking_rules
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, TrackingEvent
from shop.accounts.rules import CLAIMS, compensation_account
from shop.aftersales import rules, store
from shop.aftersales.service import amounts
from shop.aftersales.service.evidence import ARRIVED, COURIERS, Evidence, weigh
from shop.aftersales.service.moving import lock_claim, read_claim, transition
from shop.aftersales.service.opening import category_of
from shop.aftersales.types import (
    BadDecision,
    Claim,
    ClaimEvent,
    ClaimState,
    Effect,
    Liability,
    LiableParty,
    LiableWhy,
    Party,
    Way,
)
from shop.orders import service as orders
from shop.orders.types import Consignment, Order, OrderState, Payee
from shop.refunds import rules as refund_rules
from shop.refunds import service as refunds
from shop.refunds.types import FREIGHT

MONEY = Actor.system("refunds")
_HELD_UP = (EventKind.ON_HOLD, EventKind.RETURNED)


def judge(db: Session, *, order: Order, claim: Claim) -> Liability:
    """Say who is liable for a claim by the tables of rules and what tracking knows of the parcel."""
    line = order.lines[claim.position]
    return rules.liable(
        claim.kind,
        claim.reason,
        way_of(db, order=order, claim=claim),
        keeps_days=rules.keeps_days(category_of(db, line=line)),
        opened_at=claim.opened_at,
    )


def way_of(db: Session, *, order: Order, claim: Claim) -> Way:
    """Give what tracking knows of the parcel that a claim's goods travelled in."""
    part = next((part for part in order.consignments if part.grower_id == claim.grower_id), None)
    events = _weigh(db, part=part, claim=claim).decides

    def first(*kinds: EventKind) -> datetime | None:
        return min((event.at for event in events if event.kind in kinds), default=None)

    departed_at = first(EventKind.LINEHAUL_DEPARTED)
    held = [
        event
        for event in events
        if event.kind in _HELD_UP and departed_at is not None and event.at >= departed_at
    ]
    return Way(
        packed=part is not None and part.state is not OrderState.PAID,
        collected_at=first(EventKind.COLLECTED_FROM_SENDER),
        departed_at=departed_at,
        arrived_at=first(*ARRIVED),
        delivered_at=first(EventKind.COLLECTED),
        held_up=any(event.cause in COURIERS for event in held),
        refused=first(EventKind.REFUSED) is not None,
        carrier_known=any(each.name == order.carrier for each in carriers.list_carriers(db)),
        mishap=tracking_rules.mishap_of(events),
        excused=any(event.cause not in COURIERS for event in held),
    )


def list_couriers_words(db: Session, *, claim: Claim) -> list[TrackingEvent]:
    """List what the courier's own files said too late to clear it by rule, newest first."""
    order = orders.get_order(db, order_no=claim.order_no)
    part = next((part for part in order.consignments if part.grower_id == claim.grower_id), None)
    return list(_weigh(db, part=part, claim=claim).couriers_word)


def _weigh(db: Session, *, part: Consignment | None, claim: Claim) -> Evidence:
    number = part.parcel_no if part is not None else None
    events = tracking.list_events(db, parcel_no=number) if number else []
    return weigh(events, opened_at=claim.opened_at)


def effect_of(db: Session, *, claim: Claim) -> Effect:
    """Say what a claim does when it is approved as asked: the money of both sides, and who bears it."""
    order = orders.get_order(db, order_no=claim.order_no)
    goods_back, freight_back = amounts.refunded(db, order=order)
    parts = refund_rules.parts_returned(
        order,
        before={**goods_back, FREIGHT: freight_back},
        goods={claim.position: claim.goods_fen},
        freight_fen=claim.freight_fen,
    )
    remaining = refunds.remaining_splits(db, order=order)
    before_fen = sum(
        split.fen for split in remaining if split.payee is Payee.GROWER and split.grower_id == claim.grower_id
    )
    lost_fen = sum(
        part.fen for part in parts if part.payee is Payee.GROWER and part.grower_id == claim.grower_id
    )
    party, why = claim.liable, claim.liable_why
    liability = Liability(party, why) if party and why else judge(db, order=order, claim=claim)
    return Effect(claim.fen, before_fen, before_fen - lost_fen, liability)


def refund_done(db: Session, *, key: str, refund_no: str, now: datetime) -> None:
    """Close the claim whose refund took effect and book what a liable courier or the association owes.

    Told twice changes nothing; refunds that belong to no claim are nothing to us.
    """
    claim_no = _claim_of(db, key=key)
    if claim_no is None:
        return
    order, claim = lock_claim(db, claim_no=claim_no, version=None)
    if claim.state not in (ClaimState.REFUNDING, ClaimState.STUCK):
        return
    lost_fen = _lost_fen(db, claim=claim, refund_no=refund_no)
    after = transition(
        db,
        claim=claim,
        event=ClaimEvent.REFUND_DONE,
        by=Party.MONEY,
        values={"lost_fen": lost_fen},
        actor=MONEY,
        now=now,
    )
    _book(db, order=order, claim=after, actor=MONEY, now=now)


def refund_refused(db: Session, *, key: str, now: datetime) -> None:
    """Mark the claim whose refund the provider refused, so that the association sees and tries it again."""
    claim_no = _claim_of(db, key=key)
    if claim_no is None:
        return
    _order, claim = lock_claim(db, claim_no=claim_no, version=None)
    if claim.state is ClaimState.REFUNDING:
        transition(db, claim=claim, event=ClaimEvent.REFUND_FAILED, by=Party.MONEY, actor=MONEY, now=now)


def decide_liability(
    db: Session,
    *,
    claim_no: str,
    version: int,
    party: LiableParty,
    says: str,
    actor: Actor,
    now: datetime,
) -> Claim:
    """Let the association say who bears a claim, with a reason; what was booked is reversed and booked anew.

    Refuses: `IllegalMove` before the claim is approved, `BadDecision` without a reason or for a courier that
    is not in the pool, `Stale`.
    """
    order, claim = lock_claim(db, claim_no=claim_no, version=version)
    if claim.liable is None:
        raise IllegalMove(what="claim", state=claim.state.value, event="decide_liability")
    if not says.strip() or len(says) > rules.SAYS_MAX:
        raise BadDecision(field="says", why=N_("please say why in a few words."))
    known = {each.name for each in carriers.list_carriers(db)}
    if party is LiableParty.COURIER and claim.carrier not in known:
        raise BadDecision(field="party", why=N_("this courier is not in the pool, so it cannot pay."))
    if not store.change_row(db, claim=claim, values={"liable": party, "liable_why": LiableWhy.DECIDED}):
        raise Stale(what=claim_no)
    audit.record(
        db,
        actor=actor,
        action="claim.liability",
        object=("claim", claim_no),
        before={"liable": claim.liable.value, "why": str(claim.liable_why)},
        after={"liable": party.value, "says": says},
        now=now,
    )
    after = read_claim(db, claim_no=claim_no)
    if claim.state is ClaimState.DONE and party is not claim.liable:
        _take_back(db, order=order, claim=claim, actor=actor, now=now)
        _book(db, order=order, claim=after, actor=actor, now=now)
    return read_claim(db, claim_no=claim_no)


def _claim_of(db: Session, *, key: str) -> str | None:
    """Give the number of the claim whose refund has this key, also when the refund was tried again."""
    kind, number = rules.parse_refund_key(key)
    while kind == "again":
        kind, number = rules.parse_refund_key(refunds.get_refund(db, refund_no=number).key)
    return number or None


def _lost_fen(db: Session, *, claim: Claim, refund_no: str) -> int:
    """Give what a claim's refund took from the grower's part; commissions return whoever is liable."""
    return sum(
        part.fen
        for part in refunds.get_refund(db, refund_no=refund_no).parts
        if part.payee is Payee.GROWER and part.grower_id == claim.grower_id
    )


def _book(db: Session, *, order: Order, claim: Claim, actor: Actor, now: datetime) -> None:
    """Book what somebody else than the grower bears: owed to the grower, once per booking number."""
    fen = claim.lost_fen or 0
    if claim.liable in (None, LiableParty.GROWER) or fen == 0:
        return
    number = claim.booked + 1
    if not store.change_row(db, claim=claim, values={"booked": number}):
        raise Stale(what=claim.claim_no)
    debit = CLAIMS
    if claim.liable is LiableParty.COURIER:
        debit = _claim_from_courier(
            db, order=order, claim=claim, number=number, fen=fen, actor=actor, now=now
        )
    ledger.post(
        db,
        key=f"claim:{claim.claim_no}:{number}",
        cause=LedgerCause(kind="claim", ref=claim.claim_no),
        postings=[
            Posting(account=debit, fen=fen),
            Posting(account=compensation_account(claim.grower_id), fen=-fen),
        ],
        book=Book.REAL,
        now=now,
    )
    notices.tell(
        db,
        person_id=claim.grower_id,
        code="claim_compensated",
        facts={"claim": claim.claim_no, "title": claim.title, "yuan": money.format_yuan(fen)},
        link=f"/sell/claims/{claim.claim_no}",
        key=f"claim_compensated:{claim.claim_no}:{number}",
        now=now,
    )


def _take_back(db: Session, *, order: Order, claim: Claim, actor: Actor, now: datetime) -> None:
    """Reverse what was booked for a claim, if anything was: its last booking belongs to who was liable."""
    fen = claim.lost_fen or 0
    if claim.liable in (None, LiableParty.GROWER) or fen == 0:
        return
    ledger.reverse(
        db,
        key=f"claim:{claim.claim_no}:{claim.booked}",
        new_key=f"claim:{claim.claim_no}:{claim.booked}:back",
        cause=LedgerCause(kind="claim", ref=claim.claim_no),
        now=now,
    )
    if claim.liable is LiableParty.COURIER:
        ref = -claim.booked
        _claim_from_courier(db, order=order, claim=claim, number=ref, fen=-fen, actor=actor, now=now)


def _claim_from_courier(
    db: Session, *, order: Order, claim: Claim, number: int, fen: int, actor: Actor, now: datetime
) -> str:
    """Put a claim into what a courier owes; give the account on which it owes it."""
    parts = {part.grower_id: part.parcel_no for part in order.consignments}
    return netting.record_courier_claim(
        db,
        ref=f"{claim.claim_no}:{number}",
        carrier=claim.carrier,
        parcel_no=parts.get(claim.grower_id) or "",
        fen=fen,
        actor=actor,
        now=now,
    )
