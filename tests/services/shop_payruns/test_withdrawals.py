"""Money from Alipay into the bank: booked once, never more than lies there, taken back by a second entry."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import database
from county.audit import service as audit
from county.checks import service as checks
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.people.types import NotAllowed, Role
from shop.accounts.rules import BANK, OWN_MONEY, money_account
from shop.payruns import service as payruns
from shop.payruns.types import RunKind, RunState
from shop.sellers.types import MoneyMode
from shop.withdrawals import service
from shop.withdrawals.types import (
    BadWithdrawal,
    MoreThanAtAlipay,
    NewWithdrawal,
    NotOurMoney,
    ReferenceTaken,
    Source,
    WithdrawalReversed,
)
from tests.makers.payees import acting, make_admin
from tests.makers.payruns import advance, make_payable_grower, make_sent_run
from tests.makers.people import NOW, make_person
from tests.makers.shop import make_card, make_seller


@pytest.fixture
def coop(db):
    """Make the cooperative, whose 200.00 lie at Alipay, and freight prices."""
    make_card(db)
    seller = make_seller(db)
    put_at_alipay(db, seller, 20000)
    return seller


@pytest.fixture
def clerk(db):
    """Give somebody of the association."""
    return acting(make_admin(db))


def put_at_alipay(db, seller, fen):
    account = money_account(seller)
    postings = [Posting(account, fen), Posting("liability:order:sh1", -fen)]
    ledger.post(db, key=f"pay:{seller.id}", cause=Cause("order", "SH1"), postings=postings, now=NOW)


def arrival(seller, fen=15000, *, source=Source.ALIPAY, on=date(2026, 10, 4), reference="LS20261004-1"):
    return NewWithdrawal(seller.id, source, fen, on, reference)


def record(db, clerk, *given, now=NOW, **more):
    return service.record_withdrawal(db, new=arrival(*given, **more), actor=clerk, now=now)


def balances(db, seller):
    accounts = (money_account(seller), BANK, OWN_MONEY)
    return tuple(ledger.balance(db, account=account) for account in accounts)


def faults(db):
    database.finish(db)
    invariants = [each for room in front_door.ROOMS for each in room.invariants]
    return [found.name for found in checks.check_invariants(db, invariants=invariants) if found.count]


def test_withdrawal_moves_money_from_alipay_to_the_bank_on_its_day(db, coop, clerk):
    made = record(db, clerk, coop)

    entry = ledger.get_entry(db, key=f"withdrawal:{coop.id}:LS20261004-1")
    assert sorted((each.account, each.fen) for each in entry.postings) == [
        (money_account(coop), -15000),
        (BANK, 15000),
    ]
    assert (entry.effective_on, entry.memo) == (date(2026, 10, 4), "LS20261004-1")
    assert balances(db, coop) == (5000, 15000, 0)
    assert ledger.available(db, account=money_account(coop), now=NOW) == 5000
    assert service.list_withdrawals(db) == [made]
    assert (made.fen, made.booked_by, made.reversed_at) == (15000, "马丽", None)
    [record_] = audit.list_records(db, action="withdrawal.booked")
    assert (record_.person_id, record_.after["fen"]) == (clerk.person_id, 15000)
    assert faults(db) == []


def test_the_same_twice_is_booked_once_and_answers_the_same(db, coop, clerk):
    first = record(db, clerk, coop)

    assert record(db, acting(make_admin(db, name="罗斌")), coop) == first

    assert balances(db, coop) == (5000, 15000, 0)
    assert len(audit.list_records(db, action="withdrawal.booked")) == 1


@pytest.mark.parametrize(
    "change", [{"fen": 14999}, {"arrived_on": date(2026, 10, 3)}, {"source": Source.OWN}]
)
def test_a_reference_that_says_something_else_is_refused(db, coop, clerk, change):
    record(db, clerk, coop)

    with pytest.raises(ReferenceTaken) as refusal:
        service.record_withdrawal(db, new=replace(arrival(coop), **change), actor=clerk, now=NOW)

    assert refusal.value.facts == {"reference": "LS20261004-1", "yuan": "150.00", "day": "2026-10-04"}
    assert balances(db, coop) == (5000, 15000, 0)
    assert len(service.list_withdrawals(db)) == 1


def test_never_more_than_lies_at_alipay(db, coop, clerk):
    with pytest.raises(MoreThanAtAlipay) as refusal:
        record(db, clerk, coop, 20001)

    assert refusal.value.facts == {"seller": coop.name, "there": "200.00", "yuan": "200.01"}
    assert balances(db, coop) == (20000, 0, 0)
    assert service.list_withdrawals(db) == []
    record(db, clerk, coop, 20000)
    with pytest.raises(MoreThanAtAlipay):
        record(db, clerk, coop, 1, reference="LS2")
    assert balances(db, coop) == (0, 20000, 0)
    assert faults(db) == []


def test_each_seller_has_its_own_money_and_references(db, coop, clerk):
    other = make_seller(db)
    with pytest.raises(MoreThanAtAlipay):
        record(db, clerk, other, 1)
    put_at_alipay(db, other, 700)

    record(db, clerk, coop)
    record(db, clerk, other, 700)

    assert (balances(db, coop)[0], balances(db, other)[0], balances(db, other)[1]) == (5000, 0, 15700)


@pytest.mark.parametrize("mode", [MoneyMode.SUB_MERCHANT, MoneyMode.DIRECT])
def test_a_farms_money_never_comes_into_the_bank(db, coop, clerk, mode):
    farm = make_seller(db, mode=mode)

    for source in Source:
        with pytest.raises(NotOurMoney):
            record(db, clerk, farm, 100, source=source)

    assert service.list_withdrawals(db) == []
    assert [each.seller_id for each in service.get_circuit(db, now=NOW).sellers] == [coop.id]


def test_own_money_is_paid_in_without_touching_alipay(db, coop, clerk):
    record(db, clerk, coop, 1_000_000, source=Source.OWN, reference="KH-2026")

    assert balances(db, coop) == (20000, 1_000_000, -1_000_000)
    assert faults(db) == []


def test_mistake_is_taken_back_and_the_right_one_takes_its_reference(db, coop, clerk):
    wrong = record(db, clerk, coop, 15000)

    back = service.reverse_withdrawal(
        db, withdrawal_id=wrong.id, reason=" 多打了一个零 ", actor=clerk, now=NOW + timedelta(hours=1)
    )

    assert (back.reverse_reason, back.reversed_by) == ("多打了一个零", "马丽")
    assert ledger.get_entry(db, key=f"withdrawal-reversed:{wrong.id}").reverses == wrong.entry_key
    assert balances(db, coop) == (20000, 0, 0)
    right = record(db, clerk, coop, 1500, now=NOW + timedelta(hours=2))
    assert right.entry_key == f"{wrong.entry_key}:2"
    assert balances(db, coop) == (18500, 1500, 0)
    assert [each.fen for each in service.list_withdrawals(db)] == [1500, 15000]
    assert len(audit.list_records(db, action="withdrawal.reversed")) == 1
    assert faults(db) == []


def test_what_was_taken_back_is_not_taken_back_again(db, coop, clerk):
    wrong = record(db, clerk, coop)
    service.reverse_withdrawal(db, withdrawal_id=wrong.id, reason="重复", actor=clerk, now=NOW)

    with pytest.raises(WithdrawalReversed):
        service.reverse_withdrawal(db, withdrawal_id=wrong.id, reason="再来", actor=clerk, now=NOW)
    with pytest.raises(BadWithdrawal):
        service.reverse_withdrawal(db, withdrawal_id=wrong.id, reason="  ", actor=clerk, now=NOW)

    assert balances(db, coop) == (20000, 0, 0)
    assert [each.reverse_reason for each in service.list_withdrawals(db)] == ["重复"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fen": 0}, "yuan"),
        ({"fen": -1}, "yuan"),
        ({"fen": 10**11 + 1}, "yuan"),
        ({"arrived_on": date(2026, 10, 6)}, "arrived_on"),
        ({"arrived_on": date(2025, 10, 3)}, "arrived_on"),
        ({"reference": "A1"}, "reference"),
        ({"reference": "LS:2"}, "reference"),
        ({"reference": "流水一二三"}, "reference"),
        ({"reference": "L" * 61}, "reference"),
    ],
)
def test_what_no_bank_statement_says_is_refused(db, coop, clerk, change, field):
    with pytest.raises(BadWithdrawal) as refusal:
        service.record_withdrawal(db, new=replace(arrival(coop), **change), actor=clerk, now=NOW)

    assert refusal.value.facts["field"] == field
    assert service.list_withdrawals(db) == []


def test_only_the_association_itself_books(db, coop, clerk):
    made = record(db, clerk, coop)
    admin, farmer = make_admin(db), make_person(db, Role.FARMER)

    for actor in (
        acting(farmer, Role.FARMER),
        acting(admin, Role.AUDITOR),
        replace(acting(admin), on_behalf_of=farmer.id),
        replace(acting(admin), person_id=None),
    ):
        with pytest.raises(NotAllowed):
            service.record_withdrawal(db, new=arrival(coop, 1, reference="LS9"), actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            service.reverse_withdrawal(db, withdrawal_id=made.id, reason="x", actor=actor, now=NOW)

    assert service.list_withdrawals(db) == [made]


def test_the_database_itself_keeps_one_reference_in_force(db, coop, clerk):
    made = record(db, clerk, coop)

    for statement in (
        "INSERT INTO shop_withdrawal SELECT '{id}', seller_id, source, fen, arrived_on, reference, 'other', "
        "booked_by, booked_at, NULL, NULL, '' FROM shop_withdrawal",
        "UPDATE shop_withdrawal SET fen = 0",
        "UPDATE shop_withdrawal SET reversed_at = booked_at",
        "UPDATE shop_withdrawal SET source = 'gift'",
    ):
        with pytest.raises(DBAPIError), db.begin_nested():
            db.execute(text(statement.replace("{id}", "0" * 32)))

    assert service.list_withdrawals(db) == [made]


def test_circuit_says_what_is_where_and_what_confirmed_runs_need(db, coop, clerk):
    make_payable_grower(db, seller=coop)
    one, two = make_admin(db), make_admin(db, name="罗斌")
    run_no = payruns.create_run(db, kind=RunKind.GROWERS, actor=acting(one), now=NOW)
    assert service.get_circuit(db, now=NOW).runs == ()
    advance(db, run_no, "confirm_run", by=two)
    record(db, clerk, coop, 5000)

    found = service.get_circuit(db, now=NOW)

    [seller] = found.sellers
    at_alipay = ledger.balance(db, account=money_account(coop))
    assert (seller.name, seller.alipay_fen, seller.free_fen) == (coop.name, at_alipay, at_alipay)
    assert (found.held_fen, found.bank_fen, found.needed_fen, found.lacking_fen) == (20000, 5000, 6507, 1507)
    assert [(run.run_no, run.state) for run in found.runs] == [(run_no, RunState.CONFIRMED)]
    record(db, clerk, coop, 1507, reference="LS2")
    assert service.get_circuit(db, now=NOW).lacking_fen == 0


def test_sent_run_takes_from_what_was_withdrawn(db, coop, clerk):
    make_payable_grower(db, seller=coop)
    record(db, clerk, coop, 7000)

    make_sent_run(db, RunKind.GROWERS)

    found = service.get_circuit(db, now=NOW)
    assert (found.bank_fen, found.runs) == (7000 - 6507, ())
