"""Pages of sessions: the public list, asking for hours, the association's calendar, confirming."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import PUBLIC, allow, own
from county.web.frame import sentence
from livestream.roster import service as roster
from livestream.sessions import forms, service, views
from livestream.sessions.types import BadSession, NotAvailable, SessionClash, SessionState
from livestream.sessions.words import SESSION_STATES
from livestream.studios import service as studios
from shop.catalogue import service as catalogue

pages = Blueprint("sessions", __name__)
SHOWN_DAYS = 14


@pages.get("/live")
@allow(PUBLIC)
def list_upcoming() -> str:
    """Show which sessions come in the next days."""
    now = clock.now()
    with database.reading() as db:
        coming = service.list_sessions(
            db,
            states=(SessionState.CONFIRMED, SessionState.LIVE),
            from_at=now,
            to_at=now + timedelta(days=SHOWN_DAYS),
        )
        named = views.named(db, coming)
    days = [day for day in views.by_day(named, from_on=clock.county_day(now), days=SHOWN_DAYS) if day.items]
    return render_template("livestream/sessions/upcoming.html", days=days)


@pages.get("/sell/live")
@allow(own(Role.FARMER))
def list_own() -> str:
    """Show a farmer's own sessions and how to ask for one."""
    caller = web.caller()
    require_scope(caller, Scope.REQUEST_SESSIONS)
    with database.reading() as db:
        named = views.named(db, service.list_sessions(db, farmer_id=caller.subject_id))
    return render_template("livestream/sessions/own.html", sessions=named[::-1], states=SESSION_STATES)


@pages.get("/sell/live/new")
@allow(own(Role.FARMER))
def show_request() -> ResponseReturnValue:
    """Show the form in which a farmer asks for live hours."""
    tomorrow = clock.county_day(clock.now()) + timedelta(days=1)
    return _request_page(forms.RequestForm(on=tomorrow.isoformat()))


@pages.post("/sell/live/new")
@allow(own(Role.FARMER))
def request_session() -> ResponseReturnValue:
    """Ask for live hours."""
    caller = web.caller()
    require_scope(caller, Scope.REQUEST_SESSIONS)
    form = forms.read_request()
    start_at, end_at = form.start_at, form.end_at
    if form.errors or start_at is None or end_at is None:
        return _request_page(form, status=422)

    def work(db: Session) -> str:
        service.request_session(
            db,
            farmer_id=caller.subject_id,
            title=form.title,
            product_ids=form.product_ids,
            start_at=start_at,
            end_at=end_at,
            actor=web.actor(Role.FARMER),
            now=clock.now(),
        )
        return url_for("sessions.list_own")

    try:
        answer = web.once_page(work)
    except BadSession as refusal:
        form.errors["on"] = sentence(refusal)
        return _request_page(form, status=422)
    web.flash_said(gettext("Asked for. The association looks for a streamer and a studio."))
    return answer


@pages.get("/sessions")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def show_calendar() -> str:
    """Show the association's calendar: what was asked for, what is booked."""
    now = clock.now()
    with database.reading() as db:
        asked = views.named(db, service.list_sessions(db, states=(SessionState.REQUESTED,)))
        booked = views.named(
            db,
            service.list_sessions(
                db,
                states=(SessionState.CONFIRMED, SessionState.LIVE, SessionState.ENDED),
                from_at=clock.day_start(clock.county_day(now)),
                to_at=now + timedelta(days=SHOWN_DAYS),
            ),
        )
    days = views.by_day(booked, from_on=clock.county_day(now), days=7)
    return render_template("livestream/sessions/calendar.html", asked=asked, days=days)


@pages.get("/sessions/<uuid:session_id>")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def show_session(session_id: UUID) -> ResponseReturnValue:
    """Show one session and, while it is only asked for, the form that books it."""
    return _session_page(session_id)


@pages.post("/sessions/<uuid:session_id>/confirm")
@allow(Role.ASSOCIATION_ADMIN)
def confirm_session(session_id: UUID) -> ResponseReturnValue:
    """Book a session: streamer, studio, hours, commission."""
    form = forms.read_confirmation()
    if form is None:
        return _session_page(session_id, error=gettext("Please fill in every field."), status=422)

    def work(db: Session) -> str:
        service.confirm_session(
            db,
            session_id=session_id,
            streamer_id=form.streamer_id,
            studio_id=form.studio_id,
            start_at=form.start_at,
            end_at=form.end_at,
            commission_bp=form.commission_bp,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("sessions.show_session", session_id=session_id)

    try:
        return web.once_page(work)
    except (SessionClash, NotAvailable, BadSession) as refusal:
        return _session_page(session_id, error=sentence(refusal), wish=form, status=refusal.status)


@pages.post("/sessions/<uuid:session_id>/cancel")
@allow(Role.ASSOCIATION_ADMIN)
def cancel_session(session_id: UUID) -> ResponseReturnValue:
    """Cancel a session that was not on air yet."""

    def work(db: Session) -> str:
        service.cancel_session(
            db, session_id=session_id, actor=web.actor(Role.ASSOCIATION_ADMIN), now=clock.now()
        )
        return url_for("sessions.show_calendar")

    return web.once_page(work)


def _request_page(form: forms.RequestForm, status: int = 200) -> ResponseReturnValue:
    caller = web.caller()
    require_scope(caller, Scope.REQUEST_SESSIONS)
    with database.reading() as db:
        products = catalogue.list_grower_products(db, grower_id=caller.subject_id)
    page = render_template(
        "livestream/sessions/request.html", form=form, products=products, minutes=forms.MINUTES
    )
    return page, status


def _session_page(
    session_id: UUID, *, error: str = "", wish: forms.ConfirmForm | None = None, status: int = 200
) -> ResponseReturnValue:
    now = clock.now()
    with database.reading() as db:
        session = service.get_session(db, session_id=session_id)
        view = views.named(db, [session])[0]
        streamers = roster.list_streamers(db)
        rooms = studios.list_studios(db)
        start_at = wish.start_at if wish else session.start_at
        end_at = wish.end_at if wish else session.end_at
        offers = service.free_slots(db, start_at=start_at, end_at=end_at, now=now) if error else []
        titles = {
            UUID(str(each.product_id)): each
            for each in catalogue.list_grower_products(db, grower_id=session.farmer_id)
        }
    page = render_template(
        "livestream/sessions/session.html",
        view=view,
        session=session,
        streamers=streamers,
        studios=rooms,
        names={each.person_id: each.name for each in streamers} | {each.id: each.name for each in rooms},
        products=[(titles[each.product_id], each) for each in session.products if each.product_id in titles],
        error=error,
        wish=wish,
        offers=offers,
        states=SESSION_STATES,
        start=start_at.astimezone(clock.COUNTY_ZONE),
        minutes=int((end_at - start_at).total_seconds() // 60),
    )
    return page, status
