"""Use cases of sellers: adding one, attaching growers, finding who sells for whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound
from county.ids import new_id
from shop.sellers.tables import GrowerRow, SellerRow
from shop.sellers.types import MoneyMode, Seller, SellerId


@dataclass(frozen=True)
class Grower:
    """Where a grower's goods come from and who sells them."""

    person_id: UUID
    seller: Seller
    place_code: str
    station: str


def add_seller(
    db: Session,
    *,
    name: str,
    mode: MoneyMode,
    merchant_id: str,
    association_bp: int,
    actor: Actor,
    now: datetime,
    cap_bp: int = 3000,
    claim_hours: int = 48,
) -> Seller:
    """Add a seller of record."""
    row = SellerRow(
        id=new_id(),
        name=name,
        mode=mode,
        merchant_id=merchant_id,
        association_bp=association_bp,
        cap_bp=cap_bp,
        claim_hours=claim_hours,
        created_at=now,
    )
    db.add(row)
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="seller.added",
        object=("seller", str(row.id)),
        after={"name": name, "mode": str(mode), "association_bp": association_bp, "cap_bp": cap_bp},
        now=now,
    )
    return _seller(row)


def attach_grower(
    db: Session,
    *,
    person_id: UUID,
    seller_id: UUID,
    place_code: str,
    station: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a grower sell through a seller of record, collected at a station."""
    db.add(GrowerRow(person_id=person_id, seller_id=seller_id, place_code=place_code, station=station))
    db.flush()
    audit.record(
        db,
        actor=actor,
        action="grower.attached",
        object=("person", str(person_id)),
        after={"seller": str(seller_id), "place": place_code, "station": station},
        now=now,
    )


def get_seller(db: Session, *, seller_id: UUID) -> Seller:
    """Give a seller by id."""
    row = db.get(SellerRow, seller_id)
    if row is None:
        raise NotFound(what="seller")
    return _seller(row)


def get_grower(db: Session, *, person_id: UUID) -> Grower:
    """Give where a grower's goods come from and who sells them."""
    row = db.get(GrowerRow, person_id)
    if row is None:
        raise NotFound(what="grower")
    seller = get_seller(db, seller_id=row.seller_id)
    return Grower(person_id=row.person_id, seller=seller, place_code=row.place_code, station=row.station)


def list_sellers(db: Session) -> list[Seller]:
    """List all sellers by name."""
    return [_seller(row) for row in db.scalars(select(SellerRow).order_by(SellerRow.name))]


def _seller(row: SellerRow) -> Seller:
    return Seller(
        id=SellerId(row.id),
        name=row.name,
        mode=row.mode,
        merchant_id=row.merchant_id,
        association_bp=row.association_bp,
        cap_bp=row.cap_bp,
        claim_hours=row.claim_hours,
    )
