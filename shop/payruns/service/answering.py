"""The bank's answer: each item paid or returned; what came back is owed again, in the books and on pages."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy.orm import Session

from county import ids, money
from county.audit import service as audit
from county.audit.types import Actor
from county.database import insert_once
from county.errors import NotFound, Stale
from county.ledger import service as ledger
from county.ledger.types import Cause
from county.notices import service as notices
from county.people.types import NotAllowed, Role
from logistics.carriers import service as carriers
from shop.payruns import rules, store
from shop.payruns.tables import PayAnswerRow, PayItemRow, PayRunRow
from shop.payruns.types import (
    Answer,
    AnswerFault,
    AnswerRow,
    ItemEvent,
    ItemState,
    ReadAnswer,
    RowFault,
    RunEvent,
    RunKind,
    RunState,
)

LINKS = {
    RunKind.GROWERS: "/money",
    RunKind.COMPENSATION: "/money",
    RunKind.STREAMERS: "/my-payments",
    RunKind.FEES: "/my-payments",
    RunKind.COURIERS: "/my-payments",
}


def apply_answer(db: Session, *, run_no: str, read: ReadAnswer, actor: Actor, now: datetime) -> Answer:
    """Book what a bank says about a run that was sent; rows that cannot be used change nothing.

    Gives: what changed; the first answer again, with nothing changed, for the very same file.
    Refuses: `NotAllowed`, `NotFound`, `IllegalMove` for a run that was not sent.
    """
    if actor.person_id is None or actor.on_behalf_of is not None or actor.role != Role.ASSOCIATION_ADMIN:
        raise NotAllowed()
    run = store.find_run(db, run_no=run_no, lock=True)
    if run is None:
        raise NotFound(what="pay run")
    if run.state is not RunState.DONE:
        rules.move(run.state, RunEvent.ANSWER)
    for earlier in store.list_answers(db, run_id=run.id, sha256=read.sha256):
        return replace(earlier, is_repeated=True)
    items = {item.number: item for item in store.list_items(db, run_ids=[run.id])}
    good, faults = judge(read, items)
    paid = [items[row.item_no] for row in good if row.is_paid and _settle(db, run, items, row, now)]
    back = [items[row.item_no] for row in good if not row.is_paid and _settle(db, run, items, row, now)]
    answer = Answer(read.name, read.sha256, now, len(paid), len(back), faults)
    _keep(db, run, answer, actor)
    left = [item for item in store.list_items(db, run_ids=[run.id]) if item.state is ItemState.SENT]
    if not left and run.state is RunState.SENT:
        state = rules.move(run.state, RunEvent.ANSWER)
        if not store.move_run(db, run=run, state=state, values={}):
            raise Stale(what=run.number)
    audit.record(
        db,
        actor=actor,
        action="pay_run.answered",
        object=("pay_run", run.number),
        after={"sha256": read.sha256, "paid": len(paid), "returned": len(back), "unusable": len(faults)},
        now=now,
    )
    return answer


def judge(read: ReadAnswer, items: dict[str, PayItemRow]) -> tuple[list[AnswerRow], tuple[RowFault, ...]]:
    """Part the rows of an answer into those that can be used and those that cannot, and why."""
    counts = Counter(row.item_no for row in read.rows)
    good, faults = [], list(read.faults)
    for row in read.rows:
        item = items.get(row.item_no)
        if item is None:
            faults.append(RowFault(row.row, AnswerFault.UNKNOWN, row.item_no))
        elif counts[row.item_no] > 1:
            faults.append(RowFault(row.row, AnswerFault.TWICE, row.item_no))
        elif row.fen is not None and row.fen != item.gross_fen - item.withheld_fen:
            text = f"{row.item_no} {money.format_yuan(row.fen)}"
            faults.append(RowFault(row.row, AnswerFault.AMOUNT_DIFFERS, text))
        elif row.is_paid and item.state is ItemState.RETURNED:
            faults.append(RowFault(row.row, AnswerFault.RETURNED, row.item_no))
        else:
            good.append(row)
    return good, tuple(sorted(faults, key=lambda fault: fault.row))


def list_answers(db: Session, *, run_no: str) -> list[Answer]:
    """List the bank's answers to a run, newest first."""
    run = store.find_run(db, run_no=run_no)
    return [] if run is None else store.list_answers(db, run_id=run.id)


def retry_item(db: Session, *, item_no: str, actor: Actor, now: datetime) -> None:
    """Decide that the next run pays to the same account again, to which the bank could not pay.

    Refuses: `NotAllowed`, `NotFound` for an item that did not come back or was decided on before.
    """
    if actor.person_id is None or actor.on_behalf_of is not None or actor.role != Role.ASSOCIATION_ADMIN:
        raise NotAllowed()
    if not store.mark_retry(db, item_no=item_no, now=now):
        raise NotFound(what="payment")
    audit.record(db, actor=actor, action="pay_item.retry", object=("pay_item", item_no), now=now)


def _settle(db: Session, run: PayRunRow, items: dict[str, PayItemRow], row: AnswerRow, now: datetime) -> bool:
    """Settle one item; False when the bank says what is on record already."""
    item = items[row.item_no]
    if item.state is (ItemState.PAID if row.is_paid else ItemState.RETURNED):
        return False
    after = rules.move_item(item.state, ItemEvent.PAY if row.is_paid else ItemEvent.RETURN)
    values = {"settled_at": now, "reason": row.reason}
    if not store.move_item(db, item_id=item.id, before=item.state, after=after, values=values):
        raise Stale(what=item.number)
    if not row.is_paid:
        ledger.reverse(
            db,
            key=f"payout:{item.number}",
            new_key=f"payout-return:{item.number}",
            cause=Cause(kind=rules.CAUSE, ref=item.number),
            memo=row.reason,
            now=now,
        )
        store.free_entries(db, item_ids=[item.id])
    _tell(db, run, item, after, now)
    return True


def _tell(db: Session, run: PayRunRow, item: PayItemRow, state: ItemState, now: datetime) -> None:
    """Tell whom an item pays, or all clerks of the courier, that it arrived or came back."""
    code = "payout_paid" if state is ItemState.PAID else "payout_returned"
    facts = {"yuan": money.format_yuan(item.gross_fen - item.withheld_fen)}
    told = [item.payee_id]
    if item.carrier_id is not None:
        told = carriers.clerk_ids(db, carrier_id=item.carrier_id)
        code = f"firm_{code}"
        facts["carrier"] = carriers.names_of(db, ids=[item.carrier_id])[item.carrier_id]
    for person_id in told:
        notices.tell(
            db,
            person_id=person_id,
            code=code,
            facts=facts,
            link=LINKS[run.kind],
            key=f"{state.value}:{item.number}",
            now=now,
        )


def _keep(db: Session, run: PayRunRow, answer: Answer, actor: Actor) -> None:
    values = {
        "id": ids.new_id(),
        "run_id": run.id,
        "sha256": answer.sha256,
        "name": answer.name,
        "uploaded_by": actor.person_id,
        "uploaded_at": answer.uploaded_at,
        "paid": answer.paid,
        "returned": answer.returned,
        "faults": [asdict(fault) for fault in answer.faults],
    }
    insert_once(db, PayAnswerRow, values)
