"""Use cases of the catalogue: listing products, changing them, taking and giving back stock."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from county import clock
from county.audit import service as audit
from county.audit.types import Actor
from county.database import changed_rows
from county.errors import NotFound, Stale
from county.files import service as files
from county.files.types import Sight
from county.ids import new_id
from county.people import service as people
from county.people.types import Caller
from county.places import service as places
from logistics.rates import rules as rate_rules
from logistics.rates import service as rates
from shop.catalogue import rules, store
from shop.catalogue.tables import ProductRow, SkuRow
from shop.catalogue.types import (
    Category,
    Change,
    NewSku,
    OutOfStock,
    Product,
    ProductId,
    ProductState,
    Sku,
    SkuForSale,
)
from shop.search import service as search
from shop.sellers import service as sellers
from shop.sellers.types import Seller


def find_sight(db: Session, *, picture_id: UUID, caller: Caller) -> Sight | None:
    """Say that everybody may see the pictures of products."""
    return Sight.EVERYBODY if store.is_shown(db, picture_id=picture_id) else None


def list_product(
    db: Session,
    *,
    grower_id: UUID,
    title: str,
    description: str,
    category: Category,
    skus: Sequence[NewSku],
    picture_id: UUID | None,
    actor: Actor,
    now: datetime,
    freight_included: bool = False,
) -> ProductId:
    """Put a grower's product on sale through their seller of record.

    Refuses: `ListingRefused`, `ForbiddenWord`, `SplitNeverFits`; `NotFound` for a grower without a seller.
    """
    rules.require_listable(title=title, description=description, skus=skus)
    grower = sellers.get_grower(db, person_id=grower_id)
    _require_fit(
        db,
        seller=grower.seller,
        title=title,
        sizes=skus,
        is_included=freight_included,
        commission_bp=0,
        now=now,
    )
    row = ProductRow(
        id=new_id(),
        seller_id=grower.seller.id,
        grower_id=grower_id,
        place_code=grower.place_code,
        title=title,
        description=description,
        category=category,
        state=ProductState.LISTED,
        picture_id=picture_id,
        freight_included=freight_included,
        listed_at=now,
    )
    db.add(row)
    db.flush()
    _add_sizes(db, product_id=row.id, skus=skus)
    _index(db, row)
    audit.record(
        db,
        actor=actor,
        action="product.listed",
        object=("product", str(row.id)),
        after={
            "title": title,
            "freight_included": freight_included,
            "skus": [[sku.name, sku.price_fen, sku.available] for sku in skus],
        },
        now=now,
    )
    return ProductId(row.id)


def _add_sizes(db: Session, *, product_id: UUID, skus: Sequence[NewSku]) -> None:
    for position, sku in enumerate(skus):
        db.add(
            SkuRow(
                id=new_id(),
                product_id=product_id,
                position=position,
                name=sku.name,
                price_fen=sku.price_fen,
                weight_g=sku.weight_g,
                available=sku.available,
            )
        )
    db.flush()


def require_fit(db: Session, *, product_ids: Sequence[UUID], commission_bp: int, now: datetime) -> None:
    """Refuse a commission with which a piece of one of these products could never be sold.

    Refuses: `SplitNeverFits`, `CommissionOverCap`, naming the product and the ways out.
    """
    for product in _products(db, store.list_rows(db, ids=product_ids, only_listed=False, limit=100)):
        _require_fit(
            db,
            seller=sellers.get_seller(db, seller_id=product.seller_id),
            title=product.title,
            sizes=product.skus,
            is_included=product.freight_included,
            commission_bp=commission_bp,
            now=now,
        )


def _require_fit(
    db: Session,
    *,
    seller: Seller,
    title: str,
    sizes: Sequence[NewSku | Sku],
    is_included: bool,
    commission_bp: int,
    now: datetime,
) -> None:
    """Refuse sizes of which one piece would be over the cap even in the nearest province."""
    cards = rates.list_cards(db, on=clock.county_day(now), only_shop=True)
    for size in sizes:
        freights = [rate_rules.charge(card, weight_g=size.weight_g, volume_cm3=0) for card in cards]
        rules.require_fit(
            seller,
            title=title,
            price_fen=size.price_fen,
            freight_fen=min(freights, default=0),
            is_included=is_included,
            commission_bp=commission_bp,
        )


def get_product(db: Session, *, product_id: UUID) -> Product:
    """Give a listed product."""
    row = db.get(ProductRow, product_id)
    if row is None or row.state is not ProductState.LISTED:
        raise NotFound(what="product")
    return _products(db, [row])[0]


def list_products(
    db: Session, *, query: str = "", after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Product]:
    """List products on sale, newest first; those that fit a search text when one is given."""
    ids = search.find_product_ids(db, query=query) if query.strip() else None
    return _products(db, store.list_rows(db, ids=ids, after=after, limit=limit))


def list_by_ids(db: Session, *, product_ids: Sequence[UUID]) -> list[Product]:
    """List these products as far as they are on sale, newest first."""
    return _products(db, store.list_rows(db, ids=product_ids, limit=len(product_ids)))


def list_grower_products(db: Session, *, grower_id: UUID) -> list[Product]:
    """List all of a grower's products, withdrawn ones too, newest first."""
    return _products(db, store.list_rows(db, grower_id=grower_id, only_listed=False, limit=200))


def titles_of(db: Session, *, product_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the titles of these products, withdrawn ones too, by id."""
    return store.titles_of(db, product_ids=product_ids)


def get_grower_product(db: Session, *, product_id: UUID, grower_id: UUID) -> Product:
    """Give a product through the grower whose it is."""
    return _products(db, [_own_row(db, product_id=product_id, grower_id=grower_id)])[0]


def change_sku(
    db: Session,
    *,
    product_id: UUID,
    sku_id: UUID,
    grower_id: UUID,
    version: int,
    price_fen: int,
    available: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Set price and stock of a grower's size.

    Refuses: `Stale` when somebody changed it since `version`, `ListingRefused` for an impossible figure.
    """
    # Price and freight are checked together, so nobody changes one of them meanwhile.
    _own_row(db, product_id=product_id, grower_id=grower_id, is_locked=True)
    product = get_grower_product(db, product_id=product_id, grower_id=grower_id)
    before = next((sku for sku in product.skus if sku.sku_id == sku_id), None)
    if before is None:
        raise NotFound(what="size")
    wanted = NewSku(before.name, price_fen, before.weight_g, available)
    rules.require_listable(title=product.title, description=product.description, skus=[wanted])
    _require_fit(
        db,
        seller=sellers.get_seller(db, seller_id=product.seller_id),
        title=product.title,
        sizes=[wanted],
        is_included=product.freight_included,
        commission_bp=0,
        now=now,
    )
    if not store.change_sku(db, sku_id=sku_id, version=version, price_fen=price_fen, available=available):
        raise Stale(what=product.title)
    audit.record(
        db,
        actor=actor,
        action="sku.changed",
        object=("sku", str(sku_id)),
        before={"price_fen": before.price_fen, "available": before.available},
        after={"price_fen": price_fen, "available": available},
        now=now,
    )


def change_freight(
    db: Session,
    *,
    product_id: UUID,
    grower_id: UUID,
    version: int,
    freight_included: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Have a grower's product cost its price with the freight in it, or with the freight on top.

    What is so already changes nothing and leaves no trace.
    Orders that were placed keep what they were sold with: their freight and splits were fixed then.
    Refuses: `Stale` when somebody changed the product since `version`; `SplitNeverFits`, `CommissionOverCap`.
    """
    # Price and freight are checked together, so nobody changes one of them meanwhile.
    _own_row(db, product_id=product_id, grower_id=grower_id, is_locked=True)
    product = get_grower_product(db, product_id=product_id, grower_id=grower_id)
    if product.freight_included == freight_included:
        return
    _require_fit(
        db,
        seller=sellers.get_seller(db, seller_id=product.seller_id),
        title=product.title,
        sizes=product.skus,
        is_included=freight_included,
        commission_bp=0,
        now=now,
    )
    changed = store.change_freight(
        db, product_id=product_id, version=version, freight_included=freight_included
    )
    if not changed:
        raise Stale(what=product.title)
    audit.record(
        db,
        actor=actor,
        action="product.freight_changed",
        object=("product", str(product_id)),
        before={"freight_included": product.freight_included},
        after={"freight_included": freight_included},
        now=now,
    )


def change_state(
    db: Session, *, product_id: UUID, grower_id: UUID, change: Change, actor: Actor, now: datetime
) -> None:
    """Withdraw a grower's product, or put it on sale again."""
    row = _own_row(db, product_id=product_id, grower_id=grower_id)
    after = rules.move(row.state, change)
    moved = db.execute(
        update(ProductRow)
        .where(ProductRow.id == row.id, ProductRow.version == row.version)
        .values(state=after, version=row.version + 1)
    )
    if changed_rows(moved) != 1:
        raise Stale(what=row.title)
    audit.record(
        db,
        actor=actor,
        action=f"product.{change.value}",
        object=("product", str(row.id)),
        before={"state": row.state.value},
        after={"state": after.value},
        now=now,
    )


def get_for_sale(db: Session, *, sku_ids: Sequence[UUID]) -> list[SkuForSale]:
    """Give what checkout needs of these sizes, in order; refuses unknown or withdrawn ones."""
    found = store.find_for_sale(db, sku_ids=sku_ids)
    sizes = [found.get(sku_id) for sku_id in sku_ids]
    if any(size is None or not size.is_listed for size in sizes):
        raise NotFound(what="product")
    return [size for size in sizes if size is not None]


def find_for_sale(db: Session, *, sku_ids: Sequence[UUID]) -> dict[UUID, SkuForSale]:
    """Find what is known of these sizes, whether on sale or not, by id."""
    return store.find_for_sale(db, sku_ids=sku_ids)


def take_stock(db: Session, *, size: SkuForSale, quantity: int) -> None:
    """Take pieces of a size; refuses `OutOfStock` and takes nothing when too few are left."""
    if not store.take_stock(db, sku_id=size.sku_id, quantity=quantity):
        raise OutOfStock(title=size.title, available=size.available, sku_id=str(size.sku_id))


def try_take_stock(db: Session, *, sku_id: UUID, quantity: int) -> bool:
    """Take pieces of a size if that many are left, and tell whether it was done."""
    return store.take_stock(db, sku_id=sku_id, quantity=quantity)


def give_back_stock(db: Session, *, sku_id: UUID, quantity: int) -> None:
    """Put pieces of a size back on sale."""
    store.give_back_stock(db, sku_id=sku_id, quantity=quantity)


def _own_row(db: Session, *, product_id: UUID, grower_id: UUID, is_locked: bool = False) -> ProductRow:
    row = db.get(ProductRow, product_id, with_for_update=is_locked or None)
    if row is None or row.grower_id != grower_id:
        raise NotFound(what="product")
    return row


def _index(db: Session, row: ProductRow) -> None:
    place = places.get_place(db, code=row.place_code).name
    search.index_product(db, product_id=row.id, texts=[row.title, row.description, place])


def _products(db: Session, rows: Sequence[ProductRow]) -> list[Product]:
    """Give products with their sizes, names and pictures, in a fixed number of queries."""
    if not rows:
        return []
    sizes = store.list_sizes(db, product_ids=[row.id for row in rows])
    growers = people.names_of(db, ids={row.grower_id for row in rows})
    seller_names = sellers.names_of(db, seller_ids={row.seller_id for row in rows})
    place_names = places.names_of(db, codes={row.place_code for row in rows})
    pictures = files.pictures_of(db, ids={row.picture_id for row in rows if row.picture_id})
    return [
        Product(
            product_id=ProductId(row.id),
            title=row.title,
            description=row.description,
            category=row.category,
            state=row.state,
            seller_id=row.seller_id,
            seller=seller_names[row.seller_id],
            grower_id=row.grower_id,
            grower=growers[row.grower_id],
            place=place_names[row.place_code],
            picture=pictures.get(row.picture_id) if row.picture_id else None,
            freight_included=row.freight_included,
            version=row.version,
            listed_at=row.listed_at,
            skus=tuple(sizes[row.id]),
        )
        for row in rows
    ]
