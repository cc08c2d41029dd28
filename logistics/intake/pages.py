"""Pages of intake: upload a courier's daily file, look at it, take it in."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import BadInput
from county.people.rules import mask_name, mask_phone
from county.people.types import Role
from county.web import allow, body_limit, own
from county.web.frame import sentence
from logistics.carriers import desk
from logistics.carriers import service as carriers
from logistics.intake import forms, service, words
from logistics.intake.types import FileTaken
from logistics.routes.types import StationKind
from logistics.stations import service as stations

pages = Blueprint("intake", __name__)
CLERKS = (own(Role.COURIER_CLERK), Role.HUB_CLERK, Role.ASSOCIATION_ADMIN)


@pages.get("/intake")
@allow(*CLERKS, Role.AUDITOR)
def show_intake() -> ResponseReturnValue:
    """Show the upload form and the files of late."""
    return _intake_page()


@pages.post("/intake")
@allow(*CLERKS)
@body_limit(32)
def read_file() -> ResponseReturnValue:
    """Read an uploaded daily file and show what is in it."""
    with database.reading() as db:
        carrier = desk.changed_carrier(db, asked=forms.read_carrier())
        places = stations.list_stations(db)
    try:
        with forms.Upload() as (path, name):
            read = service.read_file(path, name=name, places=places)
    except BadInput as refusal:
        return _intake_page(errors=[words.say_file_fault(fault) for fault in refusal.faults], status=422)

    def work(db: Session) -> str:
        file_id = service.store_file(
            db,
            carrier=carrier,
            read=read,
            person_id=web.caller().actor_id,
            actor=desk.acting(),
            now=clock.now(),
        )
        return url_for("intake.show_file", file_id=file_id)

    try:
        return web.once_page(work)
    except FileTaken as refusal:
        return _intake_page(errors=[sentence(refusal)], status=409)


@pages.get("/intake/<uuid:file_id>")
@allow(*CLERKS, Role.AUDITOR)
def show_file(file_id: UUID) -> str:
    """Show what a file holds: what can be taken in, what cannot and why."""
    with database.reading() as db:
        mine = desk.seen_carrier(db)
        checked = service.get_file(db, file_id=file_id, carrier=mine)
        places = [each for each in stations.list_stations(db) if each.kind is not StationKind.HUB]
    names = {each.station: f"{each.town} {each.name}" for each in places}
    rows = [
        {
            "row": each.row,
            "waybill": each.waybill,
            "name": mask_name(each.consignee.name),
            "phone": mask_phone(each.consignee.phone),
            "weight_g": each.weight_g,
            "station": names.get(each.station or "", ""),
            "known": gettext("Known already") if each.waybill in checked.known else "",
        }
        for each in checked.content.parcels
    ]
    return render_template(
        "logistics/intake/file.html",
        checked=checked,
        rows=rows,
        faults=[(each.row, words.say_row_fault(each)) for each in checked.content.faults],
        open_rows=[each for each in checked.waiting if each.station is None],
        ready=sum(each.station is not None for each in checked.waiting),
        places=sorted(names.items(), key=lambda each: each[1]),
        may_take_in=_may_change(),
    )


@pages.post("/intake/<uuid:file_id>/take-in")
@allow(*CLERKS)
def take_in(file_id: UUID) -> ResponseReturnValue:
    """Take the parcels of a file in."""
    chosen = forms.read_chosen()
    counted: list[int] = []

    def work(db: Session) -> str:
        carrier = service.get_file(db, file_id=file_id, carrier=desk.seen_carrier(db)).carrier
        counted.append(
            service.take_in_file(
                db,
                file_id=file_id,
                carrier=desk.changed_carrier(db, asked=carrier),
                chosen=chosen,
                actor=desk.acting(),
                now=clock.now(),
            )
        )
        return url_for("intake.show_file", file_id=file_id)

    answer = web.once_page(work)
    if counted:
        web.flash_said(
            ngettext("%(num)s parcel was taken in.", "%(num)s parcels were taken in.", counted[-1])
        )
    return answer


def _may_change() -> bool:
    return bool(web.caller().roles & {Role.COURIER_CLERK, *desk.WRITES_FOR_ALL})


def _intake_page(*, errors: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    with database.reading() as db:
        mine = desk.seen_carrier(db)
        files = service.list_files(db, carrier=mine)
        names = [mine] if mine else [each.name for each in carriers.list_carriers(db)]
    page = render_template(
        "logistics/intake/intake.html",
        files=files,
        carriers=[(name, name) for name in names],
        errors={"file": errors[0]} if errors else {},
        more=errors[1:20] if errors else [],
        can_upload=_may_change(),
        states={"checked": (gettext("Not taken in yet"), "warn"), "taken_in": (gettext("Taken in"), "good")},
    )
    return page, status
