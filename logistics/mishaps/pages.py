"""The pages on which the hub clerk and a station's keeper tell of damage and loss, and take it back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import Refused
from county.files import service as files
from county.people.rules import mask_name
from county.people.types import Role
from county.web import allow, body_limit, own
from county.web.filters import county_time
from county.web.frame import sentence, settings
from logistics.mishaps import desk, forms, service, words
from logistics.mishaps.forms import MishapForm, MistakeForm
from logistics.parcels.types import Parcel
from logistics.tracking import views as tracking

pages = Blueprint("mishaps", __name__)


@pages.get("/hub/mishap")
@allow(Role.HUB_CLERK)
def find_at_hub() -> ResponseReturnValue:
    """Ask for the number of a parcel that is damaged or missing at the hub, and go to its form."""
    number, error = forms.read_number()
    status = 422 if error else 200
    if number and not error:
        try:
            with database.reading() as db:
                parcel = service.find_at_hub(db, number=number)
            return redirect(url_for("mishaps.show_at_hub", parcel_no=parcel.parcel_no), code=303)
        except Refused as refusal:
            error, status = sentence(refusal), refusal.status
    errors = {"number": error} if error else {}
    return render_template("logistics/mishaps/number.html", number=number, errors=errors), status


@pages.get("/hub/mishap/<parcel_no>")
@allow(Role.HUB_CLERK)
def show_at_hub(parcel_no: str) -> ResponseReturnValue:
    """Ask whether it is this parcel, and what is wrong with it."""
    return _page(parcel_no, MishapForm(), role=Role.HUB_CLERK)


@pages.post("/hub/mishap/<parcel_no>")
@allow(Role.HUB_CLERK)
@body_limit(13)
def tell_at_hub(parcel_no: str) -> ResponseReturnValue:
    """Record that a parcel is damaged or cannot be found at the hub."""
    said = gettext("Recorded. The parcel is held until it is scanned again.")
    return _tell(
        parcel_no, role=Role.HUB_CLERK, said=said, after=url_for("hub.show_parcel", parcel_no=parcel_no)
    )


@pages.get("/station/<parcel_no>/mishap")
@allow(own(Role.STATION_KEEPER))
def show_at_station(parcel_no: str) -> ResponseReturnValue:
    """Show the form for a parcel that is damaged or missing at one's station."""
    return _page(parcel_no, MishapForm(), role=Role.STATION_KEEPER)


@pages.post("/station/<parcel_no>/mishap")
@allow(own(Role.STATION_KEEPER))
@body_limit(13)
def tell_at_station(parcel_no: str) -> ResponseReturnValue:
    """Record that a parcel of one's station is damaged or cannot be found."""
    said = gettext("Recorded. The hub and the courier see it.")
    return _tell(parcel_no, role=Role.STATION_KEEPER, said=said, after=url_for("proofs.show_station"))


@pages.get("/parcels/<parcel_no>/mistake")
@allow(Role.HUB_CLERK, Role.ASSOCIATION_ADMIN, own(Role.STATION_KEEPER))
def show_mistake(parcel_no: str) -> ResponseReturnValue:
    """Show what one can take back of what was told of a parcel."""
    return _mistake_page(parcel_no, MistakeForm())


@pages.post("/parcels/<parcel_no>/mistake")
@allow(Role.HUB_CLERK, Role.ASSOCIATION_ADMIN, own(Role.STATION_KEEPER))
def take_back(parcel_no: str) -> ResponseReturnValue:
    """Take back what was told of a parcel by mistake."""
    form = forms.read_mistake()
    if form.errors:
        return _mistake_page(parcel_no, form), 422

    role = desk.role()
    assert role is not None

    def work(db: Session) -> str:
        service.take_back(
            db,
            parcel_no=parcel_no,
            event_id=form.chosen(),
            why=form.why,
            desk=desk.DESKS[role],
            keeper_id=web.caller().actor_id,
            actor=web.actor(role),
            now=clock.now(),
        )
        return _after_mistake(parcel_no)

    answer = web.once_page(work)
    web.flash_said(gettext("Taken back. Whoever was told of it hears that it was a mistake."))
    return answer


def _tell(parcel_no: str, *, role: Role, said: str, after: str) -> ResponseReturnValue:
    form = forms.read_mishap()
    with database.reading() as db:
        # Refused before the picture is kept: nobody looks after pictures without a report.
        _find(db, parcel_no, role)
    kept = _keep(form)
    if form.errors:
        return _page(parcel_no, form, role=role), 422

    def work(db: Session) -> str:
        told: dict[str, Any] = {
            "parcel_no": parcel_no,
            "report": form.report(),
            "picture_id": _record(db, kept),
            "actor": web.actor(role),
            "now": clock.now(),
        }
        if role is Role.HUB_CLERK:
            service.tell_at_hub(db, **told)
        else:
            service.tell_at_station(db, keeper_id=web.caller().actor_id, **told)
        return after

    answer = web.once_page(work)
    web.flash_said(said)
    return answer


def _find(db: Session, parcel_no: str, role: Role) -> Parcel:
    if role is Role.HUB_CLERK:
        return service.get_at_hub(db, parcel_no=parcel_no)
    return service.get_at_station(db, parcel_no=parcel_no, keeper_id=web.caller().actor_id)


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


def _page(parcel_no: str, form: MishapForm, *, role: Role) -> str:
    with database.reading() as db:
        parcel = _find(db, parcel_no, role)
        goods = service.list_goods(db, parcel_no=parcel_no)
        told = desk.list_reports(db, parcel_no=parcel_no)
    return render_template(
        "logistics/mishaps/mishap.html",
        form=form,
        parcel=parcel,
        is_hub=role is Role.HUB_CLERK,
        consignee=mask_name(parcel.consignee.name),
        goods=goods,
        was_told=bool(told),
        reasons=[(each.value, gettext(name)) for each, name in words.REASONS.items()],
        causes=[(each.value, gettext(name)) for each, name in words.CAUSES.items()],
    )


def _after_mistake(parcel_no: str) -> str:
    if desk.role() is Role.STATION_KEEPER:
        return url_for("proofs.show_station")
    return url_for("hub.show_parcel", parcel_no=parcel_no)


def _mistake_page(parcel_no: str, form: MistakeForm) -> str:
    with database.reading() as db:
        reports = desk.list_reports(db, parcel_no=parcel_no)
    told = [
        (str(each.id), tracking.say_event(each), f"{each.where} · {county_time(each.at)}") for each in reports
    ]
    return render_template(
        "logistics/mishaps/mistake.html",
        form=form,
        told=told,
        parcel_no=parcel_no,
        back=_after_mistake(parcel_no),
    )
