"""Pages of settlements: upload a courier's statement, see what differs and why, agree."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import N_, BadInput, Fault, Refused
from county.money import format_yuan, say_yuan
from county.people.types import Role
from county.web import allow, body_limit, own
from county.web.frame import sentence, settings
from logistics.carriers import desk
from logistics.carriers import service as carriers
from logistics.intake import forms as uploads
from logistics.intake import words
from logistics.parcels.exporting import table_answer
from logistics.settlements import forms, service
from logistics.settlements.types import Discrepancy, StatementState
from logistics.settlements.words import REASONS, STATEMENT_STATES

pages = Blueprint("settlements", __name__)
READERS = (own(Role.COURIER_CLERK), Role.ASSOCIATION_ADMIN, Role.AUDITOR)
ITEMS_SHOWN = 300
ROWS_SHOWN = 10
EXPORTED = (N_("Waybill"), N_("Reason"), N_("Charged (yuan)"), N_("Expected (yuan)"), N_("Rows"))


@pages.get("/statements")
@allow(*READERS)
def list_statements() -> ResponseReturnValue:
    """Show the statements and the form to read one in."""
    return _list_page()


@pages.post("/statements")
@allow(own(Role.COURIER_CLERK), Role.ASSOCIATION_ADMIN)
@body_limit(110)
def upload() -> ResponseReturnValue:
    """Keep an uploaded statement; a job reads it."""
    with database.reading() as db:
        carrier = desk.changed_carrier(db, asked=uploads.read_carrier())
    try:
        with uploads.Upload() as (path, name):
            sha256 = service.keep_file(settings().instance / "files", path=path)
    except BadInput as refusal:
        return _list_page(errors={"file": words.say_file_fault(refusal.faults[0])}, status=422)

    def work(db: Session) -> str:
        statement_id = service.store_statement(
            db,
            period=forms.read_period(),
            carrier=carrier,
            file_name=name,
            sha256=sha256,
            person_id=web.caller().actor_id,
            actor=desk.acting(),
            now=clock.now(),
        )
        return url_for("settlements.show_statement", statement_id=statement_id)

    try:
        return web.once_page(work)
    except Refused as refusal:
        return _list_page(errors={"period": sentence(refusal)}, status=refusal.status)


@pages.get("/statements/<uuid:statement_id>")
@allow(*READERS)
def show_statement(statement_id: UUID) -> str:
    """Show a statement: three figures, the reasons, every waybill that differs."""
    with database.reading() as db:
        statement = service.get_statement(db, statement_id=statement_id, carrier=desk.seen_carrier(db))
    findings = statement.findings
    bars = [
        {
            "label": gettext(REASONS[reason]),
            "value": sums.over_fen + sums.under_fen,
            "shown": gettext(
                "%(count)s · too much ¥%(over)s · too little ¥%(under)s",
                count=sums.waybills,
                over=say_yuan(sums.over_fen),
                under=say_yuan(sums.under_fen),
            ),
        }
        for reason, sums in (findings.by_reason.items() if findings else ())
    ]
    items = findings.items if findings else ()
    return render_template(
        "logistics/settlements/statement.html",
        statement=statement,
        why=words.say_file_fault(Fault("file", statement.why)),
        findings=findings,
        bars=bars,
        items=[_shown(item) for item in items[:ITEMS_SHOWN]],
        left_out=max(0, len(items) - ITEMS_SHOWN),
        may_agree=Role.ASSOCIATION_ADMIN in web.caller().roles,
        states=STATEMENT_STATES,
    )


@pages.get("/statements/<uuid:statement_id>/export")
@allow(*READERS)
def export_items(statement_id: UUID) -> Response:
    """Give every waybill that differs as a table for a spreadsheet."""
    with database.reading() as db:
        statement = service.get_statement(db, statement_id=statement_id, carrier=desk.seen_carrier(db))
    items = statement.findings.items if statement.findings else ()
    rows = (
        (
            item.waybill,
            gettext(REASONS[item.reason]),
            format_yuan(item.charged_fen),
            format_yuan(item.expected_fen),
            " ".join(str(row) for row in item.rows),
        )
        for item in items
    )
    name = f"statement-{statement.period}.csv"
    return table_answer(name, [gettext(each) for each in EXPORTED], rows)


@pages.get("/statements/<uuid:statement_id>/progress")
@allow(*READERS)
def show_progress(statement_id: UUID) -> ResponseReturnValue:
    """Say how far the reading of a statement has come."""
    with database.reading() as db:
        statement = service.get_statement(db, statement_id=statement_id, carrier=desk.seen_carrier(db))
    is_running = statement.state is StatementState.UPLOADED
    return jsonify(
        {
            "state": "running" if is_running else "done",
            "done_bp": None,
            "doing": gettext("Reading every line against our records"),
            "numbers": [],
            "done_url": url_for("settlements.show_statement", statement_id=statement_id),
        }
    )


@pages.post("/statements/<uuid:statement_id>/agree")
@allow(Role.ASSOCIATION_ADMIN)
def agree(statement_id: UUID) -> ResponseReturnValue:
    """Agree on a statement: the charge less what is disputed."""
    version = forms.read_version()

    def work(db: Session) -> str:
        service.agree(
            db,
            statement_id=statement_id,
            version=version,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("settlements.show_statement", statement_id=statement_id)

    return web.once_page(work)


def _shown(item: Discrepancy) -> dict[str, object]:
    return {
        "waybill": item.waybill,
        "reason": gettext(REASONS[item.reason]),
        "charged_fen": item.charged_fen,
        "expected_fen": item.expected_fen,
        "rows": "、".join(str(row) for row in item.rows[:ROWS_SHOWN]),
    }


def _list_page(*, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    with database.reading() as db:
        mine = desk.seen_carrier(db)
        found = service.list_statements(db, carrier=mine)
        names = [mine] if mine else [each.name for each in carriers.list_carriers(db)]
    page = render_template(
        "logistics/settlements/list.html",
        statements=found,
        carriers=[(name, name) for name in names],
        errors=errors or {},
        period=clock.county_day(clock.now()).isoformat()[:7],
        states=STATEMENT_STATES,
        can_upload=bool(web.caller().roles & {Role.COURIER_CLERK, Role.ASSOCIATION_ADMIN}),
    )
    return page, status
