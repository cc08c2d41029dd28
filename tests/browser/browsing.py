"""Opens pages in Chromium in a given look, and serves an application on 127.0.0.1 for it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Browser, Page, Playwright
from werkzeug.serving import WSGIRequestHandler, make_server

HEIGHT = {360: 740, 1280: 800}


@dataclass(frozen=True)
class Looking:
    """How a page is looked at: how wide, in which language, with elder mode, dark, a text size step."""

    width: int = 360
    locale: str = "zh_CN"
    elder: bool = False
    dark: bool = False
    text_step: int = 0
    scripts: bool = True


def chromium_path() -> str | None:
    """Find an installed Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def open_browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the installed Chromium; without one, the browser that playwright brings."""
    # As root (containers, CI) Chromium refuses to start with its sandbox.
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def open_page(browser: Browser, looking: Looking) -> Iterator[Page]:
    """Open an empty page whose visitor has chosen this look."""
    context = browser.new_context(
        viewport={"width": looking.width, "height": HEIGHT.get(looking.width, 800)},
        color_scheme="dark" if looking.dark else "light",
        java_script_enabled=looking.scripts,
        locale=looking.locale.replace("_", "-"),
        reduced_motion="reduce",
    )
    value = f"{looking.locale}.{int(looking.elder)}.{looking.text_step}."
    context.add_cookies([{"name": "look", "value": value, "domain": "127.0.0.1", "path": "/"}])
    try:
        yield context.new_page()
    finally:
        context.close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: a failing test shows its own findings."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on a free port of 127.0.0.1 while the block runs; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
