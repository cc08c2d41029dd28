"""The bell that releases money when claim windows end."""

from datetime import datetime

from county import database
from shop.orders import service as orders
from shop.payouts import service


def release_due(now: datetime) -> None:
    """Release every order whose claim window is over, each in its own transaction."""
    with database.reading() as db:
        due = orders.list_releasable(db, now=now)
    for order_no in due:
        with database.transaction() as db:
            service.release_order(db, order_no=order_no, now=now)
