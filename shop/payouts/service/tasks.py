"""Money that waits for a person: settlements that are stuck, refunds that Alipay refused."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from county import money
from county.audit.types import Actor
from county.errors import N_, IllegalMove, NotFound
from county.payments import service as payments
from county.tasks.types import Act, Task, TaskGone
from shop.orders import service as orders
from shop.payouts import store
from shop.payouts.service import settling
from shop.payouts.types import NO_ACCOUNT, Settlement
from shop.refunds import service as refunds
from shop.refunds.types import OrderRefund

AGAIN = Act("again", N_("Try again"))
PARTLY = "SPLIT_PARTLY_FAILED"


class MoneyTasks:
    """Implements `county.tasks.types.TaskSource` for orders' money."""

    name = "payouts"

    def list_tasks(self, db: Session, *, now: datetime, limit: int) -> Sequence[Task]:
        """List stuck settlements and refused refunds, oldest first."""
        found = [
            *(_of_settlement(db, each) for each in store.list_stuck(db, limit=limit)),
            *(_of_refund(db, each) for each in refunds.list_refused(db, limit=limit)),
        ]
        return sorted(found, key=lambda task: task.since_at)[:limit]

    def count_tasks(self, db: Session, *, now: datetime) -> int:
        """Count the same."""
        return store.count_stuck(db) + refunds.count_refused(db)

    def act(self, db: Session, *, key: str, act: str, note: str, actor: Actor, now: datetime) -> None:
        """Try a settlement or a refund again; refuses `TaskGone` when it is no longer so."""
        what, _, number = key.partition(":")
        if act != AGAIN.name:
            raise TaskGone()
        try:
            if what == "settlement":
                settling.retry_settlement(db, order_no=number, actor=actor, now=now)
            elif what == "refund":
                refunds.retry_refund(db, refund_no=number, actor=actor, now=now)
            else:
                raise TaskGone()
        except (NotFound, IllegalMove):
            raise TaskGone() from None


def _of_settlement(db: Session, stuck: Settlement) -> Task:
    order = orders.get_order(db, order_no=stuck.order_no)
    left = refunds.remaining_splits(db, order=order)
    says = N_("Alipay did not settle order {number}: {why}")
    advice = N_("Nothing was moved, the money is still with Alipay. Put the reason right and try again.")
    acts: tuple[Act, ...] = (AGAIN,)
    if stuck.stuck == NO_ACCOUNT:
        says = N_("Order {number} cannot be split: its streamer has no confirmed Alipay account.")
        advice = N_(
            "All of it stays frozen at Alipay. Have the account confirmed, then it goes on by itself."
        )
        acts = ()
    elif stuck.stuck == PARTLY:
        says = N_("Order {number} was split in part only.")
        advice = N_("Look in Alipay's merchant centre who has his part, and give the others theirs there.")
        acts = ()
    return Task(
        key=f"settlement:{stuck.order_no}",
        kind=N_("Settlement stuck"),
        since_at=stuck.changed_at,
        says=says,
        advice=advice,
        fen=sum(split.fen for split in left),
        facts={"number": stuck.order_no, "why": stuck.stuck},
        acts=acts,
    )


def _of_refund(db: Session, refund: OrderRefund) -> Task:
    told = payments.find_instruction(db, key=f"{refunds.KEY}{refund.refund_no}")
    return Task(
        key=f"refund:{refund.refund_no}",
        kind=N_("Refund refused"),
        since_at=refund.planned_at,
        says=N_("The refund of ¥{yuan} for order {number} was refused: {why}"),
        advice=N_(
            "The buyer still waits for it. Put the reason right, above all a balance too low; try again."
        ),
        fen=refund.fen,
        facts={
            "number": refund.order_no,
            "yuan": money.format_yuan(refund.fen),
            "why": told.outcome if told else "",
        },
        acts=(AGAIN,),
    )
