"""Pages of the cart."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from county import clock, database, web
from county.people.types import Role
from county.web import allow, own
from shop.cart import forms, service

pages = Blueprint("cart", __name__)


@pages.get("/cart")
@allow(own(Role.BUYER))
def show_cart() -> str:
    """Show what is in the cart."""
    with database.reading() as db:
        cart = service.get_cart(db, buyer_id=web.caller().actor_id)
    return render_template("shop/cart/cart.html", cart=cart)


@pages.post("/cart")
@allow(own(Role.BUYER))
def put_in() -> ResponseReturnValue:
    """Put a size into the cart."""
    asked = forms.read_cart_form()

    def work(db: Session) -> str:
        service.put_in(
            db,
            buyer_id=web.caller().actor_id,
            sku_id=asked.sku_id,
            quantity=asked.quantity,
            source_ref=asked.source_ref,
            now=clock.now(),
        )
        return url_for("cart.show_cart")

    return web.once_page(work)


@pages.post("/cart/change")
@allow(own(Role.BUYER))
def change() -> ResponseReturnValue:
    """Change how many pieces of a size are in the cart; 0 takes it out."""
    asked = forms.read_cart_form(least=0)

    def work(db: Session) -> str:
        service.set_quantity(db, buyer_id=web.caller().actor_id, sku_id=asked.sku_id, quantity=asked.quantity)
        return url_for("cart.show_cart")

    return web.once_page(work)
