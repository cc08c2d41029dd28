"""Notices on their way from the simulator into the books: over HTTP, wrong in a fact, a hundred at once."""

import base64
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import Flask
from flask.testing import FlaskClient

from county import clock, config, database
from county.payments import keys, service
from county.payments.types import PaymentLine, PaymentState
from tests.gateways.shopping import open_group, rows, told
from tests.gateways.simulating import Simulator
from tests.services.payments.acting import Shop


def notice_fields(settings: config.Settings, **changes: str | None) -> dict[str, str]:
    """Write the fields of a right notice for A1, with changes; None leaves a field out."""
    fields: dict[str, str | None] = {
        "app_id": settings.alipay_app_id,
        "body": "",
        "buyer_id": "2088102100000011",
        "charset": "utf-8",
        "gmt_payment": "2026-10-05 20:00:00",
        "notify_id": "2026100500222200011",
        "notify_time": "2026-10-05 20:00:01",
        "notify_type": "trade_status_sync",
        "out_trade_no": "A1",
        "seller_id": settings.alipay_seller_id,
        "subject": "高山茶 a=1&b",
        "total_amount": "76.50",
        "trade_no": "2026100522001400011",
        "trade_status": "TRADE_SUCCESS",
        "version": "1.0",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def signed(
    fields: dict[str, str],
    key: rsa.RSAPrivateKey,
    *,
    sign_type: str = "RSA2",
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    """Sign a notice as Alipay does, or with another digest."""
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields)).encode(
        fields.get("charset", "utf-8")
    )
    raw = key.sign(text, padding.PKCS1v15(), digest or hashes.SHA256())
    whole = {**fields, "sign_type": sign_type, "sign": base64.b64encode(raw).decode()}
    return urlencode(whole, encoding=fields.get("charset", "utf-8")).encode()


def send(client: FlaskClient, body: bytes) -> str:
    """Post a notice and give the answer, which always comes with status 200 as plain text."""
    answer = client.post("/pay/alipay/notify", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    return answer.get_data(as_text=True)


@pytest.fixture
def key(settings: config.Settings) -> rsa.RSAPrivateKey:
    """Give the key with which the simulator signs as Alipay."""
    keys.make_demo_keys(settings)
    return keys.read_private_key(settings.simulator_private_key_file)


def test_a_right_notice_is_booked_and_answered_success(
    post: FlaskClient, shop_app: Flask, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    answer = send(post, signed(notice_fields(settings), key))

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
    assert answer == "success"
    assert (payment.state, payment.trade_no) == (PaymentState.PAID, "2026100522001400011")
    assert told(shop_app) == [("succeeded", "A1")]


def test_a_right_notice_in_gbk_is_booked(
    post: FlaskClient, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    assert send(post, signed(notice_fields(settings, charset="GBK"), key)) == "success"


WRONG_FACTS: tuple[dict[str, str | None], ...] = (
    {"app_id": "2021000000000002"},
    {"seller_id": "2088000000000002"},
    {"out_trade_no": "A2"},
    {"total_amount": "76.51"},
    {"total_amount": "0.01"},
    {"total_amount": "76.5"},
    {"total_amount": "7650"},
    {"total_amount": "+76.50"},
    {"total_amount": " 76.50"},
    {"total_amount": "76.50\n"},
    {"total_amount": "７６.５０"},
    {"total_amount": "7.65e1"},
    {"total_amount": "-76.50"},
    {"total_amount": "076.500"},
    {"total_amount": None},
    {"trade_status": "TRADE_PAID"},
    {"trade_no": None},
    {"notify_id": None},
    {"notify_time": "yesterday"},
    {"charset": "big5"},
)


def test_a_notice_with_a_wrong_fact_answers_fail_and_changes_nothing(
    post: FlaskClient, shop_app: Flask, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    before = rows()

    answers = [send(post, signed(notice_fields(settings, **change), key)) for change in WRONG_FACTS]

    assert answers == ["fail"] * len(WRONG_FACTS)
    assert rows() == before
    assert told(shop_app) == []


def test_only_rsa2_is_a_signature(
    post: FlaskClient, shop_app: Flask, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    before = rows()

    answers = [
        send(post, signed(notice_fields(settings), key, sign_type=kind, digest=digest))
        for kind in ("RSA2", "RSA", "MD5", "rsa2", "")
        for digest in (hashes.MD5(), hashes.SHA1(), hashes.SHA512())
    ]

    assert answers == ["fail"] * 15
    assert (rows(), told(shop_app)) == (before, [])


def test_a_right_signature_under_another_sign_type_is_refused(
    post: FlaskClient, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    before = rows()

    answers = [
        send(post, signed(notice_fields(settings), key, sign_type=kind)) for kind in ("RSA", "MD5", "", "DSA")
    ]

    assert answers == ["fail"] * 4
    assert rows() == before


def test_forged_repeated_and_otherwise_wrong_bodies_answer_fail(
    post: FlaskClient, shop_app: Flask, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    right = signed(notice_fields(settings), key)
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    bodies = {
        "another key": signed(notice_fields(settings), stranger),
        "repeated amount": right + b"&total_amount=76.50",
        "repeated sign": right + b"&sign=AAAA",
        "blank added": right + b"&extra=",
        "blank left out": right.replace(b"body=&", b""),
        "empty": b"",
        "no form": b"<xml/>",
        "no sign": right[: right.index(b"&sign=")],
        "sign blank": right[: right.index(b"&sign=")] + b"&sign=",
        "json": b'{"out_trade_no": "A1"}',
        "too long": right + b"&x=" + b"a" * 70_000,
        "beyond every limit": right + b"&x=" + b"a" * 9_000_000,
        "not utf-8": right.replace(b"76.50", b"%ff%fe"),
    }
    before = rows()

    answers = {name: send(post, body) for name, body in bodies.items()}

    assert answers == dict.fromkeys(bodies, "fail")
    assert (rows(), told(shop_app)) == (before, [])


def test_get_is_refused(post: FlaskClient, settings: config.Settings, key: rsa.RSAPrivateKey) -> None:
    before = rows()

    answer = post.get(f"/pay/alipay/notify?{signed(notice_fields(settings), key).decode()}")

    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "fail")
    assert rows() == before


def test_a_hundred_equal_notices_at_once_are_one_payment(
    shop_app: Flask, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    body = signed(notice_fields(settings), key)

    with ThreadPoolExecutor(max_workers=20) as pool:
        answers = list(pool.map(lambda _: send(shop_app.test_client(), body), range(100)))

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
        count = service.count_notices(db, out_trade_no="A1")
    assert answers == ["success"] * 100
    assert told(shop_app) == [("succeeded", "A1")]
    assert (payment.state, payment.version, count) == (PaymentState.PAID, 2, 1)


def test_a_notice_that_overtakes_our_own_commit_fails_and_its_repetition_pays(
    post: FlaskClient, shop_app: Flask, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    body = signed(notice_fields(settings, out_trade_no="A2"), key)
    before = rows()

    overtaking = send(post, body)
    untouched = rows()
    with database.transaction() as db:
        now = clock.now()
        lines = [PaymentLine("A2", 7_650, "高山茶")]
        service.open_payment(db, lines=lines, returns_to="/orders/A2", expires_at=now, now=now)
    repeated = send(post, body)

    assert (overtaking, repeated) == ("fail", "success")
    assert untouched == before
    assert told(shop_app) == [("succeeded", "A2")]


def test_when_the_booking_fails_the_answer_is_fail_and_the_next_notice_succeeds(
    post: FlaskClient, shop_app: Flask, settings: config.Settings, key: rsa.RSAPrivateKey
) -> None:
    class Broken(Shop):
        def payment_succeeded(self, *_args: object, **_named: object) -> None:
            raise ZeroDivisionError

    body, before = signed(notice_fields(settings), key), rows()
    service.wire_receiver(Broken())

    failed = send(post, body)
    untouched = rows()
    service.wire_receiver(shop_app.extensions["shop"])
    booked = send(post, body)

    assert (failed, booked) == ("fail", "success")
    assert untouched == before
    assert told(shop_app) == [("succeeded", "A1")]


def test_the_return_page_changes_nothing_and_leads_to_the_order(post: FlaskClient) -> None:
    before = rows()

    known = post.get("/pay/alipay/return?out_trade_no=A1&trade_no=1&total_amount=76.50&sign=x")
    unknown = post.get("/pay/alipay/return?out_trade_no=A9")

    assert (known.status_code, known.location) == (303, "/orders/A1")
    assert (unknown.status_code, unknown.location) == (303, "/")
    assert rows() == before


def test_paid_at_the_cashier_is_paid_in_our_books(whole: Simulator, shop_app: Flask) -> None:

    back = whole.pay(service.start_page_pay(open_group()))
    whole.deliver()

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
    assert back.status == 303
    assert payment.state is PaymentState.PAID
    assert told(shop_app) == [("succeeded", "A1")]
    assert whole.notices()[0]["state"] == "delivered"


@pytest.mark.parametrize(
    ("fault", "accepted"),
    [
        ("notice_doubled", True),
        ("notice_before_return", True),
        ("wrong_amount", False),
        ("wrong_key", False),
    ],
)
def test_spoilt_notices_of_the_simulator(
    whole: Simulator, shop_app: Flask, fault: str, accepted: bool
) -> None:
    whole.fault(fault)

    whole.pay(service.start_page_pay(open_group()))
    whole.deliver()

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
    assert payment.state is (PaymentState.PAID if accepted else PaymentState.AWAITING)
    assert told(shop_app) == ([("succeeded", "A1")] if accepted else [])


def test_a_second_trade_of_the_simulator_goes_to_suspense(whole: Simulator, shop_app: Flask) -> None:
    whole.fault("second_trade")

    whole.pay(service.start_page_pay(open_group()))
    whole.deliver()

    with database.reading() as db:
        waiting = service.list_suspense(db)
    assert [name for name, _ in told(shop_app)] == ["succeeded", "second"]
    assert [one.fen for one in waiting] == [7_650]
