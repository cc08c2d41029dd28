"""A simulator on a free port, a buyer who walks through its cashier, and a box that receives notices."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urljoin
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from flask import Flask, request
from werkzeug.serving import BaseWSGIServer, make_server

from county import config
from county.payments import keys
from county.payments.alipay.provider import Alipay
from county.payments.simulator import create_simulator

RICH, OTHER, POOR = "2088102100000011", "2088102100000012", "2088102100000013"


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


_opener = build_opener(ProxyHandler({}), _NoRedirects)


@dataclass(frozen=True)
class Page:
    """What a plain browser without JavaScript sees."""

    status: int
    text: str
    location: str
    url: str


def fetch(url: str, form: dict[str, str] | None = None) -> Page:
    """Get an address, or post a form to it; redirects are shown, not followed."""
    body = None if form is None else urlencode(form).encode()
    try:
        with _opener.open(Request(url, data=body), timeout=20) as answer:
            return Page(answer.status, answer.read().decode(), answer.headers.get("Location", ""), url)
    except HTTPError as error:
        with error:
            return Page(error.code, error.read().decode(), error.headers.get("Location", ""), url)


def call(url: str, asked: dict[str, Any] | None = None, *, method: str | None = None) -> Any:
    """Speak JSON with the simulator's controls."""
    body = None if asked is None else json.dumps(asked).encode()
    headers = {"Content-Type": "application/json"} if asked is not None else {}
    with _opener.open(Request(url, data=body, headers=headers, method=method), timeout=20) as answer:
        return json.loads(answer.read())


@dataclass
class Simulator:
    """A running simulator as its users see it: over HTTP only."""

    settings: config.Settings
    url: str

    def provider(self, *, notify_url: str | None = None, **changes: Any) -> Alipay:
        """Give our adapter, connected to this simulator; `changes` of its line to the gateway."""
        provider = Alipay.from_settings(self.settings)
        for name, value in changes.items():
            setattr(provider.calls, name, value)
        provider.notify_url = notify_url or provider.notify_url
        return provider

    def reach(self, address: str) -> Page:
        """Go to the cashier as a browser does."""
        page = fetch(address)
        while page.status in (302, 303):
            page = fetch(urljoin(page.url, page.location))
        return page

    def choose(self, cashier: Page, action: str = "pay", buyer: str = RICH) -> Page:
        """Fill in the cashier's form and press a button."""
        match = re.search(r'<form method="post" action="([^"]+)">', cashier.text)
        assert match, cashier.text
        assert f'value="{action}"' in cashier.text and f'value="{buyer}"' in cashier.text
        return fetch(urljoin(cashier.url, unescape(match[1])), {"action": action, "buyer": buyer})

    def pay(self, address: str, buyer: str = RICH) -> Page:
        """Go to the cashier and pay."""
        return self.choose(self.reach(address), buyer=buyer)

    def books(self) -> dict[str, int]:
        """Read who holds how much."""
        accounts: dict[str, int] = call(f"{self.url}/simulator/books")["accounts"]
        return accounts

    def total_fen(self) -> int:
        """Read the total of the books."""
        total: int = call(f"{self.url}/simulator/books")["total_fen"]
        return total

    def move_clock(self, **span: int) -> None:
        """Move the simulator's clock: `days=3`, `minutes=5`, `seconds=1`."""
        size = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
        call(f"{self.url}/simulator/clock", {"seconds": sum(size[name] * n for name, n in span.items())})

    def fault(self, kind: str, **where: Any) -> None:
        """Ask for a fault."""
        call(f"{self.url}/simulator/faults", {"fault": kind, **where})

    def deliver(self) -> list[dict[str, Any]]:
        """Have every due notice sent; gives what came back."""
        attempts: list[dict[str, Any]] = call(f"{self.url}/simulator/deliver", {})["attempts"]
        return attempts

    def notices(self) -> list[dict[str, Any]]:
        """List the notices and how they fared, newest first."""
        listed: list[dict[str, Any]] = call(f"{self.url}/simulator/notices")["notices"]
        return listed


@contextmanager
def serving(app: Flask) -> Iterator[BaseWSGIServer]:
    """Serve an application on a free port in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running_simulator(folder: Path, *, notify: str = "", sends_notices: bool = False) -> Iterator[Simulator]:
    """Run a simulator with its files under `folder`; its merchant is told at `notify`."""
    settings = config.load({}, root=folder, demo=True)
    keys.make_demo_keys(settings)
    app = create_simulator(settings, sends_notices=sends_notices)
    with serving(app) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        changed = replace(
            settings, alipay_gateway=f"{url}/gateway.do", public_url=notify or settings.public_url
        )
        yield Simulator(changed, url)


@dataclass
class NoticeBox:
    """A merchant's notify address that keeps every body and answers as told."""

    url: str = ""
    answer: str = "success"
    bodies: list[bytes] = field(default_factory=list)

    def fields(self, index: int = -1) -> dict[str, str]:
        """Give the fields of one notice that came."""
        return dict(parse_qsl(self.bodies[index].decode(), keep_blank_values=True))


@contextmanager
def notice_box() -> Iterator[NoticeBox]:
    """Run a notify address on a free port."""
    box, app = NoticeBox(), Flask("box")

    @app.post("/pay/alipay/notify")
    def take() -> str:
        box.bodies.append(request.get_data())
        return box.answer

    with serving(app) as server:
        box.url = f"http://127.0.0.1:{server.server_port}"
        yield box
