"""The streamer's commissions."""

from flask import Blueprint, render_template
from flask_babel import gettext

from county import clock, database, web
from county.people.types import Role
from county.web import allow, own
from livestream.attribution import service
from livestream.sessions import service as sessions
from shop.payruns import service as payruns
from shop.payruns import views
from shop.payruns.types import RunKind

pages = Blueprint("attribution", __name__)


@pages.get("/commissions")
@allow(own(Role.STREAMER))
def show_commissions() -> str:
    """Show a streamer what each sale earned, and what of it is certain."""
    with database.reading() as db:
        sales = service.list_sales(db, streamer_id=web.caller().actor_id)
        shown = sessions.sessions_of(db, ids={sale.session_id for sale in sales})
        paid = payruns.standing_of(
            db, payee_id=web.caller().actor_id, kinds=[RunKind.STREAMERS], now=clock.now()
        )
    return render_template(
        "livestream/attribution/commissions.html",
        sales=sales,
        titles={session_id: session.title for session_id, session in shown.items()},
        final_fen=sum(sale.commission_fen for sale in sales if sale.is_final),
        open_fen=sum(sale.commission_fen for sale in sales if not sale.is_final),
        paid=paid,
        paid_lines=views.sum_lines(paid, earned=gettext("Commission")),
    )
