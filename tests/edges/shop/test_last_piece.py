"""Many buyers, one piece: exactly one order, nothing oversold."""

from collections import Counter

from county import database
from shop.catalogue import service as catalogue
from shop.orders import service as orders
from tests.makers.people import make_buyer
from tests.makers.shop import make_product
from tests.makers.web import all_at_once, headers

BUYERS = 100


def test_hundred_buyers_of_one_piece_make_one_order(shop):
    with database.transaction() as db:
        last = make_product(db, grower=shop.grower, title="最后一罐蜜", available=1)
        buyers = [make_buyer(db) for _ in range(BUYERS)]
    asked = [headers(buyer, key="the-key") for buyer in buyers]
    body = shop.body(items=[{"sku_id": str(last.skus[0].sku_id), "quantity": 1}])

    def buy(who):
        answer = shop.app.test_client().post("/api/v1/orders", json=body, headers=who)
        return answer.status_code, answer.json.get("code")

    answers = Counter(all_at_once(buy, asked))

    assert answers == {(201, None): 1, (409, "out_of_stock"): BUYERS - 1}
    with database.reading() as db:
        assert catalogue.get_product(db, product_id=last.product_id).available == 0
        assert len(orders.list_orders(db)) == 1


def test_same_key_from_ten_threads_makes_one_order(shop):
    asked = headers(shop.buyer, key="one-click")

    def buy(_number):
        answer = shop.app.test_client().post("/api/v1/orders", json=shop.body(), headers=asked)
        return answer.status_code, answer.json["checkout_no"]

    answers = all_at_once(buy, list(range(10)), threads=10)

    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert shop.available() == 9


def test_cancelling_and_expiring_at_once_gives_the_stock_back_once(shop):
    asked = headers(shop.buyer, key="k")
    client = shop.app.test_client()
    order_no = client.post("/api/v1/orders", json=shop.body(quantity=4), headers=asked).json["order_no"]
    address = f"/api/v1/orders/{order_no}/cancel"
    once = {"Authorization": asked["Authorization"]}

    answers = all_at_once(
        lambda _n: shop.app.test_client().post(address, headers=once).status_code, list(range(6))
    )

    assert sorted(answers) == [200, 409, 409, 409, 409, 409]
    assert shop.available() == 10
