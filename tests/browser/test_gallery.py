"""The gallery in a real browser: every part of the frame in every look."""

import json

import pytest

from tests.browser.browsing import Looking
from tests.browser.checks import enlarge_text, findings, sideways, small_targets

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/product",
    "/money?as=farmer",
    "/sell?as=village_agent&wrong=1&said=1",
    "/desk?as=association_admin",
    "/parts?as=association_admin",
    "/empty",
    "/trouble",
    "/settings/look?as=farmer",
)
LOOKS = (
    Looking(width=360, locale="zh_CN"),
    Looking(width=360, locale="en", elder=True),
    Looking(width=360, locale="zh_CN", elder=True, dark=True),
    Looking(width=1280, locale="en"),
    Looking(width=1280, locale="zh_CN", dark=True),
    Looking(width=1280, locale="zh_CN", elder=True),
)


def name_of(look):
    return f"{look.width}-{look.locale}{'-elder' * look.elder}{'-dark' * look.dark}"


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
def test_every_page_is_accessible_and_fits(look, browser_page, gallery):
    page = browser_page(**vars(look))
    found = {}
    for path in PAGES:
        page.goto(gallery + path)
        if trouble := findings(page, look):
            found[path] = trouble

    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


@pytest.mark.parametrize("width", [360, 1280])
def test_at_200_percent_text_nothing_runs_out_of_the_page(width, browser_page, gallery):
    page = browser_page(width=width, locale="en")
    found = {}
    for path in PAGES:
        page.goto(gallery + path)
        enlarge_text(page, percent=200)
        if trouble := sideways(page) + small_targets(page, minimum_px=44):
            found[path] = trouble

    assert not found, json.dumps(found, ensure_ascii=False, indent=1)


def test_elder_mode_enlarges_to_30_px(browser_page, gallery):
    page = browser_page(elder=True, text_step=4)
    page.goto(gallery + "/money?as=farmer")

    assert page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
    assert sideways(page) == []
