"""Reacts to refunds that took effect or failed, approved claims, stopped lots, damaged and lost parcels."""

from datetime import datetime

from sqlalchemy.orm import Session

from logistics.tracking.types import MishapTakenBack, MishapTold
from shop.aftersales import service
from shop.aftersales.types import ClaimApproved
from shop.lots.types import LotStopped
from shop.refunds.types import RefundDone, RefundRefused


def on_refund_done(db: Session, event: RefundDone, now: datetime) -> None:
    """Close the claim that was refunded and book who bears it; other refunds are nothing to us."""
    service.refund_done(db, key=event.key, refund_no=event.refund_no, now=now)


def on_refund_refused(db: Session, event: RefundRefused, now: datetime) -> None:
    """Show the association a claim whose refund failed."""
    service.refund_refused(db, key=event.key, now=now)


def on_claim_approved(db: Session, event: ClaimApproved, now: datetime) -> None:
    """Warn the other buyers of the lot."""
    service.warn_lot(db, claim_no=event.claim_no, now=now)


def on_lot_stopped(db: Session, event: LotStopped, now: datetime) -> None:
    """Call a stopped lot back."""
    service.recall_lot(db, lot_no=event.lot_no, now=now)


def on_mishap_told(db: Session, event: MishapTold, now: datetime) -> None:
    """Tell buyer and grower that a parcel is damaged or lost, if that still stands."""
    service.tell_mishap(db, order_no=event.order_ref, parcel_no=event.parcel_no, reason=event.reason, now=now)


def on_mishap_taken_back(db: Session, event: MishapTakenBack, now: datetime) -> None:
    """Tell those who heard of damage or loss that it was a mistake."""
    service.tell_mistake(
        db, order_no=event.order_ref, parcel_no=event.parcel_no, reason=event.reason, now=now
    )
