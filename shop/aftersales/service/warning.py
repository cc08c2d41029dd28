"""Telling those concerned: a lot's other buyers what to look for, an order's people what befell a parcel."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.errors import N_
from county.notices import service as notices
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
    """Tell an order's buyer and the parcel's grower that it is damaged or lost; once per parcel, for ever."""
    order = orders.get_order(db, order_no=order_no)
    code = "parcel_lost" if reason is Reason.LOST else "parcel_damaged"
    growers = [part.grower_id for part in order.consignments if part.parcel_no == parcel_no]
    whom = [(order.buyer_id, code, f"/orders/{order_no}")]
    whom += [(grower_id, f"{code}_grower", "") for grower_id in growers]
    for person_id, what, link in whom:
        notices.tell(
            db,
            person_id=person_id,
            code=what,
            facts={"order": order_no},
            link=link,
            key=f"{what}:{parcel_no}",
            now=now,
        )


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
