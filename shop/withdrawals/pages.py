"""The page of where the cooperative's money is, on which what arrived in the bank is booked."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import Refused
from county.people.types import Role
from county.web import allow
from county.web.frame import sentence
from shop.payruns import words as run_words
from shop.withdrawals import forms, service, words
from shop.withdrawals.types import BadWithdrawal, MoreThanAtAlipay, NotOurMoney, ReferenceTaken, Source

pages = Blueprint("withdrawals", __name__)
READERS = (Role.ASSOCIATION_ADMIN, Role.AUDITOR)
FIELDS = {MoreThanAtAlipay: "yuan", ReferenceTaken: "reference", NotOurMoney: "seller_id"}


@pages.get("/withdrawals")
@allow(*READERS)
def show_circuit() -> ResponseReturnValue:
    """Show where the cooperative's money is and what arrived in its bank account."""
    return _page(forms.AskedWithdrawal(arrived_on=clock.county_day(clock.now()).isoformat()))


@pages.post("/withdrawals")
@allow(Role.ASSOCIATION_ADMIN)
def add() -> ResponseReturnValue:
    """Book money that arrived in the bank account."""
    asked = forms.read_withdrawal()

    def work(db: Session) -> str:
        service.record_withdrawal(
            db, new=forms.parsed(asked), actor=web.actor(Role.ASSOCIATION_ADMIN), now=clock.now()
        )
        return url_for("withdrawals.show_circuit")

    try:
        answer = web.once_page(work)
    except Refused as refusal:
        return _page(asked, refusal)
    web.flash_said(gettext("It is booked."))
    return answer


@pages.post("/withdrawals/<uuid:withdrawal_id>/reverse")
@allow(Role.ASSOCIATION_ADMIN)
def reverse(withdrawal_id: UUID) -> ResponseReturnValue:
    """Take a booking back that was a mistake."""
    reason = forms.read_reason()

    def work(db: Session) -> str:
        service.reverse_withdrawal(
            db,
            withdrawal_id=withdrawal_id,
            reason=reason,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("withdrawals.show_circuit")

    try:
        answer = web.once_page(work)
    except Refused as refusal:
        today = clock.county_day(clock.now()).isoformat()
        return _page(forms.AskedWithdrawal(arrived_on=today), refusal)
    web.flash_said(gettext("It is taken back by a second entry."))
    return answer


def _page(asked: forms.AskedWithdrawal, refusal: Refused | None = None) -> ResponseReturnValue:
    with database.reading() as db:
        circuit = service.get_circuit(db, now=clock.now())
        arrived = service.list_withdrawals(db)
    errors = _errors(refusal) if refusal else {}
    page = render_template(
        "shop/withdrawals/circuit.html",
        circuit=circuit,
        arrived=arrived,
        asked=asked,
        errors=errors,
        refusal=sentence(refusal) if refusal and not errors else "",
        sources=[(each.value, gettext(words.SOURCES[each])) for each in Source],
        sellers=[(str(each.seller_id), each.name) for each in circuit.sellers],
        words=words,
        run_words=run_words,
        is_admin=Role.ASSOCIATION_ADMIN in web.caller().roles,
    )
    return page, refusal.status if refusal else 200


def _errors(refusal: Refused) -> dict[str, str]:
    """Say which field of the form a refusal belongs to; one of another form belongs to none."""
    if isinstance(refusal, BadWithdrawal):
        field, why = str(refusal.facts["field"]), gettext(str(refusal.facts["why"]))
        return {} if field == "reason" else {field: why}
    field = FIELDS.get(type(refusal), "")
    return {field: sentence(refusal)} if field else {}
