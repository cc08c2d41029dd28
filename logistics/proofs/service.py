"""Use cases of a station: what waits there, handing a parcel to its consignee."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county import database
from county.audit.types import Actor
from county.errors import IllegalMove, NotFound
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, Parcel, ParcelState
from logistics.proofs.tables import HandoverRow
from logistics.proofs.types import Handover, KnownBy, WrongPhone
from logistics.stations import service as stations
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, Source

DIGITS = 4


def list_waiting(db: Session, *, keeper_id: UUID) -> list[Parcel]:
    """List the parcels that wait for their consignees at a keeper's station, damaged ones too.

    Refuses: `NotFound` when the person keeps no station.
    """
    station = stations.station_of_keeper(db, person_id=keeper_id)
    states = (ParcelState.READY_FOR_PICKUP, ParcelState.ON_HOLD)
    found = parcels.list_parcels(
        db, station=station.station, direction=Direction.IN, states=states, limit=None
    )
    held = [each.parcel_no for each in found if each.state is ParcelState.ON_HOLD]
    here = tracking.lying_at_station(db, parcel_nos=held)
    return [each for each in found if each.state is ParcelState.READY_FOR_PICKUP or each.parcel_no in here]


def hand_out(
    db: Session,
    *,
    parcel_no: str,
    keeper_id: UUID,
    known_by: KnownBy,
    digits: str,
    actor: Actor,
    now: datetime,
) -> Handover:
    """Hand a parcel to its consignee: it is delivered.

    Takes: `digits`, the last four of the phone number, for `KnownBy.PHONE`.
    Refuses: `NotFound` for a parcel of another station, `WrongPhone`, `IllegalMove` when it does not wait.
    """
    station = stations.station_of_keeper(db, person_id=keeper_id)
    parcel = parcels.get_parcel_locked(db, parcel_no=parcel_no)
    if parcel.station != station.station or parcel.direction is not Direction.IN:
        raise NotFound(what="parcel")
    if not _waits(db, parcel):
        raise IllegalMove(what="parcel", state=parcel.state.value, event="hand out")
    if known_by is KnownBy.PHONE and digits != parcel.consignee.phone[-DIGITS:]:
        raise WrongPhone()
    values = {
        "parcel_no": parcel_no,
        "station": station.station,
        "keeper_id": keeper_id,
        "known_by": known_by,
        "handed_at": now,
    }
    if not database.insert_once(db, HandoverRow, values):
        raise IllegalMove(what="parcel", state=parcel.state.value, event="hand out")
    tracking.record_event(
        db,
        parcel_no=parcel_no,
        kind=EventKind.COLLECTED,
        at=now,
        where=station.name,
        source=Source.STATION,
        actor=actor,
        now=now,
    )
    return Handover(parcel_no, station.station, keeper_id, known_by, now)


def _waits(db: Session, parcel: Parcel) -> bool:
    """Tell whether a parcel lies at its station: ready, or held there because it came damaged."""
    if parcel.state is not ParcelState.ON_HOLD:
        return parcel.state is ParcelState.READY_FOR_PICKUP
    return bool(tracking.lying_at_station(db, parcel_nos=[parcel.parcel_no]))
