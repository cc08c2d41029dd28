"""How long a payment notice takes over HTTP, beside a bare route with the same signature and one insert.

The notices pay real orders of the whole program: state, stock, ledger, log and messages as in service.
"""

import contextlib
import http.client
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import ROOMS  # noqa: TID251 - benchmarks stand outside the house
from benchmarks.storm.installation import free_ports
from county import clock, config, database, process
from county.payments import keys
from county.payments.alipay import signature
from county.payments.parsers import signed_text
from shop.checkout import service as checkout
from shop.checkout.types import Item
from tests.makers.people import ROBOT, make_buyer
from tests.makers.shop import ADDRESS, make_card, make_product

BROWSERS, UP_WITHIN_S = 4, 300.0
PATHS = {"notice": "/pay/alipay/notify", "anchor": "/anchor"}


def run(seeds: Sequence[int] = (1,), quick: bool = False) -> list[dict[str, Any]]:
    """Measure on SQLite, and on `SHANHUO_TEST_DATABASE_URL` when that is set."""
    rows = []
    for name, server_url in (("SQLite", ""), ("PostgreSQL", os.environ.get("SHANHUO_TEST_DATABASE_URL", ""))):
        if name == "PostgreSQL" and not server_url:
            continue
        with tempfile.TemporaryDirectory() as folder, _scratch(server_url) as url:
            rows += _measure(name, Path(folder), url, count=100 if quick else 1_000)
    return rows


def _measure(name: str, root: Path, url: str, *, count: int) -> list[dict[str, Any]]:
    port = free_ports(random.Random())
    environ = {key: value for key, value in os.environ.items() if not key.startswith("SHANHUO_")} | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "SHANHUO_PORT": str(port),
        "SHANHUO_DEMO": "1",
        "SHANHUO_RATE_LIMITS": "off",
        "SHANHUO_SECRET_KEY": uuid4().hex,
        **({"SHANHUO_DATABASE_URL": url} if url else {}),
    }
    settings = config.load(environ, root=root, demo=True)
    settings.instance.mkdir(exist_ok=True)
    keys.make_demo_keys(settings)
    bodies = [_body(settings, number) for number in _order(settings, count)]
    web = subprocess.Popen([sys.executable, "-m", "benchmarks.notices.serving"], cwd=root, env=environ)
    try:
        _wait(web, port)
        took = _post_all(port, bodies)
    finally:
        web.terminate()
        web.wait(30)
    _check(settings, count)
    return _rows(name, took)


def _order(settings: config.Settings, count: int) -> list[str]:
    """Make a shop and place orders of 68.50 and 8.00 freight; this function will give their numbers."""
    process.load_tables(ROOMS)
    database.Base.metadata.create_all(database.connect(settings.database_url))
    process.connect_rooms(ROOMS, settings)
    now = clock.now()
    with database.transaction() as db:
        db.execute(text("CREATE TABLE bench_anchor (id VARCHAR(128) PRIMARY KEY, body TEXT NOT NULL)"))
        make_card(db)
        buyer, product = make_buyer(db), make_product(db, available=count)
    items = [Item(product.skus[0].sku_id, 1)]
    numbers = []
    for _ in range(count):
        with database.transaction() as db:
            placed = checkout.place_order(
                db, buyer_id=buyer.id, items=items, address=ADDRESS, source_ref="", actor=ROBOT, now=now
            )
        numbers.append(placed.orders[0].order_no)
    database.disconnect()
    return numbers


def _body(settings: config.Settings, number: str) -> bytes:
    fields = {
        "app_id": settings.alipay_app_id,
        "charset": "utf-8",
        "gmt_payment": "2026-10-05 20:01:00",
        "notify_id": uuid4().hex,
        "notify_time": "2026-10-05 20:01:05",
        "out_trade_no": number,
        "seller_id": settings.alipay_seller_id,
        "sign_type": "RSA2",
        "subject": "富硒茶 & 花椒",
        "total_amount": "76.50",
        "trade_no": f"T{number}",
        "trade_status": "TRADE_SUCCESS",
    }
    key = keys.read_private_key(settings.simulator_private_key_file)
    return urlencode({**fields, "sign": signature.sign(key, signed_text(fields))}).encode()


def _wait(web: "subprocess.Popen[bytes]", port: int) -> None:
    until_s = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < until_s and web.poll() is None:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        threading.Event().wait(0.1)
    raise RuntimeError("the web process did not come up")


def _post_all(port: int, bodies: list[bytes]) -> dict[str, list[float]]:
    """Send every notice and every anchor by a few browsers at once, turn by turn, each connection kept."""
    took: dict[str, list[float]] = {name: [] for name in PATHS}
    wrong: list[str] = []

    def browse(mine: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for body in mine:
            for name, path in PATHS.items():
                begin = time.perf_counter()
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
                connection.request("POST", path, body, headers)
                answer = connection.getresponse().read()
                took[name].append(time.perf_counter() - begin)
                if answer != b"success":
                    wrong.append(f"{name}: {answer[:100]!r}")

    threads = [threading.Thread(target=browse, args=(bodies[n::BROWSERS],)) for n in range(BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{len(wrong)} were not accepted, such as {wrong[0]}")
    return took


def _check(settings: config.Settings, count: int) -> None:
    database.connect(settings.database_url)
    with database.reading() as db:
        paid = db.execute(text("SELECT count(*) FROM shop_order WHERE state = 'paid'")).scalar_one()
        booked = db.execute(text("SELECT count(*) FROM county_entry WHERE key LIKE 'pay:%'")).scalar_one()
    database.disconnect()
    if (paid, booked) != (count, count):
        raise RuntimeError(f"{paid} are paid and {booked} booked, expected {count}")


def _rows(name: str, took: dict[str, list[float]]) -> list[dict[str, Any]]:
    def at(what: str, share: float) -> float:
        return 1000 * sorted(took[what])[int(len(took[what]) * share)]

    return [
        {
            "database": name,
            "what": f"p{share * 100:.0f} of {len(took['notice'])} notices, {BROWSERS} at once",
            "notice_ms": at("notice", share),
            "anchor_ms": at("anchor", share),
            "times": at("notice", share) / at("anchor", share),
        }
        for share in (0.5, 0.95)
    ]


@contextlib.contextmanager
def _scratch(server_url: str) -> Iterator[str]:
    if not server_url:
        yield ""
        return
    name = f"shanhuo_notices_{uuid4().hex[:8]}"
    server = create_engine(make_url(server_url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
