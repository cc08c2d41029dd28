"""What every page must keep: axe finds nothing, no sideways scroll, targets and type are big enough."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.browsing import Looking

HERE = Path(__file__).parent
AXE = HERE / "vendor" / "axe-core-4.14.1" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET_PX = 44
ELDER_TARGET_PX = 60
TEXT_PX = 16
ELDER_TEXT_PX = 18


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _ask(page: Page, name: str, argument: object = None) -> list[str]:
    # Evaluated from outside, so that the page's content security policy stays in force.
    found: list[str] = page.evaluate(
        f"(argument) => ({_text(HERE / 'checks.js')}).{name}(argument)", argument
    )
    return found


def axe(page: Page) -> list[str]:
    """List what axe finds on an open page: one line per rule and element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_text(AXE))
    return _ask(page, "axe", RULES)


def sideways(page: Page) -> list[str]:
    """List what makes an open page scroll sideways."""
    return _ask(page, "sideways")


def small_targets(page: Page, *, minimum_px: int) -> list[str]:
    """List links, buttons and fields smaller than a target, except links inside a sentence."""
    return _ask(page, "smallTargets", minimum_px)


def small_text(page: Page, *, minimum_px: int) -> list[str]:
    """List texts set smaller than this."""
    return _ask(page, "smallText", minimum_px)


def enlarge_text(page: Page, *, percent: int) -> None:
    """Enlarge the text of an open page as a browser's own text size does."""
    page.evaluate("(percent) => { document.documentElement.style.fontSize = percent + '%'; }", percent)


def findings(page: Page, look: Looking) -> list[str]:
    """List everything wrong with an open page in this look; empty when all is well."""
    headings = page.locator("h1").count()
    return [
        *axe(page),
        *sideways(page),
        *small_targets(page, minimum_px=ELDER_TARGET_PX if look.elder else TARGET_PX),
        *small_text(page, minimum_px=ELDER_TEXT_PX if look.elder else TEXT_PX),
        *([] if headings == 1 else [f"{headings} headings of the first level; expected one"]),
    ]
