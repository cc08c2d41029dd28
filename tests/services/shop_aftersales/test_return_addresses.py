"""Where goods go back to: one address per seller, needed to accept a return, asked for when it lacks."""

from dataclasses import replace

import pytest

from county.audit import service as audit
from county.errors import NotFound, Stale
from county.ids import new_id
from county.people.types import Role
from shop.aftersales import service
from shop.aftersales.types import ClaimState, NoReturnAddress, Party
from shop.catalogue.types import Category
from shop.refunds import service as refunds
from shop.sellers import service as sellers
from shop.sellers.types import BadReturnAddress, ReturnAddress
from tests.makers.aftersales import DAY, HOUR, asked, claim, make_delivered, make_fruit
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import RETURN_ADDRESS, make_card, make_grower, make_seller
from tests.services.shop_aftersales.acting import UNWANTED, appeal, approve, codes, read, refuse


@pytest.fixture
def admin(db):
    return make_person(db, Role.ASSOCIATION_ADMIN, name="会长")


@pytest.fixture
def seller(db):
    """Make a seller of record of whom nobody knows where goods go back to."""
    make_card(db)
    return make_seller(db, name="云雾茶场", has_address=False)


def wanted_back(db, seller):
    fruit = make_fruit(db, grower=make_grower(db, seller=seller), title="明前绿茶", category=Category.TEA)
    return claim(db, make_delivered(db, fruit), asked(*UNWANTED))


def write_down(db, seller, *, version=0, address=RETURN_ADDRESS):
    sellers.set_return_address(
        db, seller_id=seller.id, version=version, address=address, actor=ROBOT, now=NOW
    )


@pytest.mark.parametrize("by", [Party.GROWER, Party.ASSOCIATION])
def test_return_to_nowhere_cannot_be_accepted_and_nothing_changes(db, seller, by):
    found = wanted_back(db, seller)

    with pytest.raises(NoReturnAddress) as refusal:
        approve(db, found, by=by)

    assert (refusal.value.code, refusal.value.facts) == ("no_return_address", {"seller": "云雾茶场"})
    assert read(db, found) == found
    assert "claim_send_back" not in codes(db, found.buyer_id)


def test_return_is_accepted_once_the_address_is_written_down_and_the_buyer_gets_it(db, seller):
    found = wanted_back(db, seller)
    write_down(db, seller)

    after = approve(db, found)

    assert after.state is ClaimState.TO_RETURN
    assert service.find_return_address(db, claim=after) == RETURN_ADDRESS


def test_refused_return_that_is_appealed_needs_an_address_too(db, seller):
    found = appeal(db, refuse(db, wanted_back(db, seller)))

    with pytest.raises(NoReturnAddress):
        approve(db, found, by=Party.ASSOCIATION)

    assert read(db, found) == found


def test_claims_without_goods_coming_back_need_no_address(db, seller):
    fruit = make_fruit(db, grower=make_grower(db, seller=seller))
    order = make_delivered(db, fruit)

    assert approve(db, claim(db, order)).state is ClaimState.REFUNDING


def test_association_hears_when_somebody_wants_to_send_goods_nowhere(db, admin, seller):
    wanted_back(db, seller)
    other = make_seller(db)
    wanted_back(db, other)

    assert codes(db, admin.id) == ["return_address_missing"]


def test_clock_waits_a_day_more_for_the_address_and_then_accepts(db, admin, seller):
    found = wanted_back(db, seller)

    waits = service.run_due(db, claim_no=found.claim_no, now=found.due_at)

    assert (waits.state, waits.due_at) == (ClaimState.OPEN, found.due_at + DAY)
    assert service.run_due(db, claim_no=found.claim_no, now=found.due_at + HOUR) is None
    assert codes(db, admin.id) == ["return_address_missing"] * 2
    assert refunds.list_refunds(db, order_no=found.order_no) == []

    write_down(db, seller)
    after = service.run_due(db, claim_no=found.claim_no, now=waits.due_at)
    assert after.state is ClaimState.TO_RETURN


def test_people_can_decide_while_the_clock_waits(db, seller):
    found = wanted_back(db, seller)
    waits = service.run_due(db, claim_no=found.claim_no, now=found.due_at)
    write_down(db, seller)

    after = approve(db, waits, now=found.due_at + HOUR)

    assert after.state is ClaimState.TO_RETURN


def test_address_is_changed_by_the_version_that_was_seen_and_logged_without_personal_words(db, seller):
    write_down(db, seller)
    moved = replace(RETURN_ADDRESS, address="陕西省安康市岚皋县佐龙镇杜坝村2号")

    write_down(db, seller, version=1, address=moved)
    for late in (0, 1):
        with pytest.raises(Stale):
            write_down(db, seller, version=late)

    assert sellers.find_return_address(db, seller_id=seller.id) == moved
    records = [
        each
        for each in audit.list_records(db, object=("seller", str(seller.id)))
        if each.action == "seller.return_address"
    ]
    assert sorted(each.after["version"] for each in records) == [1, 2]
    assert "佐龙" not in repr(records)
    assert "13900000075" not in repr(records)


def test_address_of_an_unknown_seller_is_not_found(db):
    with pytest.raises(NotFound):
        sellers.set_return_address(
            db, seller_id=new_id(), version=0, address=RETURN_ADDRESS, actor=ROBOT, now=NOW
        )


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (replace(RETURN_ADDRESS, name="王"), "name"),
        (replace(RETURN_ADDRESS, name="王" * 61), "name"),
        (replace(RETURN_ADDRESS, phone=""), "phone"),
        (replace(RETURN_ADDRESS, phone="1390000007"), "phone"),
        (replace(RETURN_ADDRESS, phone="１３９００００００７５"), "phone"),
        (replace(RETURN_ADDRESS, address="岚皋"), "address"),
        (replace(RETURN_ADDRESS, address="岚" * 201), "address"),
    ],
)
def test_address_to_which_nobody_could_send_is_refused(db, seller, address, field):
    with pytest.raises(BadReturnAddress) as refusal:
        write_down(db, seller, address=address)

    assert refusal.value.facts["field"] == field
    assert sellers.find_return_address(db, seller_id=seller.id) is None


def test_fixed_phone_with_area_code_is_taken(db, seller):
    address = ReturnAddress("收货处", "0915-1234567", "陕西省安康市岚皋县城关镇")

    write_down(db, seller, address=address)

    assert sellers.find_return_address(db, seller_id=seller.id) == address
