"""Idempotency keys and form tokens: the same request twice is done once, on a real database."""

from uuid import uuid4

from county import database
from county.people.types import Role
from shop.catalogue import service as catalogue
from shop.orders import service as orders
from tests.makers.people import make_buyer
from tests.makers.shop import make_card, make_grower, make_product
from tests.makers.web import all_at_once, headers, make_browser

LISTING = {"title": "土蜂蜜", "category": "honey", "price": "68", "weight_kg": "0.5", "available": "3"}


def make_shop(available=10):
    """Put one tea on sale."""
    with database.transaction() as db:
        make_card(db)
        return make_product(db, grower=make_grower(db), available=available)


def body_of(tea, quantity=1):
    return {
        "items": [{"sku_id": str(tea.skus[0].sku_id), "quantity": quantity}],
        "address": {
            "name": "李明",
            "phone": "13900000001",
            "province": "陕西",
            "city": "西安",
            "county": "雁塔",
            "detail": "小寨路1号",
        },
    }


def count():
    with database.reading() as db:
        return len(orders.list_orders(db))


def test_same_key_and_body_give_the_first_answer_again(web_app, everyone):
    tea, client = make_shop(), web_app.test_client()
    asked = headers(everyone[Role.BUYER], key="k1")

    first = client.post("/api/v1/orders", json=body_of(tea), headers=asked)
    again = client.post("/api/v1/orders", json=body_of(tea), headers=asked)

    assert (again.status_code, again.data) == (first.status_code, first.data) == (201, first.data)
    assert count() == 1


def test_same_key_with_another_body_is_422_and_changes_nothing(web_app, everyone):
    tea, client = make_shop(), web_app.test_client()
    asked = headers(everyone[Role.BUYER], key="k1")
    client.post("/api/v1/orders", json=body_of(tea), headers=asked)

    other = client.post("/api/v1/orders", json=body_of(tea, 2), headers=asked)

    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert count() == 1


def test_missing_or_unusable_key_is_400_before_anything_else(web_app, everyone):
    tea, client = make_shop(), web_app.test_client()

    for key in ("", "x" * 201, "a\tb"):
        asked = headers(everyone[Role.BUYER]) | {"Idempotency-Key": key}
        for body in (body_of(tea), {}):
            answer = client.post("/api/v1/orders", json=body, headers=asked)
            assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing")
    assert count() == 0


def test_refused_request_does_not_burn_its_key(web_app, everyone):
    tea, client = make_shop(available=1), web_app.test_client()
    asked = headers(everyone[Role.BUYER], key="k1")

    refused = client.post("/api/v1/orders", json=body_of(tea, 2), headers=asked)
    done = client.post("/api/v1/orders", json=body_of(tea, 1), headers=asked)

    assert (refused.status_code, done.status_code) == (409, 201)
    assert count() == 1


def test_keys_are_each_persons_own(web_app, everyone):
    tea, client = make_shop(), web_app.test_client()
    with database.transaction() as db:
        other = make_buyer(db)

    one = client.post("/api/v1/orders", json=body_of(tea), headers=headers(everyone[Role.BUYER], key="k"))
    two = client.post("/api/v1/orders", json=body_of(tea), headers=headers(other, key="k"))

    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json["order_no"] != two.json["order_no"]


def test_key_of_one_address_is_not_answered_at_another(web_app, everyone):
    tea, client = make_shop(), web_app.test_client()
    asked = headers(everyone[Role.BUYER], key="k1")
    order_no = client.post("/api/v1/orders", json=body_of(tea), headers=asked).json["order_no"]

    other = client.post(f"/api/v1/orders/{order_no}/cancel", headers=asked)

    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_same_form_from_ten_threads_makes_one_product(web_app, everyone):
    make_shop()
    with database.transaction() as db:
        grower = make_grower(db)
    browsers = [make_browser(web_app, grower) for _ in range(10)]
    given = LISTING | {"form_token": uuid4().hex}

    answers = all_at_once(lambda each: each.post("/sell/new", data=given).status_code, browsers, threads=10)

    assert answers == [303] * 10
    with database.reading() as db:
        assert [p.title for p in catalogue.list_grower_products(db, grower_id=grower.id)] == ["土蜂蜜"]


def test_form_token_with_other_fields_is_refused(web_app, everyone):
    with database.transaction() as db:
        grower = make_grower(db)
    browser = make_browser(web_app, grower)
    browser.post("/sell/new", data=LISTING | {"form_token": "t"})

    other = browser.post("/sell/new", data=LISTING | {"form_token": "t", "price": "1"})

    assert other.status_code == 422
    with database.reading() as db:
        (product,) = catalogue.list_grower_products(db, grower_id=grower.id)
    assert product.price_fen == 6800
