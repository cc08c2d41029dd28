"""What of claims waits for the association, as tasks: appeals to decide and refunds that failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from county.audit.types import Actor
from county.errors import N_
from county.tasks.types import Task, TaskGone
from shop.aftersales import store
from shop.aftersales.service.telling import written
from shop.aftersales.types import Claim, ClaimState

_WAITING = (ClaimState.APPEALED, ClaimState.STUCK)


class ClaimTasks:
    """Implements `county.tasks.types.TaskSource`; what can be done stands on the claim's own page."""

    name = "claims"

    def list_tasks(self, db: Any, *, now: datetime, limit: int) -> Sequence[Task]:
        """List appeals and failed refunds, oldest claim first."""
        rows = store.list_rows(db, states=_WAITING, limit=limit)
        return sorted((_task(store.to_claim(row)) for row in rows), key=lambda task: task.since_at)

    def count_tasks(self, db: Any, *, now: datetime) -> int:
        """Count them."""
        return store.count_in(db, states=_WAITING)

    def act(self, db: Any, *, key: str, act: str, note: str, actor: Actor, now: datetime) -> None:
        """Refuse: these tasks are only shown, their claim's page has the buttons."""
        raise TaskGone()


def _task(claim: Claim) -> Task:
    is_stuck = claim.state is ClaimState.STUCK
    return Task(
        key=f"{claim.claim_no}:{claim.state.value}",
        kind=N_("Refund of a claim failed") if is_stuck else N_("Appeal to decide"),
        since_at=claim.opened_at,
        says=N_("{title}, claim {claim}"),
        advice=N_("Open the claim and pay again.")
        if is_stuck
        else N_("Decide until {until}, or it is accepted by itself."),
        fen=claim.fen,
        facts={"title": claim.title, "claim": claim.claim_no, "until": written(claim.due_at)},
        link=f"/aftersales/{claim.claim_no}",
    )
