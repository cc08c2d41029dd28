"""What payments cannot put right by themselves, as tasks for the association, and the acts that do."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from county import money
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import N_, NotFound
from county.jobs import service as jobs
from county.jobs.types import JobNotDead, JobState
from county.payments import bill_faults, store
from county.payments.service import billing, instructing
from county.payments.store import bills, waiting
from county.payments.store.waiting import Stuck
from county.payments.types import (
    BillTrouble,
    Finding,
    FindingKind,
    Instruction,
    InstructionState,
    Payment,
    Refund,
    Suspense,
    Wish,
)
from county.tasks import service as tasks
from county.tasks.types import Act, Task, TaskGone

BILL_JOB = "payments_fetch_bill"
MOST_DEAD = 1_000
UNKNOWN_AFTER = timedelta(days=1)
SETTLE = Act("settle", N_("Dealt with"), needs_note=True)
SEND_BACK = Act("send_back", N_("Send it back"))
ASK_AGAIN = Act("ask_again", N_("Try again"))
FETCH = Act("fetch", N_("Fetch it again"))

FOUND_SAYS = {
    FindingKind.LOST_NOTICE: N_(
        "Bill of {on}: Alipay has ¥{theirs} for order {number}, and asking brought nothing."
    ),
    FindingKind.PAYMENT_NOT_THERE: N_("Bill of {on}: our ¥{ours} of order {number} is not on it."),
    FindingKind.AMOUNT_DIFFERS: N_("Bill of {on}: order {number} is ¥{theirs} there and ¥{ours} here."),
    FindingKind.PAID_TWICE: N_("Bill of {on}: order {number} was paid again, ¥{theirs}."),
    FindingKind.REFUND_NOT_THERE: N_("Bill of {on}: our refund of ¥{ours} for order {number} is not on it."),
    FindingKind.REFUND_NOT_HERE: N_("Bill of {on}: ¥{theirs} of order {number} went back without us."),
    FindingKind.SPLIT_MISSING: N_("Bill of {on}: ¥{ours} of trade {number} was not split to {detail}."),
    FindingKind.SPLIT_TWICE: N_(
        "Bill of {on}: ¥{theirs} of trade {number} was split to {detail} without us."
    ),
    FindingKind.FEE_DIFFERS: N_(
        "Bill of {on}: Alipay took ¥{theirs} as its fee for order {number}; agreed are ¥{ours}."
    ),
    FindingKind.UNKNOWN_ORDER: N_("Bill of {on}: ¥{theirs} for {number}, which is no order of ours."),
    FindingKind.STATE_DIFFERS: N_("Bill of {on}: of order {number} ¥{theirs} went back there, ¥{ours} here."),
}
FOUND_ADVICE = N_(
    "Look at the trade in Alipay's merchant centre, put it right there or here, and write down what you did."
)
PAID_TWICE_ADVICE = N_("If the second payment waits below, send it back there; then write that down here.")
WISHES = {
    Wish.CLOSE: N_("The closing of order {number} was refused: {why}"),
    Wish.REFUND: N_("The refund of ¥{yuan} for order {number} was refused: {why}"),
    Wish.SPLIT: N_("The split of ¥{yuan} of order {number} was refused: {why}"),
    Wish.CONFIRM: N_("The settlement of ¥{yuan} of order {number} was refused: {why}"),
    Wish.BIND: N_("Alipay refused a receiver of splits for order {number}: {why}"),
    Wish.TRANSFER: N_("The transfer of ¥{yuan} ({number}) was refused: {why}"),
}


class PaymentTasks:
    """Implements `county.tasks.types.TaskSource` for payments."""

    name = "payments"

    def list_tasks(self, db: Session, *, now: datetime, limit: int) -> Sequence[Task]:
        """List open findings, suspense, late money, refused and stuck instructions, and unusable bills."""
        found = [
            *(_of_finding(each, at) for each, at in bills.list_open_findings(db, limit=limit)),
            *(_of_suspense(each) for each in waiting.list_idle_suspense(db)),
            *(_of_late(each) for each in waiting.list_idle_late(db)),
            *(_of_refused(each) for each in waiting.list_refused(db, limit=limit)),
            *(_of_stuck(each) for each in _list_stuck(db, now)),
            *(_of_trouble(each) for each in bills.list_troubles(db)),
        ]
        return sorted(found, key=lambda task: task.since_at)[:limit]

    def count_tasks(self, db: Session, *, now: datetime) -> int:
        """Count the same."""
        return waiting.count_waiting(db, dead=_dead_jobs(db), before=now - UNKNOWN_AFTER)

    def act(self, db: Session, *, key: str, act: str, note: str, actor: Actor, now: datetime) -> None:
        """Do one act; refuses `TaskGone` when somebody was faster, `NoteMissing`."""
        try:
            what, *words = json.loads(key)
            does, count = _ACTS[what, act]
        except (ValueError, TypeError, KeyError):
            raise TaskGone() from None
        if len(words) != count:
            raise TaskGone()
        does(db, [str(word) for word in words], note, actor, now)


def _list_stuck(db: Session, now: datetime) -> list[Stuck]:
    return waiting.list_stuck(db, dead=_dead_jobs(db), before=now - UNKNOWN_AFTER)


def _dead_jobs(db: Session) -> dict[str, int]:
    dead = jobs.list_jobs(db, kind=instructing.JOB_KIND, state=JobState.DEAD, limit=MOST_DEAD)
    return {job.key: job.id for job in dead}


def _key(*words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _of_finding(finding: Finding, found_at: datetime) -> Task:
    return Task(
        key=_key("finding", finding.on.isoformat(), finding.kind.value, finding.number, finding.detail),
        kind=N_("The bill differs"),
        since_at=found_at,
        says=FOUND_SAYS[finding.kind],
        advice=PAID_TWICE_ADVICE if finding.kind is FindingKind.PAID_TWICE else FOUND_ADVICE,
        fen=abs(finding.theirs_fen - finding.ours_fen) or finding.theirs_fen,
        facts={
            "on": finding.on.isoformat(),
            "number": finding.number,
            "detail": finding.detail,
            "ours": money.format_yuan(finding.ours_fen),
            "theirs": money.format_yuan(finding.theirs_fen),
        },
        acts=(SETTLE,),
    )


def _of_suspense(suspense: Suspense) -> Task:
    return Task(
        key=_key("suspense", suspense.trade_no),
        kind=N_("Paid twice"),
        since_at=suspense.found_at,
        says=N_("Order {number} was paid a second time, by trade {trade}."),
        advice=N_("Nobody may keep this money. Send it back to the buyer."),
        fen=suspense.fen,
        facts={"number": suspense.out_trade_no, "trade": suspense.trade_no},
        acts=(SEND_BACK,),
    )


def _of_late(payment: Payment) -> Task:
    return Task(
        key=_key("late", payment.out_trade_no),
        kind=N_("Paid too late"),
        since_at=payment.paid_at or payment.created_at,
        says=N_("Order {number} was paid after it was closed, and the money is still here."),
        advice=N_("The goods were not taken again. Send the money back to the buyer."),
        fen=payment.fen - payment.refunding_fen,
        facts={"number": payment.out_trade_no},
        acts=(SEND_BACK,),
    )


def _of_refused(instruction: Instruction) -> Task:
    return Task(
        key=_key("refused", instruction.request_no),
        kind=N_("Refused by Alipay"),
        since_at=instruction.finished_at or instruction.created_at,
        says=WISHES[instruction.wish],
        advice=N_("Nothing was moved. Find the reason, do it in another way, and write down how."),
        fen=store.fen_of(instruction.content) or None,
        facts=_facts(instruction) | {"why": instruction.outcome},
        acts=(SETTLE,),
    )


def _facts(instruction: Instruction) -> dict[str, object]:
    return {
        "number": instruction.out_trade_no or instruction.key,
        "request": instruction.request_no,
        "yuan": money.format_yuan(store.fen_of(instruction.content)),
    }


def _of_stuck(stuck: Stuck) -> Task:
    instruction = stuck.instruction
    return Task(
        key=_key("stuck", instruction.request_no),
        kind=N_("Result unknown") if instruction.state is not InstructionState.PLANNED else N_("Not sent"),
        since_at=instruction.created_at,
        says=N_("Nobody knows yet whether {request} of order {number} took effect."),
        advice=N_("Trying again asks Alipay first; nothing is paid twice.")
        if stuck.dead_job_id is not None
        else N_("It is asked about again by itself. If it stays so, call Alipay's service line, 95188."),
        fen=store.fen_of(instruction.content) or None,
        facts=_facts(instruction),
        acts=(ASK_AGAIN,) if stuck.dead_job_id is not None else (),
    )


def _of_trouble(trouble: BillTrouble) -> Task:
    return Task(
        key=_key("bill", trouble.on.isoformat()),
        kind=N_("Bill not usable"),
        since_at=trouble.found_at,
        says=N_("Alipay's bill of {on} cannot be used: {why}"),
        advice=N_("Nothing of it was booked. Fetch it again; if it stays so, ask Alipay for a new one."),
        facts={"on": trouble.on.isoformat(), "why": bill_faults.say_fault(trouble.why)},
        acts=(FETCH,),
    )


def _settle_finding(db: Session, words: list[str], note: str, actor: Actor, now: datetime) -> None:
    on, kind, number, detail = words
    tasks.require_note(note)
    try:
        finding = bills.find_finding(
            db, on=date.fromisoformat(on), kind=FindingKind(kind), number=number, detail=detail
        )
        if finding is None:
            raise TaskGone()
        billing.settle_finding(db, finding=finding, note=note, actor=actor, now=now)
    except (ValueError, NotFound):
        raise TaskGone() from None


def _send_suspense_back(db: Session, words: list[str], note: str, actor: Actor, now: datetime) -> None:
    [trade_no] = words
    suspense = waiting.lock_suspense(db, trade_no=trade_no)
    if suspense is None or waiting.has_live_refund(db, trade_no=trade_no):
        raise TaskGone()
    tries = waiting.count_refunds(db, trade_no=trade_no)
    instructing.open_suspense_refund(
        db,
        trade_no=trade_no,
        key=f"suspense:{trade_no}:{tries + 1}",
        reason="重复付款退回",
        actor=actor,
        now=now,
    )


def _send_late_back(db: Session, words: list[str], note: str, actor: Actor, now: datetime) -> None:
    [number] = words
    payment = store.lock_payment(db, out_trade_no=number)
    if payment is None or payment not in waiting.list_idle_late(db):
        raise TaskGone()
    tries = waiting.count_refunds(db, trade_no=str(payment.trade_no))
    instructing.open_refund(
        db,
        out_trade_no=number,
        key=f"late:{number}:{tries + 1}",
        refund=Refund(fen=payment.fen - payment.refunding_fen, reason="付款超时退回"),
        actor=actor,
        now=now,
    )


def _settle_refused(db: Session, words: list[str], note: str, actor: Actor, now: datetime) -> None:
    [request_no] = words
    tasks.require_note(note)
    instruction = waiting.find_refused(db, request_no=request_no)
    if instruction is None or not waiting.settle(db, instruction_id=instruction.id, note=note, now=now):
        raise TaskGone()
    audit.record(
        db,
        actor=actor,
        action="payment.refusal_settled",
        object=("payment", instruction.out_trade_no or instruction.key),
        after={"request_no": request_no, "note": note},
        now=now,
    )


def _ask_again(db: Session, words: list[str], note: str, actor: Actor, now: datetime) -> None:
    [request_no] = words
    job = jobs.find_job(db, kind=instructing.JOB_KIND, key=request_no)
    try:
        if job is None:
            raise TaskGone()
        jobs.revive_job(db, job_id=job.id, now=now)
    except JobNotDead:
        raise TaskGone() from None
    audit.record(
        db,
        actor=actor,
        action="payment.instruction_revived",
        object=("payment", request_no),
        after={"request_no": request_no},
        now=now,
    )


def _fetch_bill(db: Session, words: list[str], note: str, actor: Actor, now: datetime) -> None:
    [on] = words
    if not any(trouble.on.isoformat() == on for trouble in bills.list_troubles(db)):
        raise TaskGone()
    # Once a minute is enough for however many people press at once.
    key = f"{on}:{now:%Y%m%d%H%M}"
    if not jobs.plan_job(db, kind=BILL_JOB, key=key, payload={"on": on}, run_at=now, now=now):
        raise TaskGone()
    audit.record(db, actor=actor, action="payment.bill_fetched", object=("bill", on), after={}, now=now)


# What is done, and how many words behind the first a key of it has.
_ACTS = {
    ("finding", "settle"): (_settle_finding, 4),
    ("suspense", "send_back"): (_send_suspense_back, 1),
    ("late", "send_back"): (_send_late_back, 1),
    ("refused", "settle"): (_settle_refused, 1),
    ("stuck", "ask_again"): (_ask_again, 1),
    ("bill", "fetch"): (_fetch_bill, 1),
}
