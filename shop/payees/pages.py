"""Pages of accounts: where my money goes; what the association has to confirm."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import NotFound, Refused
from county.people import service as people
from county.people.types import Role
from county.web import allow, own
from county.web.frame import sentence
from logistics.carriers import service as carriers
from shop.payees import forms, service, words
from shop.payees.types import AccountState, AgentMayNot, BadAccount, ConsentMissing, Payee, PayeeKind

pages = Blueprint("payees", __name__)
PAID = (own(Role.FARMER), own(Role.STREAMER))
# What the record says where an owner ticked the consent; it is read by auditors, in the county's language.
TICKED = "本人在网页上勾选同意"


@pages.get("/money/account")
@allow(*PAID)
def show_own() -> ResponseReturnValue:
    """Show where one's money goes, and how to change it."""
    return _own_page(forms.AskedAccount.empty())


@pages.post("/money/account")
@allow(*PAID)
def propose_own() -> ResponseReturnValue:
    """Propose where one's own money shall go."""
    caller = web.caller()
    asked = forms.read_account(own_consent=TICKED)
    role = Role.FARMER if Role.FARMER in caller.roles else Role.STREAMER

    def work(db: Session) -> str:
        service.propose_account(
            db,
            payee=Payee(PayeeKind.PERSON, caller.subject_id),
            account=asked.account,
            consent_paper=asked.consent_paper,
            actor=web.actor(role),
            now=clock.now(),
        )
        return url_for("payees.show_own")

    try:
        answer = web.once_page(work)
    except (BadAccount, ConsentMissing) as refusal:
        return _own_page(asked, errors=_errors(refusal), status=refusal.status)
    web.flash_said(gettext("Noted. Somebody of the association confirms it; a day later it is used."))
    return answer


@pages.get("/accounts")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def list_accounts() -> ResponseReturnValue:
    """Show the accounts that wait to be confirmed, and those in use."""
    return _desk_page(forms.AskedAccount.empty())


@pages.post("/accounts")
@allow(Role.ASSOCIATION_ADMIN)
def propose() -> ResponseReturnValue:
    """Propose an account for a person or a courier who came with a paper."""
    asked = forms.read_account()

    def work(db: Session) -> str:
        service.propose_account(
            db,
            payee=_payee(db, asked),
            account=asked.account,
            consent_paper=asked.consent_paper,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("payees.list_accounts")

    try:
        return web.once_page(work)
    except (BadAccount, ConsentMissing, NotFound) as refusal:
        return _desk_page(asked, errors=_errors(refusal), status=refusal.status)


@pages.post("/accounts/<uuid:account_id>/<any(confirm, reject):act>")
@allow(Role.ASSOCIATION_ADMIN)
def decide(account_id: UUID, act: str) -> ResponseReturnValue:
    """Confirm a proposed account as a second person, or turn it down."""

    def work(db: Session) -> str:
        step = service.confirm_account if act == "confirm" else service.reject_account
        step(db, account_id=account_id, actor=web.actor(Role.ASSOCIATION_ADMIN), now=clock.now())
        return url_for("payees.list_accounts")

    answer = web.once_page(work)
    web.flash_said(gettext("Done and written down."))
    return answer


@pages.post("/accounts/<uuid:account_id>/number")
@allow(Role.ASSOCIATION_ADMIN)
def reveal(account_id: UUID) -> ResponseReturnValue:
    """Show an account's whole number once, for a reason that stays on record."""
    reason = forms.read_reason()
    with database.transaction() as db:
        number = service.reveal_number(
            db,
            account_id=account_id,
            reason=reason,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
    return _desk_page(forms.AskedAccount.empty(), revealed=(account_id, number))


def _own_page(
    asked: forms.AskedAccount, *, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    caller = web.caller()
    if caller.acting_for is not None:
        raise AgentMayNot()
    with database.reading() as db:
        accounts = service.list_accounts(db, payee_id=caller.actor_id)
    page = render_template(
        "shop/payees/own.html",
        accounts=accounts,
        asked=asked,
        errors=errors or {},
        words=words,
        now=clock.now(),
    )
    return page, status


def _desk_page(
    asked: forms.AskedAccount,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
    revealed: tuple[UUID, str] | None = None,
) -> ResponseReturnValue:
    caller = web.caller()
    with database.reading() as db:
        proposed = service.list_accounts(db, states=[AccountState.PROPOSED])
        current = service.list_accounts(db, states=[AccountState.CONFIRMED])
        couriers = carriers.list_carriers(db)
    page = render_template(
        "shop/payees/desk.html",
        proposed=proposed,
        current=current,
        couriers=[(str(each.id), each.name) for each in couriers],
        asked=asked,
        errors=errors or {},
        words=words,
        revealed=revealed,
        is_admin=Role.ASSOCIATION_ADMIN in caller.roles,
        person_id=caller.person_id,
        now=clock.now(),
    )
    return page, status


def _payee(db: Session, asked: forms.AskedAccount) -> Payee:
    """Find for whom the association types an account.

    Refuses: `NotFound` naming the courier or the person that there is not.
    """
    if asked.carrier:
        found = [each for each in carriers.list_carriers(db) if str(each.id) == asked.carrier]
        if not found:
            raise NotFound(what="carrier")
        return Payee(PayeeKind.CARRIER, found[0].id)
    person = people.find_person_by_phone(db, phone=asked.phone)
    if person is None:
        raise NotFound(what="person")
    return Payee(PayeeKind.PERSON, person.id)


def _errors(refusal: Refused) -> dict[str, str]:
    if isinstance(refusal, BadAccount):
        return {str(refusal.facts["field"]): gettext(str(refusal.facts["why"]))}
    if isinstance(refusal, NotFound) and refusal.facts["what"] == "carrier":
        return {"carrier": sentence(refusal)}
    return {"consent" if isinstance(refusal, ConsentMissing) else "phone": sentence(refusal)}
