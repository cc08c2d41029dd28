"""Ordering as JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from county import clock, web
from county.people.types import Role
from county.web import allow, documented, own
from shop.checkout import forms, service
from shop.checkout.types import Checkout, OrderLink
from shop.orders.views import OrderView, view_of

api = Blueprint("checkout_api", __name__)


@dataclass(frozen=True)
class CheckoutView:
    """The answer to placing an order; with a single order its fields stand on the top level too."""

    checkout_no: str
    total_fen: int
    pay_url: str
    expires_at: datetime
    orders: tuple[OrderLink, ...]


@api.post("/orders")
@allow(own(Role.BUYER))
@documented(takes=forms.OrderBody, gives=CheckoutView, status=201, refuses=(400, 404, 409, 422))
def place_order() -> Response:
    """Place one order per seller of record, paid together; needs an Idempotency-Key."""
    buyer_id = web.caller().actor_id
    web.require_key()
    asked = forms.parse_order(web.json_body())

    def work(db: Session) -> tuple[int, Any]:
        placed = service.place_order(
            db,
            buyer_id=buyer_id,
            items=asked.wanted(),
            address=asked.to(),
            source_ref=asked.source_ref,
            actor=web.actor(Role.BUYER),
            now=clock.now(),
        )
        return 201, _answer(db, placed)

    return web.once(work, required=True)


@api.post("/orders/<order_no>/cancel")
@allow(own(Role.BUYER))
@documented(gives=OrderView, refuses=(404, 409))
def cancel_order(order_no: str) -> Response:
    """Cancel an order that is unpaid, or paid and not packed: then the money goes back."""
    buyer_id = web.caller().actor_id

    def work(db: Session) -> tuple[int, Any]:
        order = service.cancel_order(
            db, order_no=order_no, buyer_id=buyer_id, actor=web.actor(Role.BUYER), now=clock.now()
        )
        return 200, web.to_json(view_of(order))

    return web.once(work)


def _answer(db: Session, placed: Checkout) -> dict[str, Any]:
    view = CheckoutView(
        checkout_no=placed.checkout_no,
        total_fen=placed.total_fen,
        pay_url=service.pay_url(db, checkout_no=placed.checkout_no, mobile=False),
        expires_at=placed.expires_at,
        orders=placed.links(),
    )
    answer: dict[str, Any] = web.to_json(view)
    if len(placed.orders) == 1:
        answer = {**web.to_json(placed.links()[0]), **answer}
    return answer
