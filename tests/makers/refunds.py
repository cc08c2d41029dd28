"""Makers of refunds that took effect."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from county import ids
from county.payments import service as payments
from county.payments.gateway import Done, Effect
from shop.orders import service as orders
from shop.refunds import service as refunds
from shop.refunds.types import OrderRefund
from tests.makers.people import NOW, ROBOT


def make_refund(
    db: Session, order_no: str, *, goods: Mapping[int, int], freight_fen: int = 0, now: datetime = NOW
) -> OrderRefund:
    """Decide a refund of some lines of an order, and of its freight."""
    return refunds.open_refund(
        db,
        order=orders.get_order_locked(db, order_no=order_no),
        key=f"claim:{ids.new_number('SH')}",
        goods=goods,
        freight_fen=freight_fen,
        reason="坏果",
        actor=ROBOT,
        now=now,
    )


def make_refunded(
    db: Session, order_no: str, *, goods: Mapping[int, int], freight_fen: int = 0, now: datetime = NOW
) -> OrderRefund:
    """Have a part of an order paid back to its buyer."""
    opened = make_refund(db, order_no, goods=goods, freight_fen=freight_fen, now=now)
    return answer_refund(db, opened, Done(), now=now)


def answer_refund(db: Session, opened: OrderRefund, outcome: Effect, *, now: datetime = NOW) -> OrderRefund:
    """Let the provider answer a refund's instruction."""
    found = payments.find_instruction(db, key=f"refund:{opened.refund_no}")
    assert found is not None
    payments.begin_instruction(db, instruction_id=found.id, now=now)
    payments.close_instruction(db, instruction_id=found.id, outcome=outcome, now=now)
    return refunds.get_refund(db, refund_no=opened.refund_no)
