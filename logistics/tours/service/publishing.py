"""Publishing a tour to its drivers, naming them, taking a tour back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound, Stale
from county.people import service as people
from county.people.types import Role
from logistics.tours import rules, store
from logistics.tours.service import planning
from logistics.tours.service.looking import get_tour
from logistics.tours.types import DriverBusy, TourEvent, TourState, TripState, VanOnRoad


def publish_tour(db: Session, *, tour_no: str, actor: Actor, now: datetime) -> None:
    """Publish a draft: drivers see it, its cost counts in the period's settlement.

    Vans without a driver get one each, in the order of their names, as far as there are drivers.
    Refuses: `IllegalMove` unless it is a draft, `Stale`.
    """
    tour = get_tour(db, tour_no=tour_no)
    after = rules.move(tour.state, TourEvent.PUBLISH)
    if not store.move_row(
        db, tour_id=tour.id, version=tour.version, state=after, values={"published_at": now}
    ):
        raise Stale(what=tour_no)
    vehicles = store.list_vehicles(db, tour_id=tour.id)
    taken = {each.driver_id for each in vehicles}
    free = [each.id for each in people.list_people_with_role(db, role=Role.DRIVER) if each.id not in taken]
    for vehicle, driver_id in zip([v for v in vehicles if v.driver_id is None], free, strict=False):
        store.set_driver(db, vehicle_id=vehicle.id, driver_id=driver_id)
    audit.record(
        db,
        actor=actor,
        action="tour.published",
        object=("tour", tour_no),
        before={"state": tour.state.value},
        after={"state": after.value, "cost_fen": tour.cost_fen},
        now=now,
    )


def name_driver(
    db: Session, *, tour_no: str, vehicle_id: UUID, driver_id: UUID | None, actor: Actor, now: datetime
) -> None:
    """Name who drives a van of a tour, or nobody.

    Refuses: `NotFound` for a van of another tour or a person who is no driver, `DriverBusy`, and
    `IllegalMove` when the tour is over.
    """
    tour = get_tour(db, tour_no=tour_no)
    if tour.state is not TourState.DRAFT:
        # A published tour may change its drivers; a finished or withdrawn one has none to change.
        rules.move(tour.state, TourEvent.FINISH)
    vehicle = next((v for v in store.list_vehicles(db, tour_id=tour.id) if v.id == vehicle_id), None)
    drivers = {each.id: each.name for each in people.list_people_with_role(db, role=Role.DRIVER)}
    if vehicle is None or (driver_id is not None and driver_id not in drivers):
        raise NotFound(what="driver")
    try:
        with db.begin_nested():
            store.set_driver(db, vehicle_id=vehicle_id, driver_id=driver_id)
    except IntegrityError:
        raise DriverBusy(name=drivers[driver_id] if driver_id else "") from None  # type: ignore[index]
    audit.record(
        db,
        actor=actor,
        action="tour.driver_named",
        object=("tour", tour_no),
        before={"vehicle": vehicle.vehicle, "driver": str(vehicle.driver_id or "")},
        after={"vehicle": vehicle.vehicle, "driver": str(driver_id or "")},
        now=now,
    )


def withdraw_tour(db: Session, *, tour_no: str, actor: Actor, now: datetime) -> None:
    """Take a tour back as long as no van has left; its parcels are free for another plan.

    Refuses: `VanOnRoad`, `IllegalMove`, `Stale`.
    """
    tour = get_tour(db, tour_no=tour_no)
    if store.count_trips_not(db, tour_id=tour.id, state=TripState.WAITING):
        raise VanOnRoad(tour_no=tour_no)
    planning.withdraw(db, tour=tour, actor=actor, now=now)
