"""The page on which a carrier's event file is read in."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import BadInput
from county.people.types import Role
from county.web import allow, body_limit, own
from logistics.carriers import desk
from logistics.carriers import service as carriers
from logistics.feeds import service
from logistics.intake import forms, words
from logistics.intake.types import RowFault

pages = Blueprint("feeds", __name__)
FAULTS_SHOWN = 20
CLERKS = (own(Role.COURIER_CLERK), Role.HUB_CLERK, Role.ASSOCIATION_ADMIN)


@pages.get("/feeds")
@allow(*CLERKS)
def show_feeds() -> ResponseReturnValue:
    """Show the upload form for event files."""
    return _page()


@pages.post("/feeds")
@allow(*CLERKS)
@body_limit(32)
def read_feed() -> ResponseReturnValue:
    """Read an event file and record what it says."""
    with database.reading() as db:
        carrier = desk.changed_carrier(db, asked=forms.read_carrier())
    try:
        with forms.Upload() as (path, name):
            feed = service.read_feed(path, name=name)
    except BadInput as refusal:
        return _page(errors=[words.say_file_fault(fault) for fault in refusal.faults], status=422)
    done: list[tuple[int, tuple[RowFault, ...]]] = []

    def work(db: Session) -> str:
        done.append(service.record_feed(db, feed=feed, carrier=carrier, actor=desk.acting(), now=clock.now()))
        return url_for("feeds.show_feeds")

    answer = web.once_page(work)
    for count, faults in done[-1:]:
        web.flash_said(ngettext("%(num)s event was recorded.", "%(num)s events were recorded.", count))
        for fault in faults[:FAULTS_SHOWN]:
            row = gettext("Row %(row)s", row=fault.row)
            web.flash_said(f"{row}: {words.say_row_fault(fault)}", "warn")
        if len(faults) > FAULTS_SHOWN:
            web.flash_said(gettext("… and %(count)s more", count=len(faults) - FAULTS_SHOWN), "warn")
    return answer


def _page(*, errors: list[str] | None = None, status: int = 200) -> ResponseReturnValue:
    with database.reading() as db:
        mine = desk.seen_carrier(db)
        names = [mine] if mine else [each.name for each in carriers.list_carriers(db)]
    page = render_template(
        "logistics/hub/feeds.html",
        carriers=[(name, name) for name in names],
        errors={"file": errors[0]} if errors else {},
    )
    return page, status
