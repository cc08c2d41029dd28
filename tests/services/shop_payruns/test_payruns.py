"""A pay run: what is covered, two people, sums set aside, booked when sent, reopened when returned."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.audit.types import Actor
from county.errors import IllegalMove, Stale
from county.ledger import service as ledger
from county.notices import service as notices
from county.people.types import NotAllowed, Role, SamePerson
from shop.accounts.rules import BANK, grower_account
from shop.papers import service as papers
from shop.payruns import service
from shop.payruns.types import (
    ItemState,
    NothingToPay,
    RunKind,
    RunOpen,
    RunOutdated,
    RunState,
    WaitReason,
)
from tests.makers.payees import acting, make_account, make_admin
from tests.makers.payruns import (
    advance,
    answer,
    make_own_paper,
    make_payable_grower,
    make_released,
    make_sent_run,
    owe,
    owed_fen,
    reasons,
)
from tests.makers.people import NOW, make_person
from tests.makers.shop import make_grower

GROWERS = RunKind.GROWERS


def test_run_pays_each_grower_what_papers_cover_and_names_the_orders(db, coop, admins):
    grower = make_payable_grower(db, seller=coop, orders_of=2)

    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)

    run = service.get_run(db, run_no=run_no)
    (item,) = run.items
    assert (item.payee_id, item.gross_fen, item.withheld_fen, item.net_fen) == (grower.id, 13014, 0, 13014)
    assert [entry.fen for entry in item.entries] == [6507, 6507]
    assert len(item.orders) == 2
    assert (run.state, run.gross_fen, run.month) == (RunState.DRAFT, 13014, "2026-10")
    assert owed_fen(db, grower_account(grower.id)) == 13014


def test_everybody_else_is_listed_with_the_reason(db, coop):
    no_paper, no_account, cooling, negative = (make_grower(db, seller=coop) for _ in range(4))
    for grower in (no_paper, no_account, cooling):
        make_released(db, grower=grower)
    for grower in (no_account, cooling):
        make_own_paper(db, grower)
    for grower in (no_paper, negative):
        make_account(db, grower)
    make_account(db, cooling, now=NOW - timedelta(hours=23))
    owe(db, account=grower_account(negative.id), fen=-500)

    found = service.look_at(db, kind=GROWERS, now=NOW)

    assert found.ready == ()
    assert {each.payee_id: (each.reason, each.fen) for each in found.waiting} == {
        no_paper.id: (WaitReason.NO_PAPER, 6507),
        no_account.id: (WaitReason.NO_ACCOUNT, 6507),
        cooling.id: (WaitReason.COOLING_OFF, 6507),
        negative.id: (WaitReason.NEGATIVE, -500),
    }
    assert found.waiting_fen == 3 * 6507
    with pytest.raises(NothingToPay):
        service.create_run(db, kind=GROWERS, actor=acting(make_admin(db)), now=NOW)
    assert service.list_runs(db) == []


def test_covered_order_is_paid_while_the_uncovered_one_waits(db, coop, admins):
    grower = make_grower(db, seller=coop)
    make_account(db, grower)
    covered = make_released(db, grower=grower)
    waits = make_released(db, grower=grower, price_fen=1000, now=NOW + timedelta(days=1))
    make_own_paper(db, grower, to_on=date(2026, 10, 6))

    found = service.look_at(db, kind=GROWERS, now=NOW)

    assert [(each.gross_fen, each.entries[0].order_no) for each in found.ready] == [(6507, covered)]
    assert [(each.reason, each.fen, each.orders) for each in found.waiting] == [
        (WaitReason.NO_PAPER, 950, (waits,))
    ]


def test_run_goes_from_draft_to_paid_and_the_books_follow(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    account = grower_account(grower.id)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    assert ledger.available(db, account=account, now=NOW) == 6507

    advance(db, run_no, "confirm_run", by=admins[1])
    assert (ledger.available(db, account=account, now=NOW), owed_fen(db, account)) == (0, 6507)

    run = advance(db, run_no, "export_run", "send_run", by=admins[1])
    assert (run.state, run.items[0].state) == (RunState.SENT, ItemState.SENT)
    assert (owed_fen(db, account), ledger.balance(db, account=BANK)) == (0, -6507)

    given = service.apply_answer(
        db, run_no=run_no, read=answer((run.items[0].item_no, True, 6507)), actor=acting(admins[0]), now=NOW
    )

    run = service.get_run(db, run_no=run_no)
    assert (given.paid, given.returned, given.faults) == (1, 0, ())
    assert (run.state, run.items[0].state) == (RunState.DONE, ItemState.PAID)
    assert service.look_at(db, kind=GROWERS, now=NOW).ready == ()
    assert "payout_paid" in [each.code for each in notices.list_notices(db, person_id=grower.id)]


def test_maker_is_not_checker_of_a_run(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)

    with pytest.raises(SamePerson):
        service.confirm_run(db, run_no=run_no, version=1, actor=acting(admins[0]), now=NOW)

    assert service.get_run(db, run_no=run_no).state is RunState.DRAFT
    assert ledger.available(db, account=grower_account(grower.id), now=NOW) == 6507
    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text("UPDATE shop_pay_run SET confirmed_by = created_by"))


def test_only_the_association_by_itself_touches_a_run(db, coop, admins):
    make_payable_grower(db, seller=coop)
    farmer = make_person(db, Role.FARMER)
    for actor in (acting(farmer, Role.FARMER), Actor(admins[0].id, Role.ASSOCIATION_ADMIN, farmer.id)):
        with pytest.raises(NotAllowed):
            service.create_run(db, kind=GROWERS, actor=actor, now=NOW)

    assert service.list_runs(db) == []


def test_run_confirmed_twice_is_confirmed_once(db, coop, admins):
    make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    advance(db, run_no, "confirm_run", by=admins[1])

    with pytest.raises(IllegalMove):
        service.confirm_run(db, run_no=run_no, version=1, actor=acting(admins[1]), now=NOW)
    with pytest.raises(Stale):
        service.export_run(db, run_no=run_no, version=1, actor=acting(admins[1]), now=NOW)

    assert service.get_run(db, run_no=run_no).state is RunState.CONFIRMED


def test_second_run_of_the_same_people_is_refused_while_one_is_open(db, coop, admins):
    make_payable_grower(db, seller=coop)
    first = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    make_payable_grower(db, seller=coop)

    with pytest.raises(RunOpen):
        service.create_run(db, kind=GROWERS, actor=acting(admins[1]), now=NOW)

    assert [run.run_no for run in service.list_runs(db)] == [first]


def test_database_refuses_an_entry_that_two_items_pay(db, coop, admins):
    make_payable_grower(db, seller=coop)
    make_payable_grower(db, seller=coop)
    service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)

    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(
            text(
                "UPDATE shop_pay_item_entry SET "
                "entry_key = (SELECT MIN(entry_key) FROM shop_pay_item_entry), "
                "account = (SELECT MIN(account) FROM shop_pay_item_entry)"
            )
        )


def test_payout_bigger_than_available_is_impossible(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    owe(db, account=grower_account(grower.id), fen=-1)

    with pytest.raises(RunOutdated) as refused:
        advance(db, run_no, "confirm_run", by=admins[1])

    assert refused.value.facts == {"people": "王秀英"}
    assert service.get_run(db, run_no=run_no).state is RunState.DRAFT
    assert ledger.available(db, account=grower_account(grower.id), now=NOW) == 6506


def test_refund_after_the_confirmation_stops_the_sending(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    advance(db, run_no, "confirm_run", "export_run", by=admins[1])
    owe(db, account=grower_account(grower.id), fen=-1)

    with pytest.raises(RunOutdated):
        advance(db, run_no, "send_run", by=admins[1])

    assert ledger.balance(db, account=BANK) == 0
    run = service.get_run(db, run_no=run_no)
    service.cancel_run(
        db, run_no=run_no, version=run.version, reason="退款", actor=acting(admins[0]), now=NOW
    )
    assert ledger.available(db, account=grower_account(grower.id), now=NOW) == 6506
    (ready,) = service.look_at(db, kind=GROWERS, now=NOW).ready
    assert ready.gross_fen == 6506


def test_account_changed_since_the_draft_stops_the_confirmation(db, coop, admins):
    grower = make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    make_account(db, grower, now=NOW - timedelta(hours=1))

    with pytest.raises(RunOutdated):
        advance(db, run_no, "confirm_run", by=admins[1])

    assert service.get_run(db, run_no=run_no).state is RunState.DRAFT
    assert reasons(db) == []


def test_account_changed_yesterday_is_not_paid_today(db, coop):
    grower = make_payable_grower(db, seller=coop)
    make_account(db, grower, now=NOW - timedelta(hours=20))

    assert reasons(db) == [(WaitReason.COOLING_OFF, 6507)]
    assert reasons(db, now=NOW + timedelta(hours=4)) == []


def test_voided_paper_stops_the_confirmation(db, coop, admins):
    grower = make_grower(db, seller=coop)
    make_account(db, grower)
    make_released(db, grower=grower)
    paper_id = make_own_paper(db, grower)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    papers.void_paper(db, paper_id=paper_id, reason="写错", actor=acting(admins[0]), now=NOW)

    with pytest.raises(RunOutdated):
        advance(db, run_no, "confirm_run", by=admins[1])

    assert service.get_run(db, run_no=run_no).state is RunState.DRAFT


def test_sent_run_cannot_be_cancelled(db, coop, admins):
    make_payable_grower(db, seller=coop)
    run = make_sent_run(db, GROWERS)

    with pytest.raises(IllegalMove):
        service.cancel_run(
            db, run_no=run.run_no, version=run.version, reason="", actor=acting(admins[0]), now=NOW
        )

    assert ledger.balance(db, account=BANK) == -6507


def test_sums_set_aside_too_long_ago_are_not_sent(db, coop, admins):
    make_payable_grower(db, seller=coop)
    run_no = service.create_run(db, kind=GROWERS, actor=acting(admins[0]), now=NOW)
    advance(db, run_no, "confirm_run", "export_run", by=admins[1])

    with pytest.raises(RunOutdated):
        advance(db, run_no, "send_run", by=admins[1], now=NOW + timedelta(days=30))

    assert ledger.balance(db, account=BANK) == 0
