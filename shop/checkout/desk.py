"""The shop's side of the payments floor: orders and ledger follow what money does, in its transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from county import money
from county.audit.types import Actor
from county.errors import NotFound
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.notices import service as notices
from county.payments import service as payments
from county.payments.types import Instruction, Payment, Refund, Suspense
from shop.accounts.rules import book_of, money_account, order_account, suspense_account
from shop.catalogue import service as catalogue
from shop.checkout import service as checkout
from shop.orders import service as orders
from shop.orders.rules import pieces
from shop.orders.types import Order, OrderEvent, OrderPayment, OrderState
from shop.payouts import service as payouts
from shop.refunds import service as refunds
from shop.sellers import service as sellers
from shop.sellers.types import Seller

ROBOT = Actor.system("payments")


class Desk:
    """Implements `county.payments.types.PaymentReceiver` for the shop's orders."""

    def lock_order(self, db: Session, *, out_trade_no: str) -> None:
        """Lock the order before its payment is locked."""
        orders.get_order_locked(db, order_no=out_trade_no)

    def payment_succeeded(self, db: Session, *, payment: Payment, now: datetime) -> None:
        """Mark the order as paid and book the buyer's money as owed to the order."""
        order = orders.get_order(db, order_no=payment.out_trade_no)
        _accept(db, order=order, payment=payment, event=OrderEvent.PAY, now=now)

    def payment_late(self, db: Session, *, payment: Payment, now: datetime) -> None:
        """Take a given-up order up again if its goods are there, else send the money back and say so."""
        order = orders.get_order(db, order_no=payment.out_trade_no)
        if order.state is OrderState.CANCELLED and _take_again(db, order=order):
            payments.take_late(db, out_trade_no=order.order_no, actor=ROBOT, now=now)
            _accept(db, order=order, payment=payment, event=OrderEvent.PAY_LATE, now=now)
            return
        _book_suspense(db, order=order, trade_no=payment.trade_no or "", fen=payment.fen, now=now)
        payments.open_refund(
            db,
            out_trade_no=order.order_no,
            key=f"late:{order.order_no}",
            refund=Refund(fen=payment.fen, reason="付款超时，商品已售出"),
            actor=ROBOT,
            now=now,
        )
        notices.tell(
            db,
            person_id=order.buyer_id,
            code="late_payment_returned",
            facts={"order": order.order_no, "yuan": money.format_yuan(payment.fen)},
            link=f"/orders/{order.order_no}",
            now=now,
        )

    def payment_closed(self, db: Session, *, payment: Payment, now: datetime) -> None:
        """Give up the order of a trade that the provider closed; its goods are on sale again."""
        order = orders.get_order(db, order_no=payment.out_trade_no)
        if order.state is OrderState.AWAITING_PAYMENT:
            checkout.give_up(db, order=order, event=OrderEvent.EXPIRE, reason="expired", actor=ROBOT, now=now)

    def second_trade(self, db: Session, *, payment: Payment, suspense: Suspense, now: datetime) -> None:
        """Book a second payment of a paid order to suspense; the association settles it."""
        order = orders.get_order(db, order_no=payment.out_trade_no)
        _book_suspense(db, order=order, trade_no=suspense.trade_no, fen=suspense.fen, now=now)

    def instruction_done(self, db: Session, *, instruction: Instruction, now: datetime) -> None:
        """Book what took effect: a refund of the order or of money in suspense, a step of the settlement."""
        if refunds.is_ours(instruction):
            refunds.refund_done(db, instruction=instruction, now=now)
            payouts.advance(db, order_no=instruction.out_trade_no, now=now)
        elif isinstance(instruction.content, Refund):
            _book_returned_suspense(db, instruction, now)
        else:
            payouts.instruction_done(db, instruction=instruction, now=now)

    def instruction_refused(self, db: Session, *, instruction: Instruction, now: datetime) -> None:
        """Nothing was moved, so nothing is booked; what was refused becomes a task."""
        if refunds.is_ours(instruction):
            refunds.refund_refused(db, instruction=instruction, now=now)
            payouts.advance(db, order_no=instruction.out_trade_no, now=now)
        else:
            payouts.instruction_refused(db, instruction=instruction, now=now)
        if refunds.is_ours(instruction) or payouts.is_ours(instruction):
            # They are tried again, or become tasks of the shop's own.
            payments.take_over(db, instruction=instruction, note="shop", now=now)


def find_order(db: Session, *, order_no: str) -> Order | None:
    """Find an order, or None for a number that is none of the shop's."""
    try:
        return orders.get_order(db, order_no=order_no)
    except NotFound:
        return None


def _accept(db: Session, *, order: Order, payment: Payment, event: OrderEvent, now: datetime) -> None:
    trade_no = payment.trade_no or ""
    paid = OrderPayment(trade_no=trade_no, fen=payment.fen)
    orders.mark_paid(db, order=order, payment=paid, event=event, actor=ROBOT, now=now)
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    _post(
        db,
        key=f"pay:{trade_no}",
        order=order,
        seller=seller,
        debit=money_account(seller),
        credit=order_account(order.order_no),
        fen=order.total_fen,
        now=now,
    )
    _tell_paid(db, order=order, now=now)


def _book_suspense(db: Session, *, order: Order, trade_no: str, fen: int, now: datetime) -> None:
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    _post(
        db,
        key=f"pay:{trade_no}",
        order=order,
        seller=seller,
        debit=money_account(seller),
        credit=suspense_account(trade_no),
        fen=fen,
        now=now,
    )


def _book_returned_suspense(db: Session, instruction: Instruction, now: datetime) -> None:
    assert isinstance(instruction.content, Refund)
    order = orders.get_order(db, order_no=instruction.out_trade_no)
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    _post(
        db,
        key=f"refund:{instruction.request_no}",
        order=order,
        seller=seller,
        debit=suspense_account(instruction.trade_no or ""),
        credit=money_account(seller),
        fen=instruction.content.fen,
        now=now,
    )
    if order.state is OrderState.CANCELLED and not order.payments:
        orders.transition(
            db, order=order, event=OrderEvent.REFUND, actor=ROBOT, now=now, reason="late_payment"
        )


def _post(
    db: Session,
    *,
    key: str,
    order: Order,
    seller: Seller,
    debit: str,
    credit: str,
    fen: int,
    now: datetime,
) -> None:
    ledger.post(
        db,
        key=key,
        cause=Cause(kind="order", ref=order.order_no),
        postings=[Posting(account=debit, fen=fen), Posting(account=credit, fen=-fen)],
        book=book_of(seller),
        now=now,
    )


def _take_again(db: Session, *, order: Order) -> bool:
    """Take the goods of a cancelled order again, all of them or none."""
    with db.begin_nested() as attempt:
        for sku_id, quantity in sorted(pieces(order).items()):
            if not catalogue.try_take_stock(db, sku_id=sku_id, quantity=quantity):
                attempt.rollback()
                return False
    return True


def _tell_paid(db: Session, *, order: Order, now: datetime) -> None:
    link = f"/orders/{order.order_no}"
    notices.tell(
        db,
        person_id=order.buyer_id,
        code="order_paid",
        facts={"order": order.order_no},
        link=link,
        now=now,
    )
    for grower_id in sorted({line.grower_id for line in order.lines}):
        own = [line for line in order.lines if line.grower_id == grower_id]
        notices.tell(
            db,
            person_id=grower_id,
            code="please_pack",
            facts={"goods": "、".join(f"{line.title} × {line.quantity}" for line in own)},
            link=f"/packing/{order.order_no}",
            now=now,
        )
