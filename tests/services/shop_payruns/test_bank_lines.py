"""Lines of the bank's statement: exact entries, never more than is open, each reference once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.audit import service as audit
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.people.types import NotAllowed, Role
from logistics.netting.rules import receivable_account
from shop.accounts.rules import BANK, OWN_MONEY, SERVICE, SPENDING, TAX, TRANSPORT, money_account
from shop.bank import rules, service
from shop.bank.types import (
    BadLine,
    LineKind,
    MoreThanOpen,
    NewLine,
    NotOurMoney,
    ReferenceTaken,
)
from shop.sellers.types import MoneyMode
from tests.makers.bank import OPENED, balances, faults, new_line, opposite, party_of, record
from tests.makers.payees import acting, make_admin
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import make_seller

LIMITED = [kind for kind, shape in rules.SHAPES.items() if shape.is_limited]


@pytest.mark.parametrize(
    ("kind", "account", "bank_fen"),
    [
        (LineKind.ALIPAY, "cash:alipay", 15000),
        (LineKind.COURIER_IN, "receivable:courier", 15000),
        (LineKind.OWN_IN, OWN_MONEY, 15000),
        (LineKind.TAX, TAX, -15000),
        (LineKind.SERVICE, SERVICE, -15000),
        (LineKind.FREIGHT, TRANSPORT, -15000),
        (LineKind.SPENDING, SPENDING, -15000),
        (LineKind.OWN_OUT, OWN_MONEY, -15000),
    ],
)
def test_each_kind_is_one_entry_of_bank_and_account_opposite(db, open_coop, clerk, kind, account, bank_fen):
    before = balances(db)

    made = record(db, clerk, kind, note="快递纸箱")

    party_id = party_of(db, kind)
    account = f"{account}:{party_id}" if party_id else account
    entry = ledger.get_entry(db, key=made.entry_key)
    assert made.entry_key == f"bank:{kind.value}:LS20261004-1"
    assert sorted((each.account, each.fen) for each in entry.postings) == sorted(
        [(BANK, bank_fen), (account, -bank_fen)]
    )
    assert (entry.effective_on, entry.memo) == (date(2026, 10, 4), "LS20261004-1 快递纸箱")
    assert entry.cause == Cause("bank_line", str(made.id))
    change = {BANK: bank_fen, account: -bank_fen}
    assert balances(db) == {each: fen + change.get(each, 0) for each, fen in before.items()}
    assert service.list_lines(db) == [made]
    assert (made.kind, made.party_id, made.fen, made.booked_by) == (kind, party_id, 15000, "马丽")
    [record_] = audit.list_records(db, action="bank_line.booked")
    assert (record_.person_id, record_.after["kind"], record_.after["fen"]) == (
        clerk.person_id,
        kind.value,
        15000,
    )
    assert faults(db) == []


def test_accounts_of_parties_are_those_their_owners_name(db, open_coop):
    carrier_id = party_of(db, LineKind.COURIER_IN)

    assert rules.account_of(LineKind.COURIER_IN, carrier_id) == receivable_account(carrier_id)
    assert rules.account_of(LineKind.ALIPAY, open_coop.id) == money_account(open_coop)


@pytest.mark.parametrize("kind", LIMITED)
def test_never_more_than_is_open_and_what_was_refused_changes_nothing(db, open_coop, clerk, kind):
    before = balances(db)

    with pytest.raises(MoreThanOpen) as refusal:
        record(db, clerk, kind, fen=OPENED + 1)

    assert (refusal.value.facts["there"], refusal.value.facts["yuan"]) == ("200.00", "200.01")
    assert (balances(db), service.list_lines(db)) == (before, [])
    record(db, clerk, kind, fen=OPENED)
    assert ledger.balance(db, account=opposite(db, kind)) == 0
    with pytest.raises(MoreThanOpen) as refusal:
        record(db, clerk, kind, fen=1, reference="LS2")
    assert refusal.value.facts["there"] == "0.00"
    assert len(service.list_lines(db)) == 1
    assert faults(db) == []


def test_own_money_and_spending_have_no_limit_and_the_bank_may_go_below_nothing(db, open_coop, clerk):
    record(db, clerk, LineKind.SPENDING, fen=30000, note="打印机", reference="KH1")
    assert ledger.balance(db, account=BANK) == -30000

    record(db, clerk, LineKind.OWN_IN, fen=1_000_000, reference="KH2")

    assert ledger.balance(db, account=BANK) == 970_000
    assert ledger.balance(db, account=OWN_MONEY) == -OPENED - 1_000_000
    assert faults(db) == []


def test_what_is_set_aside_by_others_is_not_open(db, open_coop, clerk):
    cause, until = Cause("test", "x"), NOW + timedelta(days=1)
    ledger.hold(db, key="x", account=TAX, fen=OPENED, cause=cause, expires_at=until, now=NOW)

    with pytest.raises(MoreThanOpen):
        record(db, clerk, LineKind.TAX, fen=1)

    assert [each.fen for each in service.list_open(db, now=NOW) if each.kind is LineKind.TAX] == [0]


def test_list_says_what_is_open_of_each_kind_and_only_couriers_that_owe(db, open_coop, clerk):
    record(db, clerk, LineKind.ALIPAY, fen=5000)

    found = {(each.kind, each.party): each.fen for each in service.list_open(db, now=NOW)}

    assert found == {
        (LineKind.ALIPAY, open_coop.name): OPENED - 5000,
        (LineKind.COURIER_IN, "中通"): OPENED,
        (LineKind.TAX, ""): OPENED,
        (LineKind.SERVICE, ""): OPENED,
        (LineKind.FREIGHT, ""): OPENED,
        (LineKind.OWN_OUT, ""): OPENED,
    }


def test_courier_that_owes_nothing_has_paid_nothing(db, open_coop, clerk):
    owes_nothing = party_of(db, LineKind.COURIER_IN, name="圆通")

    with pytest.raises(MoreThanOpen):
        record(db, clerk, LineKind.COURIER_IN, party_id=owes_nothing, fen=1)

    assert service.list_lines(db) == []


@pytest.mark.parametrize("kind", LineKind)
def test_line_of_a_wrong_party_is_refused_at_the_party(db, open_coop, clerk, kind):
    right = party_of(db, kind)
    wrong = [None, open_coop.id, party_of(db, LineKind.COURIER_IN), make_person(db, Role.FARMER).id]
    make_seller(db)

    for party_id in wrong:
        if party_id == right:
            continue
        with pytest.raises(BadLine) as refusal:
            record(db, clerk, kind, party_id=party_id, note="x")
        assert refusal.value.facts["field"] == "party"

    assert service.list_lines(db) == []


def test_only_seller_need_not_be_said(db, open_coop, clerk):
    make_seller(db, mode=MoneyMode.SUB_MERCHANT)

    made = record(db, clerk, party_id=None)

    assert (made.party_id, made.party) == (open_coop.id, open_coop.name)
    assert record(db, clerk, party_id=open_coop.id) == made


@pytest.mark.parametrize("mode", [MoneyMode.SUB_MERCHANT, MoneyMode.DIRECT])
def test_a_farms_money_never_comes_into_the_bank(db, open_coop, clerk, mode):
    farm = make_seller(db, mode=mode)

    with pytest.raises(NotOurMoney):
        record(db, clerk, party_id=farm.id, fen=100)

    assert service.list_lines(db) == []
    assert [each.seller_id for each in service.get_circuit(db, now=NOW).sellers] == [open_coop.id]
    assert farm.id not in {each.party_id for each in service.list_open(db, now=NOW)}


def test_each_seller_has_its_own_money(db, open_coop, clerk):
    other = make_seller(db)
    with pytest.raises(MoreThanOpen):
        record(db, clerk, party_id=other.id, fen=1)

    record(db, clerk, party_id=open_coop.id, fen=OPENED)

    assert ledger.balance(db, account=money_account(open_coop)) == 0


@pytest.mark.parametrize("kind", LineKind)
def test_the_same_twice_is_booked_once_and_answers_the_same(db, open_coop, clerk, kind):
    first = record(db, clerk, kind, note="x")
    after = balances(db)

    assert record(db, acting(make_admin(db, name="罗斌")), kind, note="x") == first

    assert balances(db) == after
    assert len(audit.list_records(db, action="bank_line.booked")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"fen": 14999},
        {"moved_on": date(2026, 10, 3)},
        {"note": "别的"},
        {"kind": LineKind.OWN_IN, "party_id": None},
        {"kind": LineKind.TAX, "party_id": None},
        {"kind": LineKind.SPENDING, "party_id": None, "note": "x"},
    ],
)
def test_a_reference_that_says_something_else_is_refused_across_kinds(db, open_coop, clerk, change):
    record(db, clerk)
    after = balances(db)

    with pytest.raises(ReferenceTaken) as refusal:
        service.record_line(db, new=replace(new_line(db, LineKind.ALIPAY), **change), actor=clerk, now=NOW)

    assert refusal.value.facts == {"reference": "LS20261004-1", "yuan": "150.00", "day": "2026-10-04"}
    assert balances(db) == after
    assert len(service.list_lines(db)) == 1


def test_two_sellers_or_couriers_do_not_share_a_reference(db, open_coop, clerk):
    other = make_seller(db)
    record(db, clerk, party_id=open_coop.id, fen=1)

    with pytest.raises(ReferenceTaken):
        record(db, clerk, party_id=other.id, fen=1)
    with pytest.raises(ReferenceTaken):
        record(db, clerk, LineKind.COURIER_IN, fen=1)

    assert len(service.list_lines(db)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fen": 0}, "yuan"),
        ({"fen": -1}, "yuan"),
        ({"fen": 10**11 + 1}, "yuan"),
        ({"moved_on": date(2026, 10, 6)}, "moved_on"),
        ({"moved_on": date(2025, 10, 3)}, "moved_on"),
        ({"reference": "A1"}, "reference"),
        ({"reference": "LS:2"}, "reference"),
        ({"reference": "流水一二三"}, "reference"),
        ({"reference": "L" * 61}, "reference"),
        ({"note": "说" * 81}, "note"),
        ({"note": ""}, "note"),
    ],
)
def test_what_no_bank_statement_says_is_refused(db, open_coop, clerk, change, field):
    with pytest.raises(BadLine) as refusal:
        record(db, clerk, LineKind.SPENDING, **{"note": "纸箱", **change})

    assert refusal.value.facts["field"] == field
    assert service.list_lines(db) == []


def test_only_the_association_itself_books(db, open_coop, clerk):
    made = record(db, clerk)
    admin, farmer = make_admin(db), make_person(db, Role.FARMER)
    agent = make_person(db, Role.VILLAGE_AGENT)

    for actor in (
        acting(farmer, Role.FARMER),
        acting(admin, Role.AUDITOR),
        acting(admin, Role.HUB_CLERK),
        replace(acting(agent, Role.VILLAGE_AGENT), on_behalf_of=farmer.id),
        replace(acting(admin), on_behalf_of=farmer.id),
        replace(acting(admin), person_id=None),
        ROBOT,
    ):
        for kind in LineKind:
            with pytest.raises(NotAllowed):
                record(db, actor, kind, fen=1, reference="LS9", note="x")
        with pytest.raises(NotAllowed):
            service.reverse_line(db, line_id=made.id, reason="x", actor=actor, now=NOW)

    assert service.list_lines(db) == [made]


def test_line_of_a_closed_month_stands_on_the_first_open_day(db, open_coop, clerk):
    ledger.close_period(db, ends_on=date(2026, 10, 1), now=NOW)

    made = record(db, clerk, LineKind.TAX, moved_on=date(2026, 9, 29))

    entry = ledger.get_entry(db, key=made.entry_key)
    assert (entry.effective_on, entry.late_for_on) == (date(2026, 10, 1), date(2026, 9, 29))
    assert service.month_of_line(db, line=made) == "2026-10"
    assert service.get_month(db, month="2026-09").lines == ()
    [line] = service.get_month(db, month="2026-10").lines
    assert (line.line, line.on) == (made, date(2026, 10, 1))


def test_the_database_itself_keeps_one_reference_in_force(db, open_coop, clerk):
    made = record(db, clerk)
    columns = (
        "fen, moved_on, reference, note, 'other', booked_by, booked_at, NULL, NULL, '' FROM shop_bank_line"
    )
    names = (
        "INSERT INTO shop_bank_line (id, kind, seller_id, carrier_id, fen, moved_on, reference, note, "
        "entry_key, booked_by, booked_at, reversed_by, reversed_at, reverse_reason) "
    )

    for statement in (
        f"{names} SELECT '{'0' * 32}', kind, seller_id, carrier_id, {columns}",
        f"{names} SELECT '{'0' * 32}', 'tax', NULL, NULL, {columns}",
        "UPDATE shop_bank_line SET fen = 0",
        "UPDATE shop_bank_line SET reversed_at = booked_at",
        "UPDATE shop_bank_line SET kind = 'gift'",
        "UPDATE shop_bank_line SET kind = 'tax'",
        "UPDATE shop_bank_line SET seller_id = NULL",
        "UPDATE shop_bank_line SET kind = 'spending', seller_id = NULL",
    ):
        with pytest.raises(DBAPIError), db.begin_nested():
            db.execute(text(statement))

    assert service.list_lines(db) == [made]


def test_new_line_says_all_that_is_compared():
    assert set(NewLine.__dataclass_fields__) == {"kind", "party_id", "fen", "moved_on", "reference", "note"}


def test_entries_of_others_do_not_become_lines(db, open_coop):
    ledger.post(
        db,
        key="by-hand",
        cause=Cause("order", "SH9"),
        postings=[Posting(BANK, 700), Posting("suspense:trade:x", -700)],
        now=NOW,
    )

    [line] = service.get_month(db, month="2026-10").lines

    assert (line.what, line.reference, line.fen, line.line, line.payment) == (
        "other",
        "by-hand",
        700,
        None,
        None,
    )
