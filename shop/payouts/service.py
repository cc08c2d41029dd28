"""Use cases of payouts: releasing an order's money when its claim window is over, the grower's money."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import money
from county.audit.types import Actor
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.notices import service as notices
from county.outbox import service as outbox
from shop.accounts.rules import book_of, order_account, totals_by_account
from shop.orders import service as orders
from shop.orders.types import OrderCompleted, OrderState, Payee
from shop.payouts import rules
from shop.payouts.types import ClaimDesk, GrowerMoney, PayeeDesk
from shop.sellers import service as sellers

# Orders whose money a grower may look at: everything that was paid.
SOLD = (
    OrderState.PAID,
    OrderState.PACKED,
    OrderState.SHIPPED,
    OrderState.AT_STATION,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
    OrderState.REFUNDED,
)


class _Wired:
    claims: ClaimDesk | None = None
    payees: PayeeDesk | None = None


def wire_claims(desk: ClaimDesk) -> None:
    """Let the feature that keeps claims say which orders must not be released yet."""
    _Wired.claims = desk


def wire_payees(desk: PayeeDesk) -> None:
    """Let the feature that keeps accounts say where a streamer's part goes at Alipay."""
    _Wired.payees = desk


def release_order(db: Session, *, order_no: str, now: datetime) -> bool:
    """Release an order's money to everybody in its split plan, once its claim window is over.

    Gives: False when it is not time yet or was done before; nothing changes then.
    """
    order = orders.get_order_locked(db, order_no=order_no)
    if order.state is not OrderState.DELIVERED or order.claim_until is None or order.claim_until > now:
        return False
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    parts = totals_by_account(order.splits)
    ledger.post(
        db,
        key=f"release:{order.order_no}",
        cause=Cause(kind="order", ref=order.order_no),
        postings=[
            Posting(account=order_account(order.order_no), fen=order.total_fen),
            *(Posting(account=account, fen=-fen) for account, fen in parts),
        ],
        book=book_of(seller),
        now=now,
    )
    orders.complete(db, order=order, actor=Actor.system("release"), now=now)
    for split in order.splits:
        if split.payee is Payee.GROWER and split.payee_id is not None:
            notices.tell(
                db,
                person_id=split.payee_id,
                code="money_released",
                facts={"yuan": money.format_yuan(split.fen), "order": order.order_no},
                link="/money",
                key=f"money_released:{order.order_no}",
                now=now,
            )
    outbox.announce(db, OrderCompleted(order_id=order.id, order_no=order.order_no), now=now)
    return True


def grower_money(db: Session, *, grower_id: UUID) -> GrowerMoney:
    """Answer a grower's question where the money is: every sale as a sum that adds up."""
    sold = orders.list_orders(db, grower_id=grower_id, states=SOLD, limit=200)
    return rules.grower_money(sold, grower_id=grower_id)
