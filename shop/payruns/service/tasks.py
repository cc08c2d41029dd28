"""Payments that the bank sent back: each waits for a person while it is owed and nothing pays it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from county import money
from county.audit.types import Actor
from county.errors import N_, NotFound
from county.ledger import service as ledger
from county.tasks.types import Act, Task, TaskGone
from shop.payruns import store
from shop.payruns.service import looking
from shop.payruns.service.answering import retry_item

AGAIN = Act("again", N_("Pay to this account again"))


class PaymentTasks:
    """Implements `county.tasks.types.TaskSource` for payments that came back."""

    name = "payruns"

    def list_tasks(self, db: Session, *, now: datetime, limit: int) -> Sequence[Task]:
        """List payments that came back, that nothing else pays and that are still owed, oldest first."""
        found = store.list_unpaid_returns(db, accounts=_returns_owed(db), limit=limit)
        names = looking.names_of(db, items=[item for item, _run_no in found])
        return [
            Task(
                key=item.number,
                kind=N_("Payment came back"),
                since_at=item.settled_at,
                says=N_("The bank could not pay ¥{yuan} to {person}: {why}"),
                advice=N_(
                    "The money is owed again. With another confirmed account the next pay run pays it there; "
                    "if this account is right, have it paid again."
                ),
                fen=item.gross_fen - item.withheld_fen,
                facts={
                    "yuan": money.format_yuan(item.gross_fen - item.withheld_fen),
                    "person": names[item.payee_id],
                    "why": item.reason or item.number,
                },
                acts=(AGAIN,),
                link=f"/pay-runs/{run_no}",
            )
            for item, run_no in found
            if item.settled_at is not None
        ]

    def count_tasks(self, db: Session, *, now: datetime) -> int:
        """Count the same."""
        return sum(_returns_owed(db).values())

    def act(self, db: Session, *, key: str, act: str, note: str, actor: Actor, now: datetime) -> None:
        """Let the next run pay to the same account; refuses `TaskGone` when it is no longer so."""
        if act != AGAIN.name:
            raise TaskGone()
        try:
            retry_item(db, item_no=key, actor=actor, now=now)
        except NotFound:
            raise TaskGone() from None


def _returns_owed(db: Session) -> dict[str, int]:
    """Count the payments that came back by payable, without those on which nothing is owed any more."""
    counts = store.count_unpaid_returns(db)
    balances = ledger.balances_of(db, accounts=counts)
    return {account: count for account, count in counts.items() if balances[account] < 0}
