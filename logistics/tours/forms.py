"""Turns tour forms into typed values."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from flask import request
from flask_babel import gettext

from county.clock import COUNTY_ZONE
from county.errors import NotFound
from logistics.routes.types import BaselineName
from logistics.tours.types import TourWish

LIMIT_MIN_S, LIMIT_MAX_S, LIMIT_S = 2, 600, 20
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass
class PlanForm:
    """What was typed into the planning form, and what is wrong with it."""

    on: str
    departs: str = "08:00"
    limit: str = str(LIMIT_S)
    baselines: list[str] = field(default_factory=lambda: [name.value for name in BaselineName])
    with_announced: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    wish: TourWish | None = None


def read_plan(*, today_on: date) -> PlanForm:
    """Read the form in which a clerk asks for a plan; `wish` is set when nothing is wrong."""
    given = request.form
    form = PlanForm(
        on=given.get("on", "").strip(),
        departs=given.get("departs", "").strip(),
        limit=given.get("limit", "").strip(),
        baselines=[each for each in given.getlist("baselines") if each in set(BaselineName)],
        with_announced=given.get("with_announced") == "1",
    )
    on = _read_day(form.on)
    if on is None or on < today_on:
        form.errors["on"] = gettext("Please choose today or a later day.")
    if not _CLOCK.fullmatch(form.departs):
        form.errors["departs"] = gettext("Please write when the vans leave, such as 08:00.")
    is_number = form.limit.isascii() and form.limit.isdigit() and len(form.limit) < 5
    if not is_number or not LIMIT_MIN_S <= int(form.limit) <= LIMIT_MAX_S:
        form.errors["limit"] = gettext(
            "Please write %(least)s to %(most)s seconds.", least=LIMIT_MIN_S, most=LIMIT_MAX_S
        )
    if not form.errors and on is not None:
        departs_at = datetime.combine(on, time.fromisoformat(form.departs), tzinfo=COUNTY_ZONE)
        form.wish = TourWish(
            on=on,
            departs_at=departs_at,
            time_limit_s=int(form.limit),
            baselines=tuple(BaselineName(each) for each in form.baselines),
            with_announced=form.with_announced,
        )
    return form


def read_driver() -> tuple[UUID, UUID | None]:
    """Read which van, and who drives it; refuses `NotFound` for anything that is no id."""
    driver = request.form.get("driver", "")
    try:
        return UUID(request.form.get("vehicle", "")), UUID(driver) if driver else None
    except ValueError:
        raise NotFound(what="driver") from None


def read_done() -> frozenset[str]:
    """Read which parcels of a stop were handed over or came aboard; none when nobody was there."""
    if request.form.get("how") == "nobody":
        return frozenset()
    return frozenset(each[:40] for each in request.form.getlist("done")[:2000])


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
