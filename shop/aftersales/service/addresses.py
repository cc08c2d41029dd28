"""Where goods go back to: the seller's address, who hears when there is none, and who waits for it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import Stale
from county.notices import service as notices
from county.people import service as people
from county.people.types import Role
from shop.aftersales import store
from shop.aftersales.types import Claim, ClaimState, NoReturnAddress
from shop.orders import service as orders
from shop.orders.types import Order
from shop.sellers import service as sellers
from shop.sellers.types import ReturnAddress

# Goods cannot be asked back without an address, so the clock looks again a day later.
PUT_OFF = timedelta(hours=24)


def find_return_address(db: Session, *, claim: Claim) -> ReturnAddress | None:
    """Find where a buyer sends the goods of a claim back to: to the order's seller of record.

    Only while the accepted return waits for the buyer; before and after it is nobody's business.
    """
    if claim.state is not ClaimState.TO_RETURN:
        return None
    order = orders.get_order(db, order_no=claim.order_no)
    return sellers.find_return_address(db, seller_id=order.seller_id)


def require_return_address(db: Session, *, order: Order) -> None:
    """Refuse to ask goods back while nobody could say where to."""
    if sellers.find_return_address(db, seller_id=order.seller_id) is None:
        raise NoReturnAddress(seller=sellers.get_seller(db, seller_id=order.seller_id).name)


def ask_for_address(db: Session, *, order: Order, key: str, now: datetime) -> None:
    """Tell the association when goods shall come back to a seller whose address nobody knows."""
    if sellers.find_return_address(db, seller_id=order.seller_id) is not None:
        return
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    for person in people.list_people_with_role(db, role=Role.ASSOCIATION_ADMIN):
        notices.tell(
            db,
            person_id=person.id,
            code="return_address_missing",
            facts={"seller": seller.name},
            link="/return-addresses",
            key=f"return_address_missing:{key}",
            now=now,
        )


def put_off(db: Session, *, order: Order, claim: Claim, actor: Actor, now: datetime) -> Claim:
    """Let a return that would be accepted by itself wait a day more for the seller's address."""
    due_at = now + PUT_OFF
    if not store.change_row(db, claim=claim, values={"due_at": due_at}):
        raise Stale(what=claim.claim_no)
    audit.record(
        db,
        actor=actor,
        action="claim.put_off",
        object=("claim", claim.claim_no),
        after={"due_at": due_at.isoformat(), "why": NoReturnAddress.code},
        now=now,
    )
    row = store.find_row(db, number=claim.claim_no, lock=True)
    assert row is not None
    after = store.to_claim(row)
    ask_for_address(db, order=order, key=f"{claim.claim_no}:{after.version}", now=now)
    return after
