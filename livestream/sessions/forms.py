"""Turns session forms into typed values."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from flask import request
from flask_babel import gettext

from county.clock import COUNTY_ZONE


@dataclass
class RequestForm:
    """What was typed into the request form, and what is wrong with it."""

    title: str = ""
    on: str = ""
    begins: str = "19:30"
    minutes: str = "60"
    products: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    start_at: datetime | None = None
    product_ids: list[UUID] = field(default_factory=list)

    @property
    def end_at(self) -> datetime | None:
        """Give when the session would end."""
        return self.start_at + timedelta(minutes=int(self.minutes)) if self.start_at else None


MINUTES = ("30", "60", "90", "120", "180")


def read_request() -> RequestForm:
    """Read the form in which a farmer asks for live hours."""
    given = request.form
    form = RequestForm(
        title=given.get("title", "").strip(),
        on=given.get("on", "").strip(),
        begins=given.get("begins", "").strip(),
        minutes=given.get("minutes", ""),
        products=given.getlist("products")[:50],
    )
    if not 2 <= len(form.title) <= 60:
        form.errors["title"] = gettext("Please give it a name of 2 to 60 characters.")
    if form.minutes not in MINUTES:
        form.errors["minutes"] = gettext("Please choose how long.")
        form.minutes = "60"
    form.start_at = read_instant(form.on, form.begins)
    if form.start_at is None:
        form.errors["on"] = gettext("Please choose a day and a time.")
    try:
        form.product_ids = [UUID(each) for each in form.products]
    except ValueError:
        form.product_ids = []
    if not form.product_ids:
        form.errors["products"] = gettext("Please choose what is to be shown.")
    return form


def read_instant(on: str, begins: str) -> datetime | None:
    """Read a county day and time as an instant in UTC; None when they make no sense."""
    try:
        at = datetime.combine(date.fromisoformat(on), time.fromisoformat(begins), COUNTY_ZONE)
    except ValueError:
        return None
    # At the ends of the calendar the hours before and after could not be reckoned with.
    return at.astimezone(UTC) if 2000 <= at.year <= 2100 else None


@dataclass(frozen=True)
class ConfirmForm:
    """What the association decides about a session."""

    streamer_id: UUID
    studio_id: UUID
    start_at: datetime
    end_at: datetime
    commission_bp: int


def read_confirmation() -> ConfirmForm | None:
    """Read the association's decision; None when a field makes no sense."""
    given = request.form
    start_at = read_instant(given.get("on", ""), given.get("begins", ""))
    minutes = given.get("minutes", "")
    percent = given.get("percent", "")
    if start_at is None or not minutes.isdigit() or not percent.isdigit() or len(minutes + percent) > 8:
        return None
    try:
        return ConfirmForm(
            streamer_id=UUID(given.get("streamer_id", "")),
            studio_id=UUID(given.get("studio_id", "")),
            start_at=start_at,
            end_at=start_at + timedelta(minutes=int(minutes)),
            commission_bp=int(percent) * 100,
        )
    except ValueError:
        return None
