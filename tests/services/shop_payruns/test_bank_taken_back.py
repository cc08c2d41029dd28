"""A mistake at the bank account is taken back by a second entry, once, and never below nothing."""

from datetime import timedelta

import pytest

from county.audit import service as audit
from county.ledger import service as ledger
from county.ledger.rules import kind_of
from shop.accounts.rules import BANK, OWN_MONEY, SERVICE, TRANSPORT, money_account
from shop.bank import service
from shop.bank.types import LineKind, LineReversed, MoreThanOpen, NoReason
from tests.makers.bank import OPENED, balances, faults, opposite, record
from tests.makers.people import NOW


@pytest.mark.parametrize("kind", LineKind)
def test_mistake_is_taken_back_and_the_right_one_takes_its_reference(db, open_coop, clerk, kind):
    before = balances(db)
    wrong = record(db, clerk, kind, fen=15000, note="x")

    back = service.reverse_line(
        db, line_id=wrong.id, reason=" 多打了一个零 ", actor=clerk, now=NOW + timedelta(hours=1)
    )

    assert (back.reverse_reason, back.reversed_by) == ("多打了一个零", "马丽")
    assert ledger.get_entry(db, key=f"bank-reversed:{wrong.id}").reverses == wrong.entry_key
    assert balances(db) == before
    right = record(db, clerk, kind, fen=1500, note="x", now=NOW + timedelta(hours=2))
    assert right.entry_key == f"{wrong.entry_key}:2"
    assert abs(ledger.balance(db, account=BANK)) == 1500
    assert [each.fen for each in service.list_lines(db)] == [1500, 15000]
    assert len(audit.list_records(db, action="bank_line.reversed")) == 1
    # What was set aside for it is free again.
    account = opposite(db, kind)
    usual = ledger.balance(db, account=account) * kind_of(account).normal_sign
    assert ledger.available(db, account=account, now=NOW + timedelta(hours=2)) == usual
    assert faults(db) == []


def test_reference_is_free_for_another_kind_after_it_was_taken_back(db, open_coop, clerk):
    wrong = record(db, clerk, LineKind.SERVICE)
    service.reverse_line(db, line_id=wrong.id, reason="是运费", actor=clerk, now=NOW)

    right = record(db, clerk, LineKind.FREIGHT)

    assert right.entry_key == "bank:freight:LS20261004-1"
    assert (ledger.balance(db, account=SERVICE), ledger.balance(db, account=TRANSPORT)) == (-OPENED, -5000)


def test_own_money_that_was_taken_out_again_was_paid_in(db, open_coop, clerk):
    paid_in = record(db, clerk, LineKind.OWN_IN, fen=7000, reference="IN1")
    out = record(db, clerk, LineKind.OWN_OUT, fen=OPENED + 7000, reference="OUT1")

    with pytest.raises(MoreThanOpen) as refusal:
        service.reverse_line(db, line_id=paid_in.id, reason="记错了", actor=clerk, now=NOW)

    assert refusal.value.facts["there"] == "0.00"
    assert [each.reversed_at for each in service.list_lines(db)] == [None, None]
    assert (ledger.balance(db, account=OWN_MONEY), ledger.balance(db, account=BANK)) == (0, -OPENED)
    for each in (out, paid_in):
        service.reverse_line(db, line_id=each.id, reason="记错了", actor=clerk, now=NOW)
    assert (ledger.balance(db, account=OWN_MONEY), ledger.balance(db, account=BANK)) == (-OPENED, 0)
    assert ledger.available(db, account=OWN_MONEY, now=NOW) == OPENED
    assert faults(db) == []


def test_what_was_taken_back_is_not_taken_back_again(db, open_coop, clerk):
    wrong = record(db, clerk)
    after = balances(db)
    service.reverse_line(db, line_id=wrong.id, reason="重复", actor=clerk, now=NOW)

    with pytest.raises(LineReversed):
        service.reverse_line(db, line_id=wrong.id, reason="再来", actor=clerk, now=NOW)
    with pytest.raises(NoReason):
        service.reverse_line(db, line_id=wrong.id, reason="  ", actor=clerk, now=NOW)

    assert balances(db) == {**after, BANK: 0, money_account(open_coop): OPENED}
    assert [each.reverse_reason for each in service.list_lines(db)] == ["重复"]
