"""Cart, checkout and listing by plain forms: what is typed wrong is said at its field, nothing is changed."""

import re
from io import BytesIO
from uuid import uuid4

from PIL import Image

from county import database
from shop.cart import service as carts
from shop.catalogue import service as catalogue
from shop.orders import service as orders
from tests.makers.shop import make_grower, place
from tests.makers.web import make_browser

ADDRESS = {
    "name": "李明",
    "phone": "139 0000 0001",
    "province": "陕西",
    "city": "西安市",
    "county": "雁塔区",
    "detail": "小寨路1号",
}
# Two of the tea, and the freight of 1 kg.
SHOWN = {"total_fen": "14500"}
LISTING = {
    "title": "手工魔芋粉",
    "category": "konjac",
    "price": "29.90",
    "weight_kg": "0.5",
    "available": "10",
    "size": "",
    "description": "石磨",
}


def cart_of(person):
    with database.reading() as db:
        cart = carts.get_cart(db, buyer_id=person.id)
    return [(str(line.sku_id), line.quantity) for line in cart.lines]


def list_orders():
    with database.reading() as db:
        return orders.list_orders(db)


def list_own(shop):
    with database.reading() as db:
        return catalogue.list_grower_products(db, grower_id=shop.grower.id)


def put_in(browser, shop, quantity="2", **more):
    given = {"sku_id": shop.sku_id, "quantity": quantity, "form_token": uuid4().hex, **more}
    return browser.post("/cart", data=given)


def test_cart_adds_changes_and_takes_out(shop):
    browser = make_browser(shop.app, shop.buyer)

    assert put_in(browser, shop).headers["Location"] == "/cart"
    put_in(browser, shop, "3")
    assert cart_of(shop.buyer) == [(shop.sku_id, 5)]
    assert "342.50" in browser.get("/cart").text

    browser.post("/cart/change", data={"sku_id": shop.sku_id, "quantity": "0"})
    assert cart_of(shop.buyer) == []
    assert cart_of(shop.other) == []


def test_cart_refuses_what_is_no_number_of_pieces(shop):
    browser = make_browser(shop.app, shop.buyer)

    for quantity in ("0", "-1", "1.5", "x", "", "٣", "10000", "000000001" + "9" * 30, "9" * 5000):
        assert put_in(browser, shop, quantity).status_code == 422
    for sku_id in ("x", "", str(uuid4())):
        assert put_in(browser, shop, sku_id=sku_id).status_code == 404
    assert cart_of(shop.buyer) == []


def test_checkout_by_form_orders_the_cart_and_empties_it(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)

    assert "145.00" in browser.get("/checkout?province=陕西").text  # 2 × 68.50, and 8.00 freight for 1 kg
    answer = browser.post("/checkout", data=ADDRESS | SHOWN)

    (order,) = list_orders()
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/checkout/{order.checkout_no}"
    assert order.address.phone == "13900000001"
    assert cart_of(shop.buyer) == []
    assert shop.available() == 8
    paying = browser.get(answer.headers["Location"])
    assert paying.status_code == 200
    assert f"{order.total_fen / 100:.2f}" in paying.text
    assert make_browser(shop.app, shop.other).get(answer.headers["Location"]).status_code == 404


def test_checkout_form_sent_twice_makes_one_order(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)
    given = ADDRESS | SHOWN | {"form_token": "the-token"}

    first = browser.post("/checkout", data=given)
    again = browser.post("/checkout", data=given)

    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert len(list_orders()) == 1
    assert shop.available() == 8


def test_empty_cart_leads_back_to_the_cart(shop):
    browser = make_browser(shop.app, shop.buyer)

    assert browser.get("/checkout").headers["Location"] == "/cart"
    assert browser.post("/checkout", data=ADDRESS).status_code == 422
    assert list_orders() == []


def test_address_faults_stand_at_their_fields(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)
    faults = {
        "name": ("", "who receives"),
        "phone": ("123", "eleven digits"),
        "province": ("中土", "choose a province"),
        "city": ("西" * 31, "at most 30 characters"),
        "county": ("区\x07", "county or district"),
        "detail": ("x", "street and house"),
    }

    for field, (value, says) in faults.items():
        answer = browser.post("/checkout", data=ADDRESS | {field: value})

        assert answer.status_code == 422
        assert says in answer.text
    assert list_orders() == []
    assert cart_of(shop.buyer) == [(shop.sku_id, 2)]


def test_what_is_too_long_is_said_with_its_length_and_not_cut(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)

    for field, most in (("name", 30), ("city", 30), ("county", 30), ("detail", 120)):
        answer = browser.post("/checkout", data=ADDRESS | SHOWN | {field: "长" * (most + 1)})

        assert answer.status_code == 422
        assert f"at most {most} characters" in answer.text
        assert "长" * (most + 1) in answer.text
    assert list_orders() == []


def test_unknown_province_is_said_at_the_province(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)

    assert "choose a province" not in browser.get("/checkout").text
    for given in ("火星", ""):
        answer = browser.get("/checkout", query_string={"province": given})

        assert answer.status_code == 422
        assert "Please choose a province." in answer.text
        assert 'id="order"' not in answer.text


def test_province_without_a_carrier_is_said_at_the_province(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)

    asked = browser.get("/checkout?province=西藏")
    sent = browser.post("/checkout", data=ADDRESS | {"province": "西藏"})

    for answer in (asked, sent):
        assert answer.status_code == 409
        assert "We cannot deliver to 西藏" in answer.text
        assert "<select" in answer.text
    assert list_orders() == []
    assert shop.available() == 10


def test_forged_live_link_in_the_cart_does_not_keep_a_buyer_from_ordering(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop, source_ref="forged")

    assert browser.get("/checkout?province=陕西").status_code == 200
    assert browser.post("/checkout", data=ADDRESS | SHOWN).status_code == 303

    (order,) = list_orders()
    assert [split.payee for split in order.splits if split.payee == "streamer"] == []
    with database.reading() as db:
        assert orders.source_of(db, order_no=order.order_no) == ""


def test_more_than_there_is_is_refused_at_checkout(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop, "11")

    answer = browser.post("/checkout", data=ADDRESS | {"total_fen": "77150"})

    assert answer.status_code == 409
    assert "only 10 are left" in answer.text
    assert list_orders() == []
    assert cart_of(shop.buyer) == [(shop.sku_id, 11)]


def test_unpaid_order_is_cancelled_by_its_buyer_only(shop):
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)
    browser.post("/checkout", data=ADDRESS | SHOWN)
    (order,) = list_orders()
    address = f"/orders/{order.order_no}"

    stranger = make_browser(shop.app, shop.other)
    assert stranger.get(address).status_code == 404
    assert stranger.post(address + "/cancel").status_code == 404
    assert shop.available() == 8

    assert browser.post(address + "/cancel").headers["Location"] == address
    assert shop.available() == 10
    assert browser.post(address + "/cancel").status_code == 409


def png():
    out = BytesIO()
    Image.new("RGB", (600, 450), (40, 90, 40)).save(out, "PNG")
    return out.getvalue()


def test_listing_by_form_is_on_sale_with_its_picture(shop):
    browser = make_browser(shop.app, shop.grower)

    picture = {"picture": (BytesIO(png()), "a.png")}
    answer = browser.post("/sell/new", data=LISTING | picture | {"form_token": "t"})
    again = browser.post(
        "/sell/new", data=LISTING | {"picture": (BytesIO(png()), "a.png"), "form_token": "t"}
    )

    assert (answer.status_code, again.status_code) == (303, 303)
    (new,) = [each for each in list_own(shop) if each.title == "手工魔芋粉"]
    assert [(sku.name, sku.price_fen, sku.weight_g, sku.available) for sku in new.skus] == [
        ("0.5 kg", 2990, 500, 10)
    ]
    assert shop.app.test_client().get(new.picture.url(480)).mimetype == "image/webp"


def test_listing_faults_stand_at_their_fields_and_list_nothing(shop):
    browser = make_browser(shop.app, shop.grower)
    faults = [
        ("price", "x", "price in yuan"),
        ("price", "0", "price in yuan"),
        ("price", "-1", "price in yuan"),
        ("price", "1.234", "price in yuan"),
        ("price", "NaN", "price in yuan"),
        ("price", "100000.01", "price must lie"),
        ("weight_kg", "0", "weight in kg"),
        ("weight_kg", "0.0001", "weight in kg"),
        ("weight_kg", "1e3", "weight in kg"),
        ("weight_kg", "9999", "weight must lie"),
        ("available", "1.5", "whole number"),
        ("available", "-1", "whole number"),
        ("title", "x", "2 to 60 characters"),
        ("title", "魔芋" * 31, "2 to 60 characters"),
        ("title", "治疗魔芋", "Advertising Law"),
        ("category", "gold", "choose one kind"),
        ("size", "长" * 61, "at most 60"),
        ("description", "长" * 2001, "at most 2,000"),
    ]

    for field, value, says in faults:
        answer = browser.post("/sell/new", data=LISTING | {field: value, "form_token": uuid4().hex})

        assert (field, value, answer.status_code) == (field, value, 422)
        assert says in answer.text
        assert "form_token" in answer.text
    picture = {"picture": (BytesIO(b"no picture"), "a.png")}
    answer = browser.post("/sell/new", data=LISTING | picture)
    assert answer.status_code == 422
    assert "cannot be used" in answer.text
    assert [each.title for each in list_own(shop)] == [shop.tea.title]


def change(browser, shop, **given):
    sku = shop.tea.skus[0]
    data = {"sku_id": str(sku.sku_id), "version": "1", "price": "70", "available": "8", **given}
    return browser.post(f"/sell/{shop.tea.product_id}/price", data=data)


def test_freight_goes_into_the_price_by_one_tick_and_a_price_too_low_says_the_ways_out(shop):
    browser = make_browser(shop.app, shop.grower)
    freight = f"/sell/{shop.tea.product_id}/freight"
    assert change(browser, shop, price="7.00").status_code == 303

    refused = browser.post(freight, data={"version": "1", "freight_included": "1"})
    assert refused.status_code == 422
    assert "at least ¥9.00" in refused.text
    assert not list_own(shop)[0].freight_included

    assert change(browser, shop, price="68.50", version="2").status_code == 303
    assert browser.post(freight, data={"version": "1", "freight_included": "1"}).status_code == 303
    assert list_own(shop)[0].freight_included
    assert browser.post(freight, data={"version": "1"}).status_code == 409
    assert list_own(shop)[0].freight_included
    assert browser.post(freight, data={"version": "2"}).status_code == 303
    assert not list_own(shop)[0].freight_included


def test_price_or_stock_typed_wrong_is_said_at_its_field_and_what_was_typed_stays(shop):
    browser = make_browser(shop.app, shop.grower)
    sku_id = shop.tea.skus[0].sku_id
    faults = [
        ("price", "x", "price in yuan"),
        ("price", "", "price in yuan"),
        ("price", "0", "price in yuan"),
        ("price", "100000.01", "price must lie"),
        ("price", "0.05", "Ask at least"),
        ("available", "-1", "whole number"),
        ("available", "1.5", "whole number"),
        ("available", "9" * 30, "whole number"),
    ]
    browser.post(f"/sell/{shop.tea.product_id}/freight", data={"version": "1", "freight_included": "1"})

    for field, value, says in faults:
        answer = change(browser, shop, **{field: value})

        assert (field, value, answer.status_code) == (field, value, 422)
        assert says in re.search(f'id="{field}-{sku_id}-error".*?</p>', answer.text, re.DOTALL)[0]
        assert f'<a href="#{field}-{sku_id}">' in answer.text
        other = {"price": "70", "available": "8"} | {field: value}
        assert all(f'value="{each}"' in answer.text for each in other.values())
    sku = list_own(shop)[0].skus[0]
    assert (sku.price_fen, sku.available, sku.version) == (6850, 10, 1)


def test_changed_price_or_freight_is_said_on_the_page(shop):
    browser = make_browser(shop.app, shop.grower)
    address = f"/sell/{shop.tea.product_id}"

    assert 'value="68.50"' in browser.get(address).text
    assert '<span class="unit before" aria-hidden="true">¥</span>' in browser.get(address).text
    change(browser, shop)
    assert "Buyers see this price and stock from now on." in browser.get(address).text
    browser.post(address + "/freight", data={"version": "1", "freight_included": "1"})
    assert "From now on the price includes the freight." in browser.get(address).text
    browser.post(address + "/freight", data={"version": "2"})
    assert "From now on buyers pay the freight on top." in browser.get(address).text


def test_price_and_stock_change_only_with_sound_figures_and_the_version_seen(shop):
    browser = make_browser(shop.app, shop.grower)

    for version in ("2", "9" * 30, "x", ""):
        assert change(browser, shop, version=version).status_code == 409
    for sku_id in (str(uuid4()), "x", ""):
        assert change(browser, shop, sku_id=sku_id).status_code == 404
    before = list_own(shop)[0].skus[0]
    assert (before.price_fen, before.available, before.version) == (6850, 10, 1)

    assert change(browser, shop).status_code == 303
    assert change(browser, shop, price="71").status_code == 409

    after = list_own(shop)[0].skus[0]
    assert (after.price_fen, after.available, after.version) == (7000, 8, 2)


def test_product_is_withdrawn_and_put_back_by_its_grower_only(shop):
    browser = make_browser(shop.app, shop.grower)
    address = f"/sell/{shop.tea.product_id}"
    with database.transaction() as db:
        other = make_grower(db)
    stranger = make_browser(shop.app, other)

    for path in ("", "/price", "/freight", "/withdraw", "/relist"):
        method = stranger.get if path == "" else stranger.post
        sku = {"sku_id": shop.sku_id, "version": "1", "price": "1", "available": "1"}
        assert method(address + path, data=sku).status_code == 404
    assert browser.post(address + "/relist").status_code == 409
    assert browser.post(address + "/withdraw").status_code == 303

    client = shop.app.test_client()
    assert client.get(f"/products/{shop.tea.product_id}").status_code == 404
    assert client.get("/api/v1/products").json["items"] == []
    browser.post(address + "/relist")
    assert len(client.get("/api/v1/products").json["items"]) == 1


def test_refusals_are_said_in_the_readers_language_whole(shop):
    buyer, number = make_browser(shop.app, shop.buyer), "SH000000000000"

    assert "没有这个订单。" in buyer.get(f"/orders/{number}?lang=zh_CN").text
    assert "There is no such order." in buyer.get(f"/orders/{number}?lang=en").text

    with database.transaction() as db:
        order = place(db, shop.tea, buyer_id=shop.buyer.id).orders[0]
    answers = [buyer.post(f"/orders/{order.order_no}/cancel?lang=zh_CN") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "这个订单的状态已经变了" in answers[1].text
