"""Cursor paging: no item twice, none lost, and a cursor that is not ours is refused."""

import base64
import json
from datetime import timedelta

from county import database
from tests.makers.people import NOW
from tests.makers.shop import make_grower, make_product

BAD_CURSORS = [
    "x",
    "☃",
    "e30=",
    *(
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode()
        for each in (
            {},
            5,
            [5, 5],
            ["x", "y"],
            ["2026-10-05T02:00:00Z"],
            ["2026-10-05T02:00:00", "0" * 32],
            ["2026-10-05", "0" * 32],
            ["2026-10-05T02:00:00Z", 5],
            ["2026-10-05T02:00:00Z", None],
            ["9999-12-31T23:59:59-23:59", "0" * 32],
            ["2026-10-05T02:00:00\x00Z", "0" * 32],
        )
    ),
    base64.urlsafe_b64encode(b"[" * 50_000).decode(),
]


def pages(client, limit):
    """Follow the cursors to the end."""
    cursor, found = "", []
    while cursor is not None:
        page = client.get(f"/api/v1/products?limit={limit}&cursor={cursor}").json
        assert len(page["items"]) <= limit
        found.append([each["title"] for each in page["items"]])
        cursor = page["next_cursor"]
    return found


def test_pages_hold_every_item_once_also_within_one_millisecond(web_app):
    with database.transaction() as db:
        grower = make_grower(db)
        for number in range(7):
            at = NOW + timedelta(microseconds=number // 2)
            make_product(db, grower=grower, title=f"tea {number}", now=at)

    for limit in (1, 2, 3, 7, 100):
        found = pages(web_app.test_client(), limit)
        assert sorted(sum(found, [])) == [f"tea {number}" for number in range(7)], limit
        assert all(found), limit


def test_items_added_meanwhile_push_none_out_and_bring_none_twice(web_app):
    client = web_app.test_client()
    with database.transaction() as db:
        grower = make_grower(db)
        for number in range(4):
            make_product(db, grower=grower, title=f"tea {number}", now=NOW + timedelta(seconds=number))

    first = client.get("/api/v1/products?limit=2").json
    with database.transaction() as db:
        make_product(db, grower=grower, title="newer", now=NOW + timedelta(seconds=9))
    second = client.get(f"/api/v1/products?limit=2&cursor={first['next_cursor']}").json

    assert [each["title"] for each in first["items"]] == ["tea 3", "tea 2"]
    assert [each["title"] for each in second["items"]] == ["tea 1", "tea 0"]
    assert second["next_cursor"] is None


def test_limit_lies_between_1_and_100(web_app):
    client = web_app.test_client()

    for limit in ("1", "100"):
        assert client.get(f"/api/v1/products?limit={limit}").status_code == 200
    for limit in ("0", "101", "-1", "x", "1.5", "", "٣", "9" * 5000):
        answer = client.get("/api/v1/products", query_string={"limit": limit})
        assert (answer.status_code, answer.json["code"]) == (400, "bad_cursor"), limit


def test_cursor_that_is_not_ours_is_refused(web_app):
    client = web_app.test_client()

    for cursor in BAD_CURSORS:
        answer = client.get("/api/v1/products", query_string={"cursor": cursor})
        assert (answer.status_code, answer.json["code"]) == (400, "bad_cursor"), cursor[:80]
