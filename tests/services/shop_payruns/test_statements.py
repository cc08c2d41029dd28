"""Statements add up to the ledger: a person's month, the cooperative's books, the quarter's income."""

from datetime import date, timedelta

import pytest

from county.errors import NotFound
from county.ledger import service as ledger
from county.ledger.types import Book, Cause
from shop.accounts.rules import compensation_account, grower_account, streamer_account
from shop.orders import service as orders
from shop.payruns import service as payruns
from shop.payruns.types import RunKind
from shop.refunds import service as refunds
from shop.statements import service
from shop.statements.types import (
    AccountName,
    BadMonth,
    DetailKind,
    LineKind,
)
from tests.makers.payees import acting, make_account, make_admin
from tests.makers.payruns import (
    answer,
    make_own_paper,
    make_payable_grower,
    make_payable_streamer,
    make_released,
    make_sent_run,
    owe,
    owed_fen,
)
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import make_grower

OCTOBER, NOVEMBER = "2026-10", "2026-11"


def lines_of(statement):
    return [(line.kind, line.fen) for part in statement.parts for line in part.lines]


def require_sound(statement):
    """Every part: opening + lines = closing, and every sale is what its details add up to."""
    for part in statement.parts:
        assert part.opening_fen + sum(line.fen for line in part.lines) == part.closing_fen
        for line in part.lines:
            assert not line.details or sum(fen for _kind, fen in line.details) == line.fen


def test_growers_month_adds_up_to_the_ledger(db, coop):
    grower = make_grower(db, seller=coop)
    make_released(db, grower=grower, now=NOW - timedelta(days=20))
    make_released(db, grower=grower, quantity=2)
    owe(db, account=compensation_account(grower.id), fen=500)
    make_own_paper(db, grower)
    make_account(db, grower)
    run = make_sent_run(db, RunKind.GROWERS)
    payruns.apply_answer(
        db,
        run_no=run.run_no,
        read=answer((run.items[0].item_no, False)),
        actor=acting(make_admin(db)),
        now=NOW,
    )

    found = service.get_statement(db, person_id=grower.id, month=OCTOBER)

    require_sound(found)
    assert (found.opening_fen, found.closing_fen) == (6507, 6507 + 13015 + 500)
    assert sorted(lines_of(found)) == sorted(
        [
            (LineKind.SALE, 13015),
            (LineKind.PAYOUT, -19522),
            (LineKind.PAYOUT_RETURNED, 19522),
            (LineKind.COMPENSATION, 0),
        ][:3]
        + [(LineKind.OTHER, 500)]
    )
    owed = owed_fen(db, grower_account(grower.id)) + owed_fen(db, compensation_account(grower.id))
    assert found.closing_fen == owed


def test_sale_shows_what_it_is_made_of_also_after_a_refund(db, coop):
    grower = make_grower(db, seller=coop)
    order_no = make_released(db, grower=grower, quantity=2)

    def refund(fen):
        order = orders.get_order_locked(db, order_no=order_no)
        refunds.open_refund(
            db, order=order, key=f"r{fen}", goods={0: fen}, reason="坏果", actor=ROBOT, now=NOW
        )

    refund(6850)
    found = service.get_statement(db, person_id=grower.id, month=OCTOBER)

    require_sound(found)
    (sale,) = [line for part in found.parts for line in part.lines if line.kind is LineKind.SALE]
    assert sale.details == ((DetailKind.GOODS, 13700), (DetailKind.ASSOCIATION, -685))
    assert sale.ref == order_no


def test_months_follow_each_other_without_a_gap(db):
    streamer = make_payable_streamer(db, fen=300_000)
    make_sent_run(db, RunKind.STREAMERS)
    owe(db, account=streamer_account(streamer.id), fen=700, now=NOW + timedelta(days=40))

    october, november = (
        service.get_statement(db, person_id=streamer.id, month=month) for month in (OCTOBER, NOVEMBER)
    )

    assert (october.opening_fen, october.closing_fen) == (0, 0)
    assert (november.opening_fen, november.closing_fen) == (0, 700)
    assert [part.name for part in october.parts] == [AccountName.COMMISSION]
    assert october.sum_fen(LineKind.PAYOUT) == -300_000


def test_closed_month_never_changes_and_late_things_go_forward(db):
    streamer = make_payable_streamer(db, fen=1_000)
    november = NOW + timedelta(days=30)
    ledger.close_period(db, ends_on=date(2026, 11, 1), now=november)
    before = service.get_statement(db, person_id=streamer.id, month=OCTOBER)
    assert before.is_closed

    ledger.post(
        db,
        key="late:1",
        cause=Cause("claim", "1"),
        postings=[
            ledger.Posting("expense:claims", 50),
            ledger.Posting(streamer_account(streamer.id), -50),
        ],
        effective_on=date(2026, 10, 20),
        now=november,
    )

    assert service.get_statement(db, person_id=streamer.id, month=OCTOBER) == before
    later = service.get_statement(db, person_id=streamer.id, month=NOVEMBER)
    assert (later.opening_fen, later.closing_fen, later.is_closed) == (1_000, 1_050, False)
    assert [line.on for part in later.parts for line in part.lines] == [date(2026, 11, 1)]


def test_foreign_statement_is_not_found(db):
    owner, stranger = (make_payable_streamer(db, fen=100) for _ in range(2))

    with pytest.raises(NotFound):
        service.get_statement(db, person_id=owner.id, month=OCTOBER, asked_by=stranger.id)

    mine = service.get_statement(db, person_id=owner.id, month=OCTOBER, asked_by=owner.id)
    assert mine.closing_fen == 100


@pytest.mark.parametrize("month", ["", "2026-13", "2026-1", "2026-10-01", "2026-Q4", "１２"])
def test_text_that_is_no_month_is_refused(db, month):
    person = make_person(db)

    with pytest.raises(BadMonth):
        service.get_statement(db, person_id=person.id, month=month)
    with pytest.raises(BadMonth):
        service.get_income(db, quarter="2026-10", now=NOW)


def test_books_of_the_month_add_up_to_nothing_in_every_column(db, coop):
    make_payable_grower(db, seller=coop)
    make_sent_run(db, RunKind.GROWERS)

    books = service.get_books(db, month=OCTOBER)

    rows = [(line.opening_fen, line.change_fen, line.closing_fen) for line in books.lines]
    assert [sum(column) for column in zip(*rows, strict=True)] == [0, 0, 0]
    assert all(opening + change == closing for opening, change, closing in rows)
    by_group = {line.group: line.closing_fen for line in books.lines}
    assert by_group["cash:alipay"] == 6850 + 800
    assert by_group["cash:bank"] == -6507
    assert "payable:grower" not in by_group


def test_everybody_with_money_is_listed_in_both_books(db):
    streamer = make_payable_streamer(db, fen=100)
    ledger.post(
        db,
        key="memo:1",
        cause=Cause("order", "1"),
        postings=[
            ledger.Posting("cash:alipay:x", 40),
            ledger.Posting(streamer_account(streamer.id), -40),
        ],
        book=Book.MEMO,
        now=NOW,
    )

    assert service.list_people(db) == [(streamer.id, "赵小溪", 140)]
