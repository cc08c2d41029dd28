"""Telling those concerned: a lot's other buyers what to look for, an order's people what befell a parcel."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.errors import N_
from county.notices import service as notices
from logistics.tracking import service as tracking
from logistics.tracking.types import Reason
from shop.aftersales import rules
from shop.aftersales.service.moving import read_claim
from shop.aftersales.service.telling import written
from shop.aftersales.types import BadDecision, ClaimKind
from shop.lots import service as lots
from shop.lots.types import Lot, LotUse
from shop.orders import service as orders
from shop.orders.types import Order, OrderState

# Whose goods are still on the way, or came so lately that they may still be there.
WARNED_DAYS = 7
_UNDER_WAY = (OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED, OrderState.AT_STATION)
_ARRIVED = (OrderState.DELIVERED, OrderState.COMPLETED)


def warn_lot(db: Session, *, claim_no: str, now: datetime) -> int:
    """Tell the other buyers of a spoiled claim's lot what to look for; once per lot and buyer, for ever.

    Gives: how many buyers it concerns.
    """
    claim = read_claim(db, claim_no=claim_no)
    if claim.kind is not ClaimKind.SPOILED or claim.lot_id is None:
        return 0
    (lot,) = lots.list_lots(db, lot_ids=[claim.lot_id])
    return _tell_buyers(db, lot=lot, code="lot_warning", why="", besides=claim.buyer_id, now=now)


def stop_lot(db: Session, *, lot_no: str, version: int, reason: str, actor: Actor, now: datetime) -> Lot:
    """Stop a lot for the association: no more sale; its buyers are told by a job.

    Refuses: `BadDecision` without a reason, `IllegalMove` when it is stopped already, `Stale`.
    """
    if not 1 <= len(reason.strip()) <= 200:
        raise BadDecision(field="says", why=N_("please say why in 1 to 200 characters."))
    return lots.stop_lot(db, lot_no=lot_no, version=version, reason=reason.strip(), actor=actor, now=now)


def recall_lot(db: Session, *, lot_no: str, now: datetime) -> int:
    """Tell every buyer of a stopped lot, whenever they bought, not to use it; once per lot and buyer."""
    lot = lots.get_lot(db, lot_no=lot_no)
    return _tell_buyers(db, lot=lot, code="lot_recall", why=lot.stop_reason, besides=None, now=now)


def tell_mishap(db: Session, *, order_no: str, parcel_no: str, reason: Reason, now: datetime) -> None:
    """Tell an order's buyer and the parcel's grower that it is damaged or lost, if that still stands.

    Once per parcel; again only after they were told that it was a mistake.
    """
    if not _stands(db, parcel_no=parcel_no, reason=reason):
        return
    facts = {"order": order_no}
    for person_id, code, link in _whom(db, order_no=order_no, parcel_no=parcel_no, reason=reason):
        key = _key(code, parcel_no, _mistakes_told(db, person_id=person_id, code=code, parcel_no=parcel_no))
        notices.tell(db, person_id=person_id, code=code, facts=facts, link=link, key=key, now=now)


def tell_mistake(db: Session, *, order_no: str, parcel_no: str, reason: Reason, now: datetime) -> None:
    """Tell those who heard that a parcel is damaged or lost that it was a mistake, once.

    Nobody is told while another report says the same, nor who never heard of it.
    """
    if _stands(db, parcel_no=parcel_no, reason=reason):
        return
    facts = {"order": order_no}
    for person_id, code, link in _whom(db, order_no=order_no, parcel_no=parcel_no, reason=reason):
        times = _mistakes_told(db, person_id=person_id, code=code, parcel_no=parcel_no)
        if notices.is_told(db, person_id=person_id, key=_key(code, parcel_no, times)):
            mistake = _mistake(code)
            key = _key(mistake, parcel_no, times)
            notices.tell(db, person_id=person_id, code=mistake, facts=facts, link=link, key=key, now=now)


def _stands(db: Session, *, parcel_no: str, reason: Reason) -> bool:
    return any(each.reason is reason for each in tracking.list_mishaps(db, parcel_no=parcel_no))


def _whom(db: Session, *, order_no: str, parcel_no: str, reason: Reason) -> list[tuple[UUID, str, str]]:
    """List whom a mishap concerns: the person, the sentence for them, where it leads."""
    order = orders.get_order(db, order_no=order_no)
    code = "parcel_lost" if reason is Reason.LOST else "parcel_damaged"
    growers = [part.grower_id for part in order.consignments if part.parcel_no == parcel_no]
    return [
        (order.buyer_id, code, f"/orders/{order_no}"),
        *((grower_id, f"{code}_grower", "") for grower_id in growers),
    ]


def _mistakes_told(db: Session, *, person_id: UUID, code: str, parcel_no: str) -> int:
    """Count how often a person was told that this news of a parcel was a mistake."""
    keys = (_key(_mistake(code), parcel_no, times) for times in count())
    return next(
        times for times, key in enumerate(keys) if not notices.is_told(db, person_id=person_id, key=key)
    )


def _mistake(code: str) -> str:
    return f"{code}_mistake"


def _key(code: str, parcel_no: str, times: int) -> str:
    """Give the key under which news of a parcel is told, anew after it was a mistake so many times."""
    return f"{code}:{parcel_no}:{times}" if times else f"{code}:{parcel_no}"


def _tell_buyers(db: Session, *, lot: Lot, code: str, why: str, besides: UUID | None, now: datetime) -> int:
    told: set[UUID] = set()
    for use, order in _concerned(db, lot=lot, now=now, all_times=code == "lot_recall"):
        if use.buyer_id == besides or use.buyer_id in told:
            continue
        told.add(use.buyer_id)
        notices.tell(
            db,
            person_id=use.buyer_id,
            code=code,
            facts={
                "title": order.lines[use.position].title,
                "order": order.order_no,
                "until": written(order.claim_until),
                "why": why,
            },
            link=f"/orders/{order.order_no}",
            key=f"{code}:{lot.lot_no}",
            now=now,
        )
    return len(told)


def _concerned(db: Session, *, lot: Lot, now: datetime, all_times: bool) -> Iterator[tuple[LotUse, Order]]:
    """List the uses of a lot whose goods may still be there, or all that were not cancelled."""
    since_at = now - timedelta(days=WARNED_DAYS)
    for use in lots.list_uses(db, lot_id=lot.id):
        order = orders.get_order(db, order_no=use.order_no)
        arrived = order.state in _ARRIVED and order.delivered_at is not None
        is_fresh = arrived and order.delivered_at is not None and order.delivered_at > since_at
        if order.state in _UNDER_WAY or is_fresh or (all_times and order.state is not OrderState.CANCELLED):
            yield use, order


def may_claim(order: Order, *, now: datetime) -> bool:
    """Tell whether an order's page offers to claim: paid, not returned, some time still running."""
    if order.state in _UNDER_WAY:
        return True
    until = [rules.claim_until(order, kind) for kind in ClaimKind]
    return order.state in _ARRIVED and any(at is not None and now < at for at in until)
