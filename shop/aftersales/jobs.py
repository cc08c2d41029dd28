"""The bell that decides claims on which nobody acted in time."""

from datetime import datetime

from county import database
from shop.aftersales import service


def run_due(now: datetime) -> None:
    """Let every claim whose time is over go its way, each in its own transaction."""
    with database.reading() as db:
        due = service.list_due(db, now=now)
    for claim_no in due:
        with database.transaction() as db:
            service.run_due(db, claim_no=claim_no, now=now)
