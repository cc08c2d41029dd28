"""Orders as JSON, through their buyer."""

from flask import Blueprint, Response, jsonify

from county import database, web
from county.people.types import Role
from county.web import allow, documented, own
from shop.orders import service
from shop.orders.views import OrderView, view_of

api = Blueprint("orders_api", __name__)


@api.get("/orders")
@allow(own(Role.BUYER))
@documented(refuses=(400,))
def list_orders() -> Response:
    """List one's orders, newest first."""
    limit, last = web.page_by_instant()
    with database.reading() as db:
        found = service.list_orders(db, buyer_id=web.caller().actor_id, after=last, limit=limit + 1)
    more = found[limit - 1] if len(found) > limit else None
    views = [view_of(order) for order in found[:limit]]
    return jsonify(web.page_of(views, limit=limit, after=[more.placed_at, more.id] if more else None))


@api.get("/orders/<order_no>")
@allow(own(Role.BUYER))
@documented(gives=OrderView, refuses=(404,))
def show_order(order_no: str) -> Response:
    """Show one's order with its state and payments."""
    with database.reading() as db:
        order = service.get_order(db, order_no=order_no, buyer_id=web.caller().actor_id)
    return jsonify(web.to_json(view_of(order)))
