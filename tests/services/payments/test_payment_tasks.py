"""What payments cannot put right by themselves: listed once, acted on once, audited; two people, one wins."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.jobs import service as jobs
from county.jobs import store as job_store
from county.payments import service
from county.payments.gateway import CallRefused, CallUnknown, Done
from county.payments.store import bills
from county.payments.types import Finding, FindingKind, InstructionState, PaymentGroup, PaymentState
from county.tasks.types import NoteMissing, Task, TaskGone
from tests.services.payments.acting import ADMIN, NOW, Shop, finish, make_notice, pay, refund

pytestmark = pytest.mark.database
TASKS = service.PaymentTasks()
LATER = NOW + timedelta(minutes=1)


def waiting(db: Session, now: object = LATER) -> list[Task]:
    tasks = list(TASKS.list_tasks(db, now=now, limit=200))
    assert TASKS.count_tasks(db, now=now) == len(tasks)
    return tasks


def act(db: Session, task: Task, note: str = "", now: object = LATER) -> None:
    TASKS.act(db, key=task.key, act=task.acts[0].name, note=note, actor=ADMIN, now=now)


def actions(db: Session, name: str) -> list[str]:
    return [record.action for record in audit.list_records(db, object=("payment", name))]


def test_when_all_is_well_nothing_waits(db: Session, group: PaymentGroup) -> None:
    pay(db)

    assert waiting(db) == []


def test_a_second_trade_is_sent_back_by_the_first_who_presses(
    db: Session, group: PaymentGroup, shop: Shop
) -> None:
    pay(db)
    service.record_notice(db, notice=make_notice(notify_id="n2", trade_no="T2"), now=NOW)
    [task] = waiting(db)

    act(db, task)
    with pytest.raises(TaskGone):
        act(db, task)

    [instruction] = service.list_instructions(db, out_trade_no="A1")
    assert (task.fen, instruction.trade_no, instruction.key) == (7_650, "T2", "suspense:T2:1")
    assert waiting(db) == []
    finish(db, instruction, Done())
    assert service.list_suspense(db) == []
    assert shop.told[-1] == ("refund_done", "suspense:T2:1")


def test_a_refused_return_of_a_second_trade_waits_again_with_a_new_number(
    db: Session, group: PaymentGroup
) -> None:
    pay(db)
    service.record_notice(db, notice=make_notice(notify_id="n2", trade_no="T2"), now=NOW)
    act(db, waiting(db)[0])
    [first] = service.list_instructions(db, out_trade_no="A1")
    finish(db, first, CallRefused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"))

    kinds = sorted(task.kind for task in waiting(db))
    act(db, next(task for task in waiting(db) if task.kind == "Paid twice"))

    assert kinds == ["Paid twice", "Refused by Alipay"]
    again = service.find_instruction(db, key="suspense:T2:2")
    assert again is not None and again.request_no != first.request_no
    assert again.state is InstructionState.PLANNED


def test_a_late_payment_that_nobody_sends_back_waits(db: Session, group: PaymentGroup) -> None:
    service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=NOW)
    pay(db)
    [task] = waiting(db)

    act(db, task)
    with pytest.raises(TaskGone):
        act(db, task)

    late = service.find_instruction(db, key="late:A1:1")
    assert late is not None and task.fen == 7_650
    finish(db, late, Done())
    assert service.get_payment(db, out_trade_no="A1").state is PaymentState.RETURNED
    assert waiting(db) == []


def test_a_refused_instruction_is_settled_once_with_a_note(db: Session, group: PaymentGroup) -> None:
    pay(db)
    finish(db, refund(db), CallRefused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"))
    [task] = waiting(db)

    with pytest.raises(NoteMissing):
        act(db, task)
    act(db, task, "现金退给买家，收据在夹子里")
    with pytest.raises(TaskGone):
        act(db, task, "我也退了")

    assert (task.fen, task.facts["why"]) == (2_000, "ACQ.SELLER_BALANCE_NOT_ENOUGH 卖家余额不足")
    assert waiting(db) == []
    assert actions(db, "A1")[-1] == "payment.refusal_settled"


def test_a_job_that_was_given_up_is_revived_once(db: Session, group: PaymentGroup) -> None:
    pay(db)
    asked = finish(db, refund(db), CallUnknown("time-out"))
    assert waiting(db) == []
    job = jobs.find_job(db, kind="payments_instruct", key=asked.request_no)
    assert job is not None
    job_store.fail(
        db,
        job_id=job.id,
        seen_attempts=0,
        attempts=6,
        state=job_store.JobState.DEAD,
        run_at=NOW,
        error="x",
        now=NOW,
    )
    [task] = waiting(db)

    act(db, task)
    with pytest.raises(TaskGone):
        act(db, task)

    revived = jobs.find_job(db, kind="payments_instruct", key=asked.request_no)
    assert revived is not None and (revived.state, revived.attempts) == (job_store.JobState.DUE, 0)
    assert waiting(db) == []


def test_what_is_unknown_for_a_day_is_shown_though_it_is_still_asked_about(
    db: Session, group: PaymentGroup
) -> None:
    pay(db)
    finish(db, refund(db), CallUnknown("time-out"))

    [task] = waiting(db, NOW + timedelta(days=1))

    assert (task.kind, task.acts) == ("Result unknown", ())
    assert waiting(db, NOW + timedelta(hours=23)) == []


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_of_finding_has_its_sentence_and_is_settled_once(
    db: Session, group: PaymentGroup, kind: FindingKind
) -> None:
    bills.add_findings(db, [(Finding(date(2026, 10, 5), kind, "A1", 7_650, 7_600, "T1"), "")], now=NOW)
    [task] = waiting(db)

    assert task.says.format(**task.facts).startswith("Bill of 2026-10-05: ")
    with pytest.raises(NoteMissing):
        act(db, task)
    act(db, task, "问过支付宝")
    with pytest.raises(TaskGone):
        act(db, task, "我也问过")
    assert waiting(db) == []
    assert service.list_findings(db) == []


def test_an_unusable_bill_waits_until_a_good_one_comes(db: Session, group: PaymentGroup) -> None:
    on = date(2026, 10, 4)
    service.note_bill_trouble(db, on=on, why="bill: is not a whole zip", now=NOW)
    service.note_bill_trouble(db, on=on, why="bill: has no line 交易合计", now=LATER)
    [task] = waiting(db)

    act(db, task)
    with pytest.raises(TaskGone):
        act(db, task)

    assert (task.since_at, task.facts["why"]) == (NOW, "bill: has no line 交易合计")
    [job] = jobs.list_jobs(db, kind="payments_fetch_bill")
    assert job.payload == {"on": "2026-10-04"}
    from county.payments.gateway import Bill

    service.record_bill(db, bill=Bill(on, ()), lost=(), executed={}, now=LATER)
    assert waiting(db) == []


@pytest.mark.parametrize(
    "key", ["", "x", "[]", '["finding"]', '["suspense", "nobody"]', '["refused", "R1"]', '["late", "A9"]']
)
@pytest.mark.parametrize("name", ["settle", "send_back", "ask_again", "fetch", "drop"])
def test_a_task_that_is_none_is_gone(db: Session, group: PaymentGroup, key: str, name: str) -> None:
    pay(db)

    with pytest.raises(TaskGone):
        TASKS.act(db, key=key, act=name, note="x", actor=ADMIN, now=LATER)

    assert service.list_instructions(db, out_trade_no="A1") == []
