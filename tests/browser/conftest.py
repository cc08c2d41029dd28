"""A Chromium for all browser tests, and pages opened in a given look."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.browsing import Looking, chromium_path, open_browser, open_page, served
from tests.browser.gallery import make_gallery


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium_path() is None and os.environ.get("CI") != "true":
        pytest.skip("no Chromium is installed; the browser tests need one")
    with sync_playwright() as playwright, open_browser(playwright) as browser:
        yield browser


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Gives a function that opens an empty page in a look: browser_page(width=360, elder=True, dark=True)."""
    with ExitStack() as open_pages:
        yield lambda **look: open_pages.enter_context(open_page(browser, Looking(**look)))


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    """Serves the gallery; gives its address."""
    with served(make_gallery()) as address:
        yield address
