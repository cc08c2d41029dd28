"""What a run and the bank say to each other: files, answers, what comes back, the tax that is withheld."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from county.errors import IllegalMove
from county.ledger import service as ledger
from county.notices import service as notices
from county.people.types import Role
from shop.accounts.rules import BANK, TAX, compensation_account, grower_account, streamer_account
from shop.payees import service as payees
from shop.payees.types import Payee, PayeeKind
from shop.payruns import service
from shop.payruns.types import (
    AnswerFault,
    FileForm,
    ItemState,
    RunKind,
    RunMonthOver,
    RunState,
    WaitReason,
)
from tests.makers.payees import acting, make_account, new_account
from tests.makers.payruns import (
    advance,
    answer,
    make_compensated,
    make_own_paper,
    make_payable_grower,
    make_payable_streamer,
    make_released,
    make_sent_run,
    owe,
    owed_fen,
    reasons,
)
from tests.makers.people import NOW
from tests.makers.shop import make_grower

GROWERS = RunKind.GROWERS


def test_returned_payment_is_owed_again_and_never_shown_as_paid(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    run = make_sent_run(db, GROWERS)
    serial = run.items[0].item_no
    service.apply_answer(db, run_no=run.run_no, read=answer((serial, True)), actor=acting(admins[0]), now=NOW)
    assert owed_fen(db, grower_account(grower.id)) == 0

    later = answer((serial, False), name="退票.csv")
    given = service.apply_answer(db, run_no=run.run_no, read=later, actor=acting(admins[0]), now=NOW)

    assert (given.paid, given.returned) == (0, 1)
    (payment,) = service.list_payments(db, payee_id=grower.id)
    assert (payment.state, payment.reason) == (ItemState.RETURNED, "户名不符")
    assert (owed_fen(db, grower_account(grower.id)), ledger.balance(db, account=BANK)) == (6507, 0)
    assert reasons(db) == [(WaitReason.RETURNED, 6507)]
    assert "payout_returned" in [each.code for each in notices.list_notices(db, person_id=grower.id)]


def test_returned_payment_is_paid_again_to_a_new_account(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    run = make_sent_run(db, GROWERS)
    back = answer((run.items[0].item_no, False))
    service.apply_answer(db, run_no=run.run_no, read=back, actor=acting(admins[0]), now=NOW)
    make_account(db, grower, now=NOW - timedelta(days=2))

    again = make_sent_run(db, GROWERS)

    assert [item.gross_fen for item in again.items] == [6507]
    assert (owed_fen(db, grower_account(grower.id)), ledger.balance(db, account=BANK)) == (0, -6507)


def test_returned_payment_is_tried_again_when_somebody_decides_so(db, coop, admins):
    make_payable_grower(db, seller=coop)
    run = make_sent_run(db, GROWERS)
    serial = run.items[0].item_no
    back = answer((serial, False))
    service.apply_answer(db, run_no=run.run_no, read=back, actor=acting(admins[0]), now=NOW)

    service.retry_item(db, item_no=serial, actor=acting(admins[0]), now=NOW)

    (ready,) = service.look_at(db, kind=GROWERS, now=NOW).ready
    assert ready.gross_fen == 6507


def test_restored_backup_reuses_no_outgoing_number(db, coop, admins):
    make_payable_grower(db, seller=coop)

    def numbers():
        with db.begin_nested() as lost:
            run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
            made = {run_no, service.get_run(db, run_no=run_no).items[0].item_no}
            lost.rollback()
        db.expire_all()
        return made

    first, second = numbers(), numbers()

    assert len(first | second) == 4
    assert service.list_runs(db) == []


def test_bank_file_is_the_same_bytes_whenever_it_is_taken(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    run = advance(db, run_no, "confirm_run", "export_run", by=admins[1])

    def take(form):
        return service.give_file(db, run_no=run_no, form=form, actor=acting(admins[0]), now=NOW)

    account = payees.find_bank_account(db, payee_id=grower.id, now=NOW)
    make_account(db, grower)
    for form in FileForm:
        assert take(form) == take(form)
        assert service.hashes_of(db, run_no=run_no)[form] == take(form).sha256
    assert take(FileForm.CSV).content.decode() == (
        "\ufeff流水号,收款人户名,收款人账号,收款人开户行,金额(元),用途\r\n"
        f"{run.items[0].item_no},王秀英,{account.number},农业银行 岚皋县支行,65.07,农产品货款 {run_no}\r\n"
    )
    assert account.number not in str(db.execute(text("SELECT content FROM shop_pay_file")).all())


def test_names_that_a_spreadsheet_would_execute_are_made_harmless(db, coop, admins):
    grower = make_grower(db, seller=coop)
    make_released(db, grower=grower)
    make_own_paper(db, grower)
    account = new_account()
    account_id = payees.propose_account(
        db,
        payee=Payee(PayeeKind.PERSON, grower.id),
        account=type(account)(account.kind, account.number, "=1+1", "＝bank", "@x"),
        consent_paper="勾选",
        actor=acting(grower, Role.FARMER),
        now=NOW - timedelta(days=3),
    )
    payees.confirm_account(db, account_id=account_id, actor=acting(admins[0]), now=NOW - timedelta(days=3))
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    advance(db, run_no, "confirm_run", "export_run", by=admins[1])

    file = service.give_file(db, run_no=run_no, form=FileForm.CSV, actor=acting(admins[0]), now=NOW)

    assert ",'=1+1," in file.content.decode() and ",'＝bank @x," in file.content.decode()


def test_answer_with_unusable_rows_changes_only_the_good_ones(db, coop, admins):
    growers = [make_payable_grower(db, seller=coop) for _ in range(3)]
    run = make_sent_run(db, GROWERS)
    one, two, three = (item.item_no for item in run.items)
    read = answer(
        (one, True, 6507), (two, True, 6508), ("FK000000000000", True), (three, True), (three, False)
    )

    given = service.apply_answer(db, run_no=run.run_no, read=read, actor=acting(admins[0]), now=NOW)

    assert (given.paid, given.returned) == (1, 0)
    assert [(fault.row, fault.fault) for fault in given.faults] == [
        (3, AnswerFault.AMOUNT_DIFFERS),
        (4, AnswerFault.UNKNOWN),
        (5, AnswerFault.TWICE),
        (6, AnswerFault.TWICE),
    ]
    run = service.get_run(db, run_no=run.run_no)
    assert [item.state for item in run.items] == [ItemState.PAID, ItemState.SENT, ItemState.SENT]
    assert run.state is RunState.SENT
    assert len(growers) == 3


def test_same_answer_twice_changes_nothing(db, coop, admins):
    make_payable_grower(db, seller=coop)
    run = make_sent_run(db, GROWERS)
    read = answer((run.items[0].item_no, False))
    first = service.apply_answer(db, run_no=run.run_no, read=read, actor=acting(admins[0]), now=NOW)
    before = ledger.balances(db)

    again = service.apply_answer(db, run_no=run.run_no, read=read, actor=acting(admins[0]), now=NOW)

    assert (first.is_repeated, again.is_repeated, again.returned) == (False, True, 1)
    assert ledger.balances(db) == before
    assert len(service.list_answers(db, run_no=run.run_no)) == 1


def test_payment_that_came_back_is_not_paid_by_a_later_answer(db, coop, admins):
    make_payable_grower(db, seller=coop)
    run = make_sent_run(db, GROWERS)
    serial = run.items[0].item_no
    for read in (answer((serial, False)), answer((serial, True), name="迟到.csv")):
        given = service.apply_answer(db, run_no=run.run_no, read=read, actor=acting(admins[0]), now=NOW)

    assert [fault.fault for fault in given.faults] == [AnswerFault.RETURNED]
    assert service.get_run(db, run_no=run.run_no).items[0].state is ItemState.RETURNED


def test_answer_to_a_run_that_was_not_sent_is_refused(db, coop, admins):
    make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    serial = service.get_run(db, run_no=run_no).items[0].item_no

    with pytest.raises(IllegalMove):
        service.apply_answer(db, run_no=run_no, read=answer((serial, True)), actor=acting(admins[1]), now=NOW)

    assert service.list_answers(db, run_no=run_no) == []


def test_streamers_tax_is_withheld_by_the_month(db, admins):
    streamer = make_payable_streamer(db, fen=300_000)

    run = make_sent_run(db, RunKind.STREAMERS)

    (item,) = run.items
    assert (item.gross_fen, item.withheld_fen, item.net_fen) == (300_000, 44_000, 256_000)
    assert ledger.balance(db, account=TAX) == -44_000
    # Together 5,000 in the month: 5,000 × 80 % × 20 % = 800, of which 440 were withheld.
    owe(db, account=streamer_account(streamer.id), fen=200_000)
    second = make_sent_run(db, RunKind.STREAMERS)
    assert (second.items[0].withheld_fen, ledger.balance(db, account=TAX)) == (36_000, -80_000)
    # The next month begins anew.
    owe(db, account=streamer_account(streamer.id), fen=80_000)
    third = make_sent_run(db, RunKind.STREAMERS, now=NOW + timedelta(days=31))
    assert third.items[0].withheld_fen == 0
    assert owed_fen(db, streamer_account(streamer.id)) == 0


def test_returned_commission_gives_the_withheld_tax_back(db, admins):
    streamer = make_payable_streamer(db, fen=300_000)
    run = make_sent_run(db, RunKind.STREAMERS)

    back = answer((run.items[0].item_no, False, 256_000))
    service.apply_answer(db, run_no=run.run_no, read=back, actor=acting(admins[0]), now=NOW)

    assert ledger.balance(db, account=TAX) == 0
    assert owed_fen(db, streamer_account(streamer.id)) == 300_000
    make_account(db, streamer, now=NOW - timedelta(days=2))
    assert service.look_at(db, kind=RunKind.STREAMERS, now=NOW).ready[0].withheld_fen == 44_000


def test_streamers_run_of_an_earlier_month_is_not_sent(db, admins):
    make_payable_streamer(db, fen=300_000)
    run_no = service.create_run(db, kind=RunKind.STREAMERS, actor=acting(admins[0]), now=NOW)
    advance(db, run_no, "confirm_run", "export_run", by=admins[1])

    with pytest.raises(RunMonthOver):
        advance(db, run_no, "send_run", by=admins[1], now=NOW + timedelta(days=27))

    assert ledger.balance(db, account=BANK) == 0


def test_compensation_needs_no_paper(db, admins):
    grower = make_compensated(db, fen=1_995)

    run = make_sent_run(db, RunKind.COMPENSATION)

    assert [(item.payee_id, item.net_fen) for item in run.items] == [(grower.id, 1_995)]
    assert owed_fen(db, compensation_account(grower.id)) == 0
