"""A visitor of the running pages: keeps cookies, reads forms, fills them in and sends them; no scripts."""

import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

TIMEOUT_S = 60.0


@dataclass
class Form:
    """A form of a page: where it goes and what stands in it."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """An answer: its address after redirects, its status and its text."""

    address: str
    status: int
    text: str

    def forms(self) -> list[Form]:
        """List the forms of the page with what stands in their fields."""
        reader = _FormReader()
        reader.feed(self.text)
        return reader.forms

    def links(self, part: str) -> list[str]:
        """List the addresses of links that contain `part`, in order, each once."""
        reader = _FormReader()
        reader.feed(self.text)
        return list(dict.fromkeys(each for each in reader.links if part in each))


class NotAsExpected(Exception):
    """A page answered something else than the story needs."""


class Visitor:
    """One person with one browser."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._token = ""
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )

    def sign_in(self, *, phone: str, password: str) -> None:
        """Sign in on the pages and at the API."""
        self.fill("/sign-in", {"phone": phone, "password": password}, action="/sign-in")
        body = {"phone": phone, "password": password}
        self._token = self.api("POST", "/sign-in", body)["token"]

    def get(self, path: str) -> Page:
        """Open a page; redirects are followed."""
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.base, path)))

    def fill(
        self,
        path: str,
        values: Mapping[str, str | list[str]],
        *,
        action: str = "",
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> Page:
        """Open a page, fill in the form whose action contains `action`, and send it."""
        return self.send(self.get(path), values, action=action, files=files)

    def send(
        self,
        page: Page,
        values: Mapping[str, str | list[str]],
        *,
        action: str = "",
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> Page:
        """Fill in and send a form of an open page."""
        found = [form for form in page.forms() if form.method == "post" and action in form.action]
        if not found:
            place = page.address.split("?")[0]
            raise NotAsExpected(
                f"{place} has no form {action!r} (status {page.status}): {_sentence(page.text)}"
            )
        form = found[0]
        address = urllib.parse.urljoin(page.address, form.action)
        typed = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
        given = [(name, value) for name, each in {**form.fields, **typed}.items() for value in each]
        if files:
            body, kind = _multipart(given, files)
        else:
            body, kind = urllib.parse.urlencode(given).encode(), "application/x-www-form-urlencoded"
        request = urllib.request.Request(address, data=body, headers={"Content-Type": kind})
        answer = self._open(request)
        if answer.status >= 400:
            raise NotAsExpected(f"{address} answered {answer.status}: {_sentence(answer.text)}")
        return answer

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Call the API under /api/v1; every call that changes something carries a new idempotency key."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid4())
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + "/api/v1" + path, data=content, headers=headers, method=method
        )
        answer = self._open(request)
        if answer.status >= 400:
            raise NotAsExpected(f"{method} {path} answered {answer.status}: {answer.text[:300]}")
        return json.loads(answer.text)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return Page(answer.url, answer.status, answer.read().decode("utf-8", "replace"))
        except urllib.error.HTTPError as error:
            return Page(error.url or request.full_url, error.code, error.read().decode("utf-8", "replace"))


class _FormReader(HTMLParser):
    """Collects the forms and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in at:
            self.links.append(at["href"])
        if tag == "form":
            self._form = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name, kind = at.get("name", ""), at.get("type", "text")
        if tag == "input" and name:
            if kind == "file":
                self._form.files.append(name)
            elif kind not in ("checkbox", "radio", "submit", "button") or "checked" in at:
                self._form.fields.setdefault(name, []).append(at.get("value", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in at or self._select not in self._form.fields):
            self._form.fields[self._select] = [at.get("value", "")]
        elif tag == "textarea":
            self._area = name
            self._form.fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def _multipart(fields: list[tuple[str, str]], files: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    edge = uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    for name, (filename, content) in files.items():
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def _sentence(text: str) -> str:
    """Give the words of a page's message, for the one who reads the story."""
    reader = _Words()
    reader.feed(text)
    return " ".join(" ".join(reader.words).split())[:300]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_main = self._in_main or tag == "main"

    def handle_endtag(self, tag: str) -> None:
        self._in_main = self._in_main and tag != "main"

    def handle_data(self, data: str) -> None:
        if self._in_main:
            self.words.append(data)
