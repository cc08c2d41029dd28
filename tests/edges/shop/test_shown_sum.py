"""A buyer pays the sum that was shown: when it changed meanwhile, nothing is ordered and both are said."""

import re
from html import unescape

import pytest

from county import database
from tests.edges.shop.test_shop_pages import ADDRESS, cart_of, list_orders, put_in
from tests.makers.shop import make_product
from tests.makers.web import make_browser

_FIELD = re.compile(r'<input type="hidden" name="(province|total_fen|shown|form_token)" value="([^"]*)">')


@pytest.fixture
def buyer(shop):
    """Give the browser of a buyer with two of the tea in the cart."""
    browser = make_browser(shop.app, shop.buyer)
    put_in(browser, shop)
    return browser


def hidden(page):
    """Read the hidden fields of the form that orders, as a browser without scripts sends them."""
    form = page[page.index('id="order"') :]
    return {name: unescape(value) for name, value in _FIELD.findall(form)}


def sell_for(shop, price):
    seller = make_browser(shop.app, shop.grower)
    given = {"sku_id": shop.sku_id, "version": "1", "price": price, "available": "10"}
    assert seller.post(f"/sell/{shop.tea.product_id}/price", data=given).status_code == 303


def said(answer):
    """Give the notice on top of the page, as one line."""
    notice = re.search(r'<div class="said".*?</div></div>', answer.text, re.DOTALL)
    assert notice is not None
    return " ".join(re.sub(r"<[^>]+>", " ", notice[0]).split())


def test_price_that_rises_behind_an_open_page_orders_nothing_and_says_both_sums(shop, buyer):
    shown = hidden(buyer.get("/checkout?province=陕西").text)
    sell_for(shop, "118.50")

    answer = buyer.post("/checkout", data=ADDRESS | shown)

    assert answer.status_code == 409
    assert said(answer) == (
        "The sum has changed meanwhile Nothing was ordered yet. Please look at the new sum and press the "
        "button below once more. Goods: before ¥137.00, now ¥237.00 All together: before ¥145.00, now ¥245.00"
    )
    assert "Order for ¥245.00" in answer.text
    assert list_orders() == []
    assert cart_of(shop.buyer) == [(shop.sku_id, 2)]
    assert shop.available() == 10


def test_the_new_sum_can_be_agreed_to_on_the_same_page(shop, buyer):
    shown = hidden(buyer.get("/checkout?province=陕西").text)
    sell_for(shop, "118.50")
    again = buyer.post("/checkout", data=ADDRESS | shown)
    assert "小寨路1号" in again.text

    answer = buyer.post("/checkout", data=ADDRESS | hidden(again.text))

    (order,) = list_orders()
    assert answer.headers["Location"] == f"/checkout/{order.checkout_no}"
    assert order.total_fen == 24500


def test_freight_that_goes_into_the_price_is_said_too(shop, buyer):
    shown = hidden(buyer.get("/checkout?province=陕西").text)
    seller = make_browser(shop.app, shop.grower)
    freight = {"version": "1", "freight_included": "1"}
    assert seller.post(f"/sell/{shop.tea.product_id}/freight", data=freight).status_code == 303

    answer = buyer.post("/checkout", data=ADDRESS | shown)

    assert answer.status_code == 409
    assert "Freight: before ¥8.00, now ¥0.00 All together: before ¥145.00, now ¥137.00" in said(answer)
    assert "Goods:" not in said(answer)
    assert list_orders() == []


@pytest.mark.parametrize("given", [{}, {"total_fen": "x"}, {"total_fen": "-14500"}, {"total_fen": "9" * 30}])
def test_order_without_a_sum_that_was_shown_is_not_placed(shop, buyer, given):
    answer = buyer.post("/checkout", data=ADDRESS | given)

    assert answer.status_code == 409
    assert "before" not in said(answer)
    assert "Order for ¥145.00" in answer.text
    assert list_orders() == []


def test_names_the_seller_of_what_changed_when_there_are_two(shop, buyer):
    with database.transaction() as db:
        other = make_product(db, title="别家蜂蜜", price_fen=3000)
    buyer.post("/cart", data={"sku_id": str(other.skus[0].sku_id), "quantity": "1"})
    page = buyer.get("/checkout?province=陕西").text
    total_fen = hidden(page)["total_fen"]
    shown = [unescape(value) for name, value in _FIELD.findall(page) if name == "shown"]
    sell_for(shop, "70.00")

    answer = buyer.post("/checkout", data=ADDRESS | {"total_fen": total_fen, "shown": shown})

    assert answer.status_code == 409
    assert f"Goods ({shop.tea.seller}): before ¥137.00, now ¥140.00" in said(answer)
    assert list_orders() == []
