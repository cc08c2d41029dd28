"""Use cases of mishaps: a clerk or a keeper tells that a parcel is damaged or lost, or takes it back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import clock
from county.audit.types import Actor
from county.errors import NotFound
from county.files.types import Sight
from county.people.types import Caller, Role
from logistics.carriers import service as carriers
from logistics.mishaps.types import Desk, GoodsDesk, NotAtStation, ParcelIsOver, Report
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, Parcel, ParcelState
from logistics.stations import service as stations
from logistics.tracking import service as tracking
from logistics.tracking.types import HUB, EventKind, NothingToTakeBack, Source, TrackingEvent

_OVER = (ParcelState.DELIVERED, ParcelState.RETURN_TO_SENDER, ParcelState.CANCELLED)
_SEES_ALL = {Role.HUB_CLERK, Role.ASSOCIATION_ADMIN, Role.AUDITOR}
# Whose reports each desk takes back.
_TAKEN_BACK: dict[Desk, tuple[Source, ...]] = {
    Desk.HUB: (Source.SCAN,),
    Desk.STATION: (Source.STATION,),
    Desk.ASSOCIATION: tuple(Source),
}


class _Wired:
    goods: GoodsDesk | None = None


def wire_goods(desk: GoodsDesk) -> None:
    """Let the room that sells say what travels in a parcel."""
    _Wired.goods = desk


def list_goods(db: Session, *, parcel_no: str) -> Sequence[str]:
    """List what travels in a parcel, as far as it is known."""
    return () if _Wired.goods is None else _Wired.goods(db, parcel_no=parcel_no)


def find_at_hub(db: Session, *, number: str) -> Parcel:
    """Give the parcel of which somebody at the hub wants to tell.

    Takes: `number`, ours or the carrier's waybill.
    Refuses: `NotFound`, `ManyParcels` when several carriers have this number, `ParcelIsOver`.
    """
    return _require_on_its_way(parcels.get_by_number(db, number=number))


def get_at_hub(db: Session, *, parcel_no: str) -> Parcel:
    """Give a parcel of which the hub can tell something; refuses `NotFound` and `ParcelIsOver`."""
    return _require_on_its_way(parcels.get_parcel(db, parcel_no=parcel_no))


def tell_at_hub(
    db: Session, *, parcel_no: str, report: Report, picture_id: UUID | None, actor: Actor, now: datetime
) -> None:
    """Tell of a parcel at the hub; it is held until it is scanned again.

    Refuses: `NotFound`, `ParcelIsOver`.
    """
    parcel = _require_on_its_way(parcels.get_parcel_locked(db, parcel_no=parcel_no))
    _tell(
        db,
        parcel=parcel,
        report=report,
        picture_id=picture_id,
        where=HUB,
        source=Source.SCAN,
        actor=actor,
        now=now,
    )


def get_at_station(db: Session, *, parcel_no: str, keeper_id: UUID) -> Parcel:
    """Give a parcel that lies at a keeper's station.

    Refuses: `NotFound` for a parcel of another station, `ParcelIsOver`, `NotAtStation`.
    """
    parcel = parcels.get_parcel(db, parcel_no=parcel_no)
    return _require_at_station(db, parcel=parcel, keeper_id=keeper_id)


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

    Refuses: `NotFound` for a parcel of another station, `ParcelIsOver`, `NotAtStation`.
    """
    parcel = parcels.get_parcel_locked(db, parcel_no=parcel_no)
    _require_at_station(db, parcel=parcel, keeper_id=keeper_id)
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


def find_sight(db: Session, *, picture_id: UUID, caller: Caller) -> Sight | None:
    """Say that hub, association and the parcel's courier may see a picture of damage, and nobody else."""
    parcel_no = tracking.find_pictured(db, picture_id=picture_id)
    if parcel_no is None or caller.person_id is None:
        return None
    if caller.roles & _SEES_ALL:
        return Sight.ASKER
    if Role.COURIER_CLERK not in caller.roles:
        return None
    carrier = carriers.carrier_of_clerk(db, person_id=caller.person_id).name
    return Sight.ASKER if parcels.get_parcel(db, parcel_no=parcel_no).carrier == carrier else None


def list_to_take_back(
    db: Session, *, parcel_no: str, desk: Desk, keeper_id: UUID | None = None
) -> list[TrackingEvent]:
    """List what stands of the reports on a parcel that somebody at this desk can take back, newest first.

    Takes: `keeper_id`, who asks at `Desk.STATION`.
    Refuses: `NotFound` for an unknown parcel, and at a station for a parcel of another one.
    """
    parcel = parcels.get_parcel(db, parcel_no=parcel_no)
    if desk is Desk.STATION:
        _require_own(db, parcel=parcel, keeper_id=keeper_id)
    reports = tracking.list_reports(db, parcel_no=parcel_no)
    return [each for each in reports if each.source in _TAKEN_BACK[desk]]


def take_back(
    db: Session,
    *,
    parcel_no: str,
    event_id: UUID,
    why: str,
    desk: Desk,
    keeper_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Take back what was told by mistake; the parcel goes on as if it had not been told.

    Refuses: `NotFound`, `NothingToTakeBack`, also for another desk's report, `MistakeUnexplained`.
    """
    reports = list_to_take_back(db, parcel_no=parcel_no, desk=desk, keeper_id=keeper_id)
    if event_id not in {each.id for each in reports}:
        raise NothingToTakeBack()
    tracking.take_back(db, parcel_no=parcel_no, event_id=event_id, why=why, actor=actor, now=now)


def _require_on_its_way(parcel: Parcel) -> Parcel:
    if parcel.state in _OVER:
        at = f"{parcel.moved_at.astimezone(clock.COUNTY_ZONE):%Y-%m-%d %H:%M}"
        raise ParcelIsOver(number=parcel.parcel_no, at=at)
    return parcel


def _require_own(db: Session, *, parcel: Parcel, keeper_id: UUID | None) -> None:
    own = stations.station_of_keeper(db, person_id=keeper_id) if keeper_id else None
    if own is None or parcel.station != own.station or parcel.direction is not Direction.IN:
        raise NotFound(what="parcel")


def _require_at_station(db: Session, *, parcel: Parcel, keeper_id: UUID) -> Parcel:
    _require_own(db, parcel=parcel, keeper_id=keeper_id)
    _require_on_its_way(parcel)
    if not tracking.lying_at_station(db, parcel_nos=[parcel.parcel_no]):
        raise NotAtStation(number=parcel.parcel_no)
    return parcel


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
        at=now,
        where=where,
        source=source,
        actor=actor,
        now=now,
        reason=report.reason,
        cause=report.cause,
        note=report.note,
        picture_id=picture_id,
    )
