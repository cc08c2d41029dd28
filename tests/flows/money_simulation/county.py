"""What growers, the association and the bank do: pack, decide claims, refund, try again, pay out."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from county import clock, database
from county.payments import service as payments
from logistics.parcels.types import ParcelState
from shop.aftersales import service as aftersales
from shop.aftersales.types import ClaimState, LiableParty, Party
from shop.bank import service as bank
from shop.bank.types import LineKind, NewLine
from shop.orders import service as orders
from shop.orders.types import OrderState
from shop.packing import service as packing
from shop.payees import service as payees
from shop.payees.types import AccountKind
from shop.payouts import service as payouts
from shop.payruns import service as payruns
from shop.payruns.types import RunKind, RunState
from shop.refunds import service as refunds
from tests.flows.money_simulation.story import Story
from tests.makers.payees import acting, make_account
from tests.makers.payruns import answer
from tests.makers.people import ROBOT

WAY = (ParcelState.PICKED_UP, ParcelState.READY_FOR_PICKUP, *[ParcelState.DELIVERED] * 4)


def pack(story: Story) -> None:
    """Let a grower pack their part of an order."""
    packable = (OrderState.PAID, OrderState.PACKED)
    part = story.pick(
        [each for each in story.parts() if each.order_state in packable and each.state is OrderState.PAID]
    )
    story.write(
        f"pack {part.order_no}",
        lambda db: packing.pack(
            db, order_no=part.order_no, grower_id=part.grower_id, actor=ROBOT, now=story.world.now
        ),
    )


def move_parcel(story: Story) -> None:
    """Let a parcel come further, or arrive."""
    under_way = [each for each in story.parts() if each.parcel_no and each.state is not OrderState.DELIVERED]
    parcel_no, state = story.pick(under_way).parcel_no, story.pick(WAY)
    story.write(
        f"parcel {parcel_no} {state.value}",
        lambda db: packing.follow_parcel(db, parcel_no=parcel_no, state=state, now=story.world.now),
    )


def decide(story: Story) -> None:
    """Decide a claim as its grower or as the association; confirm or dispute goods that came back."""
    with database.reading() as db:
        waiting = aftersales.list_claims(db, which="running")
    acts = {ClaimState.OPEN, ClaimState.APPEALED, ClaimState.RETURNING, ClaimState.STUCK}
    waiting = [each for each in waiting if each.state in acts]
    one = story.pick(waiting)
    own: dict[str, Any] = {
        "claim_no": one.claim_no,
        "version": one.version,
        "actor": ROBOT,
        "now": story.world.now,
    }
    by = Party.ASSOCIATION if one.state is ClaimState.APPEALED else Party.GROWER
    if one.state is ClaimState.STUCK:
        story.write(f"retry_claim {one.claim_no}", lambda db: aftersales.retry(db, **own).state.value)
    elif one.state is ClaimState.RETURNING:
        _receive(story, one, own)
    elif story.happens(70):
        story.write(
            f"approve {one.claim_no} by {by.value}",
            lambda db: aftersales.approve(db, by=by, **own).state.value,
        )
    else:
        story.write(
            f"refuse {one.claim_no} by {by.value}",
            lambda db: aftersales.refuse(db, by=by, says="不像坏了", **own).state.value,
        )


def _receive(story: Story, one: Any, own: dict[str, Any]) -> None:
    if story.happens(20):
        story.write(
            f"dispute {one.claim_no}",
            lambda db: aftersales.dispute(db, grower_id=one.grower_id, says="少了", **own).state.value,
        )
        return
    on_sale = story.happens(50)
    story.world.fate.clear()  # The judge counts what came back on sale; nobody dies just here.
    state = story.write(
        f"receive {one.claim_no}{' back on sale' if on_sale else ''}",
        lambda db: aftersales.receive(db, by=Party.GROWER, back_on_sale=on_sale, **own).state.value,
    )
    if state and on_sale:
        with database.reading() as db:
            line = orders.get_order(db, order_no=one.order_no).lines[one.position]
        story.back_on_sale[line.sku_id] = story.back_on_sale.get(line.sku_id, 0) + line.quantity


def blame(story: Story) -> None:
    """Let the association say who bears a claim."""
    with database.reading() as db:
        found = [each for each in aftersales.list_claims(db) if each.liable is not None]
    one, party = story.pick(found), story.pick(tuple(LiableParty))
    story.write(
        f"blame {one.claim_no} {party.value}",
        lambda db: (
            aftersales.decide_liability(
                db,
                claim_no=one.claim_no,
                version=one.version,
                party=party,
                says="看过了",
                actor=ROBOT,
                now=story.world.now,
            ).state.value
        ),
    )


def refund(story: Story) -> None:
    """Refund a part of an order, or all that is left, at any moment of its life."""
    one = story.pick([each for each in story.sales() if each.is_paid])
    key = f"goodwill:{len(story.lines)}"

    def some(db: Any) -> int:
        order = orders.get_order_locked(db, order_no=one.order_no)
        if story.happens(25):
            return refunds.refund_rest(
                db, order=order, key=key, reason="协商退款", actor=ROBOT, now=story.world.now
            ).fen
        goods = {
            position: story.world.chance.randint(1, max(1, line.goods_fen // story.pick((1, 2, 3, 9))))
            for position, line in enumerate(order.lines)
            if story.happens(60)
        }
        freight_fen = story.world.chance.randint(0, order.freight_fen) if story.happens(40) else 0
        return refunds.open_refund(
            db,
            order=order,
            key=key,
            goods=goods,
            freight_fen=freight_fen,
            reason="协商退款",
            actor=ROBOT,
            now=story.world.now,
        ).fen

    story.write(f"refund {one.order_no}", some)


def try_again(story: Story) -> None:
    """Take up what is listed for a person: settlements that stand, refunds refused, money in suspense."""
    now = story.world.now
    with database.reading() as db:
        stuck = payouts.list_stuck(db)
        refused = refunds.list_refused(db)
        suspense = payments.list_suspense(db)
    story.pick([*stuck, *refused, *suspense])
    for settlement in stuck:
        story.write(
            f"retry_settlement {settlement.order_no} ({settlement.stuck})",
            partial(payouts.retry_settlement, order_no=settlement.order_no, actor=ROBOT, now=now),
        )
    for each in refused:
        if not each.key.startswith("claim:"):
            story.write(
                f"retry_refund {each.refund_no}",
                partial(refunds.retry_refund, refund_no=each.refund_no, actor=ROBOT, now=now),
            )
    for money in suspense:
        story.write(
            f"return_suspense {money.trade_no}",
            partial(
                payments.open_suspense_refund,
                trade_no=money.trade_no,
                key=f"suspense:{money.trade_no}",
                reason="重复付款",
                actor=ROBOT,
                now=now,
            ),
        )


def unbind(story: Story) -> None:
    """Let Alipay forget who may receive splits."""
    with story.world.desk.database.transaction() as db:
        db.execute("DELETE FROM relation")
    story.say("unbind everybody")


def give_account(story: Story) -> None:
    """Give the third streamer an account at Alipay at last."""
    person = story.cast.streamers[2]
    with database.reading() as db:
        story.pick([1] * (payees.find_alipay_account(db, person_id=person.id, now=story.world.now) is None))

    def confirm(db: Any) -> None:
        make_account(
            db,
            person,
            kind=AccountKind.ALIPAY,
            number="2088000000000033",
            now=story.world.now - timedelta(days=2),
        )

    story.write("account of the third streamer", confirm)


def pay_out(story: Story) -> None:
    """Take a pay run one step further, or begin one."""
    now = story.world.now
    with database.reading() as db:
        runs = [run for run in payruns.list_runs(db) if run.state not in (RunState.DONE, RunState.CANCELLED)]
    one, two = story.cast.admins
    if not runs or story.happens(20):
        kind = story.pick((RunKind.GROWERS, RunKind.STREAMERS, RunKind.COMPENSATION))
        with database.reading() as db:
            # Fees of farms are paid when nobody of the chosen kind can be.
            kind = kind if payruns.look_at(db, kind=kind, now=now).ready else RunKind.FEES
            story.pick(payruns.look_at(db, kind=kind, now=now).ready)
        story.write(
            f"pay_run {kind.value}",
            lambda db: payruns.create_run(db, kind=kind, actor=acting(one), now=now),
        )
        return
    run = story.pick(runs)
    own: dict[str, Any] = {"run_no": run.run_no, "version": run.version, "actor": acting(two), "now": now}
    if run.state is RunState.SENT:
        _bank_answers(story, run)
    elif story.happens(15):
        story.write(f"cancel_run {run.run_no}", lambda db: payruns.cancel_run(db, reason="重做", **own))
    else:
        step = {
            RunState.DRAFT: payruns.confirm_run,
            RunState.CONFIRMED: payruns.export_run,
            RunState.EXPORTED: payruns.send_run,
        }[run.state]
        if run.state is RunState.EXPORTED:
            _withdraw(story, run.net_fen)
        story.write(f"{step.__name__} {run.run_no}", lambda db: step(db, **own))


def _withdraw(story: Story, wanted_fen: int) -> None:
    """Have the bank get what a run needs from Alipay, as far as it lies there; now and then wrongly at first.

    Nothing here is left to chance, so that it changes no story that is told without it.
    """
    actor, now = acting(story.cast.admins[0]), story.world.now
    with database.reading() as db:
        found = bank.get_circuit(db, now=now).sellers
    seller = max(found, key=lambda each: each.free_fen)
    fen = min(wanted_fen, seller.free_fen)
    if fen <= 0:
        return
    number = len(story.lines)
    new = NewLine(LineKind.ALIPAY, seller.seller_id, fen, clock.county_day(now), f"LS-{number}")
    if number % 3 == 0:
        wrong = story.write(
            f"withdraw {new.reference} wrongly",
            lambda db: bank.record_line(db, new=replace(new, fen=1), actor=actor, now=now),
        )
        if wrong:
            story.write(
                f"take_back {new.reference}",
                lambda db: bank.reverse_line(db, line_id=wrong.id, reason="记错了", actor=actor, now=now),
            )
    story.write(
        f"withdraw {new.reference} {fen}",
        lambda db: bank.record_line(db, new=new, actor=actor, now=now),
    )


def _bank_answers(story: Story, run: Any) -> None:
    """Let the bank pay or return each item, once and for all whatever becomes of its answer."""
    for item in run.items:
        story.bank.setdefault(item.item_no, story.happens(75))
    _apply_answer(story, run)


def bank_returns(story: Story) -> None:
    """Let the bank return a payment days after it said that it was paid."""
    with database.reading() as db:
        done = [run for run in payruns.list_runs(db) if run.state is RunState.DONE]
    run = story.pick(done)
    item = story.pick(run.items)
    story.bank[item.item_no] = False
    _apply_answer(story, run)


def _apply_answer(story: Story, run: Any) -> None:
    rows = [(item.item_no, story.bank[item.item_no], item.net_fen) for item in run.items]
    read = answer(*rows, name=f"{run.run_no}-{len(story.lines)}.csv")
    story.write(
        f"bank {run.run_no}: {sum(paid for _, paid, _ in rows)} of {len(rows)} paid",
        lambda db: (
            payruns.apply_answer(
                db, run_no=run.run_no, read=read, actor=acting(story.cast.admins[1]), now=story.world.now
            ).returned
        ),
    )


def retry_payments(story: Story) -> None:
    """Let the association decide that what came back is paid to the same account again."""
    with database.reading() as db:
        back = [item for run in payruns.list_runs(db) for item in run.items if item.may_retry]
    story.pick(back)
    for item in back:
        story.write(
            f"retry_item {item.item_no}",
            partial(
                payruns.retry_item,
                item_no=item.item_no,
                actor=acting(story.cast.admins[0]),
                now=story.world.now,
            ),
        )
