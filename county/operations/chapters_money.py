"""The story's chapters about money: one payment for two sellers, a claim, Alipay's split, the bank."""

import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from PIL import Image, ImageDraw

from county import clock, database, money
from county.ledger import service as ledger
from county.ledger.types import Book
from county.operations.telling import (
    ADDRESS,
    ADMIN,
    COURIER,
    FARMER,
    HUB,
    SECOND_ADMIN,
    SECOND_BUYER,
    STREAMER,
    Story,
    as_json,
    yuan,
)
from county.operations.visiting import NotAsExpected, Page, Visitor

FARM, FARM_NAME = "13900000072", "陈家山柑橘农场"
HONEY, ORANGES = "土蜂蜜", "高山蜜橘"


def a_mixed_cart_is_paid_at_once(story: Story) -> None:
    """Honey of the cooperative and oranges of a licensed farm: two sellers of record, one payment."""
    buyer = story.person(SECOND_BUYER)
    for title in (HONEY, ORANGES):
        product = buyer.api("GET", f"/products?q={quote(title)}")["items"][0]
        chosen = {"sku_id": product["skus"][0]["sku_id"], "quantity": "1"}
        buyer.fill(f"/products/{product['product_id']}", chosen, action="/cart")
    pay = buyer.fill(f"/checkout?province={quote('陕西')}", ADDRESS, action="/checkout")
    numbers = list(dict.fromkeys(re.findall(r"SH\d{12}", pay.text)))
    orders = [buyer.api("GET", f"/orders/{number}") for number in numbers]
    if len(orders) != 2:
        raise NotAsExpected(f"expected two orders, got {len(orders)}")
    by_seller = {order["seller"]: order["order_no"] for order in orders}
    story.facts["oranges"] = by_seller[FARM_NAME]
    story.facts["honey"] = next(number for seller, number in by_seller.items() if seller != FARM_NAME)
    buyer.send(buyer.get(pay.links("gateway.do")[0]), {"action": "pay"}, action="/cashier/")
    for number in numbers:
        _wait_until(story, number, "paid")
    total_fen = sum(order["total_fen"] for order in orders)
    parts = " + ".join(f"{order['seller']} {yuan(order['total_fen'])}" for order in orders)
    story.step(f"One visit to the cashier, two trades: {parts} = {yuan(total_fen)}.")


def both_growers_pack_and_it_arrives(story: Story) -> None:
    """The farm's owner signs in by one-time code; both parcels travel and are delivered."""
    farm = by_code(story, FARM)
    parcels = []
    for visitor, which in ((story.person(FARMER), "honey"), (farm, "oranges")):
        address = f"/packing/{story.facts[which]}"
        page = visitor.fill(address, {}, action=address)
        parcels += re.findall(r"WB\d{12}", page.text)[:1]
    for what in ("arrived", "departed"):
        story.later(minutes=10)
        story.person(HUB).fill("/hub", {"numbers": "\n".join(parcels), "what": what}, action="/hub/scan")
    story.later(hours=30)
    signed_at = clock.now().astimezone(clock.COUNTY_ZONE) - timedelta(hours=1)
    lines = ["运单号,扫描时间,状态,地点"]
    lines += [f"{number},{signed_at:%Y-%m-%d %H:%M},签收,西安雁塔" for number in parcels]
    feed = {"file": ("中通轨迹二.csv", "\n".join(lines).encode())}
    story.person(COURIER).fill("/feeds", {}, action="/feeds", files=feed)
    for order_no in ("honey", "oranges"):
        _wait_until(story, story.facts[order_no], "delivered")
    story.step(f"Parcels {' and '.join(parcels)} are delivered.")


def three_of_ten_are_rotten(story: Story) -> None:
    """The buyer claims with a photo, sees the money first; the farm accepts; Alipay pays back."""
    buyer, order_no = story.person(SECOND_BUYER), story.facts["oranges"]
    page = buyer.fill(
        f"/orders/{order_no}/claim/0/spoiled",
        {"spoiled": "3", "pieces": "10", "says": "三个烂了"},
        action="/claim/0/spoiled",
        files={"picture": ("oranges.jpg", _photo())},
    )
    page = buyer.send(page, {}, action="/send")
    claim = urlsplit(page.address).path.rsplit("/", 1)[1]
    story.facts["claim"] = claim
    farm = by_code(story, FARM)
    farm.fill(f"/sell/claims/{claim}", {}, action="/approve")
    story.wait_for(
        "the refund", lambda: buyer.api("GET", f"/claims/{claim}")["state"] in ("refunded", "done", "closed")
    )
    found = buyer.api("GET", f"/claims/{claim}")
    back_fen = found.get("goods_fen", 0) + found.get("freight_fen", 0)
    story.step(f"3 of 10 oranges are rotten: claim {claim} is accepted, {yuan(back_fen)} go back.")


def alipay_splits_the_farms_order(story: Story) -> None:
    """After the claim window Alipay confirms and splits what is left of the farm's order."""
    story.later(hours=49)
    for order_no in ("honey", "oranges"):
        _wait_until(story, story.facts[order_no], "completed")
    held = f"liability:order:{story.facts['oranges'].lower()}"

    def is_settled() -> bool:
        with database.reading() as db:
            owed = ledger.balances(db, prefix="payable:association", book=Book.MEMO)
            return ledger.balance(db, account=held, book=Book.MEMO) == 0 and not any(owed.values())

    story.wait_for("Alipay's split", is_settled)
    books = as_json(Visitor(_simulator(story)).get("/simulator/books"))
    story.step(f"Alipay has split the farm's order; the association has its part. {_books_line(books)}")


def the_days_bill_is_read(story: Story) -> None:
    """Alipay's bill of the days before is read: its fees are booked, nothing differs."""
    story.later(days=1)
    story.wait_for("the fees of the bill", lambda: _balance("expense:alipay-fee") > 0)
    tasks = story.person(ADMIN).get("/payments/tasks")
    story.step(
        f"Alipay's bill: fees {yuan(_balance('expense:alipay-fee'))} borne by the association; "
        f"{len(tasks.links('/payments/tasks/'))} tasks wait for a person."
    )


def the_money_comes_from_alipay_to_the_bank(story: Story) -> None:
    """What the cooperative owes its people is withdrawn at Alipay; its arrival in the bank is booked."""
    owed_fen = 0
    with database.reading() as db:
        for kind in ("grower", "streamer"):
            owed_fen -= sum(ledger.balances(db, prefix=f"payable:{kind}").values())
        at_alipay = ledger.balances(db, prefix="cash:alipay")
    account, there_fen = max(at_alipay.items(), key=lambda each: each[1])
    fen = min(owed_fen, there_fen)
    party = account.removeprefix("cash:alipay:")
    _book(story, "in", "alipay", fen, reference="LS202611280001", party=party)
    story.step(f"{yuan(fen)} came from Alipay; {yuan(there_fen - fen)} still lie there.")


def the_bank_pays_grower_and_streamer(story: Story) -> None:
    """A paper covers the weigh slips; two people make each run; the bank's answer says paid."""
    today_on = clock.county_day(clock.now())
    story.person(ADMIN).fill(
        "/papers",
        {
            "kind": "own_produce",
            "phone": FARMER,
            "number": "自产证明2026-018",
            "issued_on": today_on.isoformat(),
            "from_on": (today_on - timedelta(days=60)).isoformat(),
            "last_on": (today_on + timedelta(days=60)).isoformat(),
        },
        action="/papers",
    )
    paid = [f"{kind} {_run(story, kind)}" for kind in ("growers", "streamers")]
    arrived = [_arrived(story.person(phone).get("/my-payments")) for phone in (FARMER, STREAMER)]
    story.step(
        f"Pay runs, made by one and confirmed by another: {', '.join(paid)}; "
        f"王秀英 sees ¥{arrived[0]} arrived, 赵小溪 ¥{arrived[1]}."
    )


def what_else_the_bank_did_is_booked(story: Story) -> None:
    """Own money, own spending, and withheld tax if there is any stand on the bank's statement, too."""
    tax_fen = -_balance("liability:tax-withheld")
    _book(story, "in", "own_in", 50_000, reference="LS202611280002")
    _book(story, "out", "spending", 1_200, reference="LS202611280003", note="快递纸箱")
    if tax_fen:
        _book(story, "out", "tax", tax_fen, reference="LS202611280004")
    story.step(
        f"Own money {yuan(50_000)} came into the bank account, {yuan(1_200)} were spent on boxes, "
        f"{yuan(tax_fen)} of tax paid; {yuan(_balance('cash:bank'))} are left according to the books."
    )


def a_courier_pays_its_month(story: Story) -> None:
    """The courier that owes most after netting pays; the line of the bank's statement is booked."""
    with database.reading() as db:
        account, fen = max(ledger.balances(db, prefix="receivable:courier").items(), key=lambda each: each[1])
    party = account.removeprefix("receivable:courier:")
    _book(story, "in", "courier_in", fen, reference="LS202611280005", party=party)
    story.step(f"A courier pays {yuan(fen)} for the month; {yuan(_balance(account))} are still owed.")


def the_growers_month_adds_up(story: Story) -> None:
    """The grower's statement of the month: opening, every line, closing, as the ledger has it."""
    page = story.person(FARMER).get("/account-statements/mine")
    figures = re.findall(r"[\d,]+\.\d\d", _words(page.text))
    story.step(f"王秀英's statement of the month has {len(figures)} figures and closes with ¥{figures[-1]}.")


ALL = (
    a_mixed_cart_is_paid_at_once,
    both_growers_pack_and_it_arrives,
    three_of_ten_are_rotten,
    alipay_splits_the_farms_order,
    the_days_bill_is_read,
    the_money_comes_from_alipay_to_the_bank,
    the_bank_pays_grower_and_streamer,
    what_else_the_bank_did_is_booked,
    the_growers_month_adds_up,
)


def _book(
    story: Story, way: str, kind: str, fen: int, *, reference: str, party: str = "", note: str = ""
) -> None:
    """Book a line of the bank's statement."""
    after_fen = _balance("cash:bank") + (fen if way == "in" else -fen)
    given = {
        "kind": kind,
        "party": party,
        "yuan": money.format_yuan(fen),
        "moved_on": clock.county_day(clock.now()).isoformat(),
        "reference": reference,
        "note": note,
    }
    fields = {f"{way}_{name}": value for name, value in given.items() if value}
    story.person(ADMIN).fill("/bank", fields, action=f"/bank/{way}")
    if _balance("cash:bank") != after_fen:
        raise NotAsExpected(
            f"the bank account holds {yuan(_balance('cash:bank'))}, expected {yuan(after_fen)}"
        )


def _run(story: Story, kind: str) -> str:
    """Take a pay run from its making to the bank's answer; give what it paid."""
    page = story.person(ADMIN).get(f"/pay-runs?kind={kind}")
    page = story.person(ADMIN).send(page, {"kind": kind}, action="/pay-runs")
    address = urlsplit(page.address).path
    second = story.person(SECOND_ADMIN)
    second.send(second.get(address), {}, action="/confirm")
    for step in ("/export", "/send"):
        page = story.person(ADMIN).send(story.person(ADMIN).get(address), {}, action=step)
    file = story.person(ADMIN).send(story.person(ADMIN).get(address), {}, action="/file/csv")
    rows = [line.split(",") for line in file.text.lstrip("\ufeff").splitlines() if line.strip()]
    serials = [row[0] for row in rows[1:]]
    answer = "\n".join(["流水号,处理结果", *(f"{serial},成功" for serial in serials)]).encode()
    page = story.person(ADMIN).send(
        story.person(ADMIN).get(address), {}, action="/answer", files={"file": ("回盘.csv", answer)}
    )
    amounts = re.findall(r"¥([\d,]+\.\d\d)", _words(page.text))
    return f"¥{amounts[0]}"


def _arrived(page: Page) -> str:
    amounts: list[str] = re.findall(r"([\d,]+\.\d\d)", _words(page.text))
    return max(amounts, key=lambda text: float(text.replace(",", "")))


def by_code(story: Story, phone: str) -> Visitor:
    """Give somebody's browser, signed in by the one-time code that the demo prints."""
    if phone in story.people:
        return story.people[phone]
    visitor = Visitor(story.settings.public_url)
    logs = story.settings.instance / "logs"
    sign = f"[SMS {phone[:3]}******{phone[-2:]}]"

    def codes() -> list[str]:
        said = "\n".join(file.read_text(encoding="utf-8") for file in sorted(logs.glob("*.log")))
        return re.findall(re.escape(sign) + r".*?(\d{6})", said)

    before = len(codes())
    page = visitor.fill("/sign-in", {"phone": phone}, action="/sign-in/code")
    story.wait_for("the one-time code", lambda: len(codes()) > before)
    visitor.send(page, {"phone": phone, "code": codes()[-1]}, action="/sign-in")
    story.people[phone] = visitor
    return visitor


def _wait_until(story: Story, order_no: str, state: str) -> None:
    def is_there() -> bool:
        found = story.person(SECOND_BUYER).api("GET", f"/orders/{order_no}")
        return bool(found["state"] == state)

    story.wait_for(f"order {order_no} to be {state}", is_there)


def _balance(account: str) -> int:
    with database.reading() as db:
        return ledger.balance(db, account=account)


def _simulator(story: Story) -> str:
    return story.settings.alipay_gateway.rsplit("/", 1)[0]


def _books_line(books: Any) -> str:
    total = books.get("total_fen") if isinstance(books, dict) else None
    return f"The simulator's books still add up to {yuan(total)}." if isinstance(total, int) else ""


def _words(text: str) -> str:
    return re.sub(r"<[^>]+>", " ", text)


def _photo() -> bytes:
    """Draw the photo of the rotten oranges."""
    picture = Image.new("RGB", (1200, 900), "#fdf0dc")
    pen = ImageDraw.Draw(picture)
    for number in range(10):
        left, top = 60 + number % 5 * 220, 150 + number // 5 * 330
        pen.ellipse((left, top, left + 190, top + 190), fill="#5b4a3a" if number < 3 else "#d9761e")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
