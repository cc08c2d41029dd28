"""The order API as CONTRACTS fixes it: fields, states, refusals, stock."""

import re

from county import database
from county.ids import is_number
from shop.orders import service as orders
from shop.packing import service as packing
from shop.refunds import service as refunds
from tests.makers.people import NOW, ROBOT
from tests.makers.shop import make_grower, make_product, make_seller, pay
from tests.makers.web import headers


def count_orders() -> int:
    with database.reading() as db:
        return len(orders.list_orders(db))


def order(shop, body, *, key="key-1", person=None):
    asked = headers(person or shop.buyer, key=key) | {"Accept-Language": "en"}
    return shop.app.test_client().post("/api/v1/orders", json=body, headers=asked)


def test_order_answers_with_the_fixed_fields_and_takes_the_stock(shop):
    answer = order(shop, shop.body(quantity=3))

    assert answer.status_code == 201
    placed = answer.json
    (one,) = placed["orders"]
    # 3 × 68.50, freight of 1.5 kg: 8.00 and one step of 2.00.
    expected = {
        "seller": shop.tea.seller,
        "total_fen": 21550,
        "goods_fen": 20550,
        "freight_fen": 1000,
        "state": "awaiting_payment",
    }
    assert one == {"order_no": one["order_no"], **expected}
    assert is_number(one["order_no"], prefix="SH")
    assert is_number(placed["checkout_no"], prefix="SC")
    assert {name: placed[name] for name in one} == one
    assert placed["total_fen"] == 21550
    assert placed["pay_url"].startswith("http")
    assert shop.available() == 7


def test_order_at_two_sellers_is_paid_together_and_has_no_top_level_fields(shop):
    with database.transaction() as db:
        honey = make_product(
            db, grower=make_grower(db, seller=make_seller(db)), title="土蜂蜜", price_fen=9000
        )
    body = shop.body()
    body["items"] = [*body["items"], {"sku_id": str(honey.skus[0].sku_id), "quantity": 1}]

    placed = order(shop, body).json

    assert sorted(one["goods_fen"] for one in placed["orders"]) == [6850, 9000]
    assert placed["total_fen"] == sum(one["total_fen"] for one in placed["orders"]) == 6850 + 9000 + 1600
    assert "order_no" not in placed


def test_same_size_named_twice_is_one_line(shop):
    body = shop.body()
    body["items"] = body["items"] * 2

    placed = order(shop, body).json

    assert placed["goods_fen"] == 13700
    assert shop.available() == 8


def test_order_is_shown_with_its_payment(shop):
    order_no = order(shop, shop.body()).json["order_no"]
    with database.transaction() as db:
        trade_no = pay(db, order_no, fen=7650, now=NOW)

    shown = shop.app.test_client().get(f"/api/v1/orders/{order_no}", headers=headers(shop.buyer)).json

    assert (shown["state"], shown["total_fen"]) == ("paid", 7650)
    assert shown["payments"] == [{"trade_no": trade_no, "fen": 7650}]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", shown["placed_at"])


def test_more_than_there_is_is_409_and_takes_nothing(shop):
    answer = order(shop, shop.body(quantity=11))

    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    assert answer.json["fields"]["available"] == 10
    assert shop.available() == 10
    assert count_orders() == 0


def test_cancelling_gives_the_stock_back_once(shop):
    order_no = order(shop, shop.body(quantity=4)).json["order_no"]
    client = shop.app.test_client()
    address = f"/api/v1/orders/{order_no}/cancel"

    first = client.post(address, headers=headers(shop.buyer))
    again = client.post(address, headers=headers(shop.buyer))

    assert (first.status_code, first.json["state"]) == (200, "cancelled")
    assert first.json["reason"] == "cancelled_by_buyer"
    assert (again.status_code, again.json["code"]) == (409, "illegal_move")
    assert shop.available() == 10


def test_paid_order_is_called_off_and_paid_back_whole(shop):
    order_no = order(shop, shop.body()).json["order_no"]
    with database.transaction() as db:
        pay(db, order_no, fen=7650, now=NOW)

    answer = shop.app.test_client().post(f"/api/v1/orders/{order_no}/cancel", headers=headers(shop.buyer))

    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    assert answer.json["reason"] == "cancelled_by_buyer"
    assert shop.available() == 10
    with database.reading() as db:
        [refund] = refunds.list_refunds(db, order_no=order_no)
    assert (refund.goods, refund.freight_fen, refund.fen) == (((0, 6850),), 800, 7650)


def test_packed_order_cannot_be_cancelled(shop):
    order_no = order(shop, shop.body()).json["order_no"]
    with database.transaction() as db:
        pay(db, order_no, fen=7650, now=NOW)
        packing.pack(db, order_no=order_no, grower_id=shop.grower.id, actor=ROBOT, now=NOW)

    answer = shop.app.test_client().post(f"/api/v1/orders/{order_no}/cancel", headers=headers(shop.buyer))

    assert (answer.status_code, answer.json["code"]) == (409, "illegal_move")
    assert shop.available() == 9
    with database.reading() as db:
        assert refunds.list_refunds(db, order_no=order_no) == []


def test_order_of_somebody_else_and_no_order_look_the_same(shop):
    own = order(shop, shop.body()).json["order_no"]
    client, asked = shop.app.test_client(), headers(shop.other)

    for number in (own, "SH000000000000", "x", "☃", "a\x00b"):
        shown = client.get(f"/api/v1/orders/{number}", headers=asked)
        cancelled = client.post(f"/api/v1/orders/{number}/cancel", headers=asked)

        assert (shown.status_code, shown.json["code"]) == (404, "not_found")
        assert (cancelled.status_code, cancelled.json) == (404, shown.json)
    with database.reading() as db:
        assert orders.get_order(db, order_no=own).state == "awaiting_payment"


def test_lists_hold_only_ones_own_orders(shop):
    own = order(shop, shop.body()).json["order_no"]
    order(shop, shop.body(), key="key-2", person=shop.other)

    listed = shop.app.test_client().get("/api/v1/orders", headers=headers(shop.buyer)).json

    assert [each["order_no"] for each in listed["items"]] == [own]
    assert listed["next_cursor"] is None


def bad(shop, **address):
    body = shop.body()
    return {**body, "address": {**body["address"], **address}}


ADDRESS_FAULTS = [
    ("name", ""),
    ("name", "李" * 31),
    ("name", "李\x01明"),
    ("name", "\ud800"),
    ("name", 7),
    ("name", None),
    ("phone", "12345"),
    ("phone", "１３９００００００００"),
    ("province", "中土"),
    ("province", ""),
    ("city", "西" * 31),
    ("detail", "1"),
    ("detail", "路" * 121),
]


def test_fault_in_the_address_is_said_at_its_field(shop):
    for field, value in ADDRESS_FAULTS:
        answer = order(shop, bad(shop, **{field: value}))

        assert (answer.status_code, answer.json["code"]) == (422, "bad_input")
        assert list(answer.json["fields"]) == [f"address.{field}"]
    assert shop.available() == 10
    assert count_orders() == 0


ITEM_FAULTS = [
    [],
    None,
    "tea",
    [{}],
    [{"sku_id": "x", "quantity": 1}],
    [{"sku_id": "0" * 32, "quantity": 0}],
    [{"sku_id": "0" * 32, "quantity": -1}],
    [{"sku_id": "0" * 32, "quantity": 1.5}],
    [{"sku_id": "0" * 32, "quantity": "1"}],
    [{"sku_id": "0" * 32, "quantity": True}],
    [{"sku_id": "0" * 32, "quantity": 10**30}],
    [{"sku_id": "0" * 32, "quantity": 1, "price_fen": 1}],
    [{"sku_id": "0" * 32, "quantity": 1}] * 51,
]


def test_fault_in_the_items_is_422(shop):
    for items in ITEM_FAULTS:
        answer = order(shop, shop.body(items=items))

        assert (answer.status_code, answer.json["code"]) == (422, "bad_input")
        assert all(field.startswith("items") for field in answer.json["fields"])
    assert count_orders() == 0


def test_unknown_or_withdrawn_size_is_404(shop):
    unknown = order(shop, shop.body(items=[{"sku_id": "0" * 32, "quantity": 1}]))

    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")
    assert count_orders() == 0


def test_province_without_a_carrier_is_not_delivered(shop):
    answer = order(shop, bad(shop, province="西藏自治区"))

    assert (answer.status_code, answer.json["code"]) == (409, "not_delivered")
    assert answer.json["fields"] == {"province": "西藏"}
    assert shop.available() == 10


def test_forged_source_is_refused_and_takes_nothing(shop):
    for source_ref in ("forged", "A" * 48, "☃", "x\x01y"):
        answer = order(shop, shop.body(source_ref=source_ref))

        assert (answer.status_code, answer.json["code"]) == (422, "bad_source")
    assert shop.available() == 10
    assert count_orders() == 0


def test_sum_beyond_the_cap_of_pieces_of_one_size_is_refused(shop):
    line = {"sku_id": shop.sku_id, "quantity": 9_999}

    answer = order(shop, shop.body(items=[line] * 50))

    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    assert shop.available() == 10
