"""The catalogue as JSON."""

from uuid import UUID

from flask import Blueprint, Response, jsonify

from county import database, web
from county.web import PUBLIC, allow, documented
from shop.catalogue import forms, service
from shop.catalogue.types import Product

api = Blueprint("catalogue_api", __name__)


@api.get("/products")
@allow(PUBLIC)
@documented(query=forms.ProductQuery, refuses=(400,))
def list_products() -> Response:
    """List products on sale, newest first; `q` searches, `limit` and `cursor` page."""
    limit, last = web.page_by_instant()
    with database.reading() as db:
        products = service.list_products(db, query=forms.read_query(), after=last, limit=limit + 1)
    more = products[limit - 1] if len(products) > limit else None
    return jsonify(
        web.page_of(products, limit=limit, after=[more.listed_at, more.product_id] if more else None)
    )


@api.get("/products/<uuid:product_id>")
@allow(PUBLIC)
@documented(gives=Product, refuses=(404,))
def show_product(product_id: UUID) -> Response:
    """Show one product with its sizes."""
    with database.reading() as db:
        product = service.get_product(db, product_id=product_id)
    return jsonify(web.to_json(product))
