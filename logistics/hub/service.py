"""Use cases of the hub: scanning parcels in, onto a van, or off to the linehaul carrier."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from county import clock
from county.audit.types import Actor
from logistics.hub.types import EVENTS, HubDay, HubScan, Scanned
from logistics.parcels import service as parcels
from logistics.parcels.types import ParcelState
from logistics.tracking import service as tracking
from logistics.tracking.types import HUB, EventKind, Source

# The same scan of a parcel that comes again so soon is the same beep, unless something happened in between.
SCANNED_TWICE = timedelta(minutes=1)
# What is announced longer than this ago and never came is no parcel of today.
DAYS_COUNTED = 3


def scan(db: Session, *, number: str, what: HubScan, actor: Actor, now: datetime) -> Scanned:
    """Record that a parcel was scanned at the hub; the same scan within a minute counts once.

    Takes: `number`, ours or the carrier's waybill.
    Refuses: `NotFound`, `ManyParcels` when several carriers have this number.
    """
    found = parcels.get_by_number(db, number=number)
    parcel = parcels.get_parcel_locked(db, parcel_no=found.parcel_no)
    if not _is_scanned_already(db, parcel_no=parcel.parcel_no, kind=EVENTS[what], now=now):
        tracking.record_event(
            db,
            parcel_no=parcel.parcel_no,
            kind=EVENTS[what],
            at=now,
            where=HUB,
            source=Source.SCAN,
            actor=actor,
            now=now,
        )
    return Scanned(parcels.get_parcel(db, parcel_no=parcel.parcel_no), what, now)


def _is_scanned_already(db: Session, *, parcel_no: str, kind: EventKind, now: datetime) -> bool:
    newest = next(iter(tracking.list_events(db, parcel_no=parcel_no)), None)
    if newest is None or (newest.kind, newest.source) != (kind, Source.SCAN):
        return False
    return now - newest.at < SCANNED_TWICE


def get_day(db: Session, *, on: date) -> HubDay:
    """Count what is announced and what lies here of the last days, and the hub's scans of a county day."""
    since_at = clock.day_start(on - timedelta(days=DAYS_COUNTED))
    states = parcels.count_by_state(db, taken_in_from=since_at)
    begins_at, ends_at = clock.day_start(on), clock.day_start(on + timedelta(days=1))
    kinds = tracking.count_parcels(
        db, kinds=list(EVENTS.values()), source=Source.SCAN, from_at=begins_at, to_at=ends_at
    )
    return HubDay(
        announced=states[ParcelState.PENDING],
        here=states[ParcelState.IN_TRANSIT],
        scanned={scan: kinds[kind] for scan, kind in EVENTS.items()},
    )
