"""Two people pressing the same button at the same moment."""

from collections.abc import Callable
from threading import Barrier, Thread

from sqlalchemy.orm import Session

from county import database
from county.errors import Refused
from logistics.tours import rules, service
from logistics.tours.types import TripState
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind
from tests.makers.people import NOW, ROBOT
from tests.makers.tours import ask, make_network, make_parcel, make_published


def together(work: Callable[[Session], object]) -> list[bool]:
    """Do the same in two transactions at once; tell for each whether it was done."""
    gate, done = Barrier(2), []

    def press() -> None:
        gate.wait()
        try:
            database.in_transaction(work)
            done.append(True)
        except Refused:
            done.append(False)

    threads = [Thread(target=press) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return done


def test_two_plans_asked_for_at_once_leave_one_in_the_making(database_url):
    with database.transaction() as db:
        make_network(db)
        make_parcel(db, waybill="1")

    done = together(ask)

    assert True in done
    with database.reading() as db:
        assert len(service.list_tours(db, states=rules.OPEN_STATES)) == 1


def test_leaving_twice_at_once_loads_each_parcel_once(database_url):
    with database.transaction() as db:
        make_network(db)
        tour, driver, near, *_ = make_published(db)
        (trip,) = service.get_book(db, tour_no=tour.tour_no).trips

    done = together(
        lambda db: service.leave_hub(db, trip_id=trip.id, driver_id=driver.id, actor=ROBOT, now=NOW)
    )

    assert sorted(done) == [False, True]
    with database.reading() as db:
        assert service.get_book(db, tour_no=tour.tour_no).trips[0].state is TripState.ON_ROAD
        events = tracking.list_events(db, parcel_no=near[0].parcel_no)
    assert [event.kind for event in events].count(EventKind.LOADED) == 1
