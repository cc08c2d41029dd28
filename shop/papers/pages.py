"""Pages of papers: what lacks one, adding one by form or by table, correcting a weigh slip."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import BadInput, NotFound, Refused
from county.people import service as people
from county.people.types import Role
from county.web import allow, body_limit
from county.web.frame import sentence
from logistics.intake import words as table_words
from logistics.intake.forms import Upload
from logistics.parcels.exporting import table_answer
from shop.papers import forms, parsers, service, words
from shop.papers.types import BadPaper, NewPaper

pages = Blueprint("papers", __name__)
EXAMPLE = (
    "收购发票",
    "13900000011",
    "",
    "24612000000012345678",
    "2026-10-31",
    "2026-10-01",
    "2026-10-31",
    "0.00",
)


@pages.get("/papers")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def list_papers() -> ResponseReturnValue:
    """Show what lacks a paper, and the papers on record."""
    return _page(forms.AskedPaper())


@pages.post("/papers")
@allow(Role.ASSOCIATION_ADMIN)
def add() -> ResponseReturnValue:
    """Record a purchase paper."""
    asked = forms.read_paper()

    def work(db: Session) -> str:
        grower = people.find_person_by_phone(db, phone=asked.phone)
        if grower is None:
            raise NotFound(what="person")
        values: dict[str, Any] = forms.parsed(asked)
        service.add_paper(
            db,
            paper=NewPaper(grower_id=grower.id, **values),
            added_by=web.caller().actor_id,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("papers.list_papers")

    try:
        answer = web.once_page(work)
    except Refused as refusal:
        return _page(asked, errors=_errors(refusal), status=refusal.status)
    web.flash_said(gettext("The paper is on record."))
    return answer


@pages.post("/papers/<uuid:paper_id>/void")
@allow(Role.ASSOCIATION_ADMIN)
def void(paper_id: UUID) -> ResponseReturnValue:
    """Void a paper that is wrong."""
    reason = forms.read_reason()

    def work(db: Session) -> str:
        service.void_paper(
            db,
            paper_id=paper_id,
            reason=reason,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("papers.list_papers")

    return web.once_page(work)


@pages.get("/papers/template")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def template() -> Response:
    """Give the table of papers to fill in."""
    return table_answer("papers.csv", [names[0] for _field, names in parsers.HEADINGS], [EXAMPLE])


@pages.post("/papers/files")
@allow(Role.ASSOCIATION_ADMIN)
@body_limit(9)
def upload() -> ResponseReturnValue:
    """Read a table of papers and show every row."""
    try:
        with Upload() as (path, name):
            read = parsers.read_papers(path, name=name)
    except BadInput as refusal:
        errors = {"file": table_words.say_file_fault(refusal.faults[0])}
        return _page(forms.AskedPaper(), errors=errors, status=422)

    def work(db: Session) -> str:
        file_id = service.store_file(db, read=read, person_id=web.caller().actor_id, now=clock.now())
        return url_for("papers.show_file", file_id=file_id)

    return web.once_page(work)


@pages.get("/papers/files/<uuid:file_id>")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def show_file(file_id: UUID) -> str:
    """Show a table of papers: what would be taken in, what not and why."""
    with database.reading() as db:
        file = service.get_file(db, file_id=file_id)
    faults = [(each.row, each.text, each.fault) for each in file.faults]
    faults += [(each.row.row, each.row.number, each.fault) for each in file.rows if each.fault]
    return render_template(
        "shop/papers/file.html",
        file=file,
        faults=sorted(faults),
        ready=[each for each in file.rows if each.is_ready],
        known=sum(each.is_known for each in file.rows),
        words=words,
        is_admin=Role.ASSOCIATION_ADMIN in web.caller().roles,
    )


@pages.post("/papers/files/<uuid:file_id>")
@allow(Role.ASSOCIATION_ADMIN)
def take_in(file_id: UUID) -> ResponseReturnValue:
    """Take in the papers of a table."""
    counted: list[int] = []

    def work(db: Session) -> str:
        count = service.take_in_file(
            db,
            file_id=file_id,
            person_id=web.caller().actor_id,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        counted.append(count)
        return url_for("papers.show_file", file_id=file_id)

    answer = web.once_page(work)
    if counted:
        web.flash_said(ngettext("%(num)s paper was taken in.", "%(num)s papers were taken in.", counted[-1]))
    return answer


@pages.get("/papers/slips/<uuid:grower_id>")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def list_slips(grower_id: UUID) -> str:
    """Show a grower's weigh slips."""
    with database.reading() as db:
        grower = people.get_person(db, person_id=grower_id)
        slips = service.list_slips(db, grower_id=grower_id)
    return render_template(
        "shop/papers/slips.html",
        grower=grower,
        slips=slips,
        is_admin=Role.ASSOCIATION_ADMIN in web.caller().roles,
    )


@pages.post("/papers/slips/<slip_no>/correct")
@allow(Role.ASSOCIATION_ADMIN)
def correct(slip_no: str) -> ResponseReturnValue:
    """Put a slip's weights right by a new slip."""
    gross_g, net_g, reason = forms.read_grams("gross"), forms.read_grams("net"), forms.read_reason()

    def work(db: Session) -> str:
        newer = service.correct_slip(
            db,
            slip_no=slip_no,
            gross_g=gross_g,
            net_g=net_g,
            reason=reason,
            weighed_by=web.caller().actor_id,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        grower_id = service.get_slip(db, slip_no=newer).grower_id
        return url_for("papers.list_slips", grower_id=grower_id)

    return web.once_page(work)


def _page(
    asked: forms.AskedPaper, *, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    with database.reading() as db:
        lacking = service.list_lacking(db)
        papers = service.list_papers(db)
        files = service.list_files(db)
    page = render_template(
        "shop/papers/papers.html",
        lacking=lacking,
        papers=papers,
        files=files,
        asked=asked,
        errors=errors or {},
        words=words,
        is_admin=Role.ASSOCIATION_ADMIN in web.caller().roles,
    )
    return page, status


def _errors(refusal: Refused) -> dict[str, str]:
    fields = {"fen": "yuan", "to_on": "last_on"}
    if isinstance(refusal, BadPaper):
        field = str(refusal.facts["field"])
        return {fields.get(field, field): gettext(str(refusal.facts["why"]))}
    return {"phone" if isinstance(refusal, NotFound) else "number": sentence(refusal)}
