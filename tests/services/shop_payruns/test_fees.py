"""Alipay's fees of farms: taken over by the association, paid by a run of their own, seen by the farm."""

from datetime import timedelta

import pytest

from county.ledger import service as ledger
from county.ledger.types import Book
from county.payments.types import FeeCharged
from county.people.types import SamePerson
from shop.accounts.rules import BANK, FEE, fee_account, grower_account
from shop.orders import service as orders
from shop.payouts import service as payouts
from shop.payouts.service import settling
from shop.payruns import service
from shop.payruns.types import ItemState, NothingToPay, RunKind, RunState, WaitReason
from shop.refunds.types import Standing, Whereabouts
from shop.sellers.types import MoneyMode
from shop.statements import service as statements
from shop.statements.types import AccountName, LineKind
from tests.makers.counting import asked_of
from tests.makers.payees import acting, make_account, make_admin
from tests.makers.payruns import advance, answer, make_sent_run, owed_fen
from tests.makers.people import NOW
from tests.makers.shop import make_card, make_grower, make_product, make_seller, pay, place

FEES = RunKind.FEES


@pytest.fixture
def sold(db, monkeypatch):
    """Give a function that has a settled order of a farm, and its fee come by the bill."""
    make_card(db)
    farm = make_seller(db, mode=MoneyMode.SUB_MERCHANT)
    grower = make_grower(db, seller=farm)
    settled = Whereabouts(Standing.SETTLED)
    monkeypatch.setattr("shop.payouts.service.fees.whereabouts", lambda _db, *, order: settled)

    def charge(fee_fen=46):
        order = place(db, make_product(db, grower=grower)).orders[0]
        pay(db, order.order_no, fen=order.total_fen)
        order = orders.get_order(db, order_no=order.order_no)
        # Alipay cleared the farm's part in full; the fee was not known yet.
        settling.clear_direct(db, order=order, seller=farm, left=order.splits, now=NOW - timedelta(days=1))
        fee = FeeCharged(NOW.date(), order.order_no, order.payments[0].trade_no, "", fee_fen)
        assert payouts.record_fee(db, fee=fee, now=NOW)
        assert payouts.record_fee(db, fee=fee, now=NOW)
        return order

    charge.grower = grower
    return charge


def fees_owed(db, grower):
    return owed_fen(db, fee_account(grower.id))


def test_association_takes_the_fee_over_from_what_alipay_holds(db, sold):
    order = sold()

    borne = ledger.get_entry(db, key=f"fee-borne:{order.payments[0].trade_no}:")
    owed = ledger.get_entry(db, key=f"fee-owed:{order.payments[0].trade_no}:")
    assert (borne.book, owed.book) == (Book.MEMO, Book.REAL)
    assert sorted((each.account, each.fen) for each in owed.postings) == [
        (FEE, 46),
        (fee_account(sold.grower.id), -46),
    ]
    assert ledger.balance(db, account=FEE, book=Book.MEMO) == 0
    assert fees_owed(db, sold.grower) == 46


def test_fee_given_back_takes_off_what_is_owed_and_may_come_after_the_payment(db, sold):
    order = sold()
    make_account(db, sold.grower)
    make_sent_run(db, FEES)

    back = FeeCharged(NOW.date(), order.order_no, order.payments[0].trade_no, "TK1", -12)
    assert payouts.record_fee(db, fee=back, now=NOW)

    assert fees_owed(db, sold.grower) == -12
    [waits] = service.look_at(db, kind=FEES, now=NOW).waiting
    assert (waits.reason, waits.fen) == (WaitReason.NEGATIVE, -12)
    sold(30)
    [ready] = service.look_at(db, kind=FEES, now=NOW).ready
    assert ready.gross_fen == 18


def test_run_of_fees_needs_two_people_and_pays_from_the_bank_alone(db, sold):
    order, _second = sold(), sold(54)
    make_account(db, sold.grower)
    one, two = make_admin(db), make_admin(db, name="罗斌")
    held = ledger.balances(db, book=Book.MEMO)
    run_no = service.create_run(db, kind=FEES, actor=acting(one), now=NOW)
    with pytest.raises(SamePerson):
        service.confirm_run(db, run_no=run_no, version=1, actor=acting(one), now=NOW)

    run = advance(db, run_no, "confirm_run", "export_run", "send_run", by=two)

    [item] = run.items
    assert (run.state, item.gross_fen, item.withheld_fen, len(item.entries)) == (RunState.SENT, 100, 0, 2)
    assert order.order_no in item.orders
    assert (fees_owed(db, sold.grower), ledger.balance(db, account=BANK)) == (0, -100)
    assert ledger.balances(db, book=Book.MEMO) == held
    with pytest.raises(NothingToPay):
        service.create_run(db, kind=FEES, actor=acting(one), now=NOW)
    service.apply_answer(db, run_no=run_no, read=answer((item.item_no, False)), actor=acting(one), now=NOW)
    assert service.get_run(db, run_no=run_no).items[0].state is ItemState.RETURNED
    assert (fees_owed(db, sold.grower), ledger.balance(db, account=BANK)) == (100, 0)


def test_farm_without_a_bank_account_waits(db, sold):
    sold()

    [waits] = service.look_at(db, kind=FEES, now=NOW).waiting

    assert (waits.reason, waits.fen) == (WaitReason.NO_ACCOUNT, 46)


def test_farm_sees_its_fees_on_the_statement_and_among_its_money(db, sold):
    sold()
    make_account(db, sold.grower)
    make_sent_run(db, FEES)

    found = statements.get_statement(db, person_id=sold.grower.id, month="2026-10")

    parts = {part.name: part for part in found.parts}
    held = [(line.kind, line.fen) for line in parts[AccountName.HELD_SALES].lines]
    assert held[1:] == [(LineKind.FEE, 46), (LineKind.FEE_BORNE, -46)]
    assert [(line.kind, line.fen) for line in parts[AccountName.FEES].lines] == [
        (LineKind.FEE_BORNE, 46),
        (LineKind.PAYOUT, -46),
    ]
    assert parts[AccountName.FEES].account == fee_account(sold.grower.id)
    with asked_of(db) as asked:
        money = service.grower_paid_out(db, grower_id=sold.grower.id, now=NOW)
    assert sum("JOIN shop_pay_run" in each and "sent_at IS NOT NULL" in each for each in asked) == 1
    assert (money.sales_fen, money.fees_fen, money.under_way_fen, money.owed_fen) == (0, 46, 46, 0)
    assert ledger.balance(db, account=grower_account(sold.grower.id)) == 0
