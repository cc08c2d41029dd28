"""Pages of the shop window and of the grower's own listings."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, money, web
from county.audit.types import Actor
from county.files import service as files
from county.files.types import PictureRefused, PictureTooLarge
from county.people.service import require_scope
from county.people.types import Role, Scope
from county.web import PUBLIC, allow, body_limit, own
from county.web.frame import sentence, settings
from shop.catalogue import forms, service
from shop.catalogue.types import Category, Change, ListingRefused, SplitNeverFits
from shop.catalogue.words import CATEGORY_NAMES

pages = Blueprint("catalogue", __name__)


@pages.get("/")
@allow(PUBLIC)
def show_window() -> str:
    """Show what is on sale, or what fits the search."""
    query = forms.read_query()
    with database.reading() as db:
        products = service.list_products(db, query=query, limit=48)
    return render_template("shop/catalogue/window.html", products=products, query=query)


@pages.get("/products/<uuid:product_id>")
@allow(PUBLIC)
def show_product(product_id: UUID) -> str:
    """Show one product with its sizes."""
    with database.reading() as db:
        product = service.get_product(db, product_id=product_id)
    return render_template("shop/catalogue/product.html", product=product, source_ref=forms.read_source())


@pages.get("/sell")
@allow(own(Role.FARMER))
def show_listings() -> str:
    """Show a grower's own products."""
    require_scope(web.caller(), Scope.LIST_PRODUCTS)
    with database.reading() as db:
        products = service.list_grower_products(db, grower_id=web.caller().subject_id)
    return render_template("shop/catalogue/listings.html", products=products)


@pages.get("/sell/new")
@allow(own(Role.FARMER))
def show_new_listing() -> str:
    """Show the form for a new product."""
    return _listing_page(forms.ListingForm())


@pages.post("/sell/new")
@allow(own(Role.FARMER))
@body_limit(13)
def list_product() -> ResponseReturnValue:
    """Put a new product on sale."""
    caller = web.caller()
    require_scope(caller, Scope.LIST_PRODUCTS)
    form = forms.read_listing()
    kept = None
    if form.picture and not form.errors:
        try:
            kept = files.keep_picture(settings().instance / "files", content=form.picture)
        except (PictureRefused, PictureTooLarge) as refusal:
            form.errors["picture"] = sentence(refusal)
    if form.errors:
        return _listing_page(form), 422

    def work(db: Session) -> str:
        now = clock.now()
        picture = files.record_picture(db, kept=kept, owner_id=caller.subject_id, now=now) if kept else None
        service.list_product(
            db,
            grower_id=caller.subject_id,
            title=form.title,
            description=form.description,
            category=Category(form.category),
            skus=[form.sku()],
            picture_id=picture.id if picture else None,
            freight_included=form.freight_included,
            actor=actor(),
            now=now,
        )
        return url_for("catalogue.show_listings")

    try:
        answer = web.once_page(work)
    except ListingRefused as refusal:
        form.errors["price" if isinstance(refusal, SplitNeverFits) else "title"] = sentence(refusal)
        return _listing_page(form), 422
    web.flash_said(gettext("It is on sale now."))
    return answer


@pages.get("/sell/<uuid:product_id>")
@allow(own(Role.FARMER))
def show_listing(product_id: UUID) -> str:
    """Show one of a grower's own products with what can be changed."""
    require_scope(web.caller(), Scope.LIST_PRODUCTS)
    return _own_page(product_id)


@pages.post("/sell/<uuid:product_id>/price")
@allow(own(Role.FARMER))
def change_sku(product_id: UUID) -> ResponseReturnValue:
    """Change price and stock of a size."""
    caller = web.caller()
    require_scope(caller, Scope.LIST_PRODUCTS)
    form = forms.read_sku_change()
    if form.errors:
        return _own_page(product_id, change=form), 422

    def work(db: Session) -> str:
        service.change_sku(
            db,
            product_id=product_id,
            sku_id=form.sku_id,
            grower_id=caller.subject_id,
            version=form.version,
            price_fen=money.parse_yuan(form.price),
            available=int(form.available),
            actor=actor(),
            now=clock.now(),
        )
        return url_for("catalogue.show_listing", product_id=product_id)

    try:
        answer = web.once_page(work)
    except ListingRefused as refusal:
        form.refuse("price", sentence(refusal))
        return _own_page(product_id, change=form), 422
    web.flash_said(gettext("Buyers see this price and stock from now on."))
    return answer


@pages.post("/sell/<uuid:product_id>/freight")
@allow(own(Role.FARMER))
def change_freight(product_id: UUID) -> ResponseReturnValue:
    """Let the price include the freight, or let buyers pay it on top."""
    caller = web.caller()
    require_scope(caller, Scope.LIST_PRODUCTS)
    version, freight_included = forms.read_freight_change()

    def work(db: Session) -> str:
        service.change_freight(
            db,
            product_id=product_id,
            grower_id=caller.subject_id,
            version=version,
            freight_included=freight_included,
            actor=actor(),
            now=clock.now(),
        )
        return url_for("catalogue.show_listing", product_id=product_id)

    try:
        answer = web.once_page(work)
    except ListingRefused as refusal:
        return _own_page(product_id, {"freight_included": sentence(refusal)}), 422
    web.flash_said(
        gettext("From now on the price includes the freight.")
        if freight_included
        else gettext("From now on buyers pay the freight on top.")
    )
    return answer


@pages.post("/sell/<uuid:product_id>/<any(withdraw, relist):change>")
@allow(own(Role.FARMER))
def change_state(product_id: UUID, change: str) -> ResponseReturnValue:
    """Withdraw a product, or put it on sale again."""
    caller = web.caller()
    require_scope(caller, Scope.LIST_PRODUCTS)

    def work(db: Session) -> str:
        service.change_state(
            db,
            product_id=product_id,
            grower_id=caller.subject_id,
            change=Change(change),
            actor=actor(),
            now=clock.now(),
        )
        return url_for("catalogue.show_listing", product_id=product_id)

    return web.once_page(work)


def actor() -> Actor:
    """Give who lists: the grower, or the agent on their behalf."""
    return web.actor(Role.FARMER)


def _own_page(
    product_id: UUID, errors: dict[str, str] | None = None, change: forms.SkuForm | None = None
) -> str:
    with database.reading() as db:
        product = service.get_grower_product(db, product_id=product_id, grower_id=web.caller().subject_id)
    return render_template("shop/catalogue/listing.html", product=product, errors=errors or {}, change=change)


def _listing_page(form: forms.ListingForm) -> str:
    return render_template(
        "shop/catalogue/new.html",
        form=form,
        categories=[(each.value, gettext(name)) for each, name in CATEGORY_NAMES.items()],
    )
