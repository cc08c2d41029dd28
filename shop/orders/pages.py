"""A buyer's pages of orders: the list, one order with its parcel's way."""

from flask import Blueprint, render_template

from county import database, web
from county.people.types import Role
from county.web import allow, own
from logistics.tracking import views as tracking
from shop.orders import service
from shop.orders.rules import is_unpacked
from shop.orders.types import OrderState
from shop.orders.views import view_of
from shop.orders.words import ORDER_STATES, REASONS

pages = Blueprint("orders", __name__)


@pages.get("/orders")
@allow(own(Role.BUYER))
def list_orders() -> str:
    """Show one's orders, newest first."""
    with database.reading() as db:
        found = service.list_orders(db, buyer_id=web.caller().actor_id)
    return render_template(
        "shop/orders/list.html", orders=[view_of(order) for order in found], states=ORDER_STATES
    )


@pages.get("/orders/<order_no>")
@allow(own(Role.BUYER))
def show_order(order_no: str) -> str:
    """Show one order: where it is, what it cost, how its parcel travelled."""
    with database.reading() as db:
        found = service.get_order(db, order_no=order_no, buyer_id=web.caller().actor_id)
        returns = service.list_returns(db, order_no=order_no)
        order = view_of(found)
        ways = [(number, tracking.list_steps(db, parcel_no=number)) for number in order.parcels]
    return render_template(
        "shop/orders/order.html",
        order=order,
        ways=ways,
        states=ORDER_STATES,
        reason=REASONS.get(order.reason, ""),
        returns=returns,
        waits=order.state is OrderState.AWAITING_PAYMENT,
        may_call_off=order.state is OrderState.PAID and is_unpacked(found),
    )
