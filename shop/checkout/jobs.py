"""The bell that gives up unpaid orders."""

from datetime import datetime

from county import database
from shop.checkout import service
from shop.orders import service as orders


def expire_unpaid(now: datetime) -> None:
    """Cancel every unpaid order whose time is over, each in its own transaction."""
    with database.reading() as db:
        due = orders.list_expired(db, now=now)
    for order_no in due:
        with database.transaction() as db:
            service.expire_order(db, order_no=order_no, now=now)
