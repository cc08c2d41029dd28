"""The pages on which the hub clerk and a station's keeper tell of damage and loss."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import Refused
from county.files import service as files
from county.people.types import Role
from county.web import allow, body_limit, own
from county.web.frame import sentence, settings
from logistics.mishaps import forms, service, words
from logistics.mishaps.forms import MishapForm
from logistics.parcels.types import Parcel

pages = Blueprint("mishaps", __name__)


@pages.get("/hub/mishap")
@allow(Role.HUB_CLERK)
def show_at_hub() -> ResponseReturnValue:
    """Show the form for a parcel that is damaged or missing at the hub."""
    return _hub_page(MishapForm())


@pages.post("/hub/mishap")
@allow(Role.HUB_CLERK)
@body_limit(13)
def tell_at_hub() -> ResponseReturnValue:
    """Record that a parcel is damaged or cannot be found at the hub."""
    form = forms.read_mishap(has_number=True)
    kept = _keep(form)
    if form.errors:
        return _hub_page(form), 422

    def work(db: Session) -> str:
        now = clock.now()
        told = service.tell_at_hub(
            db,
            number=form.number,
            report=form.report(),
            picture_id=_record(db, kept),
            actor=web.actor(Role.HUB_CLERK),
            now=now,
        )
        return url_for("hub.show_parcel", parcel_no=told.parcel_no)

    try:
        answer = web.once_page(work)
    except Refused as refusal:
        form.errors["number"] = sentence(refusal)
        return _hub_page(form), refusal.status
    web.flash_said(gettext("Recorded. The parcel is held until it is scanned again."))
    return answer


@pages.get("/station/<parcel_no>/mishap")
@allow(own(Role.STATION_KEEPER))
def show_at_station(parcel_no: str) -> ResponseReturnValue:
    """Show the form for a parcel that is damaged or missing at one's station."""
    return _station_page(parcel_no, MishapForm())


@pages.post("/station/<parcel_no>/mishap")
@allow(own(Role.STATION_KEEPER))
@body_limit(13)
def tell_at_station(parcel_no: str) -> ResponseReturnValue:
    """Record that a parcel of one's station is damaged or cannot be found."""
    form = forms.read_mishap(has_number=False)
    kept = _keep(form)
    if form.errors:
        return _station_page(parcel_no, form), 422

    def work(db: Session) -> str:
        service.tell_at_station(
            db,
            parcel_no=parcel_no,
            keeper_id=web.caller().actor_id,
            report=form.report(),
            picture_id=_record(db, kept),
            actor=web.actor(Role.STATION_KEEPER),
            now=clock.now(),
        )
        return url_for("proofs.show_station")

    answer = web.once_page(work)
    web.flash_said(gettext("Recorded. The hub and the courier see it."))
    return answer


def _keep(form: MishapForm) -> files.KeptPicture | None:
    """Check and re-encode the picture, outside any transaction; a bad one is said at the field."""
    if not form.picture or form.errors:
        return None
    try:
        return files.keep_picture(settings().instance / "files", content=form.picture)
    except Refused as refusal:
        form.errors["picture"] = sentence(refusal)
        return None


def _record(db: Session, kept: files.KeptPicture | None) -> UUID | None:
    if kept is None:
        return None
    return files.record_picture(db, kept=kept, owner_id=web.caller().actor_id, now=clock.now()).id


def _hub_page(form: MishapForm) -> str:
    return _page(form, None)


def _station_page(parcel_no: str, form: MishapForm) -> str:
    with database.reading() as db:
        parcel = service.get_at_station(db, parcel_no=parcel_no, keeper_id=web.caller().actor_id)
    return _page(form, parcel)


def _page(form: MishapForm, parcel: Parcel | None) -> str:
    return render_template(
        "logistics/mishaps/mishap.html",
        form=form,
        parcel=parcel,
        reasons=[(each.value, gettext(name)) for each, name in words.REASONS.items()],
        causes=[(each.value, gettext(name)) for each, name in words.CAUSES.items()],
    )
