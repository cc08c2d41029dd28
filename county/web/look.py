"""How a visitor wants pages to look: language, elder mode, text size, the role whose places are shown."""

import re
from dataclasses import dataclass, replace

from flask import Blueprint, Response, has_request_context, redirect, render_template, request, url_for
from flask_babel import gettext

from county.errors import N_
from county.web.access import PUBLIC, allow, load_caller

LOCALES = {"zh_CN": "中文", "en": "English"}
TEXT_STEPS = 5
COOKIE = "look"
_COOKIE = re.compile(r"(zh_CN|en|)\.([01])\.([0-4])\.([a-z_]{0,32})")
_KEPT_S = 365 * 24 * 3600

ROLE_NAMES = {
    "buyer": N_("Buyer"),
    "farmer": N_("Farmer"),
    "village_agent": N_("Village agent"),
    "streamer": N_("Streamer"),
    "courier_clerk": N_("Courier clerk"),
    "hub_clerk": N_("Hub clerk"),
    "driver": N_("Driver"),
    "station_keeper": N_("Station keeper"),
    "association_admin": N_("Association"),
    "auditor": N_("Auditor"),
}

pages = Blueprint("look", __name__)


@dataclass(frozen=True)
class Look:
    """A visitor's choices; `locale` and `role` are empty where nothing was chosen."""

    locale: str = ""
    is_elder: bool = False
    text_step: int = 0
    role: str = ""

    @property
    def html_class(self) -> str:
        """Give the classes of the html element."""
        names = ["elder"] if self.is_elder else []
        return " ".join([*names, f"text-{self.text_step}"] if self.text_step else names)

    def cookie(self) -> str:
        """Write the choices as the value of one cookie."""
        return f"{self.locale}.{int(self.is_elder)}.{self.text_step}.{self.role}"


def chosen() -> Look:
    """Read the choices of this request's visitor; a cookie that is not ours counts as none."""
    match = _COOKIE.fullmatch(request.cookies.get(COOKIE, "")) if has_request_context() else None
    return Look(match[1], match[2] == "1", int(match[3]), match[4]) if match else Look()


def changed(look: Look) -> Look:
    """Give the choices with this form's changes; a field that is absent or makes no sense changes nothing."""
    form = request.form
    if form.get("locale") in LOCALES:
        look = replace(look, locale=form["locale"])
    if form.get("elder") in ("0", "1"):
        look = replace(look, is_elder=form["elder"] == "1")
    if form.get("text", "") in set(map(str, range(TEXT_STEPS))):
        look = replace(look, text_step=int(form["text"]))
    if re.fullmatch(r"[a-z_]{1,32}", form.get("role", "")):
        look = replace(look, role=form["role"])
    return look


def way_back(wanted: str) -> str:
    """Give the address to return to: a path of this site, else the page of these choices."""
    # A second slash or a backslash would make browsers read the rest as a host.
    if re.fullmatch(r"/(?![/\\])[^\\\x00-\x20]*", wanted):
        return wanted
    return url_for("look.show_look")


@pages.get("/settings/look")
@allow(PUBLIC)
def show_look() -> str:
    """Show the switches for language, elder mode and text size."""
    held = load_caller().roles
    roles = [(role, gettext(name)) for role, name in ROLE_NAMES.items() if role in held]
    return render_template("county/look.html", locales=LOCALES, roles=roles)


@pages.post("/settings/look")
@allow(PUBLIC)
def change_look() -> Response:
    """Keep the choices in a cookie and go back to where the visitor was."""
    answer = redirect(way_back(request.form.get("back", "")), code=303)
    # No CSRF token here: a visitor without a session must not get one for changing the type size.
    # The browser says itself when the form stood on somebody else's page.
    if request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none"):
        answer.set_cookie(
            COOKIE,
            changed(chosen()).cookie(),
            max_age=_KEPT_S,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure,
        )
    return answer  # type: ignore[return-value]


change_look.csrf_exempt = True  # type: ignore[attr-defined]
