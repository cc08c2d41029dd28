"""Pages of statements: one's own month, everybody's for the association, its books, the quarter's income."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, render_template
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.sheets import Amount
from county.web import allow, own
from shop.statements import documents, forms, rules, service, words
from shop.statements.documents import Cell
from shop.statements.types import BooksOfMonth, FileForm, IncomeReport, Statement

pages = Blueprint("account_statements", __name__)
READERS = (Role.ASSOCIATION_ADMIN, Role.AUDITOR)
OWNERS = (own(Role.FARMER), own(Role.STREAMER))


@pages.get("/account-statements")
@allow(*READERS)
def list_people() -> str:
    """Show everybody with a statement, and the cooperative's own."""
    with database.reading() as db:
        people = service.list_people(db)
    month = forms.read_month(usual=_month_now())
    quarter = rules.quarter_of(clock.county_day(clock.now()))
    rules.month_span(month)
    return render_template("shop/statements/people.html", people=people, month=month, quarter=quarter)


@pages.get("/account-statements/mine")
@allow(*OWNERS)
def show_own() -> str:
    """Show one's own month."""
    return _statement_page(web.caller().subject_id)


@pages.get("/account-statements/<uuid:person_id>")
@allow(*OWNERS, *READERS)
def show_statement(person_id: UUID) -> str:
    """Show a person's month; another's is not found for whoever is not of the association."""
    return _statement_page(person_id)


@pages.post("/account-statements/<uuid:person_id>/<month>/<any(csv, xlsx):form>")
@allow(*OWNERS, *READERS)
def take_statement(person_id: UUID, month: str, form: str) -> Response:
    """Give a person's month as a table, and record who took it."""
    with database.transaction() as db:
        statement = service.get_statement(db, person_id=person_id, month=month, asked_by=_asked_by())
        _record(db, "statement", f"{person_id}:{month}", form)
    return _table(form, f"statement-{month}", statement.person, _statement_rows(statement))


@pages.get("/account-statements/cooperative")
@allow(*READERS)
def show_books() -> str:
    """Show the cooperative's own books of a month."""
    month = forms.read_month(usual=_month_now())
    with database.reading() as db:
        books = service.get_books(db, month=month)
    rows = [
        {"group": _group(line.group), "opening_fen": line.opening_fen, "change_fen": line.change_fen,
         "closing_fen": line.closing_fen}
        for line in books.lines
    ]  # fmt: skip
    return render_template("shop/statements/books.html", books=books, rows=rows)


@pages.post("/account-statements/cooperative/<month>/<any(csv, xlsx):form>")
@allow(*READERS)
def take_books(month: str, form: str) -> Response:
    """Give the cooperative's books of a month as a table, and record who took them."""
    with database.transaction() as db:
        books = service.get_books(db, month=month)
        _record(db, "books", month, form)
    return _table(form, f"books-{month}", month, _book_rows(books))


@pages.get("/income-report")
@allow(*READERS)
def show_income() -> str:
    """Show the quarter's income of sellers, growers and streamers."""
    quarter = forms.read_quarter(usual=rules.quarter_of(clock.county_day(clock.now())))
    with database.reading() as db:
        report = service.get_income(db, quarter=quarter, now=clock.now())
    return render_template("shop/statements/income.html", report=report, words=words)


@pages.post("/income-report/<quarter>/<any(csv, xlsx):form>")
@allow(*READERS)
def take_income(quarter: str, form: str) -> Response:
    """Give the quarter's income as a table, and record who took it."""
    with database.transaction() as db:
        report = service.get_income(db, quarter=quarter, now=clock.now())
        _record(db, "income_report", quarter, form)
    return _table(form, f"income-{quarter}", quarter, _income_rows(report))


def _statement_page(person_id: UUID) -> str:
    require_scope(web.caller(), Scope.SEE_MONEY)
    month = forms.read_month(usual=_month_now())
    with database.reading() as db:
        statement = service.get_statement(db, person_id=person_id, month=month, asked_by=_asked_by())
    return render_template(
        "shop/statements/statement.html", statement=statement, words=words, is_own=_asked_by() is not None
    )


def _asked_by() -> UUID | None:
    """Give whose statements the caller may see; None is everybody's."""
    caller = web.caller()
    sees_all = caller.acting_for is None and caller.roles & set(READERS)
    return None if sees_all else caller.subject_id


def _month_now() -> str:
    return rules.month_of(clock.county_day(clock.now()))


def _group(group: str) -> str:
    return gettext(words.GROUPS[group]) if group in words.GROUPS else group


def _record(db: Session, what: str, ref: str, form: str) -> None:
    caller = web.caller()
    role = next((role for role in READERS if role in caller.roles), Role.FARMER)
    actor = web.actor(role)
    service.record_export(db, what=what, ref=ref, form=FileForm(form), actor=actor, now=clock.now())


def _table(form: str, name: str, title: str, rows: Sequence[Sequence[Cell]]) -> Response:
    content = documents.table_bytes(FileForm(form), title=title, rows=rows)
    answer = Response(content, mimetype=documents.TYPES[FileForm(form)])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _head(names: Sequence[str]) -> list[Cell]:
    return [gettext(name) for name in names]


def _statement_rows(statement: Statement) -> list[list[Cell]]:
    rows = [_head(words.STATEMENT_HEAD)]
    for part in statement.parts:
        name = gettext(words.ACCOUNTS[part.name])
        rows.append(["", gettext(words.OPENING), name, Amount(part.opening_fen)])
        rows += [
            [line.on, gettext(words.LINES[line.kind]), line.ref, Amount(line.fen)] for line in part.lines
        ]
        rows.append(["", gettext(words.CLOSING), name, Amount(part.closing_fen)])
    return rows


def _book_rows(books: BooksOfMonth) -> list[list[Cell]]:
    rows = [_head(words.BOOKS_HEAD)]
    for line in books.lines:
        sums = (line.opening_fen, line.change_fen, line.closing_fen)
        rows.append([_group(line.group), *(Amount(fen) for fen in sums)])
    return rows


def _income_rows(report: IncomeReport) -> list[list[Cell]]:
    return [
        _head(words.INCOME_HEAD),
        *(
            [
                gettext(words.INCOME_KINDS[row.kind]),
                row.name,
                Amount(row.income_fen),
                Amount(row.refund_fen),
                Amount(row.net_fen),
                row.count,
                Amount(row.commission_fen),
                Amount(row.commission_refund_fen),
                Amount(row.net_commission_fen),
                Amount(row.withheld_fen),
            ]
            for row in report.rows
        ),
    ]
