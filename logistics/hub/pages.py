"""The hub's scan page and the list of all parcels."""

from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import BadInput, NotFound, Refused
from county.people.rules import mask_name
from county.people.types import Role
from county.web import allow, own
from county.web.frame import sentence
from logistics.hub import forms, service
from logistics.hub.types import HubScan
from logistics.intake.pages import own_carrier
from logistics.parcels import service as parcels
from logistics.parcels.types import ParcelState
from logistics.parcels.words import PARCEL_STATES
from logistics.stations import service as stations
from logistics.tracking import views as tracking

pages = Blueprint("hub", __name__)
SEES_PARCELS = (own(Role.COURIER_CLERK), Role.HUB_CLERK, Role.ASSOCIATION_ADMIN, Role.AUDITOR)


@pages.get("/hub")
@allow(Role.HUB_CLERK)
def show_hub() -> ResponseReturnValue:
    """Show the scan form and the day's counts."""
    return _hub_page()


@pages.post("/hub/scan")
@allow(Role.HUB_CLERK)
def scan() -> ResponseReturnValue:
    """Record scans; numbers that cannot be recorded are listed, the others count."""
    try:
        numbers, what = forms.read_scans()
    except BadInput as refusal:
        return _hub_page(errors=[str(fault) for fault in refusal.faults], status=422)
    refused: list[str] = []
    done: list[str] = []

    def work(db: Session) -> str:
        refused.clear()
        done.clear()
        for number in sorted(numbers):
            try:
                with db.begin_nested():
                    service.scan(
                        db, number=number, what=what, actor=web.actor(Role.HUB_CLERK), now=clock.now()
                    )
                done.append(number)
            except Refused as refusal:
                refused.append(f"{number}: {sentence(refusal)}")
        return url_for("hub.show_hub", what=what.value)

    answer = web.once_page(work)
    if done:
        web.flash_said(ngettext("%(num)s parcel scanned.", "%(num)s parcels scanned.", len(done)))
    for each in refused[:20]:
        web.flash_said(each, "bad")
    return answer


@pages.get("/parcels")
@allow(*SEES_PARCELS)
def list_parcels() -> str:
    """Show parcels, newest first; a search finds one by its number."""
    number = request.args.get("q", "").strip()[:40]
    with database.reading() as db:
        mine = own_carrier(db)
        found = (
            [each for each in parcels.find_by_number(db, number=number) if mine in (None, each.carrier)]
            if number
            else parcels.list_parcels(db, carrier=mine, limit=100)
        )
        names = {each.station: each.name for each in stations.list_stations(db)}
    rows = [
        {
            "parcel_no": each.parcel_no,
            "waybill": each.waybill,
            "carrier": each.carrier,
            "station": names.get(each.station, each.station),
            "consignee": mask_name(each.consignee.name),
            "weight_g": each.weight_g,
            "state": gettext(PARCEL_STATES[each.state][0]),
        }
        for each in found
    ]
    return render_template("logistics/parcels/list.html", rows=rows, q=number)


@pages.get("/parcels/<parcel_no>")
@allow(*SEES_PARCELS)
def show_parcel(parcel_no: str) -> str:
    """Show one parcel and its way; names and addresses are masked."""
    with database.reading() as db:
        mine = own_carrier(db)
        parcel = parcels.get_parcel(db, parcel_no=parcel_no)
        if mine not in (None, parcel.carrier):
            raise NotFound(what="parcel")
        steps = tracking.list_steps(db, parcel_no=parcel_no)
        names = {each.station: each.name for each in stations.list_stations(db)}
    return render_template(
        "logistics/parcels/parcel.html",
        parcel=parcel,
        consignee=mask_name(parcel.consignee.name),
        station=names.get(parcel.station, parcel.station),
        steps=steps,
        states=PARCEL_STATES,
    )


def _hub_page(*, errors: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    now = clock.now()
    today = clock.day_start(clock.county_day(now))
    with database.reading() as db:
        recent = parcels.list_parcels(db, taken_in_from=today - timedelta(days=3), limit=None)
    counts = {state: sum(each.state is state for each in recent) for state in ParcelState}
    page = render_template(
        "logistics/hub/hub.html",
        what=request.args.get("what", HubScan.ARRIVED.value),
        errors={"numbers": errors[0]} if errors else {},
        waiting=counts[ParcelState.PENDING],
        here=counts[ParcelState.IN_TRANSIT],
        out=counts[ParcelState.OUT_FOR_DELIVERY],
    )
    return page, status
