"""Queries on products and sizes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from shop.catalogue.tables import ProductRow, SkuRow
from shop.catalogue.types import ProductId, ProductState, Sku, SkuForSale, SkuId


def list_sizes(db: Session, *, product_ids: Sequence[UUID]) -> dict[UUID, list[Sku]]:
    """List the sizes of these products, in their order, by product id."""
    sizes: dict[UUID, list[Sku]] = {product_id: [] for product_id in product_ids}
    query = select(SkuRow).where(SkuRow.product_id.in_(sizes)).order_by(SkuRow.position, SkuRow.id)
    for sku in db.scalars(query):
        sizes[sku.product_id].append(
            Sku(SkuId(sku.id), sku.name, sku.price_fen, sku.weight_g, sku.available, sku.version)
        )
    return sizes


def is_shown(db: Session, *, picture_id: UUID) -> bool:
    """Tell whether a picture is one of a product."""
    return db.scalar(select(ProductRow.id).where(ProductRow.picture_id == picture_id).limit(1)) is not None


def list_rows(
    db: Session,
    *,
    ids: Sequence[UUID] | None = None,
    grower_id: UUID | None = None,
    only_listed: bool = True,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[ProductRow]:
    """List product rows, newest first."""
    query = select(ProductRow).order_by(ProductRow.listed_at.desc(), ProductRow.id.desc()).limit(limit)
    if ids is not None:
        query = query.where(ProductRow.id.in_(ids))
    if grower_id is not None:
        query = query.where(ProductRow.grower_id == grower_id)
    if only_listed:
        query = query.where(ProductRow.state == ProductState.LISTED)
    if after is not None:
        query = query.where(
            or_(
                ProductRow.listed_at < after[0],
                and_(ProductRow.listed_at == after[0], ProductRow.id < after[1]),
            )
        )
    return list(db.scalars(query))


def titles_of(db: Session, *, product_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the titles of these products by id."""
    query = select(ProductRow.id, ProductRow.title).where(ProductRow.id.in_(product_ids))
    return {row.id: row.title for row in db.execute(query)}


def find_for_sale(db: Session, *, sku_ids: Sequence[UUID]) -> dict[UUID, SkuForSale]:
    """Give what checkout needs of these sizes, by id."""
    query = select(SkuRow, ProductRow).join(ProductRow).where(SkuRow.id.in_(sku_ids))
    return {
        sku.id: SkuForSale(
            sku_id=SkuId(sku.id),
            product_id=ProductId(product.id),
            title=product.title,
            name=sku.name,
            category=product.category,
            price_fen=sku.price_fen,
            weight_g=sku.weight_g,
            available=sku.available,
            seller_id=product.seller_id,
            grower_id=product.grower_id,
            freight_included=product.freight_included,
            is_listed=product.state is ProductState.LISTED,
        )
        for sku, product in db.execute(query)
    }


def take_stock(db: Session, *, sku_id: UUID, quantity: int) -> bool:
    """Take pieces of a size if that many are left; one guarded statement."""
    taken = db.execute(
        update(SkuRow)
        .where(SkuRow.id == sku_id, SkuRow.available >= quantity)
        .values(available=SkuRow.available - quantity)
    )
    return changed_rows(taken) == 1


def give_back_stock(db: Session, *, sku_id: UUID, quantity: int) -> None:
    """Put pieces of a size back."""
    db.execute(update(SkuRow).where(SkuRow.id == sku_id).values(available=SkuRow.available + quantity))


def change_sku(db: Session, *, sku_id: UUID, version: int, price_fen: int, available: int) -> bool:
    """Set price and stock of a size if nobody changed it since `version`."""
    changed = db.execute(
        update(SkuRow)
        .where(SkuRow.id == sku_id, SkuRow.version == version)
        .values(price_fen=price_fen, available=available, version=version + 1)
    )
    return changed_rows(changed) == 1


def change_freight(db: Session, *, product_id: UUID, version: int, freight_included: bool) -> bool:
    """Say whether a product's price includes the freight, if nobody changed the product since `version`."""
    changed = db.execute(
        update(ProductRow)
        .where(ProductRow.id == product_id, ProductRow.version == version)
        .values(freight_included=freight_included, version=version + 1)
    )
    return changed_rows(changed) == 1
