"""Every page of the story, seen by the people it is for, in a real browser on a running county."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import pages
from tests.browser.browsing import Looking, open_page
from tests.browser.checks import findings

pytestmark = pytest.mark.browser

FIRST_PAGE_BYTES = 100_000
# Words that stay as they are in Chinese: the switch to the other language, kinds of files, names.
STAYS = {"English", "CSV", "XLSX", "XLS", "UTF", "Alipay", "PDF", "JSON", "Excel", "Shapley"}
SMALLER = {
    pages.VISITOR: ("/", "/products/*", "/sign-in"),
    pages.BUYER: ("/cart", "/checkout", "/orders/*done"),
    pages.FARMER: ("/sell", "/packing", "/money"),
    pages.DRIVER: ("/driving",),
    pages.HUB: ("/intake/*waiting", "/tours/*"),
}
OTHER_LOOKS = (
    Looking(width=360, locale="en"),
    Looking(width=360, elder=True, dark=True),
    Looking(width=1280, locale="en", dark=True),
)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    with pages.running(tmp_path_factory.mktemp("county") / "here") as county:
        yield county


def signed_in(page: Page, county: pages.Running, phone: str) -> None:
    if phone:
        cookie = {"name": "shanhuo", "value": county.cookies[phone], "domain": "127.0.0.1", "path": "/"}
        page.context.add_cookies([cookie])


def english_left(page: Page) -> list[str]:
    """List the words on an open page that look like English nobody translated."""
    said = page.evaluate(
        """(names) => [document.title, document.body.innerText, ...names.flatMap((name) =>
            [...document.querySelectorAll(`[${name}]`)].map((one) => one.getAttribute(name)))].join(' | ')""",
        ["alt", "title", "aria-label", "placeholder"],
    )
    words = re.findall(r"(?<![\w./:@-])[A-Za-z]{3,}(?![\w./:@-])", said)
    return sorted(set(words) - STAYS)


def complaints_of(page: Page) -> list[str]:
    """Collect what the console says against a page from now on: failing scripts, broken policy."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def look_at_all(
    browser: Browser, county: pages.Running, look: Looking, chosen=pages.PAGES
) -> dict[str, list]:
    """Open everybody's pages in a look and give what is wrong with each."""
    wrong: dict[str, list] = {}
    for phone, paths in chosen.items():
        listed = dict(zip(pages.PAGES[phone], county.pages[phone], strict=True))
        with open_page(browser, look) as page:
            signed_in(page, county, phone)
            said = complaints_of(page)
            for path in paths:
                status = county.status_of(phone, path)
                answer = page.goto(county.address + listed[path], wait_until="load")
                trouble = [] if answer.status == status else [f"status {answer.status}; expected {status}"]
                trouble += findings(page, look)
                if look.locale == "zh_CN":
                    trouble += [f"English: {word}" for word in english_left(page)]
                # The browser itself writes one line about an answer that is no 200.
                trouble += [line for line in said if not (status >= 400 and f"{status}" in line)]
                said.clear()
                if trouble:
                    wrong[f"{phone or 'visitor'} {listed[path]}"] = trouble
    return wrong


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_of_the_story_is_whole_in_chinese(width, browser, county):
    wrong = look_at_all(browser, county, Looking(width=width))

    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("look", OTHER_LOOKS, ids=("english", "elder-dark", "desk-dark-english"))
def test_pages_are_whole_in_other_looks(look, browser, county):
    wrong = look_at_all(browser, county, look, SMALLER)

    assert not wrong, json.dumps(wrong, ensure_ascii=False, indent=1)


def test_the_first_page_of_a_product_is_small(browser, county):
    product = dict(zip(pages.PAGES[pages.VISITOR], county.pages[pages.VISITOR], strict=True))["/products/*"]
    with open_page(browser, Looking(width=360)) as page:
        traffic = page.context.new_cdp_session(page)
        traffic.send("Network.enable")
        received = []
        traffic.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        page.goto(county.address + product, wait_until="networkidle")
        photos = page.locator("main img").evaluate_all(
            "(all) => all.filter((one) => one.naturalWidth).length"
        )

    assert photos == 1
    assert 0 < sum(received) <= FIRST_PAGE_BYTES, f"{sum(received)} bytes"


def test_a_price_that_rises_behind_an_open_page_orders_nothing_without_scripts(browser, county):
    product = dict(zip(pages.PAGES[pages.VISITOR], county.pages[pages.VISITOR], strict=True))["/products/*"]
    listing = dict(zip(pages.PAGES[pages.FARMER], county.pages[pages.FARMER], strict=True))["/sell/*product"]
    plain = Looking(width=360, scripts=False)
    with open_page(browser, plain) as buyer, open_page(browser, plain) as grower:
        signed_in(buyer, county, pages.BUYER)
        signed_in(grower, county, pages.FARMER)
        buyer.goto(county.address + product)
        buyer.get_by_role("button", name="放进购物车").locator("visible=true").click()
        buyer.goto(county.address + "/checkout?province=陕西")
        typed = {"name": "李明", "phone": "13900000001", "city": "西安市", "county": "雁塔区"}
        for name, words in {**typed, "detail": "小寨东路1号"}.items():
            buyer.locator(f"input[name={name}]").fill(words)
        grower.goto(county.address + listing)
        price = grower.locator("input[name=price]").first
        price.fill(f"{float(price.input_value()) + 100:.2f}")
        price.press("Enter")
        order = buyer.locator("button[form=order]").locator("visible=true")
        shown = order.inner_text()

        order.click()

        assert buyer.url.endswith("/checkout")
        assert buyer.locator(".said").count() == 1
        assert buyer.locator("button[form=order]").locator("visible=true").inner_text() != shown
        buyer.locator("button[form=order]").locator("visible=true").click()
        assert re.search(r"/checkout/\w+$", buyer.url), buyer.locator("main").inner_text()


def test_an_order_is_placed_without_scripts(browser, county):
    product = dict(zip(pages.PAGES[pages.VISITOR], county.pages[pages.VISITOR], strict=True))["/products/*"]
    with open_page(browser, Looking(width=360, scripts=False)) as page:
        signed_in(page, county, pages.BUYER)
        page.goto(county.address + product)
        page.get_by_role("button", name="放进购物车").locator("visible=true").click()
        page.goto(county.address + "/checkout")
        page.locator("select[name=province]").select_option("陕西")
        page.get_by_role("button", name="看运费").click()
        typed = {"name": "李明", "phone": "13900000001", "city": "西安市", "county": "雁塔区"}
        for name, words in {**typed, "detail": "小寨东路1号"}.items():
            page.locator(f"input[name={name}]").fill(words)
        page.locator("button[form=order]").locator("visible=true").click()

        assert re.search(r"/checkout/\w+$", page.url), page.locator("main").inner_text()
        assert page.locator("a.main[href*='gateway.do']").locator("visible=true").count() == 1
