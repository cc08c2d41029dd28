"""The session's page for buyers, with signed links, and the streamer's commissions."""

from uuid import UUID

from flask import Blueprint, render_template

from county import clock, database, web
from county.errors import NotFound
from county.people.types import Role
from county.web import PUBLIC, allow, own
from livestream.attribution import service
from livestream.room import service as room
from livestream.sessions import service as sessions
from livestream.sessions import views
from livestream.sessions.types import SessionState
from livestream.sessions.words import SESSION_STATES
from shop.catalogue import service as catalogue

pages = Blueprint("attribution", __name__)


@pages.get("/live/<uuid:session_id>")
@allow(PUBLIC)
def show_session(session_id: UUID) -> str:
    """Show a session to buyers: when, what, at which price, and links that remember the session."""
    now = clock.now()
    with database.reading() as db:
        session = sessions.get_session(db, session_id=session_id)
        if session.state not in service.SOLD_IN:
            raise NotFound(what="session")
        view = views.named(db, [session])[0]
        shown = [each.product_id for each in session.products]
        products = catalogue.list_by_ids(db, product_ids=shown)
        pinned_id = room.pinned_product(db, session_id=session_id)
    return render_template(
        "livestream/attribution/live.html",
        view=view,
        session=session,
        products=sorted(
            products, key=lambda each: (each.product_id != pinned_id, shown.index(each.product_id))
        ),
        pinned_id=pinned_id,
        token=service.attribution().token(session_id=session_id, now=now),
        states=SESSION_STATES,
        is_live=session.state is SessionState.LIVE,
    )


@pages.get("/commissions")
@allow(own(Role.STREAMER))
def show_commissions() -> str:
    """Show a streamer what each sale earned, and what of it is certain."""
    with database.reading() as db:
        sales = service.list_sales(db, streamer_id=web.caller().actor_id)
        titles = {
            each: sessions.get_session(db, session_id=each).title for each in {s.session_id for s in sales}
        }
    return render_template(
        "livestream/attribution/commissions.html",
        sales=sales,
        titles=titles,
        final_fen=sum(sale.commission_fen for sale in sales if sale.is_final),
        open_fen=sum(sale.commission_fen for sale in sales if not sale.is_final),
    )
