"""Opening a new lot, from the packing page."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, web
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import allow, own
from shop.lots import forms, service

pages = Blueprint("lots", __name__)


@pages.post("/sell/lots")
@allow(own(Role.FARMER))
def open_lot() -> ResponseReturnValue:
    """Open a new lot of one's product; what is packed from now on comes from it."""
    caller = web.caller()
    require_scope(caller, Scope.PACK_ORDERS)
    asked = forms.read_lot()

    def work(db: Session) -> str:
        service.open_lot(
            db,
            product_id=asked.product_id,
            grower_id=caller.subject_id,
            made_on=asked.made_on,
            note=asked.note,
            actor=web.actor(Role.FARMER),
            now=clock.now(),
        )
        if asked.order_no:
            return url_for("packing.show_packing", order_no=asked.order_no)
        return url_for("packing.list_to_pack")

    answer = web.once_page(work)
    web.flash_said(gettext("A new lot is open. What you pack from now on comes from it."))
    return answer
