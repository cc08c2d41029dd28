"""The small scripts help, and every page works without them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.checks import sideways

pytestmark = pytest.mark.browser
DRAFT = "draft:00000000-0000-0000-0000-000000000007:/sell:sell"


def test_switches_work_without_script(browser_page, gallery):
    page = browser_page(scripts=False)
    page.goto(gallery + "/empty?as=buyer")
    page.get_by_role("button", name="大字版").click()

    assert page.url == gallery + "/empty?as=buyer"
    assert page.locator("html").get_attribute("class") == "elder"

    page.get_by_role("button", name="English").click()

    assert page.locator("h1").inner_text() == "Cart"
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_form_is_sent_from_the_bar_without_script(browser_page, gallery):
    page = browser_page(scripts=False, locale="en")
    page.goto(gallery + "/sell?as=farmer")

    # The steppers' buttons would do nothing, so they are not there; the number can be typed.
    assert page.locator(".stepper button").first.is_hidden()
    page.fill("#amount", "12")
    page.locator(".thumb-action button").click()

    assert page.get_by_role("alert").get_by_role("link").count() == 2


def test_what_went_wrong_takes_the_focus_and_leads_to_the_field(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/sell?as=farmer&wrong=1")

    assert page.evaluate("document.activeElement.className") == "summary"
    page.get_by_role("link", name="The price is missing.").click()
    assert page.evaluate("document.activeElement.id || location.hash") in ("price", "#price")


def test_what_was_said_takes_the_focus(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/empty?said=1")

    assert page.evaluate("document.activeElement.innerText.trim()") == "Your product is in the shop now."


def test_the_first_tab_stop_skips_to_the_content(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/empty")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_steppers_stay_within_their_limits(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/product")
    more, less = page.locator("[data-step='1']"), page.locator("[data-step='-1']")
    less.click()
    assert page.input_value("#quantity") == "1"
    more.click(click_count=3)
    assert page.input_value("#quantity") == "4"


def test_a_draft_survives_a_reload_and_goes_when_it_was_sent(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/sell?as=farmer")
    page.fill("#name", "Spring tea")
    page.locator("input[value=honey]").check()
    page.reload()

    assert page.input_value("#name") == "Spring tea"
    assert page.locator("input[value=honey]").is_checked()
    assert "kept on this phone" in page.locator(".draft").inner_text()

    # The gallery answers every sent form with errors, and then the draft stays …
    page.locator(".thumb-action button").click()
    expect(page.locator(".summary")).to_be_visible()
    page.wait_for_load_state()
    page.goto(gallery + "/sell?as=farmer")
    assert page.input_value("#name") == "Spring tea"
    # … and goes when the next page comes without.
    page.evaluate(f"sessionStorage.setItem('sent', '{DRAFT}')")
    page.goto(gallery + "/empty")
    page.goto(gallery + "/sell?as=farmer")
    assert page.input_value("#name") == ""


def test_a_draft_for_one_farmer_is_not_shown_for_another(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/sell?as=village_agent")
    page.fill("#name", "Spring tea of Zhang San")

    page.goto(gallery + "/sell?as=farmer")

    assert page.input_value("#name") == ""


def test_a_draft_never_keeps_tokens_or_files(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/sell?as=farmer")
    page.fill("#name", "Spring tea")

    kept = page.evaluate(f"JSON.parse(localStorage.getItem('{DRAFT}'))")
    assert set(kept) == {"name", "price", "amount", "kind", "village", "story", "own"}


def test_long_work_follows_its_address(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/parts?as=association_admin")
    expect(page.locator("progress")).to_have_js_property("value", 8200)

    assert page.locator("[data-doing]").inner_text() == "8 200"
    assert page.locator("[data-numbers] dd").all_inner_texts() == ["2"]


def test_chosen_pictures_are_shown(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/sell?as=farmer")
    pixel = bytes.fromhex(
        "47494638396101000100800000ffffff00000021f90400000000002c00000000010001000002024401003b"
    )
    page.set_input_files("#photo", [{"name": "tea.gif", "mimeType": "image/gif", "buffer": pixel}])

    assert page.locator(".previews img").count() == 1


def test_select_all_ticks_the_page(browser_page, gallery):
    page = browser_page(width=1280, locale="en")
    page.goto(gallery + "/desk?as=association_admin")
    page.locator("[data-select-all]").check()

    assert page.locator("input[name=parcel]:checked").count() == 6


def test_pages_load_nothing_that_their_policy_forbids(browser_page, gallery):
    page = browser_page(locale="en")
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("/", "/sell?as=farmer&wrong=1", "/parts?as=association_admin", "/money?as=farmer"):
        page.goto(gallery + path)
        page.wait_for_load_state("networkidle")

    assert complaints == []


def test_the_bar_covers_nothing_at_the_end_of_the_page(browser_page, gallery):
    page = browser_page(locale="en", elder=True)
    page.goto(gallery + "/sell?as=farmer")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    end_of_foot = page.evaluate("document.querySelector('.foot').getBoundingClientRect().bottom")

    assert end_of_foot <= page.evaluate("document.querySelector('.thumb').getBoundingClientRect().top") + 1


def test_paper_is_black_on_white_without_navigation(browser_page, gallery):
    page = browser_page(width=1280, locale="en", dark=True)
    page.goto(gallery + "/desk?as=association_admin")
    page.emulate_media(media="print", color_scheme="dark")

    for hidden in (".rail", ".sign-tools", ".filters", ".pager", ".foot", ".crumbs"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert page.locator("h1").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert re.match(rb"%PDF-", page.pdf(format="A4"))


def test_a_phone_shows_the_desk_places_behind_the_menu(browser_page, gallery):
    page = browser_page(locale="en")
    page.goto(gallery + "/desk?as=association_admin")
    page.locator(".menu > summary").click()

    assert page.locator(".menu-sheet a:visible").count() == 10
    assert sideways(page) == []
