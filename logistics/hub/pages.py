"""The hub's scan page and the list of all parcels."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import N_, NotFound, Refused
from county.people.rules import mask_name
from county.people.types import Role
from county.web import allow, own
from county.web.filters import kg
from county.web.frame import sentence
from logistics.carriers import desk
from logistics.carriers import service as carriers
from logistics.hub import forms, service
from logistics.hub.forms import ScanForm
from logistics.mishaps import desk as mishaps
from logistics.parcels import forms as parcel_forms
from logistics.parcels import service as parcels
from logistics.parcels.exporting import table_answer
from logistics.parcels.types import Parcel
from logistics.parcels.words import DIRECTIONS, PARCEL_STATES
from logistics.stations import service as stations
from logistics.tracking import views as tracking

pages = Blueprint("hub", __name__)
SEES_PARCELS = (own(Role.COURIER_CLERK), Role.HUB_CLERK, Role.ASSOCIATION_ADMIN, Role.AUDITOR)
EXPORTED_MOST = 50_000
EXPORTED = (
    N_("Parcel"), N_("Waybill"), N_("Carrier"), N_("Direction"), N_("Station"), N_("Weight (kg)"),
    N_("State"), N_("Taken in at"),
)  # fmt: skip
REFUSED_SHOWN = 20


@pages.get("/hub")
@allow(Role.HUB_CLERK)
def show_hub() -> ResponseReturnValue:
    """Show the scan form and the day's counts."""
    return _hub_page(forms.read_shown())


@pages.post("/hub/scan")
@allow(Role.HUB_CLERK)
def scan() -> ResponseReturnValue:
    """Record scans; numbers that cannot be recorded are listed, the others count."""
    form = forms.read_scans()
    if form.errors:
        return _hub_page(form, status=422)
    refused: list[str] = []
    done: list[str] = []

    def work(db: Session) -> str:
        refused.clear()
        done.clear()
        # In one order, so that two clerks who scan the same parcels do not wait for each other for ever.
        for number in sorted(form.numbers):
            try:
                with db.begin_nested():
                    service.scan(
                        db, number=number, what=form.scan, actor=web.actor(Role.HUB_CLERK), now=clock.now()
                    )
                done.append(number)
            except Refused as refusal:
                refused.append(f"{number}: {sentence(refusal)}")
        return url_for("hub.show_hub", what=form.scan.value)

    answer = web.once_page(work)
    if done:
        web.flash_said(ngettext("%(num)s parcel scanned.", "%(num)s parcels scanned.", len(done)))
    for each in refused[:REFUSED_SHOWN]:
        web.flash_said(each, "bad")
    if len(refused) > REFUSED_SHOWN:
        more = len(refused) - REFUSED_SHOWN
        web.flash_said(
            ngettext("… and %(num)s more was not found.", "… and %(num)s more were not found.", more), "bad"
        )
    return answer


@pages.get("/parcels")
@allow(*SEES_PARCELS)
def list_parcels() -> str:
    """Show parcels page by page; they can be searched, filtered and sorted."""
    with database.reading() as db:
        mine = desk.seen_carrier(db)
        query = parcel_forms.read_query(carrier=mine)
        limit, after = parcel_forms.read_place(query)
        found = parcels.list_page(db, query=query, after=after, limit=limit + 1)
        names = _station_names(db)
        couriers = [] if mine else [(each.name, each.name) for each in carriers.list_carriers(db)]
    shown = found[:limit]
    last = parcel_forms.place_of(shown[-1], query) if len(found) > limit else None
    return render_template(
        "logistics/parcels/list.html",
        rows=[_shown(each, names) for each in shown],
        query=query,
        sort=("-" if query.falls else "") + query.order.value,
        next_cursor=web.page_of([], limit=limit, after=last)["next_cursor"],
        states=[(state.value, gettext(words)) for state, (words, _tone) in PARCEL_STATES.items()],
        directions=[(direction.value, gettext(words)) for direction, words in DIRECTIONS.items()],
        couriers=couriers,
        tones=PARCEL_STATES,
    )


@pages.get("/parcels/export")
@allow(*SEES_PARCELS)
def export_parcels() -> Response:
    """Give the same parcels as a table for a spreadsheet, without anything about the consignee."""
    with database.reading() as db:
        query = parcel_forms.read_query(carrier=desk.seen_carrier(db))
        found = parcels.list_page(db, query=query, limit=EXPORTED_MOST)
        names = _station_names(db)
    rows = (
        (
            each.parcel_no,
            each.waybill,
            each.carrier,
            gettext(DIRECTIONS[each.direction]),
            names.get(each.station, each.station),
            kg(each.weight_g),
            gettext(PARCEL_STATES[each.state][0]),
            f"{each.taken_in_at.astimezone(clock.COUNTY_ZONE):%Y-%m-%d %H:%M}",
        )
        for each in found
    )
    return table_answer("parcels.csv", [gettext(each) for each in EXPORTED], rows)


@pages.get("/parcels/<parcel_no>")
@allow(*SEES_PARCELS)
def show_parcel(parcel_no: str) -> str:
    """Show one parcel and its way; names and addresses are masked."""
    with database.reading() as db:
        mine = desk.seen_carrier(db)
        parcel = parcels.get_parcel(db, parcel_no=parcel_no)
        if mine not in (None, parcel.carrier):
            raise NotFound(what="parcel")
        steps = tracking.list_steps(db, parcel_no=parcel_no, is_staff=True)
        reports = mishaps.list_reports(db, parcel_no=parcel_no)
        names = _station_names(db)
    return render_template(
        "logistics/parcels/parcel.html",
        parcel=parcel,
        consignee=mask_name(parcel.consignee.name),
        station=names.get(parcel.station, parcel.station),
        steps=steps,
        may_take_back=bool(reports),
        states=PARCEL_STATES,
    )


def _station_names(db: Session) -> dict[str, str]:
    return {each.station: each.name for each in stations.list_stations(db)}


def _shown(parcel: Parcel, names: dict[str, str]) -> dict[str, object]:
    return {
        "parcel_no": parcel.parcel_no,
        "waybill": parcel.waybill,
        "carrier": parcel.carrier,
        "station": names.get(parcel.station, parcel.station),
        "consignee": mask_name(parcel.consignee.name),
        "weight_g": parcel.weight_g,
        "taken_in_at": parcel.taken_in_at,
        "state": parcel.state,
    }


def _hub_page(form: ScanForm, *, status: int = 200) -> ResponseReturnValue:
    with database.reading() as db:
        day = service.get_day(db, on=clock.county_day(clock.now()))
    return render_template("logistics/hub/hub.html", form=form, day=day), status
