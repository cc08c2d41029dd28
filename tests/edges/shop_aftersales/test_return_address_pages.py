"""Addresses for returns: masked for the association, whole for the buyer whose return was accepted alone."""

from dataclasses import dataclass

import pytest
from flask import Flask

from county import clock, database
from county.people.types import Person, Role
from logistics.tracking.types import EventKind
from shop.aftersales import service
from shop.aftersales.types import Claim, ClaimState
from shop.catalogue.types import Category
from shop.orders import service as orders
from shop.packing import service as packing
from shop.sellers import service as sellers
from shop.sellers.types import Seller
from tests.makers.aftersales import asked, claim, make_fruit, travel
from tests.makers.people import ROBOT, make_buyer, make_person
from tests.makers.shop import RETURN_ADDRESS, make_card, make_grower, make_seller, pay, place
from tests.makers.web import headers, make_browser
from tests.services.shop_aftersales.acting import UNWANTED

GIVEN = {
    "version": "0",
    "name": "收货处",
    "phone": "139 0000 0075",
    "address": "陕西省安康市岚皋县城关镇新春路1号",
}


@dataclass(frozen=True)
class Farm:
    """A farm whose tea somebody wants to send back, and nobody knows where to."""

    app: Flask
    seller: Seller
    grower: Person
    buyer: Person
    admin: Person
    auditor: Person
    found: Claim

    @property
    def path(self) -> str:
        """Give the address of the form."""
        return f"/return-addresses/{self.seller.id}"

    def now(self) -> Claim:
        """Give the claim as it is now."""
        with database.reading() as db:
            return service.get_file(db, claim_no=self.found.claim_no).claim


@pytest.fixture
def farm(web_app):
    """Make the farm; everything happened a moment ago, by the machine's clock."""
    now = clock.now()
    with database.transaction() as db:
        make_card(db)
        seller = make_seller(db, name="云雾茶场", has_address=False)
        grower, buyer = make_grower(db, seller=seller), make_buyer(db)
        tea = make_fruit(db, grower=grower, title="明前绿茶", category=Category.TEA)
        order = place(db, tea, buyer_id=buyer.id, now=now).orders[0]
        pay(db, order.order_no, fen=order.total_fen, now=now)
        parcel = packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=now)
        travel(db, parcel, EventKind.COLLECTED, now)
        order = orders.get_order(db, order_no=order.order_no)
        admin = make_person(db, Role.ASSOCIATION_ADMIN, name="会长")
        auditor = make_person(db, Role.AUDITOR, name="监事")
        found = claim(db, order, asked(*UNWANTED), now=now)
    return Farm(web_app, seller, grower, buyer, admin, auditor, found)


def on_record(farm):
    with database.reading() as db:
        return sellers.find_return_address(db, seller_id=farm.seller.id)


def approve(browser, farm, desk):
    version = farm.now().version
    return browser.post(f"/{desk}/{farm.found.claim_no}/approve", data={"version": version})


def test_refusal_to_accept_says_on_the_claims_page_what_to_do(farm):
    for person, desk in ((farm.grower, "sell/claims"), (farm.admin, "aftersales")):
        answer = approve(make_browser(farm.app, person), farm, desk)

        assert answer.status_code == 422
        assert "云雾茶场 has no address for returns on record" in answer.text
        assert "Addresses for returns" in answer.text
    assert farm.now() == farm.found


def test_association_writes_it_down_once_and_sees_it_masked_from_then_on(farm):
    admin = make_browser(farm.app, farm.admin)
    assert "No address yet" in admin.get("/return-addresses").text
    assert f'href="{farm.path}"' in admin.get("/return-addresses").text

    assert admin.post(farm.path, data={**GIVEN, "form_token": "t1"}).status_code == 303
    assert admin.post(farm.path, data={**GIVEN, "form_token": "t1"}).status_code == 303
    assert admin.post(farm.path, data=GIVEN).status_code == 409

    assert on_record(farm) == RETURN_ADDRESS
    for browser, path in (
        (admin, "/return-addresses"),
        (admin, farm.path),
        (make_browser(farm.app, farm.auditor), "/return-addresses"),
    ):
        shown = browser.get(path).text
        assert "陕西省安康市岚皋县城关****" in shown
        assert "139******75" in shown
        assert "新春路" not in shown
        assert "13900000075" not in shown


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"phone": "12"}, 422, "phone"),
        ({"address": "岚皋"}, 422, "address"),
        ({"version": "x"}, 409, ""),
        ({"version": "1"}, 409, ""),
    ],
)
def test_fault_is_said_at_its_field_and_nothing_is_recorded(farm, changes, status, field):
    answer = make_browser(farm.app, farm.admin).post(farm.path, data={**GIVEN, **changes})

    assert answer.status_code == status
    assert not field or f'href="#{field}"' in answer.text
    assert on_record(farm) is None


def test_all_faults_of_the_form_are_said_at_once_and_each_as_it_is(farm):
    given = GIVEN | {"name": "", "phone": "12", "address": "长" * 250}
    answer = make_browser(farm.app, farm.admin).post(farm.path, data=given)

    assert answer.status_code == 422
    for field, says in (
        ("name", "Please say in 2 to 60 characters who takes the goods."),
        ("phone", "The phone number must be a mobile one"),
        ("address", "The address must have at most 200 characters."),
    ):
        assert says in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert "长" * 250 in answer.text
    assert on_record(farm) is None


def test_unknown_seller_is_not_found(farm):
    admin, nobody = make_browser(farm.app, farm.admin), f"/return-addresses/{farm.grower.id}"

    assert admin.get(nobody).status_code == 404
    assert admin.post(nobody, data=GIVEN).status_code == 404


def test_buyer_sees_the_whole_address_only_while_the_accepted_return_waits_for_them(farm):
    make_browser(farm.app, farm.admin).post(farm.path, data=GIVEN)
    buyer, grower = make_browser(farm.app, farm.buyer), make_browser(farm.app, farm.grower)
    path, api = f"/claims/{farm.found.claim_no}", f"/api/v1/claims/{farm.found.claim_no}"
    client = farm.app.test_client()
    assert "新春路" not in buyer.get(path).text
    assert client.get(api, headers=headers(farm.buyer)).json["return_address"] is None

    assert approve(grower, farm, "sell/claims").status_code == 303

    shown = buyer.get(path).text
    assert "陕西省安康市岚皋县城关镇新春路1号" in shown
    assert "13900000075" in shown
    assert client.get(api, headers=headers(farm.buyer)).json["return_address"] == {
        "name": "收货处",
        "phone": "13900000075",
        "address": "陕西省安康市岚皋县城关镇新春路1号",
    }
    assert "新春路" not in grower.get(f"/sell{path}").text

    sent = {"version": farm.now().version, "carrier": "中通", "waybill": "ZT12345678"}
    assert buyer.post(f"{path}/send_back", data=sent).status_code == 303
    assert farm.now().state is ClaimState.RETURNING
    assert "新春路" not in buyer.get(path).text
    assert client.get(api, headers=headers(farm.buyer)).json["return_address"] is None
