"""Pages of signing in, of oneself, of messages, and of acting for a farmer."""

from uuid import UUID

from flask import Blueprint, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.utils import redirect

from county import clock, database, web
from county.audit.types import Actor
from county.notices import service as notices
from county.people import entry, forms, rules, service
from county.people.types import Role, TokenKind, WrongSignIn
from county.web import PUBLIC, SIGNED_IN, allow, own
from county.web.access import token_of_request
from county.web.frame import sentence
from county.web.limits import limited

pages = Blueprint("people", __name__)


@pages.get("/sign-in")
@allow(PUBLIC)
def show_sign_in() -> str:
    """Show the sign-in form."""
    return render_template("people/sign_in.html", asked=forms.SignInForm.empty(), errors={}, by_code=False)


@pages.post("/sign-in")
@allow(PUBLIC)
@limited("60 per minute")
def sign_in() -> ResponseReturnValue:
    """Sign in by password or by the code that was sent."""
    asked = forms.read_sign_in()
    if asked.code:
        signed = entry.sign_in_by_code(phone=asked.phone, code=asked.code, kind=TokenKind.BROWSER)
    else:
        signed = entry.sign_in_by_password(phone=asked.phone, password=asked.password, kind=TokenKind.BROWSER)
    if signed is None:
        errors = {"phone": sentence(WrongSignIn())}
        page = render_template("people/sign_in.html", asked=asked, errors=errors, by_code=bool(asked.code))
        return page, 401
    # A new browser session, so that a session id known to somebody else is worth nothing.
    session.clear()
    session["token"] = signed.token
    session.permanent = True
    return redirect(asked.next or url_for("people.show_me"), code=303)


@pages.post("/sign-in/code")
@allow(PUBLIC)
@limited("10 per minute")
def send_code() -> ResponseReturnValue:
    """Send a one-time code and show where to type it; the answer is the same for unknown numbers."""
    asked = forms.read_sign_in()
    if not rules.is_phone(asked.phone):
        errors = {
            "phone": gettext("Please type the eleven digits of your mobile number, such as 139 0000 0000.")
        }
        return render_template("people/sign_in.html", asked=asked, errors=errors, by_code=False), 422
    entry.send_code(phone=asked.phone)
    return render_template("people/sign_in.html", asked=asked, errors={}, by_code=True)


@pages.post("/sign-out")
@allow(*SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """Sign out of this browser."""
    token = token_of_request() or ""
    with database.transaction() as db:
        service.sign_out(db, token=token, now=clock.now())
    session.clear()
    return redirect("/", code=303)


@pages.get("/me")
@allow(*SIGNED_IN)
def show_me() -> str:
    """Show who one is, one's messages and one's consents."""
    caller = web.caller()
    with database.reading() as db:
        person = service.get_person(db, person_id=caller.actor_id)
        messages = notices.list_notices(db, person_id=caller.actor_id, limit=20)
        given = service.list_consents(db, farmer_id=caller.actor_id)
        held = service.list_consents(db, agent_id=caller.actor_id)
    now = clock.now()
    return render_template(
        "people/me.html",
        person=person,
        phone=rules.mask_phone(person.phone or ""),
        messages=messages,
        given=[each for each in given if each.withdrawn_at is None and each.ends_at > now],
        held=[each for each in held if each.withdrawn_at is None and each.starts_at <= now < each.ends_at],
    )


@pages.post("/notices/read")
@allow(*SIGNED_IN)
def mark_read() -> ResponseReturnValue:
    """Mark all of one's messages as read."""
    with database.transaction() as db:
        notices.mark_read(db, person_id=web.caller().actor_id, now=clock.now())
    return redirect(url_for(".show_me"), code=303)


@pages.post("/act-for")
@allow(Role.VILLAGE_AGENT)
def act_for() -> ResponseReturnValue:
    """Begin to act for a farmer within their consent, or act for oneself again."""
    farmer_id = forms.read_farmer_id()
    caller = web.caller()
    actor = Actor(caller.actor_id, Role.VILLAGE_AGENT, farmer_id, caller.request_id)
    with database.transaction() as db:
        service.act_for(db, token=token_of_request() or "", farmer_id=farmer_id, actor=actor, now=clock.now())
    return redirect("/sell" if farmer_id else url_for(".show_me"), code=303)


@pages.post("/consents/<uuid:consent_id>/withdraw")
@allow(own(Role.FARMER))
def withdraw_consent(consent_id: UUID) -> ResponseReturnValue:
    """Withdraw a consent that one gave; only the farmer, not the agent acting for them."""
    caller = web.caller()
    actor = Actor(caller.actor_id, Role.FARMER, None, caller.request_id)
    with database.transaction() as db:
        service.withdraw_consent(
            db, consent_id=consent_id, farmer_id=caller.actor_id, actor=actor, now=clock.now()
        )
    web.flash_said(gettext("The consent is withdrawn. From now on nobody acts for you under it."))
    return redirect(url_for(".show_me"), code=303)
