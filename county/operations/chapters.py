"""The chapters of the story: listing, live session, order and payment, packing, tours, settlement."""

import io
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageDraw

from county import clock, database
from county.checks import service as checks
from county.operations.story_files import daily_files
from county.operations.telling import (
    ADDRESS,
    ADMIN,
    AGENT,
    BUYER,
    COURIER,
    FARMER,
    HUB,
    STREAMER,
    Story,
    as_json,
    yuan,
)
from county.operations.visiting import NotAsExpected, Visitor
from county.places import service as places
from county.places.types import PlaceKind
from county.room import Room


def a_product_is_listed(story: Story) -> None:
    """The village agent lists a product for a farmer, with a photo, within the farmer's consent."""
    agent = story.person(AGENT)
    me = agent.get("/me")
    farmer_id = story.person(FARMER).api("GET", "/me")["person_id"]
    agent.send(me, {"farmer_id": farmer_id}, action="/act-for")
    agent.fill(
        "/sell/new",
        {
            "title": "秋茶手工绿茶",
            "category": "tea",
            "price": "68.50",
            "available": "20",
            "weight_kg": "0.5",
            "size": "250 g 罐",
            "description": "自家茶园，手工炒制。",
        },
        action="/sell/new",
        files={"picture": ("tea.jpg", _photo())},
    )
    found = Visitor(story.settings.public_url).api("GET", "/products?q=%E7%A7%8B%E8%8C%B6")
    product = found["items"][0]
    story.facts["product"] = product
    story.facts["sku_id"] = product["skus"][0]["sku_id"]
    story.step(
        f"刘桂兰 lists “{product['title']}” for 王秀英: {yuan(product['skus'][0]['price_fen'])}, "
        f"{product['skus'][0]['available']} pieces, with a photo."
    )
    visitor = Visitor(story.settings.public_url)
    counts = {
        word: len(visitor.api("GET", f"/products?q={quoted}")["items"])
        for word, quoted in (("魔芋", "%E9%AD%94%E8%8A%8B"), ("茶", "%E8%8C%B6"))
    }
    story.step(f"Search finds 魔芋 ({counts['魔芋']}) and 茶 ({counts['茶']}).")


def a_session_is_booked(story: Story) -> None:
    """The farmer asks for live hours; the association books them; a clash is refused by the database."""
    farmer, admin = story.person(FARMER), story.person(ADMIN)
    day = clock.county_day(clock.now()) + timedelta(days=1)
    asked = {"on": day.isoformat(), "begins": "12:00", "minutes": "60", "title": "秋茶上新"}
    for _twice in range(2):
        farmer.fill(
            "/sell/live/new",
            {**asked, "products": story.facts["product"]["product_id"]},
            action="/sell/live/new",
        )
    wanted = [link for link in admin.get("/sessions").links("/sessions/") if len(link) > 40][:]
    streamer_id = re.search(r'name="streamer_id" value="([0-9a-f-]{36})"', admin.get(wanted[0]).text)
    studio_id = re.search(r'name="studio_id" value="([0-9a-f-]{36})"', admin.get(wanted[0]).text)
    assert streamer_id and studio_id
    streamers = re.findall(r'name="streamer_id" value="([0-9a-f-]{36})"', admin.get(wanted[0]).text)
    names = dict(
        zip(re.findall(r"<span>(赵小溪|孙山月)", admin.get(wanted[0]).text), streamers, strict=False)
    )
    booking = {
        "streamer_id": names.get("赵小溪", streamers[0]),
        "studio_id": studio_id[1],
        "on": day.isoformat(),
        "begins": "12:00",
        "minutes": "60",
        "percent": "10",
    }
    own = [link for link in wanted if "秋茶上新" in admin.get(link).text]
    admin.fill(own[0], booking, action="/confirm")
    story.facts["session_id"] = own[0].rsplit("/", 1)[1]
    try:
        admin.fill(own[1], booking, action="/confirm")
    except NotAsExpected as refusal:
        story.step(
            f"赵小溪 is booked for 12:00; the same slot again is refused: {str(refusal)[-60:].strip()}"
        )
    else:
        raise NotAsExpected("the same slot was booked twice")


def the_session_is_live(story: Story) -> None:
    """The streamer goes on air and shows the product; the relay tells the viewers."""
    streamer = story.person(STREAMER)
    page = f"/studio/{story.facts['session_id']}"
    streamer.fill(page, {}, action="/begin")
    streamer.fill(page, {"product_id": story.facts["product"]["product_id"]}, action="/pin")
    state = as_json(streamer.get(f"/live/{story.facts['session_id']}/state"))
    shown = [event for event in state["events"] if event["kind"] == "pin"][0]
    story.step(
        f"On air: shows “{shown['title']}” at {yuan(shown['skus'][0]['price_fen'])}, {state['last']} events."
    )


def a_buyer_orders_and_pays(story: Story) -> None:
    """A buyer comes by the session's link, orders, and pays in the simulator's cashier."""
    buyer = story.person(BUYER)
    live = buyer.get(f"/live/{story.facts['session_id']}")
    link = next(each for each in live.links("/products/") if story.facts["product"]["product_id"] in each)
    buyer.fill(link, {"sku_id": story.facts["sku_id"], "quantity": "1"}, action="/cart")
    pay = buyer.fill(
        "/checkout?province=陕西".replace("陕西", "%E9%99%95%E8%A5%BF"), ADDRESS, action="/checkout"
    )
    order_no = re.search(r"SH\d{12}", pay.text)
    assert order_no
    story.facts["order_no"] = order_no[0]
    order = buyer.api("GET", f"/orders/{order_no[0]}")
    story.step(
        f"李明 orders {order_no[0]}: goods {yuan(order['goods_fen'])} + freight {yuan(order['freight_fen'])} "
        f"= {yuan(order['total_fen'])}."
    )
    cashier = buyer.get(next(each for each in pay.links("gateway.do")))
    back = buyer.send(cashier, {"action": "pay"}, action="/cashier/")
    if urlsplit(back.address).port != story.settings.port:
        raise NotAsExpected(f"the cashier did not lead back: {back.address}")
    story.wait_for("the payment's notice", lambda: _order(story)["state"] == "paid")
    paid = _order(story)
    story.step(
        f"Alipay's notice is booked: trade {paid['payments'][0]['trade_no']}, {yuan(paid['total_fen'])}."
    )


def the_grower_packs(story: Story) -> None:
    """The grower packs; a parcel waits at the village's station."""
    farmer = story.person(FARMER)
    page = farmer.fill(f"/packing/{story.facts['order_no']}", {}, action="/packing/")
    parcel = re.search(r"WB\d{12}", page.text)
    assert parcel
    story.facts["parcel_no"] = parcel[0]
    story.step(f"王秀英 packs it: parcel {parcel[0]} waits for the joint tour.")


def three_couriers_send_their_files(story: Story) -> None:
    """Three couriers' daily files in three layouts: CSV, GB18030 CSV, XLSX."""
    hub = story.person(HUB)
    taken = []
    with database.reading() as db:
        towns = {place.code: place.name for place in places.list_places(db, kind=PlaceKind.TOWN)}
        villages = [
            (towns[place.parent or ""], place.name.removesuffix("委会"))
            for place in places.list_places(db, kind=PlaceKind.VILLAGE)
            if place.name.endswith("村委会")
        ]
    for carrier, name, content in daily_files(clock.county_day(clock.now()), villages[::7]):
        page = hub.fill("/intake", {"carrier": carrier}, action="/intake", files={"file": (name, content)})
        done = hub.send(page, {}, action="/take-in")
        said = re.search(r"(\d+)\s*个?件?包裹", _words(done.text)) or re.search(r"(\d+) parcel", done.text)
        taken.append(f"{carrier} {name} {said[1] if said else '?'}")
    story.step("Daily files taken in: " + ", ".join(taken) + " parcels.")


def check_the_books(story: Story, rooms: Sequence[Room]) -> int:
    """Run every invariant; give 1 when one is broken."""
    with database.reading() as db:
        wanted = [invariant for room in rooms for invariant in room.invariants]
        findings = list(checks.check_invariants(db, invariants=wanted))
    broken = [finding.name for finding in findings if not finding.holds]
    story.say(f"Invariants: {len(findings)} checked, {len(broken)} broken. {', '.join(broken)}".strip())
    return 1 if broken else 0


def _order(story: Story) -> dict[str, Any]:
    found: dict[str, Any] = story.person(BUYER).api("GET", f"/orders/{story.facts['order_no']}")
    return found


def _words(text: str) -> str:
    return re.sub(r"<[^>]+>", " ", text)


def _photo() -> bytes:
    """Draw the photo that the agent takes."""
    picture = Image.new("RGB", (1600, 1200), "#e6f0ea")
    pen = ImageDraw.Draw(picture)
    for ring in range(9):
        pen.ellipse(
            (500 + ring * 20, 300 + ring * 20, 1100 - ring * 20, 900 - ring * 20),
            fill=(47 + ring * 8, 107, 79),
        )
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


ALL = (
    a_product_is_listed,
    a_session_is_booked,
    the_session_is_live,
    a_buyer_orders_and_pays,
    the_grower_packs,
    three_couriers_send_their_files,
)
COURIERS = (COURIER,)
