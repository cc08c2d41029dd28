"""Planning and publishing a tour on a real database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from county.errors import IllegalMove, NotFound
from county.jobs import service as jobs
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, ParcelState
from logistics.stations import service as stations
from logistics.tours import service, store
from logistics.tours.tables import TourLineRow, TourPlanRow
from logistics.tours.types import (
    DriverBusy,
    LeftOut,
    LineState,
    NothingToPlan,
    ParcelsOnTour,
    TourProgress,
    TourState,
)
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.tours import (
    ON,
    WISH,
    ask,
    make_draft,
    make_driver,
    make_network,
    make_parcel,
    make_published,
    write_plan_of,
)

LATER = NOW + timedelta(hours=1)


def test_plan_is_made_from_what_lies_at_the_hub_and_waits_at_stations(db):
    make_network(db)
    scanned = make_parcel(db, waybill="1")
    waiting = make_parcel(db, waybill="2", direction=Direction.OUT)
    announced = make_parcel(db, waybill="3", at_hub=False)
    lost = make_parcel(db, waybill="4", station="S9")

    tour = ask(db)

    planned = [each.parcel for each in service.get_instance(db, tour_no=tour.tour_no).parcels]
    assert planned == sorted([scanned.parcel_no, waiting.parcel_no])
    assert announced.parcel_no not in planned
    book = service.get_book(db, tour_no=tour.tour_no)
    assert [(each.parcel_no, each.reason) for each in book.left_out] == [
        (lost.parcel_no, LeftOut.UNKNOWN_STATION)
    ]
    assert (tour.state, tour.parcels, book.plan) == (TourState.PLANNING, 2, None)
    job = jobs.find_job(db, kind="plan_tour", key=tour.tour_no)
    assert job is not None and job.payload == {"tour_no": tour.tour_no}


def test_announced_parcels_are_planned_on_request(db):
    make_network(db)
    announced = make_parcel(db, waybill="3", at_hub=False)

    with pytest.raises(NothingToPlan):
        ask(db)
    tour = ask(db, wish=replace(WISH, with_announced=True))

    planned = service.get_instance(db, tour_no=tour.tour_no).parcels
    assert [each.parcel for each in planned] == [announced.parcel_no]


def test_nothing_to_plan_leaves_no_tour_behind(db):
    make_network(db)

    with pytest.raises(NothingToPlan):
        ask(db)

    assert service.list_tours(db) == []


def test_stored_plan_is_a_draft_with_its_trips(db):
    make_network(db)
    tour, near, far, back = make_draft(db)

    book = service.get_book(db, tour_no=tour.tour_no)
    assert (tour.state, tour.cost_fen, tour.bound_fen, tour.gap_bp) == (TourState.DRAFT, 22_600, 22_000, 273)
    assert [
        [(line.parcel_no, line.direction, line.state) for line in stop.lines] for stop in book.trips[0].stops
    ] == [
        [(near[0].parcel_no, Direction.IN, LineState.WAITING)],
        [
            (far[0].parcel_no, Direction.IN, LineState.WAITING),
            (back[0].parcel_no, Direction.OUT, LineState.WAITING),
        ],
    ]


def test_progress_is_told_only_while_the_tour_is_planned(db):
    make_network(db)
    make_parcel(db, waybill="1")
    tour = ask(db)
    told = TourProgress("polish", 500, 400, 2_500, 3)

    service.tell_progress(db, tour_no=tour.tour_no, progress=told)
    assert service.get_tour(db, tour_no=tour.tour_no).progress == told

    service.fail_plan(db, tour_no=tour.tour_no, why="no way", now=NOW)
    service.tell_progress(db, tour_no=tour.tour_no, progress=replace(told, cost_fen=450))
    failed = service.get_tour(db, tour_no=tour.tour_no)
    assert (failed.progress, failed.state, failed.failed_why) == (told, TourState.FAILED, "no way")


def test_new_plan_takes_the_place_of_the_draft_and_its_parcels(db):
    make_network(db)
    draft, near, far, back = make_draft(db)

    again = ask(db)

    assert service.get_tour(db, tour_no=draft.tour_no).state is TourState.WITHDRAWN
    assert again.parcels == 3
    assert store.live_parcels(db) == set()
    plan = write_plan_of(in_s1=[near[0].parcel_no], in_s2=[far[0].parcel_no], out_s2=[back[0].parcel_no])
    assert service.store_plan(db, tour_no=again.tour_no, plan=plan, now=NOW)
    assert store.live_parcels(db) == {each.parcel_no for each in (*near, *far, *back)}


def test_plan_of_a_tour_taken_back_meanwhile_is_not_kept(db):
    make_network(db)
    one = make_parcel(db, waybill="1")
    two = make_parcel(db, waybill="2", station="S2")
    tour = ask(db)
    service.withdraw_tour(db, tour_no=tour.tour_no, actor=ROBOT, now=NOW)

    plan = write_plan_of(in_s1=[one.parcel_no], in_s2=[two.parcel_no], out_s2=[])
    assert not service.store_plan(db, tour_no=tour.tour_no, plan=plan, now=NOW)

    assert service.get_book(db, tour_no=tour.tour_no).trips == ()
    assert store.live_parcels(db) == set()


def test_parcels_of_a_published_tour_are_not_planned_again(db):
    make_network(db)
    make_published(db)
    late = make_parcel(db, waybill="2001")

    tour = ask(db)

    planned = service.get_instance(db, tour_no=tour.tour_no).parcels
    assert [each.parcel for each in planned] == [late.parcel_no]


def test_parcel_cannot_be_on_two_live_trips(db):
    make_network(db)
    _tour, _driver, near, far, back = make_published(db)
    make_parcel(db, waybill="2001")
    second = ask(db)

    plan = write_plan_of(in_s1=[near[0].parcel_no], in_s2=[far[0].parcel_no], out_s2=[back[0].parcel_no])
    with pytest.raises(ParcelsOnTour):
        with db.begin_nested():
            service.store_plan(db, tour_no=second.tour_no, plan=plan, now=NOW)

    db.expire_all()
    assert service.get_tour(db, tour_no=second.tour_no).state is TourState.PLANNING
    assert service.get_book(db, tour_no=second.tour_no).trips == ()


def test_database_refuses_a_second_live_line_of_a_parcel(db):
    make_network(db)
    _tour, _driver, near, _far, back = make_published(db)
    line = db.scalars(select(TourLineRow).where(TourLineRow.parcel_no == back[0].parcel_no)).one()

    with pytest.raises(IntegrityError):
        with db.begin_nested():
            line.live_parcel_no = near[0].parcel_no
            db.flush()


def test_plan_once_stored_cannot_be_changed(db):
    make_network(db)
    tour, *_ = make_draft(db)
    row = db.get(TourPlanRow, tour.id)

    with pytest.raises(Exception, match="append-only"):
        with db.begin_nested():
            row.plan = "{}"
            db.flush()


def test_publishing_gives_each_van_a_driver_while_there_are_any(db):
    make_network(db)
    tour, driver, *_ = make_published(db)

    book = service.get_book(db, tour_no=tour.tour_no)
    assert [each.driver_id for each in book.vehicles] == [driver.id]
    assert book.tour.state is TourState.PUBLISHED
    with pytest.raises(IllegalMove):
        service.publish_tour(db, tour_no=tour.tour_no, actor=ROBOT, now=NOW)


def test_driver_is_named_only_among_drivers_and_once(db):
    make_network(db)
    tour, *_ = make_draft(db)
    van = service.get_book(db, tour_no=tour.tour_no).vehicles[0]
    driver, nobody = make_driver(db, name="周师傅"), make_person(db)

    with pytest.raises(NotFound):
        service.name_driver(
            db, tour_no=tour.tour_no, vehicle_id=van.id, driver_id=nobody.id, actor=ROBOT, now=NOW
        )
    service.name_driver(
        db, tour_no=tour.tour_no, vehicle_id=van.id, driver_id=driver.id, actor=ROBOT, now=NOW
    )

    assert service.get_book(db, tour_no=tour.tour_no).vehicles[0].driver_id == driver.id


def test_one_driver_cannot_drive_two_vans_of_a_tour(db):
    make_network(db)
    one, two = make_parcel(db, waybill="1"), make_parcel(db, waybill="2", station="S2")
    tour = ask(db)
    plan = write_plan_of(in_s1=[one.parcel_no], in_s2=[two.parcel_no], out_s2=[])
    (trip,) = plan.trips
    trips = (
        replace(trip, stops=trip.stops[:1]),
        replace(trip, vehicle="面包车-2", stops=trip.stops[1:]),
    )
    service.store_plan(db, tour_no=tour.tour_no, plan=replace(plan, trips=trips), now=NOW)
    driver = make_driver(db)
    first, second = service.get_book(db, tour_no=tour.tour_no).vehicles
    service.name_driver(
        db, tour_no=tour.tour_no, vehicle_id=first.id, driver_id=driver.id, actor=ROBOT, now=NOW
    )

    with pytest.raises(DriverBusy):
        service.name_driver(
            db, tour_no=tour.tour_no, vehicle_id=second.id, driver_id=driver.id, actor=ROBOT, now=NOW
        )

    vans = service.get_book(db, tour_no=tour.tour_no).vehicles
    assert [each.driver_id for each in vans] == [driver.id, None]


def test_published_days_stay_as_they_were_planned(db):
    make_network(db)
    tour, _driver, near, far, back = make_published(db)
    span = {"from_on": ON, "to_on": ON + timedelta(days=1)}
    before = service.list_published_days(db, **span)

    stations.add_vehicle_type(db, vehicle=replace(before[0].instance.fleet[0], vehicle_type="货车"))
    tracking_now = LATER
    proof = parcels.get_parcel(db, parcel_no=near[0].parcel_no)
    parcels.move_parcel(
        db,
        parcel=proof,
        state=ParcelState.CANCELLED,
        moved_at=tracking_now,
        actor=ROBOT,
        now=tracking_now,
    )

    assert service.list_published_days(db, **span) == before
    (day,) = before
    assert (day.tour_no, day.on, day.cost_fen, day.bound_fen) == (tour.tour_no, ON, 22_600, 22_000)
    assert {(each.parcel, each.courier) for each in day.instance.parcels} == {
        (near[0].parcel_no, "中通"),
        (far[0].parcel_no, "圆通"),
        (back[0].parcel_no, "中通"),
    }
    assert service.list_published_days(db, from_on=date(2026, 9, 1), to_on=ON) == []


def test_drafts_do_not_count_as_published(db):
    make_network(db)
    make_draft(db)

    assert service.list_published_days(db, from_on=ON, to_on=ON + timedelta(days=1)) == []
