"""What a driver does: leaving the hub, ending a stop, coming back; tracking follows."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import IllegalMove, NotFound, Stale
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, Parcel
from logistics.routes.types import StationKind
from logistics.stations import service as stations
from logistics.tours import rules, store
from logistics.tours.types import (
    DriverDay,
    LineState,
    StopsOpen,
    TourEvent,
    TourState,
    TourStop,
    TourTrip,
    TourVehicle,
    TripEvent,
    TripState,
)
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, Source


def find_driver_day(db: Session, *, driver_id: UUID) -> DriverDay | None:
    """Find the published tour that a driver drives now: the earliest that is not over; None without one."""
    rows = store.tours_of_driver(db, driver_id=driver_id, states=(TourState.PUBLISHED,))
    for row in rows:
        tour = store.to_tour(row)
        vehicle = _own_vehicle(db, tour_id=tour.id, driver_id=driver_id)
        trips = store.list_trips(db, tour_id=tour.id, vehicle_id=vehicle.id)
        if any(trip.state is not TripState.BACK for trip in trips):
            numbers = [line.parcel_no for trip in trips for stop in trip.stops for line in stop.lines]
            found = parcels.list_parcels(db, numbers=numbers, limit=None)
            return DriverDay(
                tour=tour,
                vehicle=vehicle,
                trips=tuple(trips),
                parcels={each.parcel_no: each for each in found},
                stations={each.station: each.name for each in stations.list_stations(db)},
            )
    return None


def leave_hub(db: Session, *, trip_id: UUID, driver_id: UUID, actor: Actor, now: datetime) -> None:
    """Leave with a trip: its parcels are in the van, except those that never came to the hub.

    Refuses: `NotFound` for somebody else's trip, `IllegalMove`, `Stale`.
    """
    trip = _own_trip(db, trip_id=trip_id, driver_id=driver_id)
    earlier = [each for each in _own_trips(db, trip_id, driver_id) if each.trip < trip.trip]
    if any(each.state is not TripState.BACK for each in earlier):
        raise IllegalMove(what="trip", state=trip.state.value, event=TripEvent.LEAVE.value)
    _move_trip(db, trip, TripEvent.LEAVE, actor, now)
    tour_id = _tour_of(db, trip_id)
    hub = next(each.name for each in stations.list_stations(db) if each.kind is StationKind.HUB)
    deliver = [line for stop in trip.stops for line in stop.lines if line.direction is Direction.IN]
    aboard, gone = [], []
    for line in sorted(deliver, key=lambda each: each.parcel_no):
        parcel = parcels.get_parcel_locked(db, parcel_no=line.parcel_no)
        if parcel.state in rules.LOADABLE:
            aboard.append(parcel)
        else:
            gone.append(parcel.parcel_no)
    store.end_lines(db, tour_id=tour_id, parcel_nos=gone, state=LineState.DROPPED)
    for parcel in aboard:
        _tell(db, parcel, EventKind.LOADED, hub, actor, now)


def end_stop(
    db: Session,
    *,
    stop_id: UUID,
    driver_id: UUID,
    done: Collection[str],
    actor: Actor,
    now: datetime,
) -> TourStop:
    """End a stop: the parcels in `done` were handed over or came aboard, the others were not there.

    Gives: the stop as it was. Ending it again changes nothing.
    Refuses: `NotFound` for somebody else's stop, `IllegalMove` when the van has not left.
    """
    found = store.find_stop(db, stop_id=stop_id)
    if found is None:
        raise NotFound(what="stop")
    trip_id, tour_id = found
    trip = _own_trip(db, trip_id=trip_id, driver_id=driver_id)
    stop = next(each for each in trip.stops if each.id == stop_id)
    if trip.state is not TripState.ON_ROAD:
        raise IllegalMove(what="trip", state=trip.state.value, event="stop")
    if not store.close_stop(db, stop_id=stop_id, done_at=now):
        return stop
    where = stations.get_station(db, code=stop.station).name
    for line in sorted(stop.lines, key=lambda each: each.parcel_no):
        if line.state is not LineState.WAITING:
            continue
        state = rules.line_done(line.direction, is_done=line.parcel_no in done)
        store.end_lines(db, tour_id=tour_id, parcel_nos=[line.parcel_no], state=state)
        parcel = parcels.get_parcel_locked(db, parcel_no=line.parcel_no)
        if kind := EVENTS.get((line.direction, state)):
            _tell(db, parcel, kind, where, actor, now)
    return stop


# A parcel that was not put out for collection still waits for the next tour: nothing happened to it.
EVENTS = {
    (Direction.IN, LineState.DELIVERED): EventKind.ARRIVED_AT_STATION,
    (Direction.IN, LineState.NOT_THERE): EventKind.DELIVERY_FAILED,
    (Direction.OUT, LineState.COLLECTED): EventKind.COLLECTED_FROM_SENDER,
}


def return_to_hub(db: Session, *, trip_id: UUID, driver_id: UUID, actor: Actor, now: datetime) -> None:
    """Come back to the hub; the tour is finished when its last trip is back.

    Refuses: `StopsOpen`, `NotFound` for somebody else's trip, `IllegalMove`, `Stale`.
    """
    trip = _own_trip(db, trip_id=trip_id, driver_id=driver_id)
    rules.move_trip(trip.state, TripEvent.RETURN)
    still_open = sum(stop.done_at is None for stop in trip.stops)
    if still_open:
        raise StopsOpen(count=still_open)
    _move_trip(db, trip, TripEvent.RETURN, actor, now)
    tour_id = _tour_of(db, trip_id)
    if store.count_trips_not(db, tour_id=tour_id, state=TripState.BACK):
        return
    tour = next(
        store.to_tour(row) for row in store.list_rows(db, states=(TourState.PUBLISHED,)) if row.id == tour_id
    )
    after = rules.move(tour.state, TourEvent.FINISH)
    if not store.move_row(db, tour_id=tour.id, version=tour.version, state=after):
        raise Stale(what=tour.tour_no)
    audit.record(
        db,
        actor=actor,
        action="tour.finished",
        object=("tour", tour.tour_no),
        after={"state": after.value},
        now=now,
    )


def _tour_of(db: Session, trip_id: UUID) -> UUID:
    tour_id = store.find_trip(db, trip_id=trip_id)
    if tour_id is None:
        raise NotFound(what="trip")
    return tour_id


def _own_vehicle(db: Session, *, tour_id: UUID, driver_id: UUID) -> TourVehicle:
    mine = [v for v in store.list_vehicles(db, tour_id=tour_id) if v.driver_id == driver_id]
    if not mine:
        raise NotFound(what="trip")
    return mine[0]


def _own_trips(db: Session, trip_id: UUID, driver_id: UUID) -> list[TourTrip]:
    tour_id = _tour_of(db, trip_id)
    vehicle = _own_vehicle(db, tour_id=tour_id, driver_id=driver_id)
    published = store.tours_of_driver(db, driver_id=driver_id, states=(TourState.PUBLISHED,))
    if tour_id not in [row.id for row in published]:
        raise NotFound(what="trip")
    return store.list_trips(db, tour_id=tour_id, vehicle_id=vehicle.id)


def _own_trip(db: Session, *, trip_id: UUID, driver_id: UUID) -> TourTrip:
    """Give a trip of this driver's own van on a published tour; anything else does not exist for them."""
    for trip in _own_trips(db, trip_id, driver_id):
        if trip.id == trip_id:
            return trip
    raise NotFound(what="trip")


def _move_trip(db: Session, trip: TourTrip, event: TripEvent, actor: Actor, now: datetime) -> None:
    after = rules.move_trip(trip.state, event)
    if not store.move_trip_row(db, trip_id=trip.id, version=trip.version, state=after):
        raise Stale(what="trip")
    audit.record(
        db,
        actor=actor,
        action=f"trip.{event.value}",
        object=("trip", str(trip.id)),
        before={"state": trip.state.value},
        after={"state": after.value},
        now=now,
    )


def _tell(db: Session, parcel: Parcel, kind: EventKind, where: str, actor: Actor, now: datetime) -> None:
    tracking.record_event(
        db,
        parcel_no=parcel.parcel_no,
        kind=kind,
        at=now,
        where=where,
        source=Source.DRIVER,
        actor=actor,
        now=now,
    )
