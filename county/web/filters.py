"""How templates write values: yuan, kilograms, county time; and what the frame of every page asks for."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date
from flask import Flask, before_render_template, current_app, g, request, url_for
from flask_babel import get_locale
from werkzeug.datastructures import MultiDict

from county import clock, money
from county.web import access, look, places, static_files
from county.web.access import load_caller

# Patterns of Unicode TR 35: month, day, weekday; the year only when it is another one.
_DAY = {"zh": "M月d日 EEE", "en": "EEE d MMM"}
_DAY_OF_YEAR = {"zh": "y年M月d日", "en": "d MMM y"}


@dataclass(frozen=True)
class Frame:
    """What stands around a page: look, places of the navigation, way back, and whose page it is (`owner`)."""

    look: look.Look
    language: str
    other_locale: str
    other_language: str
    role: str
    bar: list[places.Link]
    rail: dict[str, list[places.Link]]
    has_rail: bool
    has_menu: bool
    back: str
    owner: str


def install(app: Flask) -> None:
    """Give the templates their filters and functions, and the visitor's switches their address."""
    app.add_template_filter(yuan)
    app.add_template_filter(money.say_money, "money")
    app.add_template_filter(kg)
    app.add_template_filter(jin)
    app.add_template_filter(county_time)
    app.add_template_filter(county_date)
    app.add_template_filter(county_clock)
    app.jinja_env.globals.update(
        asset=asset,
        cell_of=cell_of,
        choices_of=choices_of,
        form_token=form_token,
        frame=frame,
        query_url=query_url,
        sum_of=sum_of,
        today_on=lambda: clock.county_day(clock.now()),
    )
    app.register_blueprint(look.pages)
    before_render_template.connect(_count_open, app)
    static_files.install(app)


def _count_open(_app: Flask, **_sent: Any) -> None:
    # Before the page is rendered, since no query may run while it is.
    if "request_id" in g:
        places.count_open(access.effective_roles(load_caller()))


def yuan(fen: int, grouped: bool = True) -> str:
    """Write fen as yuan, `12,345.67`; fields that are sent back take it without commas, `yuan(false)`."""
    return money.say_yuan(fen) if grouped else money.format_yuan(fen)


def kg(weight_g: int) -> str:
    """Write grams as kilograms without needless zeros, such as `2.5`."""
    sign, grams = ("-", -weight_g) if weight_g < 0 else ("", weight_g)
    return sign + f"{grams // 1000}.{grams % 1000:03d}".rstrip("0").rstrip(".")


def jin(weight_g: int) -> str:
    """Write grams as 斤 (500 g) without needless zeros, such as `5`."""
    return kg(weight_g * 2)


def county_date(value: date | datetime, form: str = "spoken") -> str:
    """Write a county day: `spoken` (11月3日 周二 / Tue 3 Nov), `year` with the year, `iso` 2026-11-03."""
    on = clock.county_day(value) if isinstance(value, datetime) else value
    if form == "iso":
        return on.isoformat()
    language = get_locale().language
    is_this_year = on.year == clock.county_day(clock.now()).year
    patterns = _DAY if form == "spoken" and is_this_year else _DAY_OF_YEAR
    return str(format_date(on, patterns[language], locale=get_locale()))


def county_clock(at: datetime) -> str:
    """Write the county's time of day, such as `19:30`."""
    return clock.require_aware(at).astimezone(clock.COUNTY_ZONE).strftime("%H:%M")


def county_time(at: datetime, form: str = "spoken") -> str:
    """Write an instant in county time, the day as `county_date` does: 11月3日 周二 19:30."""
    return f"{county_date(clock.require_aware(at), form)} {county_clock(at)}"


def sum_of(lines: Iterable[Any], total_fen: int) -> int:
    """Check that the lines of a sum add up to the total it shows, and give the total."""
    added = sum(int(cell_of(line, "fen")) for line in lines)
    if added != total_fen:
        raise ValueError(f"the lines add up to {added} fen, the page says {total_fen}")
    return total_fen


def cell_of(row: Any, key: str) -> Any:
    """Give a row's value by name, be it a dataclass or a mapping; None when it has none."""
    return row.get(key) if isinstance(row, Mapping) else getattr(row, key, None)


def choices_of(field: Any) -> list[tuple[str, str]]:
    """List the values and words of a WTForms field of choices."""
    return [(choice.value, choice.label) for choice in field.iter_choices()]


def form_token() -> str:
    """Make the token with which a form does its work only once."""
    return secrets.token_urlsafe(16)


def query_url(**changes: Any) -> str:
    """Give this page's address with some query values changed; None takes one away."""
    values = MultiDict(request.args)
    for name, value in changes.items():
        values.setlist(name, [] if value is None else [str(value)])
    # Names that begin with _ would steer url_for, and those of the path would lead to another page.
    query = {name: values.getlist(name) for name in values if not name.startswith("_")}
    return url_for(request.endpoint or "look.show_look", **{**query, **(request.view_args or {})})


def asset(name: str) -> str:
    """Give the address of a static file; it changes with the content, so that browsers may keep it."""
    known: dict[str, str] = current_app.extensions.setdefault("asset_addresses", {})
    if name not in known or current_app.debug:
        path = Path(current_app.static_folder or "") / name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        known[name] = url_for("static", filename=name, v=digest)
    return known[name]


def frame() -> Frame:
    """Collect what base.html shows around the page of this request."""
    caller = load_caller()
    chosen = look.chosen()
    locale = get_locale().language
    other = "en" if locale == "zh" else "zh_CN"
    roles = access.effective_roles(caller)
    role = places.shown_role(roles, wanted=chosen.role, acts_for_farmer=caller.acting_for is not None)
    bar, rail = places.bar(role), places.rail(roles)
    return Frame(
        look=chosen,
        language="zh-CN" if locale == "zh" else "en",
        other_locale=other,
        other_language=look.LOCALES[other],
        role=role,
        bar=bar,
        rail=rail,
        has_rail=bool(places.DESK_ROLES & set(map(str, roles))) and not caller.acting_for,
        has_menu=sum(map(len, rail.values())) > len(bar),
        back=request.full_path.rstrip("?") if request.method == "GET" else "/",
        owner=str(caller.acting_for or caller.person_id or ""),
    )
