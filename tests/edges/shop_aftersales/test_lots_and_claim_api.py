"""Lots on their pages, and claims through the API."""

from uuid import uuid4

from county import clock, database
from shop.lots import service as lots
from tests.makers.claim_pages import claims, picture, sent
from tests.makers.web import headers, make_browser


def test_lot_pages_count_buyers_and_the_association_stops_one(village):
    sent(village, make_browser(village.app, village.buyer))
    with database.reading() as db:
        (lot,) = lots.list_lots(db)
    grower, admin = make_browser(village.app, village.grower), make_browser(village.app, village.admin)

    for page in (grower.get(f"/sell/lots/{lot.lot_no}"), admin.get(f"/lots/{lot.lot_no}")):
        assert page.status_code == 200
        assert "1 of 1 packed orders" in page.text
        assert village.buyer.name not in page.text
    assert make_browser(village.app, village.other).get(f"/sell/lots/{lot.lot_no}").status_code == 404
    assert grower.post(f"/lots/{lot.lot_no}/stop", data={"version": "1", "says": "坏"}).status_code == 403
    wrong = admin.post(f"/lots/{lot.lot_no}/stop", data={"version": "1", "says": ""})
    assert wrong.status_code == 422
    assert "This cannot be recorded: please say why in 1 to 200 characters." in wrong.text

    assert admin.post(f"/lots/{lot.lot_no}/stop", data={"version": "1", "says": "坏"}).status_code == 303
    with database.reading() as db:
        assert lots.get_lot(db, lot_no=lot.lot_no).state == "stopped"


def test_grower_opens_a_new_lot_from_the_packing_page(village):
    grower = make_browser(village.app, village.grower)
    today_on = clock.county_day(clock.now()).isoformat()
    form = {"product_id": str(village.fruit.product_id), "place": "1", "note_1": "上坡"}

    assert grower.post("/sell/lots", data=form | {"made_on_1": "x"}).status_code == 422
    assert (
        grower.post("/sell/lots", data=form | {"made_on_1": today_on, "product_id": "x"}).status_code == 404
    )
    answer = grower.post("/sell/lots", data=form | {"made_on_1": today_on})

    assert answer.status_code == 303
    with database.reading() as db:
        found = lots.list_lots(db)
    assert sorted((lot.state.value, lot.note) for lot in found) == [("closed", ""), ("open", "上坡")]


def test_api_uploads_a_picture_claims_and_shows_the_claim(village):
    client = village.app.test_client()
    uploaded = client.post(
        "/api/v1/claims/pictures", data=picture().getvalue(), headers=headers(village.buyer)
    )
    assert uploaded.status_code == 201
    body = {
        "line": 0,
        "kind": "spoiled",
        "reason": "spoiled",
        "spoiled": 3,
        "pieces": 10,
        "picture_ids": [uploaded.json["picture_id"]],
    }
    path = f"/api/v1/orders/{village.order.order_no}/claims"

    assert client.post(path, json=body, headers=headers(village.buyer)).status_code == 400
    foreign = client.post(path, json=body, headers=headers(village.other, key="k0"))
    assert (foreign.status_code, foreign.json["code"]) == (404, "not_found")
    made = client.post(path, json=body, headers=headers(village.buyer, key="k1"))
    again = client.post(path, json=body, headers=headers(village.buyer, key="k1"))
    second = client.post(path, json=body, headers=headers(village.buyer, key="k2"))

    assert (made.status_code, made.json["goods_fen"], made.json["state"]) == (201, 2055, "open")
    assert again.json == made.json
    assert (second.status_code, second.json["code"]) == (409, "claim_is_open")
    address = f"/api/v1/claims/{made.json['claim_no']}"
    assert client.get(address, headers=headers(village.buyer)).json == made.json
    assert client.get(address, headers=headers(village.other)).status_code == 404
    assert len(claims(village)) == 1


def test_api_refuses_bad_pictures_and_bodies(village):
    client = village.app.test_client()
    path = f"/api/v1/orders/{village.order.order_no}/claims"

    bad = client.post("/api/v1/claims/pictures", data=b"x", headers=headers(village.buyer))
    assert (bad.status_code, bad.json["code"]) == (422, "picture_refused")
    for body in ({}, {"line": "0", "kind": "spoiled", "reason": "spoiled"}, {"line": 0, "kind": "x"}):
        answer = client.post(path, json=body, headers=headers(village.buyer, key=uuid4().hex))
        assert (answer.status_code, answer.json["code"]) == (422, "bad_input")
    body = {"line": 0, "kind": "spoiled", "reason": "spoiled", "spoiled": 1, "pieces": 1}
    answer = client.post(path, json=body, headers=headers(village.buyer, key="k"))
    assert (answer.status_code, answer.json["code"]) == (422, "bad_claim")
    assert claims(village) == []
