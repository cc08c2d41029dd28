"""Couriers are paid like growers: a closed month, the firm's account, two people, the bank's answer."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from county import ids
from county.errors import NotFound
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.notices import service as notices
from county.people.types import NotAllowed, Role, SamePerson
from logistics.netting import service as netting
from logistics.netting.rules import payable_account, receivable_account
from logistics.netting.types import OpenPosition
from shop.accounts.rules import BANK
from shop.payees import service as payees
from shop.payees.types import AccountKind, AccountState, BadAccount, Payee, PayeeKind
from shop.payruns import service
from shop.payruns.types import FileForm, ItemState, NothingToPay, RunKind, RunOutdated, RunState, WaitReason
from tests.makers.logistics import MONTH_OVER, agree, close_month, compute_month, make_carrier, make_clerk
from tests.makers.logistics import make_statement as make_courier_statement
from tests.makers.payees import acting, make_admin, make_carrier_account, new_account
from tests.makers.payruns import advance, answer, make_sent_run, owed_fen, reasons

COURIERS = RunKind.COURIERS
NOW = MONTH_OVER + timedelta(days=2)


@pytest.fixture
def courier(db):
    """Give a courier to which October's closed month owes 9.00."""
    carrier = make_carrier(db)
    close_in_favour(db)
    return carrier


@pytest.fixture
def clerk(db, courier):
    """Give the courier's clerk."""
    return make_clerk(db, carrier=courier.name)


def close_in_favour(db, *, period="2026-10", at=MONTH_OVER, fen=1_000, too_much_fen=100):
    one, two = make_admin(db), make_admin(db)
    agree(
        db,
        make_courier_statement(
            db, person_id=one.id, period=period, charged_fen=fen, too_much_fen=too_much_fen
        ),
    )
    compute_month(db, person_id=one.id, period=period, now=at)
    close_month(db, person_id=two.id, period=period, now=at)


def messages(db, clerk):
    return [each.code for each in notices.list_notices(db, person_id=clerk.id)]


def test_closed_month_is_paid_to_the_couriers_account(db, courier, clerk):
    make_carrier_account(db, courier)
    before_fen = ledger.balance(db, account=BANK)

    run = make_sent_run(db, COURIERS, now=NOW)

    (item,) = run.items
    assert (item.payee, item.payee_id, item.gross_fen, item.withheld_fen) == ("中通", courier.id, 900, 0)
    assert [(each.key, each.fen, each.order_no) for each in item.entries] == [("net:2026-10", 900, None)]
    assert ledger.balance(db, account=payable_account(courier.id)) == 0
    assert ledger.balance(db, account=BANK) == before_fen - 900
    file = service.give_file(db, run_no=run.run_no, form=FileForm.CSV, actor=acting(make_admin(db)), now=NOW)
    (row,) = list(csv.reader(file.content.decode("utf-8-sig").splitlines()))[1:]
    assert row == [
        item.item_no,
        "中通快递岚皋网点",
        "6222000000000001",
        "农业银行 岚皋县支行",
        "9.00",
        f"快递费结算 {run.run_no}",
    ]

    service.apply_answer(
        db, run_no=run.run_no, read=answer((item.item_no, True, 900)), actor=acting(make_admin(db)), now=NOW
    )

    assert service.get_run(db, run_no=run.run_no).state is RunState.DONE
    assert messages(db, clerk)[0] == "firm_payout_paid"
    with pytest.raises(NothingToPay):
        service.create_run(db, kind=COURIERS, actor=acting(make_admin(db)), now=NOW)


def test_what_is_open_falls_to_nothing_when_it_is_sent_and_is_back_when_it_returns(db, courier, clerk):
    make_carrier_account(db, courier)
    assert netting.list_open(db) == [OpenPosition("中通", we_owe_fen=900, owes_us_fen=0)]
    run = make_sent_run(db, COURIERS, now=NOW)
    assert netting.list_open(db) == []

    read = answer((run.items[0].item_no, False))
    service.apply_answer(db, run_no=run.run_no, read=read, actor=acting(make_admin(db)), now=NOW)

    assert netting.list_open(db) == [OpenPosition("中通", we_owe_fen=900, owes_us_fen=0)]
    assert service.get_run(db, run_no=run.run_no).items[0].state is ItemState.RETURNED
    assert reasons(db, COURIERS, NOW) == [(WaitReason.RETURNED, 900)]
    assert messages(db, clerk)[0] == "firm_payout_returned"
    (task,) = service.PaymentTasks().list_tasks(db, now=NOW, limit=10)
    assert (task.key, task.facts["person"], task.fen) == (run.items[0].item_no, "中通", 900)

    make_carrier_account(db, courier, number="6222000000000002", now=NOW)
    later = NOW + timedelta(days=1)

    assert make_sent_run(db, COURIERS, now=later).net_fen == 900
    assert service.PaymentTasks().count_tasks(db, now=later) == 0


def test_two_months_are_one_payment_of_two_entries(db, courier):
    close_in_favour(db, period="2026-11", at=MONTH_OVER + timedelta(days=30), fen=2_000, too_much_fen=0)
    make_carrier_account(db, courier)

    (item,) = make_sent_run(db, COURIERS, now=MONTH_OVER + timedelta(days=31)).items

    assert (item.gross_fen, [each.key for each in item.entries]) == (2_900, ["net:2026-10", "net:2026-11"])


def test_courier_that_owes_the_pool_is_in_no_run(db):
    carrier = make_carrier(db)
    make_carrier_account(db, carrier)
    ledger.post(
        db,
        key="net:2026-10",
        cause=Cause("period", "2026-10"),
        postings=[Posting(receivable_account(carrier.id), 500), Posting("income:joint-tours", -500)],
        now=NOW,
    )

    found = service.look_at(db, kind=COURIERS, now=NOW)

    assert (found.ready, found.waiting) == ((), ())
    assert netting.list_open(db) == [OpenPosition("中通", we_owe_fen=0, owes_us_fen=500)]


def test_payment_waits_for_the_firms_account_and_its_day(db, courier, clerk):
    assert reasons(db, COURIERS, NOW) == [(WaitReason.NO_ACCOUNT, 900)]

    make_carrier_account(db, courier, now=NOW)

    assert reasons(db, COURIERS, NOW) == [(WaitReason.COOLING_OFF, 900)]
    assert reasons(db, COURIERS, NOW + timedelta(hours=24)) == []
    assert messages(db, clerk) == ["firm_account_changed"]


def test_account_changed_after_the_draft_stops_the_confirmation(db, courier):
    make_carrier_account(db, courier)
    one, two = make_admin(db), make_admin(db)
    run_no = service.create_run(db, kind=COURIERS, actor=acting(one), now=NOW)
    make_carrier_account(db, courier, number="6222000000000002", now=NOW)

    with pytest.raises(RunOutdated) as refusal:
        advance(db, run_no, "confirm_run", by=two, now=NOW + timedelta(days=2))

    assert refusal.value.facts == {"people": "中通"}
    assert owed_fen(db, payable_account(courier.id)) == 900


def propose(db, payee, *, by, kind=AccountKind.BANK):
    return payees.propose_account(
        db, payee=payee, account=new_account(kind), consent_paper="公函 7", actor=by, now=NOW
    )


def test_only_the_association_proposes_a_firms_account_and_only_with_a_bank(db, courier, clerk):
    admin, firm = make_admin(db), Payee(PayeeKind.CARRIER, courier.id)

    with pytest.raises(NotAllowed):
        propose(db, firm, by=acting(clerk, Role.COURIER_CLERK))
    with pytest.raises(BadAccount) as refusal:
        propose(db, firm, by=acting(admin), kind=AccountKind.ALIPAY)
    assert refusal.value.facts["field"] == "kind"
    with pytest.raises(NotFound):
        propose(db, Payee(PayeeKind.CARRIER, ids.new_id()), by=acting(admin))
    with pytest.raises(NotFound):
        propose(db, Payee(PayeeKind.PERSON, courier.id), by=acting(admin))

    assert payees.list_accounts(db) == []


def test_clerk_of_the_firm_never_confirms_its_account(db, courier, clerk):
    account_id = propose(db, Payee(PayeeKind.CARRIER, courier.id), by=acting(make_admin(db)))

    with pytest.raises(SamePerson):
        payees.confirm_account(db, account_id=account_id, actor=acting(clerk), now=NOW)

    (account,) = payees.list_accounts(db)
    assert (account.state, account.payee, account.payee_id) == (AccountState.PROPOSED, "中通", courier.id)


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE shop_payee_account SET carrier_id = NULL",
        "UPDATE shop_payee_account SET person_id = proposed_by",
        "UPDATE shop_payee_account SET kind = 'alipay'",
        "UPDATE shop_pay_item SET carrier_id = NULL",
        "UPDATE shop_pay_item SET person_id = (SELECT id FROM county_person LIMIT 1)",
    ],
)
def test_database_itself_wants_one_payee_and_a_firms_bank(db, courier, spoil):
    make_carrier_account(db, courier)
    make_sent_run(db, COURIERS, now=NOW)

    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(text(spoil))
