"""The grower's money page."""

from flask import Blueprint, render_template
from flask_babel import gettext

from county import database, web
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import allow, own
from shop.payouts import service
from shop.payouts.words import MONEY_STATES

pages = Blueprint("payouts", __name__)


@pages.get("/money")
@allow(own(Role.FARMER))
def show_money() -> str:
    """Answer where one's money is: one number, its date, and the sum that makes it."""
    caller = web.caller()
    require_scope(caller, Scope.SEE_MONEY)
    with database.reading() as db:
        found = service.grower_money(db, grower_id=caller.subject_id)
    lines = [
        {"label": gettext("Goods sold"), "fen": found.goods_fen},
        {"label": gettext("Streamer"), "fen": -found.streamer_fen},
        {"label": gettext("Association"), "fen": -found.association_fen},
    ]
    return render_template("shop/payouts/money.html", money=found, lines=lines, states=MONEY_STATES)
