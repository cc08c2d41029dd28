"""What every answer carries, what broken requests get, and how errors look."""

import json
import re

import pytest
from flask import abort
from prometheus_client.parser import text_string_to_metric_families

import app as front_door  # noqa: TID251 - the tests stand outside the house
from county import config, database
from county.people.types import Role
from county.web import allow
from county.web.access import PUBLIC
from tests.conftest import ENVIRON
from tests.makers.people import make_person
from tests.makers.web import headers, make_browser

ZH, EN = {"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}


@pytest.fixture
def failing_app(web_app):
    """Add a route that fails by our mistake."""

    @allow(PUBLIC)
    def fail():
        raise RuntimeError("a secret of the inside")

    @allow(PUBLIC)
    def wait():
        abort(429)

    web_app.add_url_rule("/fail", view_func=fail)
    web_app.add_url_rule("/api/v1/fail", endpoint="api_fail", view_func=fail)
    web_app.add_url_rule("/wait", view_func=wait)
    return web_app


def test_every_answer_carries_the_headers_of_safety(failing_app):
    client = failing_app.test_client()
    addresses = ["/", "/sign-in", "/cart", "/nowhere", "/fail", "/api/v1/products", "/api/v1/me", "/wait"]

    for address in addresses:
        found = client.get(address).headers
        policy = found["Content-Security-Policy"]
        assert "unsafe" not in policy, address
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "object-src 'none'" in policy
        assert found["X-Content-Type-Options"] == "nosniff"
        assert found["X-Frame-Options"] == "DENY"
        assert found["Cache-Control"] == "no-store"
        assert re.fullmatch(r"[0-9a-f]{16}", found["X-Request-Id"])


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(web_app):
    answer = web_app.test_client().get("/sign-in")
    cookies = answer.headers.getlist("Set-Cookie")

    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert any(cookie.startswith("shanhuo=") for cookie in cookies)


def test_our_mistake_shows_a_number_and_no_trace(failing_app):
    page = failing_app.test_client().get("/fail", headers=EN)
    answer = failing_app.test_client().get("/api/v1/fail", headers=EN)

    assert (page.status_code, answer.status_code) == (500, 500)
    assert page.headers["X-Request-Id"] in page.text
    assert answer.json["code"] == "internal_error"
    for text in (page.text, answer.text):
        assert "secret of the inside" not in text
        assert "Traceback" not in text


def test_pages_fail_with_a_number_while_the_database_is_gone(web_app, everyone):
    browser = make_browser(web_app, everyone[Role.BUYER])
    # Nobody serves PostgreSQL at this port.
    database.connect("postgresql+psycopg://nobody@127.0.0.1:1/nowhere?connect_timeout=1")

    for client, address in ((browser, "/me"), (web_app.test_client(), "/")):
        answer = client.get(address)
        assert answer.status_code == 500
        assert answer.headers["X-Request-Id"] in answer.text
    assert web_app.test_client().get("/api/v1/products").json["code"] == "internal_error"
    ill = web_app.test_client().get("/healthz")
    assert (ill.status_code, ill.json["status"]) == (503, "ill")
    assert web_app.test_client().get("/readyz").status_code == 503


def test_healthy_process_says_so(web_app):
    client = web_app.test_client()

    assert client.get("/healthz").json["status"] == "ok"
    # The schema of tests is not made by migrations, and readiness says so.
    assert client.get("/readyz").status_code == 503
    families = {each.name for each in text_string_to_metric_families(client.get("/metrics").text)}
    assert {"shanhuo_jobs", "shanhuo_oldest_due_job_seconds"} <= families


def test_unknown_address_and_method_are_said_in_the_visitors_language(web_app):
    client = web_app.test_client()

    assert client.get("/nowhere", headers=EN).status_code == 404
    english = client.get("/api/v1/nowhere", headers=EN)
    chinese = client.get("/api/v1/nowhere", headers=ZH)
    assert (english.status_code, english.json["code"]) == (404, "not_found")
    assert english.json["message"] == "There is nothing at this address."
    assert chinese.json["message"] != english.json["message"]
    assert re.search("[\\u4e00-\\u9fff]", chinese.json["message"])
    wrong = client.delete("/api/v1/products")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]


def test_refusals_speak_chinese_and_english(web_app, everyone):
    asked = headers(everyone[Role.FARMER])
    client = web_app.test_client()

    said = {
        name: client.get("/api/v1/orders", headers=asked | language).json
        for name, language in (("zh", ZH), ("en", EN))
    }

    assert said["zh"]["code"] == said["en"]["code"] == "not_allowed"
    assert said["en"]["message"].startswith("Your account may not do this")
    assert re.search("[\\u4e00-\\u9fff]", said["zh"]["message"])


BROKEN = [
    b"",
    b"x",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"{",
    b'{"phone": NaN}',
    b'{"phone": Infinity}',
    b'{"phone": "\\u0000", "password": "x"}',
    b'{"phone": "1", "password": "\xff"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"phone": 1, "password": 2}',
    b'{"phone": {}, "password": []}',
    b'{"phone": "1"}',
    b'{"phone": "1", "password": "x", "more": 1}',
    b'{"phone": "' + b"1" * 21 + b'", "password": "x"}',
    b'{"phone": ' + b"9" * 5000 + b', "password": "x"}',
]


def test_body_that_is_not_what_was_expected_is_422(web_app):
    client = web_app.test_client()

    for body in BROKEN:
        answer = client.post("/api/v1/sign-in", data=body, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (422, "bad_input"), body[:60]
        assert answer.json["fields"], body[:60]


def test_body_of_nine_megabytes_is_413(web_app, everyone):
    asked = headers(everyone[Role.BUYER], key="k")
    big = json.dumps({"phone": "1", "password": "x" * 9_000_000})
    client = web_app.test_client()

    api = client.post("/api/v1/sign-in", data=big, content_type="application/json")
    order = client.post("/api/v1/orders", data=big, content_type="application/json", headers=asked)
    page = make_browser(web_app, everyone[Role.BUYER]).post("/cart", data={"quantity": "1" * 9_000_000})

    assert (api.status_code, api.json["code"]) == (413, "too_large")
    assert order.status_code == 413
    assert page.status_code == 413


def test_nul_character_is_refused_everywhere(web_app, everyone):
    client = web_app.test_client()
    browser = make_browser(web_app, everyone[Role.BUYER])

    assert client.get("/api/v1/products?q=%00").status_code == 400
    assert client.get("/?q=a%00b").status_code == 400
    assert client.get("/orders/a%00b").status_code == 404
    assert browser.post("/sign-in", data={"phone": "1\0", "password": "x"}).status_code == 400
    assert browser.post("/checkout", data={"na\0me": "x"}).status_code == 400


def test_too_many_requests_say_when_to_come_back(database_url, tmp_path):
    url = database_url if database_url.startswith("postgresql") else ""
    environ = {**ENVIRON, "SHANHUO_RATE_LIMITS": "on", "SHANHUO_DATABASE_URL": url}
    app = front_door.create_app(config.load(environ, root=tmp_path, demo=True))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with database.transaction() as db:
        make_person(db, phone="13800138000")
    client = app.test_client()

    answers = [client.post("/sign-in/code", data={"phone": "13800138000"}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert client.get("/").status_code == 200
