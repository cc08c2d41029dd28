"""A grower's pages of what to pack."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.people.rules import mask_name
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import allow, own
from shop.lots import service as lots
from shop.orders import service as orders
from shop.orders.types import Order, OrderLine
from shop.packing import service
from shop.refunds import service as refunds
from shop.refunds.types import OrderRefund, RefundState

pages = Blueprint("packing", __name__)


@pages.get("/packing")
@allow(own(Role.FARMER))
def list_to_pack() -> str:
    """Show the orders that wait to be packed, oldest first."""
    caller = web.caller()
    require_scope(caller, Scope.PACK_ORDERS)
    with database.reading() as db:
        waiting = service.list_to_pack(db, grower_id=caller.subject_id)
    return render_template("shop/packing/list.html", orders=waiting, grower_id=caller.subject_id)


@pages.get("/packing/<order_no>")
@allow(own(Role.FARMER))
def show_packing(order_no: str) -> str:
    """Show what of one order this grower packs; only that, not the others' goods."""
    caller = web.caller()
    require_scope(caller, Scope.PACK_ORDERS)
    with database.reading() as db:
        order = orders.get_grower_order(db, order_no=order_no, grower_id=caller.subject_id)
        back = refunds.list_refunds(db, order_no=order_no)
        lines = [line for line in order.lines if line.grower_id == caller.subject_id]
        open_lots = lots.find_open_lots(db, product_ids={line.product_id for line in lines})
    part = next(part for part in order.consignments if part.grower_id == caller.subject_id)
    return render_template(
        "shop/packing/order.html",
        order=order,
        part=part,
        lines=lines,
        left_out=_left_out(order, back),
        products={line.product_id: line.title for line in lines},
        open_lots=open_lots,
        today_on=clock.county_day(clock.now()),
        to_name=mask_name(order.address.name),
    )


def _left_out(order: Order, back: list[OrderRefund]) -> list[OrderLine]:
    """List the lines whose money went back whole: they need not be packed any more."""
    fen: dict[int, int] = {}
    for refund in back:
        for position, part_fen in refund.goods if refund.state is not RefundState.REFUSED else ():
            fen[position] = fen.get(position, 0) + part_fen
    return [line for position, line in enumerate(order.lines) if fen.get(position) == line.goods_fen]


@pages.post("/packing/<order_no>")
@allow(own(Role.FARMER))
def pack(order_no: str) -> ResponseReturnValue:
    """Say that one's part is packed: the parcel waits for the van."""
    caller = web.caller()
    require_scope(caller, Scope.PACK_ORDERS)

    def work(db: Session) -> str:
        service.pack(
            db,
            order_no=order_no,
            grower_id=caller.subject_id,
            actor=web.actor(Role.FARMER),
            now=clock.now(),
        )
        return url_for("packing.show_packing", order_no=order_no)

    answer = web.once_page(work)
    web.flash_said(gettext("Packed. Write the number on the parcel and put it out for the van."))
    return answer
