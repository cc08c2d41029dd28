"""Reacts to what happens to parcels."""

from datetime import datetime

from sqlalchemy.orm import Session

from logistics.parcels.types import ParcelMoved
from shop.packing import service


def on_parcel_moved(db: Session, event: ParcelMoved, now: datetime) -> None:
    """Let the order follow its parcel."""
    service.follow_parcel(db, parcel_no=event.parcel_no, state=event.state, now=event.moved_at)
