"""Chooses the language of a page and keeps the catalogues of messages; `python -m county.web.language`."""

import sys

from babel import Locale
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel

from county import clock
from county.web import look
from county.web.access import load_caller
from county.web.catalogs import TRANSLATIONS, compile_catalogs, list_rooms, update_catalog

# Parsed once: Babel would do it anew for every page.
_LOCALES = {name: Locale.parse(name) for name in look.LOCALES}

__all__ = ["choose_locale", "compile_catalogs", "install"]


def install(app: Flask) -> None:
    """Give the application its languages; compiles the catalogues when they are missing or older."""
    compile_catalogs()
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh_CN")
    Babel(
        app,
        default_translation_directories=str(TRANSLATIONS),
        default_timezone=str(clock.COUNTY_ZONE),
        locale_selector=lambda: _LOCALES[choose_locale()],
    )


def choose_locale() -> str:
    """Choose the language: `?lang=`, the cookie, the person's own setting, the county's default."""
    default: str = current_app.config["BABEL_DEFAULT_LOCALE"]
    if not has_request_context():
        return default
    for wanted in (request.args.get("lang", ""), look.chosen().locale, _of_person()):
        if wanted in look.LOCALES:
            return wanted
    return default


def _of_person() -> str:
    # Programs speak English unless they ask for something else.
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(("en", "zh_CN"), "en") or "en"
    return getattr(load_caller(), "locale", None) or ""


def main(arguments: list[str]) -> int:
    """Compile the catalogues, or with `update [ROOM …]` add the message ids that they lack."""
    if arguments[:1] == ["update"]:
        for room in arguments[1:] or list_rooms():
            added, missing = update_catalog(room)
            print(f"{room}: {added} new message ids, {missing} without a translation")
        return 0
    if arguments:
        print("usage: python -m county.web.language [update [ROOM …]]", file=sys.stderr)
        return 2
    print("compiled" if compile_catalogs() else "nothing to compile")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
