"""Releasing an order's money when its claim window is over, and answering where a grower's money is."""

from collections.abc import Sequence
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
from shop.orders.types import Order, OrderCompleted, OrderState, Payee, Split
from shop.payouts import rules
from shop.payouts.service import settling
from shop.payouts.service.wires import has_open_claim
from shop.payouts.types import GrowerMoney
from shop.refunds import rules as refund_rules
from shop.refunds import service as refunds
from shop.refunds.types import RefundState
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode

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


def release_order(db: Session, *, order_no: str, now: datetime) -> bool:
    """Release what is left of an order's money to its split plan, once its claim window is over.

    Principal: it becomes payables. Sub-merchant: Alipay is told to settle and split it. Direct: the farm has
    it already, the rest is noted as owed.
    Gives: False when it is not time yet, a claim is open, a refund is under way, or it was done before;
    nothing changes then.
    """
    order = orders.get_order_locked(db, order_no=order_no)
    if order.state is not OrderState.DELIVERED or order.claim_until is None or order.claim_until > now:
        return False
    if has_open_claim(db, order_no=order_no) or refunds.has_unfinished(db, order_no=order_no):
        return False
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    left = refunds.remaining_splits(db, order=order)
    ledger.post(
        db,
        key=f"release:{order.order_no}",
        cause=Cause(kind="order", ref=order.order_no),
        postings=[
            Posting(account=order_account(order.order_no), fen=sum(split.fen for split in left)),
            *(Posting(account=account, fen=-fen) for account, fen in totals_by_account(left)),
        ],
        book=book_of(seller),
        now=now,
    )
    orders.complete(db, order=order, actor=Actor.system("release"), now=now)
    if seller.mode is MoneyMode.SUB_MERCHANT:
        settling.begin(db, order=order, left=left, now=now)
    elif seller.mode is MoneyMode.DIRECT:
        settling.clear_direct(db, order=order, seller=seller, left=left, now=now)
    _tell_growers(db, order, left, now)
    outbox.announce(db, OrderCompleted(order_id=order.id, order_no=order.order_no), now=now)
    return True


def _tell_growers(db: Session, order: Order, left: Sequence[Split], now: datetime) -> None:
    for split in left:
        if split.payee is Payee.GROWER and split.payee_id is not None and split.fen:
            notices.tell(
                db,
                person_id=split.payee_id,
                code="money_released",
                facts={"yuan": money.format_yuan(split.fen), "order": order.order_no},
                link="/money",
                key=f"money_released:{order.order_no}",
                now=now,
            )


def grower_money(db: Session, *, grower_id: UUID) -> GrowerMoney:
    """Answer a grower's question where the money is: every sale as a sum that adds up."""
    sold = orders.list_orders(db, grower_id=grower_id, states=SOLD, limit=200)
    returned = refunds.refunds_of(db, order_nos=[order.order_no for order in sold])
    sales = []
    for order in sold:
        parts = [
            part
            for refund in returned[order.order_no]
            if refund.state is not RefundState.REFUSED
            for part in refund.parts
        ]
        left = refund_rules.remaining(order.splits, parts)
        sales.append(rules.grower_sale(order, left=left, grower_id=grower_id))
    return rules.grower_money(sales)
