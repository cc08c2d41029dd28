"""Driving a published tour, and handing its parcels out at the station."""

from dataclasses import replace
from datetime import timedelta

import pytest

from county.errors import IllegalMove, NotFound
from logistics.parcels import service as parcels
from logistics.parcels.types import ParcelState
from logistics.proofs import service as proofs
from logistics.proofs.types import KnownBy, WrongPhone
from logistics.stations import service as stations
from logistics.tours import service, store
from logistics.tours.types import (
    LineState,
    StopsOpen,
    TourState,
    TripState,
    VanOnRoad,
)
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.tours import (
    WISH,
    ask,
    make_driver,
    make_network,
    make_parcel,
    make_published,
    write_plan_of,
)

LATER = NOW + timedelta(hours=1)


def state_of(db, parcel):
    return parcels.get_parcel(db, parcel_no=parcel.parcel_no).state


def trip_of(db, tour):
    return service.get_book(db, tour_no=tour.tour_no).trips[0]


def leave(db, tour, driver, *, now=LATER):
    service.leave_hub(db, trip_id=trip_of(db, tour).id, driver_id=driver.id, actor=ROBOT, now=now)


def end(db, tour, driver, number, done, *, now=LATER):
    stop = trip_of(db, tour).stops[number]
    return service.end_stop(
        db,
        stop_id=stop.id,
        driver_id=driver.id,
        done=[each.parcel_no for each in done],
        actor=ROBOT,
        now=now,
    )


def test_tour_goes_from_the_hub_over_its_stops_back_to_the_hub(db):
    make_network(db)
    tour, driver, near, far, back = make_published(db)

    leave(db, tour, driver)
    assert (state_of(db, near[0]), state_of(db, back[0])) == (
        ParcelState.OUT_FOR_DELIVERY,
        ParcelState.PENDING,
    )
    end(db, tour, driver, 0, near)
    assert state_of(db, near[0]) is ParcelState.READY_FOR_PICKUP
    end(db, tour, driver, 1, back)
    assert state_of(db, far[0]) is ParcelState.DELIVERY_FAILED
    assert state_of(db, back[0]) is ParcelState.PICKED_UP
    service.return_to_hub(db, trip_id=trip_of(db, tour).id, driver_id=driver.id, actor=ROBOT, now=LATER)

    assert service.get_tour(db, tour_no=tour.tour_no).state is TourState.FINISHED
    assert trip_of(db, tour).state is TripState.BACK
    assert store.live_parcels(db) == set()
    assert service.find_driver_day(db, driver_id=driver.id) is None


def test_ending_a_stop_twice_records_it_once(db):
    make_network(db)
    tour, driver, near, *_ = make_published(db)
    leave(db, tour, driver)
    end(db, tour, driver, 0, near, now=LATER + timedelta(minutes=20))

    end(db, tour, driver, 0, [], now=LATER + timedelta(minutes=25))

    events = tracking.list_events(db, parcel_no=near[0].parcel_no)
    assert [event.kind for event in events] == [
        EventKind.ARRIVED_AT_STATION,
        EventKind.LOADED,
        EventKind.HUB_IN,
    ]
    assert trip_of(db, tour).stops[0].lines[0].state is LineState.DELIVERED


def test_parcel_that_never_came_to_the_hub_is_not_loaded(db):
    make_network(db)
    announced = make_parcel(db, waybill="1", at_hub=False)
    here = make_parcel(db, waybill="2", station="S2")
    driver = make_driver(db)
    tour = ask(db, wish=replace(WISH, with_announced=True))
    plan = write_plan_of(in_s1=[announced.parcel_no], in_s2=[here.parcel_no], out_s2=[])
    service.store_plan(db, tour_no=tour.tour_no, plan=plan, now=NOW)
    service.publish_tour(db, tour_no=tour.tour_no, actor=ROBOT, now=NOW)

    leave(db, tour, driver)

    assert trip_of(db, tour).stops[0].lines[0].state is LineState.DROPPED
    assert (state_of(db, announced), state_of(db, here)) == (
        ParcelState.PENDING,
        ParcelState.OUT_FOR_DELIVERY,
    )
    assert store.live_parcels(db) == {here.parcel_no}


def test_van_does_not_return_before_its_stops_are_done(db):
    make_network(db)
    tour, driver, near, *_ = make_published(db)
    leave(db, tour, driver)
    end(db, tour, driver, 0, near)

    with pytest.raises(StopsOpen):
        service.return_to_hub(db, trip_id=trip_of(db, tour).id, driver_id=driver.id, actor=ROBOT, now=LATER)

    assert trip_of(db, tour).state is TripState.ON_ROAD


def test_other_drivers_trip_does_not_exist_for_me(db):
    make_network(db)
    tour, driver, near, *_ = make_published(db)
    other = make_driver(db, name="外人")

    with pytest.raises(NotFound):
        leave(db, tour, other)
    leave(db, tour, driver)
    with pytest.raises(NotFound):
        end(db, tour, other, 0, near)

    assert state_of(db, near[0]) is ParcelState.OUT_FOR_DELIVERY
    assert service.find_driver_day(db, driver_id=other.id) is None


def test_stop_cannot_end_before_the_van_left(db):
    make_network(db)
    tour, driver, near, *_ = make_published(db)

    with pytest.raises(IllegalMove):
        end(db, tour, driver, 0, near)

    assert trip_of(db, tour).stops[0].done_at is None
    assert state_of(db, near[0]) is ParcelState.IN_TRANSIT


def test_tour_is_not_taken_back_once_a_van_has_left(db):
    make_network(db)
    tour, driver, *_ = make_published(db)
    leave(db, tour, driver)

    with pytest.raises(VanOnRoad):
        service.withdraw_tour(db, tour_no=tour.tour_no, actor=ROBOT, now=LATER)

    assert service.get_tour(db, tour_no=tour.tour_no).state is TourState.PUBLISHED


def waiting_at_station(db):
    make_network(db)
    tour, driver, near, far, back = make_published(db)
    leave(db, tour, driver)
    end(db, tour, driver, 0, near)
    keeper = make_person(db)
    stations.attach_keeper(db, person_id=keeper.id, station="S1")
    return near[0], far[0], keeper


def hand(db, parcel, keeper, *, digits="1234", known_by=KnownBy.PHONE):
    return proofs.hand_out(
        db,
        parcel_no=parcel.parcel_no,
        keeper_id=keeper.id,
        known_by=known_by,
        digits=digits,
        actor=ROBOT,
        now=LATER + timedelta(hours=1),
    )


def test_keeper_hands_out_what_waits_at_the_station(db):
    parcel, _far, keeper = waiting_at_station(db)
    assert [each.parcel_no for each in proofs.list_waiting(db, keeper_id=keeper.id)] == [parcel.parcel_no]

    hand(db, parcel, keeper)

    assert state_of(db, parcel) is ParcelState.DELIVERED
    assert proofs.list_waiting(db, keeper_id=keeper.id) == []
    with pytest.raises(IllegalMove):
        hand(db, parcel, keeper, known_by=KnownBy.IN_PERSON)


def test_wrong_digits_hand_nothing_out(db):
    parcel, _far, keeper = waiting_at_station(db)

    with pytest.raises(WrongPhone):
        hand(db, parcel, keeper, digits="0000")

    assert state_of(db, parcel) is ParcelState.READY_FOR_PICKUP


def test_keeper_reaches_no_other_stations_parcels(db):
    _near, far, keeper = waiting_at_station(db)

    with pytest.raises(NotFound):
        hand(db, far, keeper)

    assert state_of(db, far) is ParcelState.OUT_FOR_DELIVERY
