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
from county.ledger import service as ledger
from county.operations import chapters_money
from county.operations.story_files import daily_files
from county.operations.telling import (
    ADDRESS,
    ADMIN,
    AGENT,
    BUYER,
    COURIER,
    DRIVER,
    FARMER,
    HUB,
    SECOND_ADMIN,
    STREAMER,
    Story,
    as_json,
    yuan,
)
from county.operations.visiting import NotAsExpected, Visitor
from county.places import service as places
from county.places.types import PlaceKind
from county.room import Room

_AMOUNT = re.compile(r"¥([\d,]+\.\d\d)")


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
    story.facts["station"] = product["place"].removesuffix("委会")
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
        story.step(f"赵小溪 is booked for 12:00; the same slot again is refused ({_status(refusal)}).")
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
    story.facts["month"] = f"{clock.county_day(clock.now()):%Y-%m}"
    story.step(f"王秀英 packs it: parcel {parcel[0]} waits for the joint tour.")


def three_couriers_send_their_files(story: Story) -> None:
    """Three couriers' daily files in three layouts: CSV, GB18030 CSV, XLSX."""
    hub = story.person(HUB)
    taken: list[str] = []
    waybills: list[str] = []
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
        waybills += re.findall(r"\b(?:78|YT|JT)\d{12}\b", done.text)
    story.facts["waybills"] = list(dict.fromkeys(waybills))
    story.step("Daily files taken in: " + ", ".join(taken) + " parcels.")


def the_hub_scans(story: Story) -> None:
    """The hub clerk scans what the couriers brought."""
    numbers = story.facts["waybills"]
    story.person(HUB).fill("/hub", {"numbers": "\n".join(numbers), "what": "arrived"}, action="/hub/scan")
    story.step(f"The hub scans {len(numbers)} parcels in.")


def the_joint_tour_is_planned(story: Story) -> None:
    """All couriers' parcels in one plan, with a proven bound and baselines; published to the vans."""
    hub, admin = story.person(HUB), story.person(ADMIN)
    morning = clock.county_day(clock.now()) + timedelta(days=1)
    asked = {
        "on": morning.isoformat(),
        "departs": "08:00",
        "limit": "5",
        "baselines": "alone",
        "with_announced": "1",
    }
    page = hub.fill("/tours/new", asked, action="/tours/new")
    address = urlsplit(page.address).path
    story.wait_for(
        "the plan", lambda: as_json(hub.get(address + "/progress"))["state"] != "running", within_s=120
    )
    page = admin.get(address)
    admin.send(page, {}, action="/publish")
    story.facts["tour"] = address
    words = " ".join(_words(page.text).split())
    figures = re.findall(r"(?:¥[\d,]+\.\d\d|\d+(?:\.\d+)?\s*%)", words)
    until_morning = clock.day_start(morning) + timedelta(hours=8) - clock.now()
    story.later(seconds=until_morning.total_seconds())
    story.step(f"Joint tour planned and published: {', '.join(figures[:6])} (cost, bound, gap, baseline).")


def the_driver_drives(story: Story) -> None:
    """The driver of the van that passes the grower's village delivers and collects, stop by stop."""
    admin, driver = story.person(ADMIN), story.person(DRIVER)
    page = admin.get(story.facts["tour"])
    vans = [form.fields["vehicle"][0] for form in page.forms() if "vehicle" in form.fields]
    driver_id = driver.api("GET", "/me")["person_id"]
    for van in vans:
        admin.send(admin.get(story.facts["tour"]), {"vehicle": van, "driver": driver_id}, action="/driver")
        if story.facts["station"] in driver.get("/driving/stops").text:
            break
        admin.send(admin.get(story.facts["tour"]), {"vehicle": van, "driver": ""}, action="/driver")
    else:
        raise NotAsExpected(f"no van stops at {story.facts['station']}")
    stops = 0
    while True:
        page = driver.get("/driving")
        actions = [form.action for form in page.forms() if "/driving/" in form.action]
        if not actions:
            break
        stops += "/end" in actions[0]
        driver.send(page, {"how": "ticked"} if "/end" in actions[0] else {}, action=actions[0])
    story.wait_for("the order to be on its way", lambda: _order(story)["state"] == "shipped")
    story.step(f"{len(vans)} vans; 郑大勇 makes {stops} stops, takes the tea along: order is on its way.")


def the_parcel_is_delivered(story: Story) -> None:
    """Scanned at the hub, sent off; the linehaul courier's events come as a file; the buyer sees the way."""
    number = story.facts["parcel_no"]
    hub, courier = story.person(HUB), story.person(COURIER)
    for what in ("arrived", "departed"):
        story.later(minutes=10)
        hub = story.person(HUB)
        hub.fill("/hub", {"numbers": number, "what": what}, action="/hub/scan")
    story.later(hours=30)
    courier = story.person(COURIER)
    begun = clock.now().astimezone(clock.COUNTY_ZONE)
    lines = ["运单号,扫描时间,状态,地点"]
    way = ((20, "到达", "西安转运中心"), (8, "派件", "西安雁塔"), (1, "签收", "西安雁塔"))
    for hours, status, place in way:
        lines.append(f"{number},{begun - timedelta(hours=hours):%Y-%m-%d %H:%M},{status},{place}")
    feed = "\n".join(lines).encode()
    courier.fill("/feeds", {}, action="/feeds", files={"file": ("中通轨迹.csv", feed)})
    story.wait_for("the order to be delivered", lambda: _order(story)["state"] == "delivered")
    page = story.person(BUYER).get(f"/orders/{story.facts['order_no']}")
    steps = page.text.count('class="what"')
    story.step(f"Delivered in 西安; 李明 sees {steps} steps of the parcel's way.")


def the_money_is_released(story: Story) -> None:
    """After the claim window everybody's part is theirs; the grower's page adds up."""
    story.later(hours=49)
    story.wait_for("the release", lambda: _order(story)["state"] == "completed")
    farmer, streamer = story.person(FARMER), story.person(STREAMER)
    yours = max(_AMOUNT.findall(_words(farmer.get("/money").text)), key=lambda yuan: (len(yuan), yuan))
    commission = _AMOUNT.findall(_words(streamer.get("/commissions").text))[0]
    story.step(f"Claim window over: 王秀英's page says ¥{yours}, 赵小溪's commission ¥{commission}.")
    with database.reading() as db:
        for account, fen in ledger.balances(db, prefix="payable").items():
            story.say(f"      {account} {yuan(-fen)}")


def a_statement_is_explained(story: Story) -> None:
    """The courier's statement: what we owe is agreed, what it charges too much is in dispute."""
    admin, number = story.person(ADMIN), story.facts["parcel_no"]
    month = story.facts["month"]
    lines = ["中通快递岚皋网点对账单,,,", "单号,目的省份,结算重量(kg),运费(元)"]
    lines += [f"{number},陕西省,0.5,8.00", "7899999999999,陕西省,1.0,9.50", "合计,,,17.50"]
    statement = "\r\n".join(lines).encode("gb18030")
    page = admin.fill(
        "/statements",
        {"carrier": "中通", "period": month},
        action="/statements",
        files={"file": ("中通对账单.csv", statement)},
    )
    address = urlsplit(page.address).path
    story.wait_for("the reconciliation", lambda: as_json(admin.get(address + "/progress"))["state"] == "done")
    page = admin.get(address)
    figures = _AMOUNT.findall(_words(page.text))
    admin.send(page, {}, action="/agree")
    story.step(f"中通's statement: billed ¥{figures[0]}, agreed ¥{figures[1]}, in dispute ¥{figures[2]}.")


def the_month_is_netted(story: Story) -> None:
    """The month is over: exact shares against agreed linehaul, closed by a second person."""
    while f"{clock.county_day(clock.now()):%Y-%m}" == story.facts["month"]:
        story.later(days=1)
    story.person(ADMIN).fill("/settlement", {"period": story.facts["month"]}, action="/settlement")
    address = f"/settlement/{story.facts['month']}"
    second = story.person(SECOND_ADMIN)
    story.wait_for(
        "the shares", lambda: as_json(second.get(address + "/progress"))["state"] == "done", within_s=120
    )
    second.send(second.get(address), {}, action="/close")
    page = second.get(address)
    couriers = len(re.findall(r"<tr", page.text)) - 1
    cost, linehaul = _AMOUNT.findall(_words(page.text))[:2]
    month = story.facts["month"]
    story.step(f"{month} is closed: joint tours ¥{cost}, linehaul ¥{linehaul}, {couriers} lines.")


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


def _status(refusal: NotAsExpected) -> str:
    found = re.search(r"answered (\d{3})", str(refusal))
    return found[1] if found else "no status"


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
    the_hub_scans,
    the_joint_tour_is_planned,
    the_driver_drives,
    the_parcel_is_delivered,
    the_money_is_released,
    *chapters_money.ALL,
    a_statement_is_explained,
    the_month_is_netted,
    chapters_money.a_courier_pays_its_month,
)
