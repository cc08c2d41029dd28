"""Asks a foreign client through its speaker, and walks with it through the simulator, step by step.

A question is one line of JSON: `do` (`call`, `page` or `check`), `with` (the client's settings), and what it
is about: `method`, `content`, `notify_url`, `return_url`, `as_form`, or the `fields` of a notice.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin

from cryptography.hazmat.primitives import serialization

from county.payments import keys
from tests.gateways.simulating import NoticeBox, Page, Simulator, call, fetch

OFFICIAL, PYTHON_ALIPAY, NODE = "alipay-sdk-python", "python-alipay-sdk", "alipay-sdk for Node"


@dataclass(frozen=True)
class Step:
    """One step: what the client or the buyer got, and what of it was not as it should be."""

    name: str
    got: Any
    wrong: dict[str, Any]


class Form(HTMLParser):
    """The one form of a page: where it goes and its fields, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action: str = ""
        self.fields: dict[str, str] = {}
        # In an attribute a browser leaves `&notify_url=` alone, Python would make `¬ify_url=` of it.
        self.feed(re.sub(r"&(?![A-Za-z0-9#]+;)", "&amp;", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a form and its inputs."""
        given = dict(attrs)
        if tag == "form":
            self.action = given["action"] or ""
        elif tag == "input" and (name := given.get("name")):
            self.fields[name] = given.get("value") or ""


@dataclass
class Walk:
    """A foreign client, its simulator, the merchant's notify address, and the steps so far."""

    name: str
    simulator: Simulator
    box: NoticeBox
    speaker: "subprocess.Popen[str]"
    steps: list[Step] = field(default_factory=list)

    def ask(self, do: str, *, settings: dict[str, str] | None = None, **question: Any) -> Any:
        """Have the client do something, with other settings where given."""
        ours = self.simulator.settings
        usual = {
            "gateway": ours.alipay_gateway,
            "app_id": ours.alipay_app_id,
            "private_key_file": str(ours.alipay_private_key_file),
            "public_key_file": str(ours.alipay_public_key_file),
            "charset": "utf-8",
        }
        assert self.speaker.stdin is not None and self.speaker.stdout is not None
        line = json.dumps({"do": do, "with": usual | (settings or {}), **question})
        self.speaker.stdin.write(line + "\n")
        self.speaker.stdin.flush()
        answer = self.speaker.stdout.readline()
        assert answer, f"{self.name} ended over {line}"
        return json.loads(answer)

    def call(self, method: str, settings: dict[str, str] | None = None, **content: Any) -> Any:
        """Have the client execute a request and check its reply."""
        given = {"notify_url": content.pop("notify_url")} if "notify_url" in content else {}
        return self.ask("call", settings=settings, method=method, content=content, **given)

    def page(self, method: str, settings: dict[str, str] | None = None, **content: Any) -> str:
        """Have the client make the address of a page that tells `box`, and comes back to it."""
        return self._page(method, settings, content, as_form=False)

    def _page(
        self, method: str, settings: dict[str, str] | None, content: dict[str, Any], *, as_form: bool
    ) -> str:
        address = self.ask(
            "page",
            settings=settings,
            method=method,
            content=content,
            notify_url=self.notify_url,
            return_url=f"{self.box.url}/back",
            as_form=as_form,
        )
        assert isinstance(address, str), address
        return address

    @property
    def notify_url(self) -> str:
        """Give the merchant's notify address."""
        return f"{self.box.url}/pay/alipay/notify"

    def reach_by_form(self, method: str, **content: Any) -> Page:
        """Have the client make the form of a page and send it as a browser does; gives the cashier."""
        form = Form(self._page(method, None, content, as_form=True))
        page = fetch(form.action, form.fields)
        while page.status in (302, 303):
            page = fetch(urljoin(page.url, page.location))
        return page

    def query(self, number: str) -> Any:
        """Have the client ask about a trade."""
        return self.call("alipay.trade.query", out_trade_no=number)

    def is_signed(self, fields: dict[str, str], **settings: str) -> Any:
        """Have the client check a notice or return by its own function."""
        return self.ask("check", settings=settings, fields=fields)

    def deliver(self) -> list[dict[str, str]]:
        """Have the due notices sent; gives the fields of those that came."""
        before = len(self.box.bodies)
        self.simulator.deliver()
        return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for body in self.box.bodies[before:]]

    def step(self, name: str, got: Any, **wanted: Any) -> Any:
        """Write down a step: what was got, which of its facts are not what was wanted; gives what was got."""
        facts = got if isinstance(got, dict) else {"it": got}
        wrong = {key: facts.get(key) for key, value in wanted.items() if facts.get(key) != value}
        self.steps.append(Step(name, got, wrong))
        return got

    def refused(self, name: str, got: Any, sub_code: str, code: str = "40004") -> None:
        """Write down a step that the gateway refuses, with a signed reply that says why."""
        self.step(name, got, code=code, sub_code=sub_code)

    def raised(self, name: str, got: Any, word: str) -> None:
        """Write down a step over which the client itself must raise, with this word in what it says."""
        said = got.get("raised", "") if isinstance(got, dict) else ""
        self.steps.append(Step(name, got, {} if word and word in said else {"raised": said}))


def another_key(walk: Walk, name: str, *, pkcs8: bool) -> str:
    """Write a key file: our own key as PKCS#8, or a stranger's; gives its path."""
    ours = walk.simulator.settings
    source = ours.alipay_private_key_file if pkcs8 else ours.simulator_private_key_file
    form = serialization.PrivateFormat
    pem = keys.read_private_key(source).private_bytes(
        serialization.Encoding.PEM,
        form.PKCS8 if pkcs8 else form.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    path = ours.instance / name
    path.write_bytes(pem)
    return str(path)


@contextmanager
def walking(name: str, words: list[str], simulator: Simulator, box: NoticeBox) -> Iterator[Walk]:
    """Start a client's speaker; it ends with the walk."""
    environ = {**os.environ, "TZ": "Asia/Shanghai", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as speaker:
        try:
            yield Walk(name, simulator, box, speaker)
        finally:
            speaker.kill()


def today_of(simulator: Simulator) -> str:
    """Give the simulator's present day."""
    local: str = call(f"{simulator.url}/simulator/clock")["local"]
    return local[:10]
