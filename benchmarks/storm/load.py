"""Buyers who order and pay without pause, send again what broke, and note what they were promised."""

import http.client
import json
import random
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 20.0
AGAIN_AFTER_S = 0.2
ADDRESS = {
    "name": "李明",
    "phone": "13900000001",
    "province": "陕西",
    "city": "西安市",
    "county": "雁塔区",
    "detail": "小寨东路1号2单元301室",
}


@dataclass
class Journal:
    """What the buyers were promised; `lock` guards all of it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    orders: dict[str, str] = field(default_factory=dict)  # idempotency key → order number (201 seen)
    cancelled: set[str] = field(default_factory=set)  # order numbers (200 seen)
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, what: str) -> None:
        """Count one thing that happened."""
        with self.lock:
            self.counts[what] += 1

    def acknowledge(self, key: str, order_no: str) -> None:
        """Note an order that was promised; the same key must always bring the same order."""
        with self.lock:
            before = self.orders.setdefault(key, order_no)
            if before != order_no:
                self.wrong.append(f"key {key} brought {before} and {order_no}")


class Broken(Exception):
    """No whole answer came; `found_nobody` when nobody listened, so that nothing was sent."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        reason = getattr(error, "reason", error)
        self.found_nobody = isinstance(reason, ConnectionRefusedError)


@dataclass(frozen=True)
class Answer:
    """A status, the text, and where a redirection leads."""

    status: int
    text: str
    leads_to: str = ""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def call(address: str, *, body: object = None, form: dict[str, str] | None = None, **headers: str) -> Answer:
    """Send one request without following redirections; raises `Broken` when no whole answer came."""
    content = None if body is None else json.dumps(body).encode()
    if form is not None:
        content = urllib.parse.urlencode(form).encode()
    kind = "application/json" if form is None else "application/x-www-form-urlencoded"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address, data=content, headers={"Content-Type": kind, **given})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return Answer(answer.status, answer.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(
                error.code, error.read().decode("utf-8", "replace"), error.headers.get("Location", "")
            )
    except (OSError, http.client.HTTPException) as error:
        raise Broken(error) from error


@dataclass
class Buyer:
    """One buyer with a token of the API."""

    base: str
    token: str
    journal: Journal
    choice: random.Random
    number: int
    ended: int = 0

    def shop_until(self, over: threading.Event, *, sku_ids: list[str], most: int) -> None:
        """Order, and then pay, cancel or leave it, until it is over."""
        while not over.is_set() and self.ended < most:
            self.ended += 1
            self._order_once(sku_ids)
            over.wait(self.choice.uniform(0, 0.1))

    def _order_once(self, sku_ids: list[str]) -> None:
        key = f"storm-{self.number}-{self.ended}"
        wanted = self.choice.sample(sku_ids, self.choice.choice((1, 1, 2)))
        body = {
            "items": [{"sku_id": sku_id, "quantity": 1} for sku_id in wanted],
            "address": ADDRESS,
        }
        answer = self._insist("/orders", body, key)
        if answer is None or answer.status != 201:
            return
        placed = json.loads(answer.text)
        self._note(key, placed)
        if self.choice.random() < 0.2:
            again = self._insist("/orders", body, key)
            if again is not None and again.status == 201:
                self._note(key, json.loads(again.text))
        what = self.choice.random()
        if what < 0.8:
            self._pay(placed["pay_url"])
        elif what < 0.9:
            number = placed["orders"][0]["order_no"]
            done = self._insist(f"/orders/{number}/cancel", {}, key + "-cancel")
            if done is not None and done.status == 200:
                with self.journal.lock:
                    self.journal.cancelled.add(number)

    def _note(self, key: str, placed: dict[str, Any]) -> None:
        for position, order in enumerate(placed["orders"]):
            self.journal.acknowledge(f"{key}/{position}", order["order_no"])

    def _insist(self, path: str, body: object, key: str) -> Answer | None:
        """Send a request again with the same key until an answer comes; None when none came in the end."""
        for _attempt in range(300):
            try:
                answer = call(
                    self.base + "/api/v1" + path,
                    body=body,
                    Authorization=f"Bearer {self.token}",
                    Idempotency_Key=key,
                )
            except Broken as error:
                self.journal.count("found nobody" if error.found_nobody else "cut off")
            else:
                self.journal.count(f"status {answer.status}")
                if answer.status < 500:
                    return answer
            threading.Event().wait(AGAIN_AFTER_S)
        self.journal.count("given up")
        return None

    def _pay(self, pay_url: str) -> None:
        """Pay at the cashier; the simulator is not killed, so a broken connection is its fault."""
        try:
            shown = call(pay_url)
            cashier = urllib.parse.urljoin(pay_url, shown.leads_to)
            done = call(cashier, form={"action": "pay"})
        except Broken:
            self.journal.count("cashier broke")
            return
        self.journal.count("paid at the cashier" if done.status == 303 else f"cashier said {done.status}")
