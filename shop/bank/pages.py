"""The page of the bank account: where the money is, the month line by line, what came in and went out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, money, web
from county.errors import Refused
from county.people.types import Role
from county.web import allow
from county.web.frame import sentence
from shop.bank import forms, rules, service, words
from shop.bank.types import BadLine, LineKind, MoreThanOpen, NotOurMoney, Open, ReferenceTaken, Way
from shop.payruns import words as run_words

pages = Blueprint("bank", __name__)
READERS = (Role.ASSOCIATION_ADMIN, Role.AUDITOR)
FIELDS = {MoreThanOpen: "yuan", ReferenceTaken: "reference", NotOurMoney: "party"}


@pages.get("/bank")
@allow(*READERS)
def show_account() -> ResponseReturnValue:
    """Show where the cooperative's money is and a month of its bank account."""
    return _page()


@pages.post("/bank/<any(in, out):way>")
@allow(Role.ASSOCIATION_ADMIN)
def add(way: str) -> ResponseReturnValue:
    """Book a line of the bank's statement."""
    asked = forms.read_line(Way(way))

    def work(db: Session) -> str:
        new = forms.parsed(asked, Way(way))
        line = service.record_line(db, new=new, actor=web.actor(Role.ASSOCIATION_ADMIN), now=clock.now())
        return url_for("bank.show_account", month=service.month_of_line(db, line=line))

    try:
        answer = web.once_page(work)
    except Refused as refusal:
        return _page(refusal, {Way(way): asked})
    web.flash_said(gettext("It is booked."))
    return answer


@pages.post("/bank/<uuid:line_id>/reverse")
@allow(Role.ASSOCIATION_ADMIN)
def reverse(line_id: UUID) -> ResponseReturnValue:
    """Take a booking back that was a mistake."""
    reason, month = forms.read_reason(), forms.read_month(usual=_month_now())

    def work(db: Session) -> str:
        actor = web.actor(Role.ASSOCIATION_ADMIN)
        service.reverse_line(db, line_id=line_id, reason=reason, actor=actor, now=clock.now())
        return url_for("bank.show_account", month=month)

    try:
        answer = web.once_page(work)
    except Refused as refusal:
        return _page(refusal)
    web.flash_said(gettext("It is taken back by a second entry."))
    return answer


def _page(
    refusal: Refused | None = None, asked: dict[Way, forms.AskedLine] | None = None
) -> ResponseReturnValue:
    """Show the page; with a refusal, at the field of what was `asked` or above everything."""
    now = clock.now()
    with database.reading() as db:
        circuit = service.get_circuit(db, now=now)
        account = service.get_month(db, month=forms.read_month(usual=_month_now()))
        months = service.list_months(db, today_on=clock.county_day(now))
        found = service.list_open(db, now=now)
    errors = {way: _errors(refusal, way) for way in asked or ()} if refusal else {}
    is_admin = Role.ASSOCIATION_ADMIN in web.caller().roles
    page = render_template(
        "shop/bank/account.html",
        circuit=circuit,
        account=account,
        months=[(month, month) for month in sorted({account.month, *months}, reverse=True)],
        forms_of=[_form(way, found, asked or {}, errors) for way in Way] if is_admin else [],
        refusal=sentence(refusal) if refusal and not any(errors.values()) else "",
        words=words,
        run_words=run_words,
        is_admin=is_admin,
    )
    return page, refusal.status if refusal else 200


def _form(
    way: Way,
    found: Sequence[Open],
    asked: dict[Way, forms.AskedLine],
    errors: dict[Way, dict[str, str]],
) -> dict[str, Any]:
    """Give what one of the two forms shows: its kinds with what is open of each, and the parties."""
    kinds = rules.kinds_of(way)
    today = clock.county_day(clock.now()).isoformat()
    return {
        "way": way.value,
        "kinds": [(kind.value, gettext(words.KINDS[kind]), _beside(kind, found)) for kind in kinds],
        "parties": [
            (
                str(each.party_id),
                f"{each.party} · {gettext(words.OPEN[each.kind])} {money.say_money(each.fen)}",
            )
            for each in found
            if each.party_id is not None and each.kind in kinds
        ],
        "asked": asked.get(way) or forms.AskedLine(kind=kinds[0].value, moved_on=today),
        "errors": errors.get(way, {}),
    }


def _beside(kind: LineKind, found: Sequence[Open]) -> str:
    """Say beside a kind what is open of it, or what it is for."""
    if kind not in words.OPEN:
        return str(gettext(words.EXAMPLES[kind]))
    fen = sum(each.fen for each in found if each.kind is kind)
    return f"{gettext(words.OPEN[kind])} {money.say_money(fen)}"


def _errors(refusal: Refused, way: Way) -> dict[str, str]:
    """Say which field of a form a refusal belongs to."""
    if isinstance(refusal, BadLine):
        field, says = str(refusal.facts["field"]), str(gettext(str(refusal.facts["why"])))
    else:
        field, says = FIELDS.get(type(refusal), ""), sentence(refusal)
    return {forms.field_of(way, field): says} if field else {}


def _month_now() -> str:
    return f"{clock.county_day(clock.now()):%Y-%m}"
