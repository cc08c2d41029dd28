"""What buyers do: order, reach the cashier, pay in time, late, twice or not at all, cancel, claim."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from county import database
from county.payments import service as payments
from county.payments.simulator import books, faults
from county.payments.simulator import orders as visits
from county.payments.simulator.wire import GatewayError
from shop.aftersales import service as aftersales
from shop.aftersales.types import Asked, ClaimKind, ClaimReason, ClaimState
from shop.checkout import service as checkout
from shop.checkout.types import Checkout, Item
from shop.orders.types import OrderState
from shop.sellers.types import MoneyMode
from tests.flows.money_simulation.cast import SOURCE, Goods
from tests.flows.money_simulation.story import NotNow, Story
from tests.makers.people import ROBOT
from tests.makers.shop import ADDRESS

NOTICE_FAULTS = ("notice_doubled", "notice_reordered", "notice_after_close", "wrong_amount", "wrong_key")
# The cashier sends a buyer who has paid back to the shop.
PAID = 303
# As many orders as a seed has; each costs what it costs.
MOST_ORDERS = 5
# Nobody claims before it is packed, or nearly: it would only be refused.
CLAIMED = (OrderState.SHIPPED, OrderState.DELIVERED, OrderState.DELIVERED, OrderState.COMPLETED)
REASONS = {
    ClaimKind.SPOILED: (ClaimReason.SPOILED,),
    ClaimKind.REFUND_ONLY: (ClaimReason.NOT_ARRIVED, ClaimReason.WRONG_GOODS, ClaimReason.OTHER),
    ClaimKind.RETURN: (ClaimReason.UNWANTED, ClaimReason.WRONG_GOODS),
}


def order(story: Story) -> None:
    """Order goods of one to three sellers, or of the farm that sells alone."""
    if len(story.sales()) >= MOST_ORDERS:
        raise NotNow
    buyer = story.pick(story.cast.buyers)
    items = [Item(each.sku_id, story.pick((1, 1, 2, 3))) for each in _basket(story)]
    source = SOURCE if story.happens(60) else ""

    def place(db: Any) -> Checkout:
        return checkout.place_order(
            db,
            buyer_id=buyer.id,
            items=items,
            address=ADDRESS,
            source_ref=source,
            actor=ROBOT,
            now=story.world.now,
        )

    placed = story.write(f"order {len(items)} sizes{' live' if source else ''}", place)
    if placed is not None:
        story.say(
            f"  {placed.checkout_no}: "
            + ", ".join(f"{each.order_no} {each.seller} {each.total_fen}" for each in placed.orders)
        )


def order_and_pay(story: Story, cashier: Flask) -> None:
    """Order and pay at once, as most people do."""
    order(story)
    start_paying(story)
    pay(story, cashier)


def _basket(story: Story) -> list[Goods]:
    alone = [each for each in story.cast.goods if each.seller.mode is MoneyMode.DIRECT]
    others = [each for each in story.cast.goods if each.seller.mode is not MoneyMode.DIRECT]
    if story.happens(12):
        return alone
    return story.world.chance.sample(others, story.pick((1, 1, 2, 3)))


def start_paying(story: Story) -> None:
    """Go to the cashier with what is still to be paid of a checkout, and leave its page open."""
    waiting = {each.checkout_no for each in story.sales(OrderState.AWAITING_PAYMENT)}
    number = story.pick(sorted(waiting))

    def go() -> str:
        with database.reading() as db:
            address = checkout.pay_url(db, checkout_no=number, mobile=story.happens(50))
        answer = story.world.desk.gateway.answer(urlsplit(address).query, b"", "http://simulator")
        return answer.visit or str(answer.error)

    visit = story.do(f"cashier {number}", go)
    if visit and not visit.startswith("("):
        story.visits.append(visit)


def scan(story: Story) -> None:
    """Have a QR code made of what is still to be paid, as the page does, and scan it."""
    waiting = {each.checkout_no for each in story.sales(OrderState.AWAITING_PAYMENT)}
    number = story.pick(sorted(waiting))
    now = story.world.now

    def make() -> str:
        group, asked = database.in_transaction(lambda db: payments.begin_qr(db, group_no=number, now=now))
        outcome = payments.provider().precreate(group, expires_at=asked.expires_at)
        database.in_transaction(lambda db: payments.close_qr(db, group=group, outcome=outcome))
        with database.reading() as db:
            found = payments.find_qr(db, group_no=number, now=now)
        return found.text if found else ""

    text = story.do(f"qr {number}", make)
    if text and "/qr/" in text:
        story.visits.append(text.rpartition("/")[2])
    elif text:
        answer = story.world.desk.gateway.answer(urlsplit(text).query, b"", "http://simulator")
        story.visits += [answer.visit] if answer.visit else []


def pay(story: Story, cashier: Flask) -> None:
    """Press a button on one of the open cashier pages; some are left open and pressed again much later."""
    visit = story.pick(story.visits)
    numbers = _reach(story, visit)
    if story.happens(30) and numbers:
        kind = story.pick((*NOTICE_FAULTS, "second_trade"))
        with story.world.desk.database.transaction() as db:
            faults.ask(db, kind, method="", out_trade_no=story.pick(numbers), times=1, seconds=0.0)
        story.say(f"fault {kind}")
        story.spoilt_notices += kind in ("wrong_amount", "wrong_key")
    button = story.pick(("pay",) * 8 + ("cancel", "later"))
    buyer = story.pick(books.BUYERS[:2] * 5 + books.BUYERS[2:])
    answer = cashier.test_client().post(f"/cashier/{visit}", data={"action": button, "buyer": buyer.user_id})
    story.say(f"pay {button} as {buyer.name}: {answer.status_code} {' '.join(numbers)}")
    if (answer.status_code == PAID or not numbers) and story.happens(80):
        story.visits.remove(visit)


def _reach(story: Story, visit: str) -> list[str]:
    try:
        with story.world.desk.database.transaction() as db:
            _, made = visits.reach(db, visit, story.world.desk.clock.now_s())
    except GatewayError:
        return []
    return [trade["out_trade_no"] for trade in made]


def cancel(story: Story) -> None:
    """Cancel an order, paid or not."""
    one = story.pick(story.sales(OrderState.AWAITING_PAYMENT, OrderState.PAID, OrderState.PACKED))
    story.write(
        f"cancel {one.order_no}",
        lambda db: (
            checkout.cancel_order(
                db, order_no=one.order_no, buyer_id=one.buyer_id, actor=ROBOT, now=story.world.now
            ).state.value
        ),
    )


def claim(story: Story) -> None:
    """Claim something of an order that was paid."""
    one = story.order(story.pick([each for each in story.sales(*CLAIMED) if each.is_paid]).order_no)
    position = story.world.chance.randrange(len(one.lines))
    kind = story.pick(tuple(ClaimKind))
    pieces = one.lines[position].quantity * 6 if kind is ClaimKind.SPOILED else 0
    asked = Asked(
        position=position,
        kind=kind,
        reason=story.pick(REASONS[kind]),
        spoiled=story.world.chance.randint(1, pieces) if pieces else 0,
        pieces=pieces,
        says="坏了",
        picture_ids=(story.cast.pictures[one.buyer_id],),
    )
    story.write(
        f"claim {one.order_no} {kind.value} {asked.spoiled}/{pieces}",
        lambda db: (
            aftersales.open_claim(
                db,
                order_no=one.order_no,
                buyer_id=one.buyer_id,
                asked=asked,
                actor=ROBOT,
                now=story.world.now,
            ).claim_no
        ),
    )


def go_on(story: Story) -> None:
    """Go on with a claim as its buyer: withdraw, ask the association, send the goods back."""
    with database.reading() as db:
        waiting = [
            each
            for each in aftersales.list_claims(db)
            if each.state in (ClaimState.OPEN, ClaimState.REFUSED, ClaimState.TO_RETURN)
        ]
    one = story.pick(waiting)
    own: dict[str, Any] = {
        "claim_no": one.claim_no,
        "version": one.version,
        "buyer_id": one.buyer_id,
        "actor": ROBOT,
        "now": story.world.now,
    }
    if one.state is ClaimState.REFUSED:
        story.write(f"appeal {one.claim_no}", lambda db: _state(aftersales.appeal(db, says="请看", **own)))
    elif one.state is ClaimState.TO_RETURN and story.happens(80):
        story.write(
            f"send_back {one.claim_no}",
            lambda db: _state(aftersales.send_back(db, carrier="中通", waybill="ZT12345678", **own)),
        )
    else:
        story.write(f"withdraw {one.claim_no}", lambda db: _state(aftersales.withdraw(db, **own)))


def _state(claim: Any) -> str:
    return str(claim.state.value)
