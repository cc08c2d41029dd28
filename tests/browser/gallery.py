"""The gallery: every part of the frame on a few pages like the real ones, for tests and pictures only."""

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, flash, g, jsonify, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFProtect

from county.errors import N_
from county.people.types import Caller, PersonId, Role
from county.web import filters, language
from county.web.places import Place

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
NOON = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
PAGES = ("shop", "product", "money", "sell", "desk", "parts", "empty", "trouble", "settings/look")


@dataclass(frozen=True)
class Line:
    """One line of a sum."""

    label: str
    fen: int
    href: str = ""


def make_gallery() -> Flask:
    """Make a small application that serves the gallery with the frame of the real one."""
    app = Flask(
        "gallery",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(SECRET_KEY=secrets.token_hex(32), BABEL_DEFAULT_LOCALE="zh_CN")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app)
    filters.install(app)
    csrf = CSRFProtect(app)
    csrf.exempt(app.view_functions["look.change_look"])
    for name in PAGES[:-1]:
        app.add_url_rule("/" if name == "shop" else f"/{name}", name, _page(name))
    app.add_url_rule("/sell", "sell_again", _page("sell"), methods=["POST"])
    app.add_url_rule(
        "/work", "work", lambda: jsonify(state="running", done_bp=8200, doing="8 200", numbers=[["1", "2"]])
    )
    app.config["PLACES"] = _places()

    @app.before_request
    def begin() -> None:
        g.request_id = "7f3a91c2d0b84e15"
        g.caller = make_caller(request.args.get("as", ""))

    @app.after_request
    def seal(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    app.context_processor(lambda: {"caller": g.get("caller")})
    return app


def make_caller(role: str = "") -> Caller:
    """Make the caller of a request in this role; a village agent acts for a farmer."""
    person_id = PersonId(UUID(int=7)) if role else None
    farmer_id = PersonId(UUID(int=8)) if role == "village_agent" else None
    return Caller(
        person_id=person_id,
        name="李秀兰" if role else "",
        roles=frozenset({Role(role), Role.BUYER}) if role else frozenset(),
        acting_for=farmer_id,
        acting_for_name="张三" if farmer_id else "",
        scopes=frozenset(),
        address="127.0.0.1",
        request_id=g.request_id,
    )


def _places() -> tuple[Place, ...]:
    everyone = ("visitor", "buyer")
    desk = ("association_admin", "courier_clerk")
    return (
        Place("shop", N_("Home"), "home", everyone, in_bar=1),
        Place("product", N_("Live"), "live", everyone, in_bar=2),
        Place("empty", N_("Cart"), "cart", everyone, in_bar=3),
        Place("look.show_look", N_("Me"), "person", (*everyone, "farmer"), in_bar=4),
        Place("sell", N_("Sell"), "sell", ("farmer",), in_bar=1),
        Place("empty", N_("Orders"), "orders", ("farmer",), in_bar=2),
        Place("money", N_("Money"), "money", ("farmer",), in_bar=3),
        Place("desk", N_("Parcels"), "parcel", desk, in_bar=1, room=N_("Logistics")),
        Place("parts", N_("Tours"), "truck", desk, in_bar=2, room=N_("Logistics")),
        Place("money", N_("Statements"), "ledger", desk, in_bar=3, room=N_("Logistics")),
        Place("product", N_("Products"), "leaf", desk, room=N_("Shop")),
        Place("sell", N_("Certificates"), "seal", desk, room=N_("Shop")),
        Place("trouble", N_("Schedule"), "calendar", desk, room=N_("Livestream")),
    )


def _page(name: str) -> Any:
    def show() -> str:
        if request.args.get("said"):
            flash(gettext("Your product is in the shop now."), "good")
        errors = (
            {"name": "errors", "price": "errors"}
            if request.args.get("wrong") or request.method == "POST"
            else {}
        )
        return render_template(f"frame_demo/{name}.html", errors=errors, **_content())

    return show


def _content() -> dict[str, Any]:
    return {
        "noon": NOON,
        "later": NOON + timedelta(hours=2),
        "day": date(2026, 11, 3),
        "Line": Line,
        "line": Line,
        "hours": lambda hours: NOON + timedelta(hours=hours),
        "days_on": lambda days: date(2026, 11, 3) + timedelta(days=days),
    }
