"""The association's pages of addresses for returns: who has one, typing one anew."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import NotFound
from county.people.rules import mask_address, mask_name, mask_phone
from county.people.types import Role
from county.web import allow
from county.web.frame import sentence
from shop.sellers import forms, rules, service
from shop.sellers.types import BadReturnAddress, KnownAddress, ReturnAddress

pages = Blueprint("sellers", __name__)


@pages.get("/return-addresses")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def list_addresses() -> str:
    """Show every seller with its address for returns, masked, those without one on top."""
    with database.reading() as db:
        known = service.list_return_addresses(db)
    return render_template(
        "shop/sellers/addresses.html",
        rows=[_shown(each) for each in sorted(known, key=lambda each: each.address is not None)],
        is_admin=Role.ASSOCIATION_ADMIN in web.caller().roles,
    )


@pages.get("/return-addresses/<uuid:seller_id>")
@allow(Role.ASSOCIATION_ADMIN)
def show_address(seller_id: UUID) -> ResponseReturnValue:
    """Show the form for a seller's address; what is on record stands beside it, masked."""
    return _page(seller_id, forms.EMPTY)


@pages.post("/return-addresses/<uuid:seller_id>")
@allow(Role.ASSOCIATION_ADMIN)
def set_address(seller_id: UUID) -> ResponseReturnValue:
    """Write down where goods of a seller go back to."""
    address, version = forms.read_address(), forms.read_version()

    def work(db: Session) -> str:
        service.set_return_address(
            db,
            seller_id=seller_id,
            version=version,
            address=address,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("sellers.list_addresses")

    try:
        answer = web.once_page(work)
    except BadReturnAddress as refusal:
        errors = {str(each.facts["field"]): sentence(each) for each in rules.faults_of(address)}
        return _page(seller_id, address, errors), refusal.status
    web.flash_said(gettext("Written down. Buyers see it when their return was accepted."))
    return answer


def _page(seller_id: UUID, given: ReturnAddress, errors: dict[str, str] | None = None) -> str:
    with database.reading() as db:
        known = service.list_return_addresses(db)
    found = next((each for each in known if each.seller.id == seller_id), None)
    if found is None:
        raise NotFound(what="seller")
    return render_template("shop/sellers/address.html", shown=_shown(found), given=given, errors=errors or {})


def _shown(known: KnownAddress) -> dict[str, object]:
    address = known.address
    return {
        "seller_id": known.seller.id,
        "seller": known.seller.name,
        "version": known.version,
        "name": mask_name(address.name) if address else "",
        "phone": mask_phone(address.phone) if address else "",
        "address": mask_address(address.address) if address else "",
    }
