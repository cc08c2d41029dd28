"""A county after its story, running with every program, and the pages that its people see there.

Run as `python -m tests.browser.pages FOLDER` it plays the story, fills in what the story leaves empty, prints
one line of JSON and serves until its standard input closes: `running()` does that for the tests.
"""

import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from county import clock
from county.operations import chapters, chapters_money, story
from county.operations.chapters_money import FARM
from county.operations.story_files import daily_files
from county.operations.telling import (
    ADDRESS,
    ADMIN,
    AGENT,
    AUDITOR,
    BUYER,
    COURIER,
    DRIVER,
    FARMER,
    HUB,
    KEEPER,
    SECOND_BUYER,
    STREAMER,
    Story,
)
from county.operations.visiting import Visitor

ROOT = Path(__file__).resolve().parents[2]
VISITOR = ""
# Who sees which pages. A path with a star is what `fill` left there, else the first link of its list.
PAGES: dict[str, tuple[str, ...]] = {
    VISITOR: ("/", "/?q=茶", "/products/*", "/live", "/live/*", "/sign-in", "/settings/look", "/nowhere"),
    BUYER: (
        "/",
        "/cart",
        "/checkout",
        "/checkout?province=陕西",
        "/checkout/*",
        "/orders",
        "/orders/*awaiting",
        "/orders/*paid",
        "/orders/*paid/claim",
        "/orders/*paid/refund_only",
        "/orders/*done",
        "/me",
        "/money",  # not theirs: refused with a page
    ),
    SECOND_BUYER: ("/orders/*claimed", "/claims/*"),
    FARMER: (
        "/sell",
        "/sell/new",
        "/sell/*product",
        "/packing",
        "/packing/*paid",
        "/money",
        "/money/account",
        "/my-payments",
        "/account-statements/mine",
        "/sell/claims",
        "/sell/lots",
        "/sell/lots/*",
        "/sell/live",
        "/sell/live/new",
        "/me",
    ),
    AGENT: ("/me",),
    FARM: ("/sell/claims", "/sell/claims/*"),
    STREAMER: ("/studio", "/studio/*", "/commissions", "/my-payments", "/account-statements/mine"),
    COURIER: ("/feeds", "/statements", "/statements/*", "/settlement", "/settlement/*", "/my-payments"),
    HUB: (
        "/intake",
        "/intake/*waiting",
        "/hub",
        "/hub/mishap",
        "/hub/mishap/*",
        "/parcels",
        "/parcels/*",
        "/tours",
        "/tours/new",
        "/tours/*",
        "/feeds",
    ),
    DRIVER: ("/driving", "/driving/stops"),
    KEEPER: ("/station",),
    ADMIN: (
        "/sessions",
        "/sessions/*asked",
        "/sessions/*booked",
        "/tours",
        "/tours/*",
        "/statements",
        "/statements/*",
        "/settlement",
        "/settlement/*",
        "/payments/tasks",
        "/aftersales",
        "/aftersales/*",
        "/lots",
        "/lots/*",
        "/return-addresses",
        "/return-addresses/*",
        "/accounts",
        "/papers",
        "/papers/slips/*",
        "/pay-runs",
        "/pay-runs?kind=couriers",
        "/pay-runs/*",
        "/bank",
        "/account-statements",
        "/account-statements/*",
        "/account-statements/cooperative",
        "/income-report",
    ),
    AUDITOR: ("/sessions", "/tours", "/parcels", "/settlement", "/settlement/*"),
}
STATUS = {"/nowhere": 404, "/money " + BUYER: 403}


@dataclass(frozen=True)
class Running:
    """A running county: its address, the cookie of everybody by phone, the addresses of their pages."""

    address: str
    cookies: dict[str, str]
    pages: dict[str, list[str]]

    def status_of(self, phone: str, path: str) -> int:
        """Say which status a page answers with."""
        return STATUS.get(path, STATUS.get(f"{path} {phone}", 200))


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Play the story in a process of its own and keep its county running while the block runs."""
    words = [sys.executable, "-m", "tests.browser.pages", str(folder)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as told:
        assert told.stdin and told.stdout
        said = []
        try:
            for line in told.stdout:
                said.append(line)
                if line.startswith("{"):
                    yield Running(**json.loads(line))
                    return
            raise AssertionError("the story did not come to its end:\n" + "".join(said[-20:]))
        finally:
            told.stdin.close()


def main(folder: Path) -> None:
    """Play, fill, print where everything is, and serve until standard input closes."""
    sys.argv[0] = str(ROOT / "app.py")
    with story._county(folder) as told:
        for chapter in chapters.ALL:
            chapter(told)
        filled = fill(told)
        people = {phone: told.person(phone) for phone in PAGES if phone not in (VISITOR, FARM)}
        people[FARM] = chapters_money.by_code(told, FARM)
        found = {
            "address": told.settings.public_url,
            "cookies": {phone: _cookie(visitor) for phone, visitor in people.items()},
            "pages": {
                phone: _addresses(people.get(phone) or Visitor(told.settings.public_url), paths, filled)
                for phone, paths in PAGES.items()
            },
        }
        print(json.dumps(found), flush=True)
        sys.stdin.read()


def fill(told: Story) -> dict[str, str]:
    """Leave something open everywhere: unpaid and paid orders, a file, a live session, a tour under way."""
    filled = {"/orders/*done": f"/orders/{told.facts['order_no']}"}
    for chapter in (
        chapters.three_couriers_send_their_files,
        chapters.the_hub_scans,
        chapters.the_joint_tour_is_planned,
    ):
        chapter(told)
    filled["/tours/*"] = told.facts["tour"]
    _send_a_driver_off(told)
    filled |= _live_hours(told)
    hub = told.person(HUB)
    name, file, content = next(iter(daily_files(clock.county_day(clock.now()) + timedelta(days=9), VILLAGES)))
    page = hub.fill("/intake", {"carrier": name}, action="/intake", files={"file": (file, content)})
    filled["/intake/*waiting"] = urlsplit(page.address).path
    under_way = hub.get("/parcels?state=in_transit").links("/parcels/WB")[0]
    filled["/hub/mishap/*"] = urlsplit(under_way).path.replace("/parcels/", "/hub/mishap/")
    filled["/orders/*paid"] = "/orders/" + _order(told, pays=True)
    filled["/orders/*paid/claim"] = filled["/orders/*paid"] + "/claim/0"
    filled["/orders/*paid/refund_only"] = filled["/orders/*paid"] + "/claim/0/refund_only"
    filled["/packing/*paid"] = filled["/orders/*paid"].replace("orders", "packing")
    awaiting = _order(told, pays=False)
    filled["/orders/*awaiting"] = f"/orders/{awaiting}"
    filled["/sell/*product"] = f"/sell/{told.facts['product']['product_id']}"
    told.wait_for("the payment", lambda: _state(told, filled["/orders/*paid"]) == "paid")
    _put_into_cart(told)
    return filled | _money(told)


def _money(told: Story) -> dict[str, str]:
    """Find what the chapters about money left."""
    claim, grower_id = told.facts["claim"], told.person(FARMER).api("GET", "/me")["person_id"]
    return {
        "/orders/*claimed": f"/orders/{told.facts['oranges']}",
        "/claims/*": f"/claims/{claim}",
        "/sell/claims/*": f"/sell/claims/{claim}",
        "/aftersales/*": f"/aftersales/{claim}",
        "/papers/slips/*": f"/papers/slips/{grower_id}",
        "/account-statements/*": f"/account-statements/{grower_id}",
    }


VILLAGES = [("四季镇", "木竹村"), ("蔺河镇", "立新村")]


def _send_a_driver_off(told: Story) -> None:
    admin, driver = told.person(ADMIN), told.person(DRIVER)
    page = admin.get(told.facts["tour"])
    van = next(form.fields["vehicle"][0] for form in page.forms() if "vehicle" in form.fields)
    driver_id = driver.api("GET", "/me")["person_id"]
    admin.send(page, {"vehicle": van, "driver": driver_id}, action="/driver")
    for _act in range(3):
        page = driver.get("/driving")
        action = next(form.action for form in page.forms() if "/driving/" in form.action)
        driver.send(page, {"how": "ticked"} if "/end" in action else {}, action=action)


def _live_hours(told: Story) -> dict[str, str]:
    """Ask twice for hours; one is booked and on air, the other waits for the association."""
    farmer, admin, streamer = told.person(FARMER), told.person(ADMIN), told.person(STREAMER)
    day = clock.county_day(clock.now()) + timedelta(days=1)
    asked = {"on": day.isoformat(), "begins": "19:30", "minutes": "60"}
    before = set(admin.get("/sessions").links("/sessions/"))
    for title in ("冬储腊味", "年货专场"):
        farmer.fill(
            "/sell/live/new",
            {**asked, "title": title, "products": told.facts["product"]["product_id"]},
            action="/sell/live/new",
        )
    new = [link for link in admin.get("/sessions").links("/sessions/") if link not in before]
    booked, waiting = [link for link in new if len(link) > 40][:2]
    page = admin.get(booked)
    ids = {
        name: cast(re.Match[str], re.search(rf'name="{name}" value="([0-9a-f-]{{36}})"', page.text))[1]
        for name in ("streamer_id", "studio_id")
    }
    own = re.findall(r'name="streamer_id" value="([0-9a-f-]{36})".*?<span>(\S+?)\s*<', page.text, re.DOTALL)
    streamers = {name: streamer_id for streamer_id, name in own}
    ids["streamer_id"] = streamers.get("赵小溪", ids["streamer_id"])
    admin.send(page, {**asked, **ids, "percent": "10"}, action="/confirm")
    number = booked.rsplit("/", 1)[1]
    streamer.fill(f"/studio/{number}", {}, action="/begin")
    streamer.fill(f"/studio/{number}", {"product_id": told.facts["product"]["product_id"]}, action="/pin")
    return {
        "/sessions/*booked": booked,
        "/sessions/*asked": waiting,
        "/live/*": f"/live/{number}",
        "/studio/*": f"/studio/{number}",
    }


def _order(told: Story, *, pays: bool) -> str:
    buyer = told.person(BUYER)
    product = told.facts["product"]["product_id"]
    buyer.fill(f"/products/{product}", {"sku_id": told.facts["sku_id"], "quantity": "1"}, action="/cart")
    page = buyer.fill("/checkout?province=%E9%99%95%E8%A5%BF", ADDRESS, action="/checkout")
    number = cast(re.Match[str], re.search(r"SH\d{12}", page.text))[0]
    if pays:
        buyer.send(buyer.get(page.links("gateway.do")[0]), {"action": "pay"}, action="/cashier/")
    return number


def _state(told: Story, path: str) -> str:
    return str(told.person(BUYER).api("GET", path)["state"])


def _put_into_cart(told: Story) -> None:
    buyer = told.person(BUYER)
    for product in buyer.api("GET", "/products")["items"][1:3]:
        taken = {"sku_id": product["skus"][0]["sku_id"], "quantity": "2"}
        buyer.fill(f"/products/{product['product_id']}", taken, action="/cart")


def _cookie(visitor: Visitor) -> str:
    handlers: list[Any] = visitor._opener.handlers  # type: ignore[attr-defined]
    jar = next(each for each in handlers if isinstance(each, urllib.request.HTTPCookieProcessor)).cookiejar
    return next(
        str(cookie.value) for cookie in cast(http.cookiejar.CookieJar, jar) if cookie.name == "shanhuo"
    )


def _addresses(visitor: Visitor, paths: tuple[str, ...], filled: dict[str, str]) -> list[str]:
    """Replace the stars: by what was filled in, else by the first link of the list that the path is below."""
    found: list[str] = []
    for path in paths:
        if "*" not in path:
            found.append(path)
            continue
        above = path.split("*")[0]
        listed = "/" if above == "/products/" else above.rstrip("/")
        if path in filled:
            found.append(filled[path])
        elif path == "/checkout/*":
            number = filled["/orders/*awaiting"]
            found += visitor.get(number).links("/checkout/")[:1]
        else:
            links = [urlsplit(link).path for link in visitor.get(listed).links(above)]
            # A list also links to its form and its file: those are no entries.
            others = {above + "new", above + "export"}
            found += [link for link in links if link.startswith(above) and link not in others][:1]
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.exit(0)
