"""Sending goods back: the buyer's waybill, the grower's confirmation, goods that go on sale again."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.errors import N_
from shop.aftersales.service.deciding import pay, require_words
from shop.aftersales.service.moving import lock_claim, transition
from shop.aftersales.service.telling import tell_buyer, tell_grower
from shop.aftersales.types import BadDecision, Claim, ClaimEvent, Party
from shop.catalogue import service as catalogue

_WAYBILL = re.compile(r"[A-Za-z0-9-]{6,40}")
CARRIER_MAX = 60


def send_back(
    db: Session,
    *,
    claim_no: str,
    version: int,
    buyer_id: UUID,
    carrier: str,
    waybill: str,
    actor: Actor,
    now: datetime,
) -> Claim:
    """Record the waybill of goods that a buyer sends back; ten days later they count as received."""
    _order, claim = lock_claim(db, claim_no=claim_no, version=version, buyer_id=buyer_id)
    if not _WAYBILL.fullmatch(waybill):
        raise BadDecision(field="waybill", why=N_("the waybill number has 6 to 40 letters and digits."))
    if not 1 <= len(carrier) <= CARRIER_MAX:
        raise BadDecision(field="carrier", why=N_("please say which courier carries it."))
    after = transition(
        db,
        claim=claim,
        event=ClaimEvent.SEND_BACK,
        by=Party.BUYER,
        values={"waybill": waybill, "return_carrier": carrier},
        actor=actor,
        now=now,
    )
    tell_grower(db, claim=after, code="claim_sent_back", now=now)
    return after


def receive(
    db: Session,
    *,
    claim_no: str,
    version: int,
    by: Party,
    back_on_sale: bool,
    actor: Actor,
    now: datetime,
    grower_id: UUID | None = None,
) -> Claim:
    """Confirm that goods came back: the money returns; they go on sale again only if the grower says so."""
    order, claim = lock_claim(db, claim_no=claim_no, version=version, grower_id=grower_id)
    after = pay(
        db,
        order=order,
        claim=claim,
        event=ClaimEvent.RECEIVE,
        by=by,
        spoiled=claim.spoiled,
        says="",
        actor=actor,
        now=now,
    )
    if back_on_sale:
        line = order.lines[claim.position]
        catalogue.give_back_stock(db, sku_id=line.sku_id, quantity=line.quantity)
    return after


def dispute(
    db: Session, *, claim_no: str, version: int, grower_id: UUID, says: str, actor: Actor, now: datetime
) -> Claim:
    """Say that what came back is not what was sent; the association decides."""
    _order, claim = lock_claim(db, claim_no=claim_no, version=version, grower_id=grower_id)
    require_words(says, needed=True)
    after = transition(
        db, claim=claim, event=ClaimEvent.DISPUTE, by=Party.GROWER, says=says, actor=actor, now=now
    )
    tell_buyer(db, claim=after, code="claim_disputed", why=says, now=now)
    return after
