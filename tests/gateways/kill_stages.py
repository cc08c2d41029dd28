"""The stages of an order's money in which a process is killed: what people and clerk do, how it stands then.

Every stage may be done again from its beginning: who got no answer asks again under the same key, Alipay
sends its notice again, the clerk takes up what was left. That is all the repair there is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import text

import app as front_door  # noqa: TID251 - the tests stand outside the house
import shop.checkout.jobs
import shop.payouts.jobs
from county import clock, database
from county.checks import service as checks
from county.jobs import worker
from county.payments import jobs
from county.payments import service as payments
from county.payments.gateway import NotFound
from county.payments.types import TradeStatus, Transfer
from shop.checkout import service as checkout
from shop.orders import service as orders
from shop.orders.types import Order, OrderState
from shop.refunds import service as refunds
from tests.gateways.killing import ANSWERED, Killer
from tests.gateways.market import STREAMER_ACCOUNT, Market
from tests.makers.people import ROBOT


@dataclass(frozen=True)
class World:
    """What a process of a stage has: the market, the buyer's token and the web application."""

    market: Market
    token: str
    web: Flask
    killer: Killer
    later: timedelta = timedelta(hours=50)

    def work(self) -> None:
        """Do every job that is due at the clerk's present."""
        worker.work_until_idle(lambda: clock.now() + self.later)

    def order(self) -> Order:
        """Read the one order."""
        with database.reading() as db:
            number = db.execute(text("SELECT number FROM shop_order")).scalar_one()
            return orders.get_order(db, order_no=number)


def place_order(world: World) -> None:
    """The buyer orders through the API, again under the same key when no answer came."""
    address = {"name": "李明", "phone": "13900000001", "province": "陕西省", "city": "西安市"}
    body = {
        "items": [{"sku_id": str(world.market.tea.skus[0].sku_id), "quantity": 1}],
        "address": {**address, "county": "雁塔区", "detail": "小寨路1号"},
        "source_ref": "live",
    }
    headers = {"Authorization": f"Bearer {world.token}", "Idempotency-Key": "buyer-1"}
    answer = world.web.test_client().post("/api/v1/orders", json=body, headers=headers)
    assert answer.status_code == 201, answer.get_data(as_text=True)


def pay(world: World) -> None:
    """The buyer pays, unless it is paid; Alipay sends its notice, and again; the clerk asks."""
    market, order = world.market, world.order()
    known = payments.provider().query(out_trade_no=order.order_no)
    if isinstance(known, NotFound) or known.status is TradeStatus.WAITING:  # type: ignore[union-attr]
        with database.reading() as db:
            address = checkout.pay_url(db, checkout_no=order.checkout_no, mobile=False)
        market.simulator.pay(address)
    else:
        market.simulator.move_clock(minutes=5)
    market.simulator.deliver()
    world.killer.at("notice answered", ANSWERED)
    jobs.ask_unpaid(clock.now() + timedelta(minutes=2))
    world.work()


def refund(world: World) -> None:
    """A part of the order is refunded under one key, and the clerk sends it."""
    with database.transaction() as db:
        order = orders.get_order_locked(db, order_no=world.order().order_no)
        refunds.open_refund(
            db, order=order, key="claim:1", goods={0: 2_000}, reason="烂了", actor=ROBOT, now=clock.now()
        )
    world.work()


def give_up(world: World) -> None:
    """A buyer who saw the cashier does not pay; the order's time is over."""
    order = world.order()
    if order.state is OrderState.AWAITING_PAYMENT:
        with database.reading() as db:
            address = checkout.pay_url(db, checkout_no=order.checkout_no, mobile=False)
        world.market.simulator.reach(address)
    shop.checkout.jobs.expire_unpaid(clock.now() + timedelta(hours=3))
    world.work()


def deliver(world: World) -> None:
    """The parcel is packed and delivered."""
    order = world.order()
    if order.state is OrderState.PAID:
        world.market.deliver(order)


def release(world: World) -> None:
    """The claim window ends: released, confirmed, split, the streamer bound on the way."""
    later = clock.now() + timedelta(hours=49)
    shop.payouts.jobs.release_due(later)
    world.work()
    shop.payouts.jobs.settle_due(later)
    world.work()


def read_bill(world: World) -> None:
    """Alipay's day ends, its bill is read, its fee is booked."""
    today = clock.county_day(clock.now())
    world.market.simulator.move_clock(days=1)
    jobs.read_bill(today)
    world.work()


def transfer(world: World) -> None:
    """The association pays somebody from its account."""
    asked = Transfer(fen=100, account=STREAMER_ACCOUNT, name="周敏", title="补差")
    with database.transaction() as db:
        payments.open_transfer(db, key="hand:1", transfer=asked, actor=ROBOT, now=clock.now())
    world.work()


@dataclass(frozen=True)
class Stage:
    """A stage: the one whose end it begins from, and what is done."""

    name: str
    begins_after: str
    does: Callable[[World], None]


STAGES = (
    Stage("order", "", place_order),
    Stage("give up", "order", give_up),
    Stage("pay", "order", pay),
    Stage("refund", "pay", refund),
    Stage("deliver", "pay", deliver),
    Stage("release", "deliver", release),
    Stage("bill", "release", read_bill),
    Stage("transfer", "release", transfer),
)

COUNTS = {
    "orders": "SELECT state || ' ' || reason, count(*) FROM shop_order GROUP BY 1",
    "stock": "SELECT 'left', sum(available) FROM shop_sku",
    "payments": "SELECT state, count(*) FROM county_payment GROUP BY 1",
    "refunded": "SELECT 'fen', sum(refunded_fen) FROM county_payment",
    "instructions": "SELECT wish || ' ' || state, count(*) FROM county_payment_instruction GROUP BY 1",
    "notices": "SELECT effect, count(*) FROM county_payment_notice GROUP BY 1",
    "refunds": "SELECT state, count(*) FROM shop_refund GROUP BY 1",
    "jobs": "SELECT state, count(*) FROM county_job WHERE state <> 'done' GROUP BY 1",
    "fees": "SELECT event, count(*) FROM county_event GROUP BY 1",
    "entries": "SELECT 'all', count(*) FROM county_entry",
}


def judge(world: World) -> dict[str, Any]:
    """Say how everything stands: states, both sides' books, invariants and chains."""
    invariants = [each for room in front_door.ROOMS for each in room.invariants]
    with database.reading() as db:
        found: dict[str, Any] = {
            name: {row[0]: int(row[1]) for row in db.execute(text(query))} for name, query in COUNTS.items()
        }
        broken = [one.name for one in checks.check_invariants(db, invariants=invariants) if one.count]
        faults = [fault for chain in checks.verify_chains(db, heads={}) for fault in chain.faults]
    return {
        **found,
        "ours": world.market.ours(),
        "borne": world.market.borne(),
        "theirs": world.market.theirs(),
        "total": world.market.simulator.total_fen(),
        "broken": broken,
        "faults": faults,
    }
