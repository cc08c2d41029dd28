"""Pages of pay runs: what is to be paid, a run on its way, the bank's answer, one's own payments."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import BadInput, Refused
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import allow, body_limit, own
from county.web.frame import sentence
from logistics.carriers import service as carriers
from logistics.intake import words as table_words
from logistics.intake.forms import Upload
from shop.payruns import forms, parsers, service, views, words
from shop.payruns.types import Answer, BadAnswer, FileForm, RunKind, RunState

pages = Blueprint("payruns", __name__)
READERS = (Role.ASSOCIATION_ADMIN, Role.AUDITOR)
BEFORE_SENDING = (RunState.DRAFT, RunState.CONFIRMED, RunState.EXPORTED)
STEPS = {"confirm": service.confirm_run, "export": service.export_run, "send": service.send_run}
TYPES = {
    FileForm.CSV: "text/csv",
    FileForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pages.get("/pay-runs")
@allow(*READERS)
def list_runs() -> ResponseReturnValue:
    """Show who can be paid now, what the others wait for, and the runs of late."""
    return _list_page(forms.read_kind())


@pages.post("/pay-runs")
@allow(Role.ASSOCIATION_ADMIN)
def create() -> ResponseReturnValue:
    """Make a run of everybody who can be paid now."""
    kind = forms.read_kind()

    def work(db: Session) -> str:
        run_no = service.create_run(db, kind=kind, actor=web.actor(Role.ASSOCIATION_ADMIN), now=clock.now())
        return url_for("payruns.show_run", run_no=run_no)

    try:
        return web.once_page(work)
    except Refused as refusal:
        return _list_page(kind, refusal)


@pages.get("/pay-runs/<run_no>")
@allow(*READERS)
def show_run(run_no: str) -> ResponseReturnValue:
    """Show a run: whom it pays, for which orders, and what comes next."""
    return _run_page(run_no)


@pages.post("/pay-runs/<run_no>/<any(confirm, export, send):step>")
@allow(Role.ASSOCIATION_ADMIN)
def advance(run_no: str, step: str) -> ResponseReturnValue:
    """Let a run take its next step."""
    version = forms.read_version()

    def work(db: Session) -> str:
        actor = web.actor(Role.ASSOCIATION_ADMIN)
        STEPS[step](db, run_no=run_no, version=version, actor=actor, now=clock.now())
        return url_for("payruns.show_run", run_no=run_no)

    try:
        return web.once_page(work)
    except Refused as refusal:
        return _run_page(run_no, sentence(refusal)), refusal.status


@pages.post("/pay-runs/<run_no>/cancel")
@allow(Role.ASSOCIATION_ADMIN)
def cancel(run_no: str) -> ResponseReturnValue:
    """Cancel a run that was not sent."""
    version, reason = forms.read_version(), forms.read_reason()

    def work(db: Session) -> str:
        actor = web.actor(Role.ASSOCIATION_ADMIN)
        service.cancel_run(db, run_no=run_no, version=version, reason=reason, actor=actor, now=clock.now())
        return url_for("payruns.list_runs")

    try:
        return web.once_page(work)
    except Refused as refusal:
        return _run_page(run_no, sentence(refusal)), refusal.status


@pages.post("/pay-runs/<run_no>/file/<any(csv, xlsx):form>")
@allow(Role.ASSOCIATION_ADMIN)
def take_file(run_no: str, form: str) -> Response:
    """Give the bank's file, and record who took it."""
    with database.transaction() as db:
        actor = web.actor(Role.ASSOCIATION_ADMIN)
        file = service.give_file(db, run_no=run_no, form=FileForm(form), actor=actor, now=clock.now())
    answer = Response(file.content, mimetype=TYPES[file.form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{run_no}.{form}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/pay-runs/<run_no>/answer")
@allow(Role.ASSOCIATION_ADMIN)
@body_limit(9)
def read_answer(run_no: str) -> ResponseReturnValue:
    """Read the bank's answer and book what it says."""
    try:
        with Upload() as (path, name):
            read = parsers.read_answer(path, name=name)
    except BadInput as refusal:
        # What is wrong with the file is a whole sentence already.
        return _run_page(run_no, table_words.say_file_fault(refusal.faults[0])), refusal.status
    except BadAnswer as refusal:
        return _run_page(run_no, sentence(refusal)), refusal.status
    given: list[Answer] = []

    def work(db: Session) -> str:
        actor = web.actor(Role.ASSOCIATION_ADMIN)
        given.append(service.apply_answer(db, run_no=run_no, read=read, actor=actor, now=clock.now()))
        return url_for("payruns.show_run", run_no=run_no)

    try:
        answer = web.once_page(work)
    except Refused as refusal:
        return _run_page(run_no, sentence(refusal)), refusal.status
    if given:
        web.flash_said(_said(given[-1]), "warn" if given[-1].faults or given[-1].is_repeated else "good")
    return answer


@pages.post("/pay-runs/items/<item_no>/retry")
@allow(Role.ASSOCIATION_ADMIN)
def retry(item_no: str) -> ResponseReturnValue:
    """Decide that the next run pays to the same account again."""

    def work(db: Session) -> str:
        service.retry_item(db, item_no=item_no, actor=web.actor(Role.ASSOCIATION_ADMIN), now=clock.now())
        return url_for("payruns.list_runs")

    answer = web.once_page(work)
    web.flash_said(gettext("The next run pays to this account again."))
    return answer


@pages.get("/my-payments")
@allow(own(Role.STREAMER), own(Role.FARMER), own(Role.COURIER_CLERK))
def show_own() -> str:
    """Show what one, or one's courier firm, earned through the association, what arrived, what waits."""
    caller = web.caller()
    require_scope(caller, Scope.SEE_MONEY)
    payee_id: UUID = caller.subject_id
    firm = ""
    with database.reading() as db:
        if caller.acting_for is None and Role.STREAMER in caller.roles:
            earned, kinds = gettext("Commission"), [RunKind.STREAMERS]
        elif caller.acting_for is None and Role.FARMER not in caller.roles:
            carrier = carriers.carrier_of_clerk(db, person_id=caller.actor_id)
            payee_id, firm = carrier.id, carrier.name
            earned, kinds = gettext("Settled in your favour"), [RunKind.COURIERS]
        else:
            earned = gettext("Sales, compensation and fees")
            kinds = [RunKind.GROWERS, RunKind.COMPENSATION, RunKind.FEES]
        found = service.standing_of(db, payee_id=payee_id, kinds=kinds, now=clock.now())
    lines = views.sum_lines(found, earned=earned)
    return render_template("shop/payruns/own.html", found=found, lines=lines, firm=firm, words=words)


def _counted(kind: RunKind, number: int) -> str:
    """Say how many people or couriers there are."""
    if kind is RunKind.COURIERS:
        return str(ngettext("%(num)s courier", "%(num)s couriers", number))
    return str(ngettext("%(num)s person", "%(num)s people", number))


def _said(answer: Answer) -> str:
    if answer.is_repeated:
        return str(gettext("This very file was read before: nothing was changed."))
    said = gettext(
        "%(paid)s paid, %(returned)s came back, %(faults)s rows could not be used.",
        paid=answer.paid,
        returned=answer.returned,
        faults=len(answer.faults),
    )
    return str(said)


def _list_page(kind: RunKind, refusal: Refused | None = None) -> ResponseReturnValue:
    with database.reading() as db:
        found = service.look_at(db, kind=kind, now=clock.now())
        runs = service.list_runs(db, kind=kind, limit=20)
        bank_fen = service.bank_fen(db)
    is_admin = Role.ASSOCIATION_ADMIN in web.caller().roles
    page = render_template(
        "shop/payruns/list.html",
        found=found,
        runs=runs,
        bank_fen=bank_fen,
        kind=kind,
        kinds=list(RunKind),
        words=words,
        refusal=sentence(refusal) if refusal else "",
        may_make=is_admin and bool(found.ready),
        counted=_counted,
    )
    return page, refusal.status if refusal else 200


def _run_page(run_no: str, refusal: str = "") -> str:
    with database.reading() as db:
        run = service.get_run(db, run_no=run_no)
        hashes = service.hashes_of(db, run_no=run_no)
        answers = service.list_answers(db, run_no=run_no)
        bank_fen = service.bank_fen(db)
    caller = web.caller()
    is_admin = Role.ASSOCIATION_ADMIN in caller.roles
    state: dict[str, Any] = {
        "may_act": is_admin,
        "may_confirm": is_admin and run.state is RunState.DRAFT and run.created_by != caller.person_id,
        "may_cancel": is_admin and run.state in BEFORE_SENDING,
        "is_short": run.state in BEFORE_SENDING and bank_fen < run.net_fen,
        "may_answer": is_admin and run.state in (RunState.SENT, RunState.DONE),
    }
    return render_template(
        "shop/payruns/run.html",
        run=run,
        bank_fen=bank_fen,
        counted=_counted,
        hashes=hashes,
        answers=answers,
        words=words,
        refusal=refusal,
        **state,
    )
