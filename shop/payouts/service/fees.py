"""Alipay's fees, read from its bill: who paid them, each line once."""

from datetime import datetime

from sqlalchemy.orm import Session

from county.errors import NotFound
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.payments.types import FeeCharged
from shop.accounts.rules import FEE, book_of, money_account
from shop.orders import service as orders
from shop.orders.types import Order
from shop.payouts.service.settling import share_of_growers, take_over_fees, whereabouts
from shop.refunds.types import Standing
from shop.sellers import service as sellers
from shop.sellers.types import MoneyMode


def record_fee(db: Session, *, fee: FeeCharged, now: datetime) -> bool:
    """Book one fee, or one that was given back with a refund; tells whether it is one of the shop's.

    Alipay takes it from the money that lies there for the seller. After the settlement that is the farm's
    own, so it got that much less than was cleared: the association bears the fee and owes it to the farm.
    """
    try:
        order = orders.get_order_locked(db, order_no=fee.out_trade_no)
    except NotFound:
        return False
    seller = sellers.get_seller(db, seller_id=order.seller_id)
    if seller.mode is MoneyMode.DIRECT or not fee.fee_fen:
        return False  # A farm with an account of its own has a contract, and fees, of its own.
    owed = share_of_growers(order, fen=fee.fee_fen) if _took_from_farm(db, order, fee) else {}
    credits = owed or {money_account(seller): fee.fee_fen}
    ledger.post(
        db,
        key=f"fee:{fee.trade_no}:{fee.request_no}",
        cause=Cause(kind="order", ref=order.order_no),
        postings=[
            Posting(FEE, fee.fee_fen),
            *(Posting(account, -fen) for account, fen in sorted(credits.items()) if fen),
        ],
        book=book_of(seller),
        now=now,
    )
    take_over_fees(db, order=order, fees=owed, key=f"{fee.trade_no}:{fee.request_no}", now=now)
    return True


def _took_from_farm(db: Session, order: Order, fee: FeeCharged) -> bool:
    is_own = any(paid.trade_no == fee.trade_no for paid in order.payments)
    return is_own and whereabouts(db, order=order).standing is Standing.SETTLED
