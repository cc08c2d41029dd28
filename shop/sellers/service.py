"""Use cases of sellers: adding one, attaching growers, finding who sells for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.database import changed_rows, insert_once
from county.errors import NotFound, Stale
from county.ids import new_id
from shop.sellers import rules
from shop.sellers.tables import GrowerRow, ReturnAddressRow, SellerRow
from shop.sellers.types import KnownAddress, MoneyMode, ReturnAddress, Seller, SellerId


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


def set_return_address(
    db: Session, *, seller_id: UUID, version: int, address: ReturnAddress, actor: Actor, now: datetime
) -> None:
    """Say where buyers send goods of a seller back to; the log keeps digests of it only.

    Takes: `version`, the one that was seen; 0 when there was none on record.
    Refuses: `BadReturnAddress`; `Stale` when somebody changed it meanwhile; `NotFound`.
    """
    seller = get_seller(db, seller_id=seller_id)
    rules.require_address(address)
    values = {
        "name": address.name,
        "phone": address.phone,
        "address": address.address,
        "changed_at": now,
        "version": version + 1,
    }
    if version == 0:
        is_done = insert_once(db, ReturnAddressRow, {"seller_id": seller_id, **values})
    else:
        changed = db.execute(
            update(ReturnAddressRow)
            .where(ReturnAddressRow.seller_id == seller_id, ReturnAddressRow.version == version)
            .values(values)
        )
        is_done = changed_rows(changed) == 1
    if not is_done:
        raise Stale(what=seller.name)
    audit.record(
        db,
        actor=actor,
        action="seller.return_address",
        object=("seller", str(seller_id)),
        before={"version": version},
        after={"version": version + 1},
        personal={"name": address.name, "phone": address.phone, "address": address.address},
        now=now,
    )


def find_return_address(db: Session, *, seller_id: UUID) -> ReturnAddress | None:
    """Find where buyers send goods of a seller back to; None when there is nothing on record."""
    row = db.get(ReturnAddressRow, seller_id, populate_existing=True)
    return _address(row) if row is not None else None


def list_return_addresses(db: Session) -> list[KnownAddress]:
    """List all sellers by name, each with its address for returns as far as there is one."""
    rows = {row.seller_id: row for row in db.scalars(select(ReturnAddressRow))}
    return [
        KnownAddress(seller, _address(row), row.version) if row else KnownAddress(seller, None, 0)
        for seller in list_sellers(db)
        for row in [rows.get(seller.id)]
    ]


def _address(row: ReturnAddressRow) -> ReturnAddress:
    return ReturnAddress(name=row.name, phone=row.phone, address=row.address)


def names_of(db: Session, *, seller_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the names of sellers by their ids."""
    found = db.execute(select(SellerRow.id, SellerRow.name).where(SellerRow.id.in_(seller_ids)))
    return {row.id: row.name for row in found}


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
