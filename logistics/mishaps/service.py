"""Use cases of mishaps: a clerk or a keeper tells that a parcel is damaged or cannot be found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.errors import NotFound
from logistics.hub import service as hub
from logistics.mishaps.types import Report
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, Parcel
from logistics.stations import service as stations
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, Source


def tell_at_hub(
    db: Session, *, number: str, report: Report, picture_id: UUID | None, actor: Actor, now: datetime
) -> Parcel:
    """Tell of a parcel at the hub; it is held until it is scanned again.

    Takes: `number`, ours or the carrier's waybill.
    Refuses: `NotFound`, `ManyParcels` when several carriers have this number.
    """
    parcel = hub.find_one(db, number=number)
    _tell(
        db,
        parcel=parcel,
        report=report,
        picture_id=picture_id,
        where=hub.HUB,
        source=Source.SCAN,
        actor=actor,
        now=now,
    )
    return parcels.get_parcel(db, parcel_no=parcel.parcel_no)


def get_at_station(db: Session, *, parcel_no: str, keeper_id: UUID) -> Parcel:
    """Give a parcel that is bound for a keeper's station; others' are `NotFound`."""
    station = stations.station_of_keeper(db, person_id=keeper_id)
    parcel = parcels.get_parcel(db, parcel_no=parcel_no)
    if parcel.station != station.station or parcel.direction is not Direction.IN:
        raise NotFound(what="parcel")
    return parcel


def tell_at_station(
    db: Session,
    *,
    parcel_no: str,
    keeper_id: UUID,
    report: Report,
    picture_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell of a parcel at a keeper's own station; it can still be handed out there.

    Refuses: `NotFound` for a parcel of another station.
    """
    parcel = get_at_station(db, parcel_no=parcel_no, keeper_id=keeper_id)
    _tell(
        db,
        parcel=parcel,
        report=report,
        picture_id=picture_id,
        where=stations.get_station(db, code=parcel.station).name,
        source=Source.STATION,
        actor=actor,
        now=now,
    )


def _tell(
    db: Session,
    *,
    parcel: Parcel,
    report: Report,
    picture_id: UUID | None,
    where: str,
    source: Source,
    actor: Actor,
    now: datetime,
) -> None:
    tracking.record_event(
        db,
        parcel_no=parcel.parcel_no,
        kind=EventKind.ON_HOLD,
        at=max(now, parcel.taken_in_at),
        where=where,
        source=source,
        actor=actor,
        now=now,
        reason=report.reason,
        cause=report.cause,
        note=report.note,
        picture_id=picture_id,
    )
