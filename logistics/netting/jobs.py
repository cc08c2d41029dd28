"""The job that computes a month's exact shares."""

from datetime import datetime
from typing import Any
from uuid import UUID

from county import clock, database
from logistics.allocation.types import CostRule
from logistics.netting import service


def net_period(payload: dict[str, Any], now: datetime) -> None:
    """Compute one month: facts in one transaction, shares outside, the lines in another."""
    period = str(payload["period"])
    with database.reading() as db:
        published = service.published_in(db, period=period)
        rule = CostRule(service.get_period(db, period=period).cost_rule)
    shares = service.share_days(published, cost_rule=rule)
    with database.transaction() as db:
        service.record_netting(
            db,
            period=period,
            person_id=UUID(payload["person_id"]),
            published=published,
            shares=shares,
            now=clock.now(),
        )
