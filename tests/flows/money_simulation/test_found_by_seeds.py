"""What seeds brought to light, as short stories of their own."""

from datetime import timedelta

from flask import Flask

from county import database
from county.payments import service as payments
from county.payments.simulator import faults
from county.payments.types import FindingKind
from shop.checkout import service as checkout
from shop.checkout.types import Item
from shop.orders import service as orders
from shop.orders.types import OrderState
from shop.payouts import service as payouts
from shop.payouts.types import SettlementState
from shop.refunds import service as refunds
from tests.flows.money_simulation import buyers, clerk, county
from tests.flows.money_simulation.cast import SOURCE
from tests.flows.money_simulation.judge import judge
from tests.flows.money_simulation.running import Theatre
from tests.flows.money_simulation.story import Story
from tests.makers.people import ROBOT
from tests.makers.shop import ADDRESS


def begin(theatre: Theatre) -> Story:
    """Begin a story that is written by hand."""
    theatre.stages.restore()
    theatre.world.begin(1)
    return Story(1, theatre.world, theatre.cast)


def order_of_farm(story: Story) -> str:
    """Order one piece of a sub-merchant through the live room and open the cashier."""
    goods = next(each for each in story.cast.goods if each.seller.name == "药茶场")
    with database.transaction() as db:
        placed = checkout.place_order(
            db,
            buyer_id=story.cast.buyers[0].id,
            items=[Item(goods.sku_id, 1)],
            address=ADDRESS,
            source_ref=SOURCE,
            actor=ROBOT,
            now=story.world.now,
        )
    buyers.start_paying(story)
    return placed.orders[0].order_no


def ask_fault(story: Story, kind: str, order_no: str) -> None:
    """Let something go wrong with an order at Alipay."""
    with story.world.desk.database.transaction() as db:
        faults.ask(db, kind, method="", out_trade_no=order_no, times=1, seconds=0.0)


def press_pay(story: Story, cashier: Flask) -> None:
    """Pay on the open page as a rich buyer."""
    data = {"action": "pay", "buyer": "2088102100000011"}
    assert cashier.test_client().post(f"/cashier/{story.visits[0]}", data=data).status_code == buyers.PAID
    clerk.tick(story)


def deliver_and_settle(story: Story, order_no: str) -> None:
    """Let the goods arrive, the claim window end and Alipay settle; then read the bills of these days."""
    county.pack(story)
    while story.order(order_no).state is not OrderState.DELIVERED:
        county.move_parcel(story)
    county.give_account(story)
    clerk.pass_by(story, timedelta(days=5))


def test_split_of_an_order_paid_twice_is_looked_for_in_the_trade_that_was_split(theatre: Theatre) -> None:
    # The first trade's notice is spoilt, so that the second trade is the one that pays the order.
    story = begin(theatre)
    order_no = order_of_farm(story)
    ask_fault(story, "wrong_key", order_no)
    ask_fault(story, "second_trade", order_no)

    press_pay(story, theatre.cashier)
    deliver_and_settle(story, order_no)

    with database.reading() as db:
        settlement = payouts.find_settlement(db, order_no=order_no)
        assert settlement is not None and settlement.state is SettlementState.SETTLED
        assert [finding.kind for finding in payments.list_findings(db)] == [FindingKind.PAID_TWICE]
    assert judge(story) == []


def test_second_trade_without_any_usable_notice_is_sent_back_after_the_bill(theatre: Theatre) -> None:
    story = begin(theatre)
    order_no = order_of_farm(story)
    ask_fault(story, "second_trade", order_no)
    story.world.lose_notice = lambda: "lost"

    press_pay(story, theatre.cashier)
    clerk.pass_by(story, timedelta(days=2))
    clerk.calm(story)

    assert judge(story) == []
    with database.reading() as db:
        [suspense] = payments.list_suspense(db)
    assert suspense.out_trade_no == order_no
    county.try_again(story)
    clerk.tick(story)
    clerk.pass_by(story, timedelta(days=2))
    with database.reading() as db:
        assert payments.list_suspense(db) == []
        assert [finding.kind for finding in payments.list_findings(db)] == [FindingKind.PAID_TWICE]
    assert judge(story) == []


def killed_while_refunding(theatre: Theatre) -> Story:
    """Begin a story whose process dies after a whole refund took effect, before it is recorded."""
    story = begin(theatre)
    story.world.pass_time(timedelta(hours=1))  # Today's hour of bills is over, the next is tomorrow's.
    order_no = order_of_farm(story)
    press_pay(story, theatre.cashier)
    now = story.world.now
    with database.transaction() as db:
        order = orders.get_order_locked(db, order_no=order_no)
        refunds.refund_rest(db, order=order, key="goodwill", reason="协商退款", actor=ROBOT, now=now)
    story.world.fate.call = "die_after"
    clerk.work(story)
    return story


def test_refund_recorded_after_its_bill_was_read_leaves_no_open_finding(theatre: Theatre) -> None:
    story = killed_while_refunding(theatre)

    clerk.pass_by(story, timedelta(days=2))

    with database.reading() as db:
        found = [finding.kind for finding in payments.list_findings(db, open_only=False)]
        assert (found, payments.list_findings(db)) == (
            [FindingKind.REFUND_NOT_HERE, FindingKind.STATE_DIFFERS],
            [],
        )
    assert judge(story) == []


def test_refund_recorded_the_next_morning_before_its_bill_is_read_is_no_difference(theatre: Theatre) -> None:
    story = killed_while_refunding(theatre)
    story.world.pass_time(timedelta(hours=23))

    clerk.work(story)
    clerk.pass_by(story, timedelta(days=2))

    with database.reading() as db:
        assert payments.list_findings(db, open_only=False) == []
    assert judge(story) == []


def test_refund_on_the_last_morning_is_judged_after_its_bill(theatre: Theatre) -> None:
    # Seed 4559: a claim fell due when the last bills were read already; the fee that came back was missed.
    story = begin(theatre)
    order_no = order_of_farm(story)
    press_pay(story, theatre.cashier)
    clerk.pass_by(story, timedelta(days=2))
    assert not clerk.has_unread_bill(story)
    with database.transaction() as db:
        order = orders.get_order_locked(db, order_no=order_no)
        own = {"reason": "协商退款", "actor": ROBOT, "now": story.world.now}
        refunds.open_refund(db, order=order, key="late", goods={0: 2_000}, freight_fen=0, **own)
    clerk.tick(story)

    assert clerk.has_unread_bill(story)
    assert [fault.partition(" ")[0] for fault in judge(story)] == ["fees"]
    clerk.pass_by(story, timedelta(days=2))

    assert not clerk.has_unread_bill(story)
    assert judge(story) == []
