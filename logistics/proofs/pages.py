"""The station keeper's pages: what waits here, handing one out."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import NotFound
from county.people.rules import mask_name, mask_phone
from county.people.types import Role
from county.web import allow, own
from county.web.frame import sentence
from logistics.proofs import forms, service
from logistics.proofs.types import KnownBy, WrongPhone
from logistics.stations import service as stations

pages = Blueprint("proofs", __name__)


@pages.get("/station")
@allow(own(Role.STATION_KEEPER))
def show_station() -> str:
    """Show the parcels that wait at this keeper's station; a search finds by waybill or name."""
    asked = request.args.get("q", "").strip()[:40]
    keeper_id = web.caller().actor_id
    with database.reading() as db:
        station = stations.station_of_keeper(db, person_id=keeper_id)
        waiting = service.list_waiting(db, keeper_id=keeper_id)
    found = [
        each
        for each in waiting
        if asked in each.waybill or asked in each.parcel_no or asked in each.consignee.name
    ]
    rows = [
        {
            "parcel_no": each.parcel_no,
            "waybill": each.waybill,
            "name": mask_name(each.consignee.name),
            "carrier": each.carrier,
            "since_at": each.moved_at,
        }
        for each in found
    ]
    return render_template("logistics/proofs/station.html", station=station, rows=rows, q=asked)


@pages.get("/station/<parcel_no>")
@allow(own(Role.STATION_KEEPER))
def show_handing_out(parcel_no: str) -> ResponseReturnValue:
    """Show one waiting parcel and how it is handed out."""
    return _parcel_page(parcel_no)


@pages.post("/station/<parcel_no>")
@allow(own(Role.STATION_KEEPER))
def hand_out(parcel_no: str) -> ResponseReturnValue:
    """Hand a parcel to its consignee."""
    known_by, digits = forms.read_handover()

    def work(db: Session) -> str:
        service.hand_out(
            db,
            parcel_no=parcel_no,
            keeper_id=web.caller().actor_id,
            known_by=known_by,
            digits=digits,
            actor=web.actor(Role.STATION_KEEPER),
            now=clock.now(),
        )
        return url_for("proofs.show_station")

    try:
        answer = web.once_page(work)
    except WrongPhone as refusal:
        return _parcel_page(parcel_no, errors={"digits": sentence(refusal)}, status=refusal.status)
    web.flash_said(gettext("Handed out. The buyer sees it as delivered."))
    return answer


def _parcel_page(
    parcel_no: str, *, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    with database.reading() as db:
        waiting = service.list_waiting(db, keeper_id=web.caller().actor_id)
    parcel = next((each for each in waiting if each.parcel_no == parcel_no), None)
    if parcel is None:
        raise NotFound(what="parcel")
    page = render_template(
        "logistics/proofs/parcel.html",
        parcel=parcel,
        name=mask_name(parcel.consignee.name),
        phone=mask_phone(parcel.consignee.phone),
        errors=errors or {},
        known_by=KnownBy.PHONE.value,
    )
    return page, status
