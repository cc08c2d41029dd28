"""Use cases of the cart: putting in, changing, emptying, looking."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from county import database
from shop.cart.tables import CartLineRow
from shop.cart.types import Cart, CartLine
from shop.catalogue import service as catalogue

QUANTITY_MAX = 9_999


def put_in(
    db: Session, *, buyer_id: UUID, sku_id: UUID, quantity: int, source_ref: str, now: datetime
) -> None:
    """Put pieces of a size into the cart, on top of what is there.

    Refuses: `NotFound` for a size that is not on sale.
    """
    catalogue.get_for_sale(db, sku_ids=[sku_id])
    values = {
        "buyer_id": buyer_id,
        "sku_id": sku_id,
        "quantity": quantity,
        "source_ref": source_ref,
        "added_at": now,
    }
    if not database.insert_once(db, CartLineRow, values):
        more = CartLineRow.quantity + quantity
        db.execute(
            update(CartLineRow)
            .where(CartLineRow.buyer_id == buyer_id, CartLineRow.sku_id == sku_id, more <= QUANTITY_MAX)
            .values(quantity=more, source_ref=source_ref or CartLineRow.source_ref)
        )


def set_quantity(db: Session, *, buyer_id: UUID, sku_id: UUID, quantity: int) -> None:
    """Set how many pieces of a size are in the cart; 0 takes it out."""
    own = (CartLineRow.buyer_id == buyer_id, CartLineRow.sku_id == sku_id)
    if quantity <= 0:
        db.execute(delete(CartLineRow).where(*own))
    else:
        db.execute(update(CartLineRow).where(*own).values(quantity=min(quantity, QUANTITY_MAX)))


def empty_cart(db: Session, *, buyer_id: UUID) -> None:
    """Take everything out of a cart."""
    db.execute(delete(CartLineRow).where(CartLineRow.buyer_id == buyer_id))


def get_cart(db: Session, *, buyer_id: UUID) -> Cart:
    """Give a buyer's cart at today's prices."""
    query = select(CartLineRow).where(CartLineRow.buyer_id == buyer_id).order_by(CartLineRow.added_at)
    rows = list(db.scalars(query))
    sizes = catalogue.find_for_sale(db, sku_ids=[row.sku_id for row in rows])
    lines = []
    for row in rows:
        size = sizes[row.sku_id]
        lines.append(
            CartLine(
                sku_id=row.sku_id,
                product_id=size.product_id,
                title=size.title,
                sku_name=size.name,
                price_fen=size.price_fen,
                quantity=row.quantity,
                available=size.available,
                is_for_sale=size.is_listed and size.available >= row.quantity,
            )
        )
    source_ref = next((row.source_ref for row in reversed(rows) if row.source_ref), "")
    return Cart(lines=tuple(lines), source_ref=source_ref)
