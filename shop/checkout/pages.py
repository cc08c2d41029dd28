"""Pages of checkout: address and freight, then the amount to pay and the way to Alipay."""

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.payments import service as payments
from county.payments.types import PaymentGroup, QrCode
from county.people.types import Role
from county.web import allow, own
from county.web.frame import sentence
from logistics.rates.service import NotDelivered
from shop.cart import service as carts
from shop.cart.types import Cart
from shop.checkout import forms, rules, service
from shop.checkout.types import Item, QuotedOrder, SumChange, TotalChanged
from shop.orders.types import OrderState

pages = Blueprint("checkout", __name__)


@pages.get("/checkout")
@allow(own(Role.BUYER))
def show_address() -> ResponseReturnValue:
    """Show the address form, and the freight once the province is known."""
    province, errors = forms.read_province()
    typed = dict.fromkeys(forms.FIELDS, "") | {"province": province}
    return _address_page(typed, errors, status=422 if errors else 200)


@pages.post("/checkout")
@allow(own(Role.BUYER))
def place_order() -> ResponseReturnValue:
    """Order what is in the cart, at the sum that the page showed."""
    buyer_id = web.caller().actor_id
    typed, address, errors = forms.read_address()
    if address is None:
        return _address_page(typed, errors, status=422)
    to = address

    def work(db: Session) -> str:
        cart = carts.get_cart(db, buyer_id=buyer_id)
        placed = service.place_order(
            db,
            buyer_id=buyer_id,
            items=[Item(line.sku_id, line.quantity) for line in cart.lines],
            address=to,
            source_ref=service.usable_source(
                db, source_ref=cart.source_ref, buyer_id=buyer_id, now=clock.now()
            ),
            actor=web.actor(Role.BUYER),
            now=clock.now(),
            shown_fen=forms.read_shown_fen(),
        )
        carts.empty_cart(db, buyer_id=buyer_id)
        return url_for("checkout.show_checkout", checkout_no=placed.checkout_no)

    try:
        return web.once_page(work)
    except NotDelivered as refusal:
        return _address_page(typed, {"province": sentence(refusal)}, status=refusal.status)
    except TotalChanged as refusal:
        return _address_page(typed, {}, status=refusal.status, has_changed=True)


@pages.get("/checkout/<checkout_no>")
@allow(own(Role.BUYER))
def show_checkout(checkout_no: str) -> ResponseReturnValue:
    """Show what is to be paid and the way to Alipay, or that it is paid."""
    with database.reading() as db:
        checkout = service.get_checkout(db, checkout_no=checkout_no, buyer_id=web.caller().actor_id)
        waits = [order for order in checkout.orders if order.state is OrderState.AWAITING_PAYMENT]
        addresses = _addresses(db, checkout_no) if waits else ("", "")
        code = payments.find_qr(db, group_no=checkout_no, now=clock.now()) if waits else None
    return render_template(
        "shop/checkout/pay.html",
        checkout=checkout,
        waits=waits,
        pay_url=addresses[0],
        other_url=addresses[1],
        is_phone=_is_phone(),
        qr_picture=draw_qr(code.text) if code else "",
        qr_until=code.expires_at if code else None,
        to_pay_fen=sum(order.total_fen for order in waits),
        # Alipay cannot be opened inside WeChat's browser (USERS.md): show how to leave it.
        in_wechat="MicroMessenger" in request.user_agent.string,
    )


@pages.post("/checkout/<checkout_no>/qr")
@allow(own(Role.BUYER))
def make_qr(checkout_no: str) -> ResponseReturnValue:
    """Have Alipay make a QR code that another phone can scan: intent, call and result, each on its own."""
    buyer_id = web.caller().actor_id

    def begin(db: Session) -> tuple[PaymentGroup, QrCode]:
        service.get_checkout(db, checkout_no=checkout_no, buyer_id=buyer_id)
        return payments.begin_qr(db, group_no=checkout_no, now=clock.now())

    group, asked = database.in_transaction(begin)
    outcome = payments.provider().precreate(group, expires_at=asked.expires_at)
    if not database.in_transaction(lambda db: payments.close_qr(db, group=group, outcome=outcome)):
        web.flash_said(gettext("Alipay gives no QR code just now. Please pay by the button."), "bad")
    return web.go(url_for("checkout.show_checkout", checkout_no=checkout_no))


@pages.post("/orders/<order_no>/cancel")
@allow(own(Role.BUYER))
def cancel_order(order_no: str) -> ResponseReturnValue:
    """Cancel an order that is not packed yet."""

    def work(db: Session) -> str:
        service.cancel_order(
            db,
            order_no=order_no,
            buyer_id=web.caller().actor_id,
            actor=web.actor(Role.BUYER),
            now=clock.now(),
        )
        return url_for("orders.show_order", order_no=order_no)

    return web.once_page(work)


def _addresses(db: Session, checkout_no: str) -> tuple[str, str]:
    """Give the cashier's address for this device, and for the other sort."""
    fits, other = (
        service.pay_url(db, checkout_no=checkout_no, mobile=mobile)
        for mobile in (_is_phone(), not _is_phone())
    )
    return fits, other


def draw_qr(text: str) -> str:
    """Draw a QR code as the address of a picture that lies within the page: black on white in every theme."""
    drawn = segno.make(text, error="m", micro=False)
    return str(drawn.svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))


def _is_phone() -> bool:
    return "Mobile" in request.user_agent.string


def _address_page(
    typed: dict[str, str], errors: dict[str, str], status: int = 200, *, has_changed: bool = False
) -> ResponseReturnValue:
    buyer_id = web.caller().actor_id
    with database.reading() as db:
        cart = carts.get_cart(db, buyer_id=buyer_id)
        if not cart.lines:
            return redirect(url_for("cart.show_cart"), code=303)
        quotes: list[QuotedOrder] = []
        if typed["province"] and "province" not in errors:
            try:
                quotes = _quotes(db, cart=cart, province=typed["province"])
            except NotDelivered as refusal:
                errors, status = {**errors, "province": sentence(refusal)}, refusal.status
    page = render_template(
        "shop/checkout/address.html",
        cart=cart,
        typed=typed,
        errors=errors,
        quotes=quotes,
        has_changed=has_changed,
        changes=_changes(quotes) if has_changed else [],
        provinces=forms.province_choices(),
        total_fen=sum(quote.total_fen for quote in quotes),
    )
    return page, status


def _changes(quotes: list[QuotedOrder]) -> list[SumChange]:
    return rules.changes_since(forms.read_shown(), total_fen=forms.read_shown_fen(), quotes=quotes)


def _quotes(db: Session, *, cart: Cart, province: str) -> list[QuotedOrder]:
    buyer_id, now = web.caller().actor_id, clock.now()
    return service.quote(
        db,
        items=[Item(line.sku_id, line.quantity) for line in cart.lines],
        province=province,
        buyer_id=buyer_id,
        source_ref=service.usable_source(db, source_ref=cart.source_ref, buyer_id=buyer_id, now=now),
        now=now,
    )
