"""Takes pictures of pages in every look; run as `python -m tests.browser.screenshots`."""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.browsing import Looking, open_browser, open_page, served
from tests.browser.gallery import PAGES, make_gallery
from tests.browser.pages import Running, running

OUT = Path("screenshots")
DEMO_PASSWORD = "shanhuo-demo"
STORY_LOOKS = ("phone-zh", "phone-en", "desk-zh", "desk-en")
LOOKS = {
    "phone-zh": Looking(width=360, locale="zh_CN"),
    "phone-en": Looking(width=360, locale="en"),
    "phone-elder": Looking(width=360, locale="zh_CN", elder=True),
    "phone-dark": Looking(width=360, locale="zh_CN", dark=True),
    "desk-zh": Looking(width=1280, locale="zh_CN"),
    "desk-en": Looking(width=1280, locale="en"),
    "desk-elder": Looking(width=1280, locale="zh_CN", elder=True),
    "desk-dark": Looking(width=1280, locale="en", dark=True),
}


def main(arguments: list[str]) -> int:
    """Take the pictures; of the gallery, or of the pages of a running program."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots")
    parser.add_argument("--address", help="a running program; without it the gallery is served")
    parser.add_argument("--look", action="append", choices=sorted(LOOKS), help="only these looks")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--first-screen", action="store_true", help="only what is seen without scrolling")
    parser.add_argument("--sign-in", help="phone number of a demo account")
    parser.add_argument(
        "--story", action="store_true", help="every page of the story, on a county of its own"
    )
    parser.add_argument(
        "path", nargs="*", help="pages such as /money; all pages of the gallery when left out"
    )
    asked = parser.parse_args(arguments)
    paths = asked.path or ["/" if name == "shop" else f"/{name}" for name in PAGES]
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, open_browser(playwright) as browser:
        if asked.story:
            with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "here") as county:
                take_story(browser, county, asked)
        elif asked.address:
            take(browser, asked.address, paths, asked)
        else:
            with served(make_gallery()) as address:
                take(browser, address, paths, asked)
    return 0


def take(browser: Browser, address: str, paths: list[str], asked: argparse.Namespace) -> None:
    """Take one picture per page and look, and print its file."""
    for name in asked.look or LOOKS:
        with open_page(browser, LOOKS[name]) as page:
            if asked.sign_in:
                page.goto(address + "/sign-in")
                page.locator("input[name=phone]").first.fill(asked.sign_in)
                page.locator("input[name=password]").fill(DEMO_PASSWORD)
                with page.expect_navigation():
                    page.locator("input[name=password]").press("Enter")
            for path in paths:
                page.goto(address + path)
                file = (
                    asked.out / f"{path.strip('/').replace('/', '-').replace('?', '-') or 'front'}-{name}.png"
                )
                if not asked.first_screen:
                    show_whole(page)
                page.screenshot(path=file)
                print(file)


def take_story(browser: Browser, county: Running, asked: argparse.Namespace) -> None:
    """Take a picture of every page of the story in every look, seen by the people it is for."""
    for name in asked.look or STORY_LOOKS:
        for phone, paths in county.pages.items():
            with open_page(browser, LOOKS[name]) as page:
                if phone:
                    cookie = {"name": "shanhuo", "value": county.cookies[phone]}
                    page.context.add_cookies([{**cookie, "domain": "127.0.0.1", "path": "/"}])
                for number, path in enumerate(paths):
                    page.goto(county.address + path)
                    if not asked.first_screen:
                        show_whole(page)
                    place = path.strip("/").split("?")[0].split("/")[0] or "front"
                    file = asked.out / f"story-{phone[-2:] or '00'}-{number:02d}-{place}-{name}.png"
                    page.screenshot(path=file)
                    print(file)


def show_whole(page: Page) -> None:
    """Make the window as high as the page, so that what sticks to its edges stands at the end."""
    width = page.viewport_size["width"] if page.viewport_size else 1280
    page.set_viewport_size({"width": width, "height": 700})
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
