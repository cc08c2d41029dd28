"""The bells that release money when claim windows end, and take up settlements that waited."""

from datetime import datetime

from county import database
from shop.orders import service as orders
from shop.payouts import service

PAGE = 100


def release_due(now: datetime) -> None:
    """Release every order whose claim window is over, each in its own transaction.

    All of them are looked at, page by page: orders that a claim holds back must not hide those behind them.
    """
    last: tuple[datetime, str] | None = None
    while True:
        with database.reading() as db:
            due = orders.list_releasable(db, now=now, after=last, limit=PAGE)
        for _claim_until, order_no in due:
            with database.transaction() as db:
                service.release_order(db, order_no=order_no, now=now)
        if len(due) < PAGE:
            return
        last = due[-1]


def settle_due(now: datetime) -> None:
    """Go on with settlements that waited for a receiver's account or for a refund."""
    last = ""
    while True:
        with database.reading() as db:
            waiting = service.list_unsettled(db, after=last, limit=PAGE)
        for settlement in waiting:
            with database.transaction() as db:
                service.advance(db, order_no=settlement.order_no, now=now)
        if len(waiting) < PAGE:
            return
        last = waiting[-1].order_no
