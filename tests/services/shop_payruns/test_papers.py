"""Slips at packing, papers that cover them, corrections by new slips, the table of papers taken in once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.errors import NotFound
from county.people.types import Role
from shop.orders import service as orders
from shop.packing import service as packing
from shop.papers import service
from shop.papers.types import (
    BadPaper,
    BadRow,
    BadWeight,
    FileRow,
    FileState,
    NewPaper,
    NoSlips,
    PaperAmountDiffers,
    PaperKind,
    PaperKnown,
    ReadFile,
    RowFault,
    SlipCorrected,
)
from shop.sellers.types import MoneyMode
from tests.makers.payees import acting, make_admin
from tests.makers.payruns import make_own_paper
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import make_grower, make_product, make_seller, pay, place

TODAY = date(2026, 10, 5)
NUMBER = "24612000000012345678"


@pytest.fixture
def admin(db):
    """Make a person of the association."""
    return make_admin(db)


def packed(db, grower, *products, now=NOW):
    products = products or (make_product(db, grower=grower),)
    order = place(db, *products, quantity=2).orders[0]
    pay(db, order.order_no, fen=order.total_fen)
    packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=now)
    return orders.get_order(db, order_no=order.order_no)


def invoice(grower, *, fen, number=NUMBER, code="", from_on=TODAY, to_on=TODAY + timedelta(days=1)):
    return NewPaper(PaperKind.INVOICE, grower.id, code, number, TODAY, from_on, to_on, fen)


def add(db, admin, paper):
    return service.add_paper(db, paper=paper, added_by=admin.id, actor=acting(admin), now=NOW)


def test_packing_writes_a_slip_for_each_of_the_growers_lines(db, coop):
    grower = make_grower(db, seller=coop)
    two = (make_product(db, grower=grower), make_product(db, grower=grower, price_fen=3335, weight_g=300))

    order = packed(db, grower, *two)

    slips = service.list_slips(db, grower_id=grower.id)
    assert sorted((slip.gross_g, slip.net_g, slip.what) for slip in slips) == [
        (600, 600, "明前绿茶 250 g × 2"),
        (1000, 1000, "明前绿茶 250 g × 2"),
    ]
    grower_fen = sum(split.fen for split in order.splits if split.payee_id == grower.id)
    assert sum(slip.fen for slip in slips) == grower_fen
    assert {(slip.order_no, slip.on, slip.weighed_by) for slip in slips} == {
        (order.order_no, TODAY, grower.id)
    }
    assert service.make_slips(db, order=order, grower_id=grower.id, weighed_by=grower.id, now=NOW) == slips


def test_farm_that_sells_by_itself_gets_no_slips(db, coop):
    grower = make_grower(db, seller=make_seller(db, mode=MoneyMode.DIRECT))

    packed(db, grower)

    assert service.list_slips(db) == []


def test_slip_is_corrected_only_by_a_new_one_that_names_it(db, coop, admin):
    grower = make_grower(db, seller=coop)
    order = packed(db, grower)
    (slip,) = service.list_slips(db)

    def correct(slip_no, *, gross_g=1000, net_g=950):
        return service.correct_slip(
            db,
            slip_no=slip_no,
            gross_g=gross_g,
            net_g=net_g,
            reason="复秤",
            weighed_by=admin.id,
            actor=acting(admin),
            now=NOW,
        )

    for gross_g, net_g in ((1000, 1001), (1000, 0), (-1, -1)):
        with pytest.raises(BadWeight):
            correct(slip.slip_no, gross_g=gross_g, net_g=net_g)
    newer = correct(slip.slip_no)
    with pytest.raises(SlipCorrected):
        correct(slip.slip_no)
    with pytest.raises(NotFound):
        correct("GB000000000000")

    (found,) = service.list_slips(db, order_nos=[order.order_no])
    assert (found.slip_no, found.net_g, found.fen) == (newer, 950, slip.fen)
    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text("UPDATE shop_weigh_slip SET net_g = 1"))


def test_own_produce_paper_covers_what_comes_within_its_days(db, coop):
    grower = make_grower(db, seller=coop)
    make_own_paper(db, grower, to_on=TODAY + timedelta(days=1))
    today, tomorrow = packed(db, grower), packed(db, grower, now=NOW + timedelta(days=1))
    numbers = [today.order_no, tomorrow.order_no]

    assert service.covered_orders(db, grower_id=grower.id, order_nos=numbers) == {today.order_no}
    (lacking,) = service.list_lacking(db)
    assert (lacking.slips, lacking.orders, lacking.fen) == (1, (tomorrow.order_no,), 13015)


def test_invoice_covers_the_slips_it_was_written_for_and_no_later_ones(db, coop, admin):
    grower = make_grower(db, seller=coop)
    first = packed(db, grower)

    add(db, admin, invoice(grower, fen=13015))
    second = packed(db, grower)

    numbers = [first.order_no, second.order_no]
    assert service.covered_orders(db, grower_id=grower.id, order_nos=numbers) == {first.order_no}
    assert [paper.slips for paper in service.list_papers(db)] == [1]


def test_corrected_slip_needs_a_paper_again(db, coop, admin):
    grower = make_grower(db, seller=coop)
    order = packed(db, grower)
    add(db, admin, invoice(grower, fen=13015))
    (slip,) = service.list_slips(db)

    service.correct_slip(
        db,
        slip_no=slip.slip_no,
        gross_g=900,
        net_g=900,
        reason="复秤",
        weighed_by=admin.id,
        actor=acting(admin),
        now=NOW,
    )

    assert service.covered_orders(db, grower_id=grower.id, order_nos=[order.order_no]) == frozenset()


def test_voided_invoice_covers_nothing_and_may_be_written_anew(db, coop, admin):
    grower = make_grower(db, seller=coop)
    order = packed(db, grower)
    paper_id = add(db, admin, invoice(grower, fen=13015))

    service.void_paper(db, paper_id=paper_id, reason="开错", actor=acting(admin), now=NOW)

    assert service.covered_orders(db, grower_id=grower.id, order_nos=[order.order_no]) == frozenset()
    with pytest.raises(NotFound):
        service.void_paper(db, paper_id=paper_id, reason="再来", actor=acting(admin), now=NOW)
    add(db, admin, invoice(grower, fen=13015))
    assert service.covered_orders(db, grower_id=grower.id, order_nos=[order.order_no]) == {order.order_no}


def test_paper_that_does_not_fit_is_refused(db, coop, admin):
    grower, other = make_grower(db, seller=coop), make_grower(db, seller=coop)
    packed(db, grower)
    for paper, refusal in (
        (invoice(grower, fen=13014), PaperAmountDiffers),
        (invoice(other, fen=13015), NoSlips),
        (invoice(grower, fen=13015, from_on=TODAY - timedelta(days=9), to_on=TODAY), NoSlips),
        (invoice(grower, fen=13015, to_on=TODAY), BadPaper),
        (invoice(grower, fen=13015, number="1.39E+10"), BadPaper),
        (invoice(grower, fen=13015, code="123"), BadPaper),
        (invoice(grower, fen=None), BadPaper),
    ):
        with pytest.raises(refusal):
            add(db, admin, paper)

    assert service.list_papers(db) == []


def test_same_number_is_recorded_once(db, coop, admin):
    grower = make_grower(db, seller=coop)
    packed(db, grower)
    add(db, admin, invoice(grower, fen=13015))
    packed(db, grower)

    with pytest.raises(PaperKnown):
        add(db, admin, invoice(grower, fen=13015))

    assert len(service.list_papers(db)) == 1


def row(number, phone, *, at=2, fen=13015):
    to_on = TODAY + timedelta(days=1)
    return FileRow(at, PaperKind.INVOICE, phone, "", number, TODAY, TODAY, to_on, fen)


def test_table_of_papers_is_looked_at_first_and_taken_in_once(db, coop, admin):
    grower = make_grower(db, seller=coop)
    order = packed(db, grower)
    stranger = make_person(db, Role.FARMER)
    read = ReadFile(
        "票据.csv",
        "a" * 64,
        (
            row(NUMBER, grower.phone),
            row("12345678", stranger.phone, at=3),
            row("12345679", "13700000000", at=4),
            row("x", grower.phone, at=5),
        ),
        (BadRow(6, RowFault.DAY, "2026-02-30"),),
    )

    file_id = service.store_file(db, read=read, person_id=admin.id, now=NOW)

    looked = service.get_file(db, file_id=file_id)
    assert [(each.is_ready, each.fault) for each in looked.rows] == [
        (True, None),
        (False, RowFault.AMOUNT),
        (False, RowFault.GROWER),
        (False, RowFault.NUMBER),
    ]
    assert looked.faults == read.faults
    assert service.list_papers(db) == []

    def take_in():
        return service.take_in_file(db, file_id=file_id, person_id=admin.id, actor=acting(admin), now=NOW)

    assert (take_in(), take_in()) == (1, 0)
    assert service.store_file(db, read=read, person_id=admin.id, now=NOW) == file_id
    assert service.get_file(db, file_id=file_id).state is FileState.TAKEN_IN
    assert [paper.number for paper in service.list_papers(db)] == [NUMBER]
    assert service.covered_orders(db, grower_id=grower.id, order_nos=[order.order_no]) == {order.order_no}


def test_other_file_with_a_known_paper_adds_nothing(db, coop, admin):
    grower = make_grower(db, seller=coop)
    packed(db, grower)
    add(db, admin, invoice(grower, fen=13015))
    read = ReadFile("又一次.csv", "b" * 64, (row(NUMBER, grower.phone),), ())
    file_id = service.store_file(db, read=read, person_id=admin.id, now=NOW)

    assert [each.is_known for each in service.get_file(db, file_id=file_id).rows] == [True]
    assert service.take_in_file(db, file_id=file_id, person_id=admin.id, actor=acting(admin), now=NOW) == 0
