"""Reading tours: the list, one whole tour, what settlement needs."""

from datetime import date

from sqlalchemy.orm import Session

from county.errors import NotFound
from logistics.routes.types import Instance
from logistics.tours import documents, rules, store
from logistics.tours.types import PublishedTour, Tour, TourBook, TourState

# What was driven, or is to be: a plan that binds its couriers.
BINDING = (TourState.PUBLISHED, TourState.FINISHED)


def list_tours(
    db: Session,
    *,
    states: tuple[TourState, ...] = (),
    from_on: date | None = None,
    to_on: date | None = None,
    limit: int | None = 100,
) -> list[Tour]:
    """List tours, the latest day first; `to_on` is the first day that does not count."""
    rows = store.list_rows(db, states=states, from_on=from_on, to_on=to_on, limit=limit)
    return [store.to_tour(row) for row in rows]


def get_tour(db: Session, *, tour_no: str) -> Tour:
    """Give a tour by its number."""
    row = store.find_row(db, tour_no=tour_no)
    if row is None:
        raise NotFound(what="tour")
    return store.to_tour(row)


def get_book(db: Session, *, tour_no: str) -> TourBook:
    """Give a whole tour: input, plan, vans, trips, and the parcels that were left out."""
    tour = get_tour(db, tour_no=tour_no)
    text = store.plan_text(db, tour_id=tour.id)
    return TourBook(
        tour=tour,
        instance=documents.read_instance(store.instance_text(db, tour_id=tour.id)),
        plan=None if text is None else documents.read_plan(text),
        left_out=tuple(store.list_left_out(db, tour_id=tour.id)),
        vehicles=tuple(store.list_vehicles(db, tour_id=tour.id)),
        trips=tuple(store.list_trips(db, tour_id=tour.id)),
    )


def get_instance(db: Session, *, tour_no: str) -> Instance:
    """Give what a tour is planned from."""
    tour = get_tour(db, tour_no=tour_no)
    return documents.read_instance(store.instance_text(db, tour_id=tour.id))


def list_published_days(db: Session, *, from_on: date, to_on: date) -> list[PublishedTour]:
    """List the published tours of the days from `from_on` until before `to_on`, the earliest first.

    Gives: each with the parcels that its plan serves and the network of the moment when it was planned;
    later changes of stations, roads, fleet or parcels change nothing. A day may have several tours.
    """
    days: list[PublishedTour] = []
    for row in reversed(store.list_rows(db, states=BINDING, from_on=from_on, to_on=to_on)):
        tour = store.to_tour(row)
        instance = documents.read_instance(store.instance_text(db, tour_id=tour.id))
        text = store.plan_text(db, tour_id=tour.id)
        assert text is not None, f"published tour {tour.tour_no} has no plan"
        served = {
            number
            for trip in documents.read_plan(text).trips
            for stop in trip.stops
            for number in (*stop.deliver, *stop.collect)
        }
        days.append(
            PublishedTour(
                tour_no=tour.tour_no,
                on=tour.on,
                cost_fen=tour.cost_fen,
                bound_fen=tour.bound_fen,
                instance=rules.only_served(instance, served),
            )
        )
    return days
