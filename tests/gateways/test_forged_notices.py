"""Ten thousand forged notices: none is believed, and afterwards no row of any table is another."""

import hashlib
import io
from collections import Counter
from itertools import islice

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from county import clock, config, database
from county.payments import keys, parsers, service
from county.payments.types import NoticeRefused, PaymentLine, PaymentState
from tests.gateways.forging import Forger, Forgery, form
from tests.gateways.shopping import told
from tests.gateways.test_payment_notices import notice_fields

FAIL, SUCCESS = ("200 OK", b"fail"), ("200 OK", b"success")
SERVER = EnvironBuilder(
    "/pay/alipay/notify", method="POST", content_type="application/x-www-form-urlencoded"
).get_environ()
SEED, COUNT = 20_261_128, 10_000


def digests() -> dict[str, str]:
    """Give a digest of every row of every table."""
    found = {}
    with database.reading() as db:
        for table in database.Base.metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in db.execute(select(table)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


@pytest.fixture
def forger(settings: config.Settings, shop_app: Flask) -> Forger:
    """Give a forger who has right notices of three open orders of the same amount, and two other keys."""
    keys.make_demo_keys(settings)
    now = clock.now()
    with database.transaction() as db:
        for number in ("A2", "A3"):
            lines = [PaymentLine(number, 7_650, "高山茶")]
            service.open_payment(db, lines=lines, returns_to=f"/orders/{number}", expires_at=now, now=now)
    right = [
        notice_fields(
            settings,
            out_trade_no=f"A{number}",
            trade_no=f"202610052200140001{number}",
            notify_id=f"202610050022220001{number}",
            subject="高山茶 a=1&b=<2> 富硒",
        )
        for number in (1, 2, 3)
    ]
    stranger = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    # Our own key signs what we ask Alipay; it must not sign what Alipay tells us.
    ours = keys.read_private_key(settings.alipay_private_key_file)
    return Forger(right, keys.read_private_key(settings.simulator_private_key_file), [stranger, ours])


def send(app: Flask, body: bytes) -> tuple[str, bytes]:
    """Post a notice, as a server would; the test client would cost more than all the rest."""
    said: list[str] = []
    environ = {
        **SERVER,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    answer = b"".join(app(environ, lambda status, *_rest: said.append(status)))
    return said[0], answer


def test_none_of_10000_forged_notices_is_believed_and_nothing_is_changed(
    shop_app: Flask, forger: Forger
) -> None:
    named = list(forger.by_name())
    forgeries: list[Forgery] = [*named, *islice(forger.by_seed(SEED), COUNT - len(named))]
    print(f"seed {SEED}, {len(named)} by name:", Counter(one.trick for one in forgeries))
    before = digests()

    believed = [one.trick for one in forgeries if send(shop_app, one.body) != FAIL]

    assert (believed, len(forgeries)) == ([], COUNT)
    assert digests() == before
    assert told(shop_app) == []
    assert [send(shop_app, form([*fields.items()])) for fields in forger.right] == [SUCCESS] * 3


def test_a_right_notice_sent_otherwise_than_by_post_of_a_form_is_not_believed(
    post: FlaskClient, shop_app: Flask, forger: Forger
) -> None:
    fields = forger.right[0]
    query = form([*fields.items()]).decode()
    address = "/pay/alipay/notify"
    before = digests()

    answers = [
        post.get(f"{address}?{query}"),
        post.head(f"{address}?{query}"),
        post.post(f"{address}?{query}"),
        post.put(address, data=query),
        post.patch(address, data=query),
        post.delete(f"{address}?{query}"),
        post.post(address, json=fields),
        post.post(address, data=fields, content_type="multipart/form-data"),
        post.post(address, data=query.replace("&", ";").encode()),
        post.post(address, data=query.encode("utf-16")),
        post.post(address, data=f"\ufeff{query}".encode()),
        post.post(f"{address}?{query}", data=b"total_amount=76.50"),
    ]

    assert [b"success" in answer.data for answer in answers] == [False] * 12
    assert digests() == before
    assert told(shop_app) == []


def test_what_alipay_signed_for_another_purpose_is_no_notice(
    shop_app: Flask, settings: config.Settings, forger: Forger
) -> None:
    back = {
        "app_id": settings.alipay_app_id,
        "charset": "utf-8",
        "method": "alipay.trade.page.pay.return",
        "out_trade_no": "A1",
        "seller_id": settings.alipay_seller_id,
        "timestamp": "2026-10-05 20:00:02",
        "total_amount": "76.50",
        "trade_no": "20261005220014000111",
        "version": "1.0",
    }
    unpaid = {**notice_fields(settings), "trade_status": "WAIT_BUYER_PAY"}
    before = digests()

    returned = send(shop_app, form([*forger.signed(back).items()]))
    after_return = digests()
    waiting = send(shop_app, form([*forger.signed(unpaid).items()]))

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
    assert returned == FAIL
    assert after_return == before
    # A right notice that nothing was paid is heard, and pays nothing.
    assert (waiting, payment.state) == (SUCCESS, PaymentState.AWAITING)


@hypothesis_settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(alphabet="ab=&%+;0123456789AFcharset=utf-8", max_size=120).map(str.encode)
)
def test_any_bytes_are_a_form_or_refused(body: bytes) -> None:
    try:
        fields = parsers.read_fields(body)
    except NoticeRefused:
        return

    assert parsers.read_fields(form([*fields.items()])) == fields
    assert fields["charset"].lower() == "utf-8" or fields["charset"].lower() == "gbk"


@hypothesis_settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.text(max_size=20), max_size=8).map(
        lambda fields: {**fields, "charset": "utf-8"}
    )
)
def test_a_form_is_read_as_it_was_written(fields: dict[str, str]) -> None:
    fields = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}

    assert parsers.read_fields(form([*fields.items()])) == fields


@hypothesis_settings(max_examples=400, deadline=None)
@given(st.text(max_size=12) | st.from_regex(r"[0-9０-９٠-٩+\-eE_., ]{1,12}", fullmatch=True))
def test_an_amount_is_plain_or_refused(text: str) -> None:
    is_plain = len(text) > 3 and text.isascii() and text[-3] == "." and (text[:-3] + text[-2:]).isdecimal()
    fields = {
        "charset": "utf-8",
        "app_id": "1",
        "seller_id": "1",
        "out_trade_no": "A1",
        "trade_no": "1",
        "notify_id": "1",
        "trade_status": "TRADE_SUCCESS",
        "notify_time": "2026-10-05 20:00:01",
        "total_amount": text,
    }

    try:
        read = parsers.read_notice(fields).trade.total_fen
    except NoticeRefused:
        assert not is_plain or len(text) > 12
        return

    assert (is_plain, read) == (True, int(text.replace(".", "")))
