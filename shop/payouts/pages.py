"""The grower's money page."""

from flask import Blueprint, render_template
from flask_babel import gettext

from county import clock, database, web
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import allow, own
from shop.payouts import service
from shop.payouts.types import GrowerMoney, GrowerSale, PaidOut
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
        paid = service.find_paid_out(db, grower_id=caller.subject_id, now=clock.now())
    return render_template(
        "shop/payouts/money.html",
        money=found,
        lines=sum_lines(found),
        paid=paid,
        paid_lines=paid_lines(paid) if paid else [],
        sales=[(sale, sum_lines(sale)) for sale in found.sales],
        states=MONEY_STATES,
    )


def sum_lines(money: GrowerMoney | GrowerSale) -> list[dict[str, str | int]]:
    """Give the lines of a sum that adds up to what is the grower's; rare lines only if there is something."""
    lines: list[dict[str, str | int]] = [{"label": gettext("Goods sold"), "fen": money.goods_fen}]
    if money.returned_fen:
        lines.append({"label": gettext("Returned to the buyer"), "fen": -money.returned_fen})
    if money.freight_fen:
        lines.append({"label": gettext("Freight, included in the price"), "fen": -money.freight_fen})
    if money.streamer_fen:
        lines.append({"label": gettext("Streamer"), "fen": -money.streamer_fen})
    lines.append({"label": gettext("Association"), "fen": -money.association_fen})
    return lines


def paid_lines(paid: PaidOut) -> list[dict[str, str | int]]:
    """Give the lines of the sum from what is the grower's to what is still to be paid."""
    lines: list[dict[str, str | int]] = [{"label": gettext("Yours, released"), "fen": paid.sales_fen}]
    if paid.compensation_fen:
        lines.append({"label": gettext("Compensation"), "fen": paid.compensation_fen})
    if paid.fees_fen:
        lines.append({"label": gettext("Alipay's fees, borne by the association"), "fen": paid.fees_fen})
    if paid.under_way_fen:
        lines.append({"label": gettext("At the bank"), "fen": -paid.under_way_fen})
    lines.append({"label": gettext("Arrived"), "fen": -paid.arrived_fen})
    return lines
