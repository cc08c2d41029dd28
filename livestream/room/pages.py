"""The session's page for buyers with signed links, the streamer's control page, the relay's fallback."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import NotFound
from county.people.types import Role
from county.web import PUBLIC, allow, own
from livestream.attribution import service as attribution
from livestream.room import forms, rules, service
from livestream.sessions import service as sessions
from livestream.sessions import views
from livestream.sessions.types import SessionState
from livestream.sessions.words import SESSION_STATES
from shop.catalogue import service as catalogue

pages = Blueprint("room", __name__)


@pages.get("/live/<uuid:session_id>")
@allow(PUBLIC)
def show_session(session_id: UUID) -> str:
    """Show a session to buyers: when, what, at which price, and links that remember the session."""
    now = clock.now()
    with database.reading() as db:
        session = sessions.get_session(db, session_id=session_id)
        if session.state not in attribution.SOLD_IN:
            raise NotFound(what="session")
        view = views.named(db, [session])[0]
        shown = [each.product_id for each in session.products]
        products = catalogue.list_by_ids(db, product_ids=shown)
        pinned_id = service.pinned_product(db, session_id=session_id)
    return render_template(
        "livestream/attribution/live.html",
        view=view,
        session=session,
        products=sorted(
            products, key=lambda each: (each.product_id != pinned_id, shown.index(each.product_id))
        ),
        pinned_id=pinned_id,
        token=attribution.attribution().token(session_id=session_id, now=now),
        states=SESSION_STATES,
        is_live=session.state is SessionState.LIVE,
    )


@pages.get("/live/<uuid:session_id>/state")
@allow(PUBLIC)
def show_state(session_id: UUID) -> Response:
    """Answer the events after `since`; with 0, what a viewer who comes now has to know."""
    since = forms.read_since()
    with database.reading() as db:
        session = sessions.get_session(db, session_id=session_id)
        if session.state not in attribution.SOLD_IN:
            raise NotFound(what="session")
        events = (
            service.list_events(db, session_id=session_id, after=since)
            if since
            else service.present_state(db, session_id=session_id)
        )
        last = service.last_numbers(db, session_ids=[session_id]).get(session_id, 0)
    shown = [{"id": event.number, **rules.as_data(event)} for event in events]
    return jsonify(
        {
            "state": session.state.value,
            "events": shown,
            "last": events[-1].number if since and events else max(since, last),
        }
    )


@pages.get("/studio")
@allow(own(Role.STREAMER))
def list_sessions() -> str:
    """Show a streamer's sessions."""
    with database.reading() as db:
        own_sessions = sessions.list_sessions(db, streamer_id=web.caller().actor_id)
        named = views.named(db, own_sessions)
    return render_template("livestream/room/list.html", sessions=named[::-1], states=SESSION_STATES)


@pages.get("/studio/<uuid:session_id>")
@allow(own(Role.STREAMER))
def show_control(session_id: UUID) -> str:
    """Show the control page: what to show next, what is shown, what was sold."""
    return _control_page(session_id)


@pages.post("/studio/<uuid:session_id>/<any(begin, end):step>")
@allow(own(Role.STREAMER))
def change_air(session_id: UUID, step: str) -> ResponseReturnValue:
    """Go on air, or off air."""
    do = {"begin": service.begin, "end": service.end}[step]

    def work(db: Session) -> str:
        do(
            db,
            session_id=session_id,
            streamer_id=web.caller().actor_id,
            actor=web.actor(Role.STREAMER),
            now=clock.now(),
        )
        return url_for("room.show_control", session_id=session_id)

    return web.once_page(work)


@pages.post("/studio/<uuid:session_id>/pin")
@allow(own(Role.STREAMER))
def pin(session_id: UUID) -> ResponseReturnValue:
    """Show a product to the viewers."""
    product_id = forms.read_product_id()

    def work(db: Session) -> str:
        service.pin(
            db,
            session_id=session_id,
            streamer_id=web.caller().actor_id,
            product_id=product_id,
            now=clock.now(),
        )
        return url_for("room.show_control", session_id=session_id)

    return web.once_page(work)


@pages.post("/studio/<uuid:session_id>/say")
@allow(own(Role.STREAMER))
def say(session_id: UUID) -> ResponseReturnValue:
    """Show a sentence to the viewers."""
    text, errors = forms.read_notice()
    if errors:
        return _control_page(session_id, text, errors), 422

    def work(db: Session) -> str:
        service.say(db, session_id=session_id, streamer_id=web.caller().actor_id, text=text, now=clock.now())
        return url_for("room.show_control", session_id=session_id)

    return web.once_page(work)


def _control_page(session_id: UUID, text: str = "", errors: dict[str, str] | None = None) -> str:
    with database.reading() as db:
        session = service.own_session(db, session_id=session_id, streamer_id=web.caller().actor_id)
        view = views.named(db, [session])[0]
        products = catalogue.list_by_ids(db, product_ids=[each.product_id for each in session.products])
        pinned_id = service.pinned_product(db, session_id=session_id)
        sales = attribution.list_sales(db, session_id=session_id)
    return render_template(
        "livestream/room/control.html",
        session=session,
        view=view,
        products=products,
        pinned_id=pinned_id,
        sold_fen=sum(sale.goods_fen for sale in sales),
        orders=sum(not sale.is_returned for sale in sales),
        states=SESSION_STATES,
        text=text,
        errors=errors or {},
    )
