"""Payments that came back are tasks until they are tried again or something else pays them."""

from datetime import timedelta

import pytest

from county.ledger import service as ledger
from county.ledger.types import Cause
from county.tasks.types import TaskGone
from shop.accounts.rules import compensation_account
from shop.payruns import service
from shop.payruns.service import PaymentTasks
from shop.payruns.types import RunKind
from tests.makers.payees import acting, make_account, make_admin
from tests.makers.payruns import advance, answer, make_compensated, make_sent_run
from tests.makers.people import NOW

KIND = RunKind.COMPENSATION
LATER = NOW + timedelta(days=2)


def come_back(db, run, clerk, now=NOW):
    service.apply_answer(
        db, run_no=run.run_no, read=answer((run.items[0].item_no, False)), actor=clerk, now=now
    )
    return run.items[0]


def tasks(db):
    listed = PaymentTasks().list_tasks(db, now=LATER, limit=10)
    assert PaymentTasks().count_tasks(db, now=LATER) == len(listed)
    return [task.key for task in listed]


def act(db, key, clerk, name="again"):
    PaymentTasks().act(db, key=key, act=name, note="", actor=clerk, now=LATER)


def test_returned_payment_is_a_task_that_leads_to_its_run(db, clerk):
    person = make_compensated(db, fen=2000)
    run = make_sent_run(db, KIND)
    assert tasks(db) == []

    item = come_back(db, run, clerk)

    [task] = PaymentTasks().list_tasks(db, now=NOW, limit=10)
    assert (task.key, task.fen, task.since_at) == (item.item_no, 2000, NOW)
    assert task.link == f"/pay-runs/{run.run_no}"
    assert task.facts == {"yuan": "20.00", "person": person.name, "why": "户名不符"}


def test_trying_again_is_done_once_and_the_next_run_pays(db, clerk):
    make_compensated(db, fen=2000)
    item = come_back(db, make_sent_run(db, KIND), clerk)
    with pytest.raises(TaskGone):
        act(db, item.item_no, clerk, name="away")

    act(db, item.item_no, clerk)

    assert tasks(db) == []
    with pytest.raises(TaskGone):
        act(db, item.item_no, clerk)
    with pytest.raises(TaskGone):
        act(db, "FK1", clerk)
    assert [each.gross_fen for each in service.look_at(db, kind=KIND, now=LATER).ready] == [2000]


def test_payment_to_another_account_resolves_it_and_a_cancelled_run_does_not(db, clerk):
    person = make_compensated(db, fen=2000)
    item = come_back(db, make_sent_run(db, KIND), clerk)
    make_account(db, person, now=NOW)
    assert tasks(db) == [item.item_no]

    run_no = service.create_run(db, kind=KIND, actor=clerk, now=LATER)
    assert tasks(db) == []
    service.cancel_run(db, run_no=run_no, version=1, reason="重做", actor=clerk, now=LATER)
    assert tasks(db) == [item.item_no]

    make_sent_run(db, KIND, now=LATER)
    assert tasks(db) == []


def take_back(db, person):
    """Decide that somebody is owed nothing after all: the entry that owes it is reversed."""
    [key] = [line.entry_key for line in owed_lines(db, person) if not line.entry_key.startswith("pay")]
    ledger.reverse(db, key=key, new_key=f"{key}:back", cause=Cause("claim", "x"), now=NOW)


def owed_lines(db, person):
    return ledger.list_postings(db, account=compensation_account(person.id))


def test_nothing_is_to_be_done_when_nothing_is_owed_any_more(db, clerk):
    person, other = make_compensated(db, fen=2000), make_compensated(db, fen=3000)
    run = make_sent_run(db, KIND)
    items = {item.payee_id: item.item_no for item in run.items}
    read = answer(*((item_no, False) for item_no in items.values()))
    service.apply_answer(db, run_no=run.run_no, read=read, actor=clerk, now=NOW)
    assert sorted(tasks(db)) == sorted(items.values())

    take_back(db, person)

    assert sum(line.fen for line in owed_lines(db, person)) == 0
    assert tasks(db) == [items[other.id]]
    assert [task.key for task in PaymentTasks().list_tasks(db, now=LATER, limit=1)] == [items[other.id]]


def test_money_that_came_back_twice_is_one_task(db, clerk):
    person = make_compensated(db, fen=2000)
    come_back(db, make_sent_run(db, KIND), clerk)
    make_account(db, person, now=NOW)

    second = come_back(db, make_sent_run(db, KIND, now=LATER), clerk, now=LATER)

    assert tasks(db) == [second.item_no]


def test_run_of_two_lists_only_the_one_that_came_back(db, clerk):
    make_compensated(db, fen=2000)
    make_compensated(db, fen=3000)
    one, two = make_admin(db), make_admin(db)
    run_no = service.create_run(db, kind=KIND, actor=acting(one), now=NOW)
    run = advance(db, run_no, "confirm_run", "export_run", "send_run", by=two)
    paid, back = run.items

    read = answer((paid.item_no, True), (back.item_no, False))
    service.apply_answer(db, run_no=run_no, read=read, actor=clerk, now=NOW)

    assert tasks(db) == [back.item_no]
