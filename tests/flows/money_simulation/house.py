"""What else does not hold: the house's own rules, the stock, and whatever nobody would ever hear of."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, text

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county.checks import service as checks
from county.jobs import service as jobs
from county.jobs.types import JobState
from county.payments import service as payments
from county.tasks import service as tasks
from shop.aftersales import service as aftersales
from shop.aftersales.types import ClaimState
from shop.catalogue.tables import SkuRow
from shop.orders.types import Order, OrderState
from shop.payouts import service as payouts
from shop.refunds import service as refunds
from tests.flows.money_simulation.evidence import Evidence

INVARIANTS = [each for room in front_door.ROOMS for each in room.invariants]
HELD = (
    OrderState.AWAITING_PAYMENT,
    OrderState.PAID,
    OrderState.PACKED,
    OrderState.SHIPPED,
    OrderState.AT_STATION,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
)


def invariants(seen: Evidence) -> Iterator[str]:
    """Every room's invariants hold."""
    for found in checks.check_invariants(seen.db, invariants=INVARIANTS):
        if found.count:
            yield f"invariant {found.name}: {found.count} {found.rows[:3]}"


def chains(seen: Evidence) -> Iterator[str]:
    """Both hash chains are whole."""
    for state in checks.verify_chains(seen.db, heads={}):
        if state.faults:
            yield f"chain {state.chain}: {state.faults[:3]}"


def stock(seen: Evidence) -> Iterator[str]:
    """Sold pieces and available ones are what there was at first."""
    sold: dict[Any, int] = Counter()
    for order in seen.orders:
        if order.state in HELD or (order.state is OrderState.REFUNDED and _was_packed(order)):
            for line in order.lines:
                sold[line.sku_id] += line.quantity
    left = {row.id: row.available for row in seen.db.scalars(select(SkuRow))}
    for goods in seen.story.cast.goods:
        back = seen.story.back_on_sale.get(goods.sku_id, 0)
        if left[goods.sku_id] + sold[goods.sku_id] - back != goods.pieces:
            pieces = f"{left[goods.sku_id]} left + {sold[goods.sku_id]} sold - {back} back"
            yield f"size {goods.sku_id}: {pieces}, {goods.pieces} at first"


def nothing_silent(seen: Evidence) -> Iterator[str]:
    """Whatever is not at its end waits for a time, or stands on a list where a person sees it."""
    for order in seen.orders:
        for one in payments.list_instructions(seen.db, out_trade_no=order.order_no):
            if one.state not in ("done", "refused"):
                what = f"instruction {one.wish} {one.request_no} of {order.order_no}"
                yield f"{what} is {one.state}: {one.outcome}"
        if order.state is OrderState.AWAITING_PAYMENT:
            yield f"{order.order_no} still awaits its payment"
    for state in (JobState.DUE, JobState.RUNNING, JobState.DEAD):
        for job in jobs.list_jobs(seen.db, state=state):
            yield f"job {job.kind} {job.key} is {state}: {job.last_error}"
    for number, state in seen.db.execute(
        text("SELECT number, state FROM shop_refund WHERE state IN ('waiting', 'planned')")
    ):
        yield f"refund {number} is {state}"
    for number, state, stuck in seen.db.execute(
        text("SELECT order_no, state, stuck FROM shop_settlement WHERE state <> 'settled' AND stuck = ''")
    ):
        yield f"settlement of {number} is {state} and nobody is told ({stuck})"


def tasks_are_seen(seen: Evidence) -> Iterator[str]:
    """Whatever only a person can put right stands on the association's list of tasks."""
    listed = tasks.list_waiting(seen.db, now=seen.story.world.now, limit=1_000).tasks
    said = " ".join(f"{each.task.key} {each.task.facts} {each.task.link}" for each in listed)
    stuck = [claim for claim in aftersales.list_claims(seen.db) if claim.state is ClaimState.STUCK]
    for what, number in (
        *(("settlement", each.order_no) for each in payouts.list_stuck(seen.db)),
        *(("refused refund", each.order_no) for each in refunds.list_refused(seen.db)),
        *(("finding", each.number) for each in seen.findings),
        *(("suspense", each.out_trade_no) for each in payments.list_suspense(seen.db)),
        *(("claim", each.claim_no) for each in stuck),
    ):
        if number not in said:
            yield f"{what} {number} is on nobody's list"


def _was_packed(order: Order) -> bool:
    return any(part.state is not OrderState.PAID for part in order.consignments)
