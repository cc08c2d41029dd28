"""Asking for a plan, telling how far it is, storing it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from county import clock, ids
from county.audit import service as audit
from county.audit.types import Actor
from county.errors import NotFound, Stale
from county.jobs import service as jobs
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, Parcel, ParcelState
from logistics.routes.documents import write_plan
from logistics.routes.types import Instance, Plan
from logistics.stations import service as stations
from logistics.tours import documents, rules, store
from logistics.tours.tables import (
    TourInputRow,
    TourLeftOutRow,
    TourLineRow,
    TourPlanRow,
    TourRow,
    TourStopRow,
    TourTripRow,
    TourVehicleRow,
)
from logistics.tours.types import (
    LeftOut,
    LineState,
    NothingToPlan,
    ParcelsOnTour,
    Tour,
    TourBeingPlanned,
    TourEvent,
    TourProgress,
    TourState,
    TourWish,
    TripState,
)

PLAN_JOB = "plan_tour"


def request_plan(db: Session, *, wish: TourWish, actor: Actor, now: datetime) -> Tour:
    """Fix what a tour is planned from and plan the job that does it; an open draft is taken back for it.

    Takes: `wish.with_announced`, whether parcels that couriers announced but nobody scanned yet count too.
    Gives: the tour, in state `planning`.
    Refuses: `NothingToPlan`; `TourBeingPlanned` when somebody asks at the same moment.
    """
    for row in store.list_rows(db, states=rules.OPEN_STATES):
        withdraw(db, tour=store.to_tour(row), actor=actor, now=now)
    instance, unknown = _open_day(db, wish)
    if not instance.parcels:
        raise NothingToPlan(on=wish.on.isoformat())
    row = TourRow(
        id=ids.new_id(),
        number=ids.new_number("TR"),
        runs_on=wish.on,
        departs_at=wish.departs_at,
        state=TourState.PLANNING,
        open_mark=1,
        time_limit_s=wish.time_limit_s,
        seed=wish.seed,
        baselines=" ".join(wish.baselines),
        parcels=len(instance.parcels),
        planned_at=now,
        version=1,
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise TourBeingPlanned() from None
    db.add(TourInputRow(tour_id=row.id, instance=documents.write_instance(instance)))
    for parcel in unknown:
        db.add(TourLeftOutRow(tour_id=row.id, parcel_no=parcel.parcel_no, reason=LeftOut.UNKNOWN_STATION))
    db.flush()
    jobs.plan_job(db, kind=PLAN_JOB, key=row.number, payload={"tour_no": row.number}, now=now)
    _record(db, "requested", row.number, actor, now, parcels=row.parcels, on=wish.on.isoformat())
    return store.to_tour(row)


def _open_day(db: Session, wish: TourWish) -> tuple[Instance, list[Parcel]]:
    """Collect what waits: at the hub for its station, and at stations for the hub; not what rides already."""
    states: tuple[ParcelState, ...] = rules.PLANNABLE_IN
    if wish.with_announced:
        states = (*states, ParcelState.PENDING)
    before = clock.day_start(wish.on + timedelta(days=1))
    live = store.live_parcels(db)
    waiting = [
        *parcels.list_parcels(db, direction=Direction.IN, states=states, ready_before=before, limit=None),
        *parcels.list_parcels(
            db, direction=Direction.OUT, states=rules.PLANNABLE_OUT, ready_before=before, limit=None
        ),
    ]
    return rules.build_instance(
        stations=stations.list_stations(db),
        roads=stations.list_roads(db),
        fleet=stations.list_fleet(db),
        parcels=[each for each in waiting if each.parcel_no not in live],
        departs_at=wish.departs_at,
    )


def tell_progress(db: Session, *, tour_no: str, progress: TourProgress) -> None:
    """Write how far the planning of a tour has come; after it ended this changes nothing."""
    store.write_progress(db, tour_id=_row(db, tour_no).id, progress=progress)


def store_plan(db: Session, *, tour_no: str, plan: Plan, now: datetime) -> bool:
    """Keep a finished plan as a draft; its parcels are on a live trip line from now on.

    Gives: False when the tour was taken back meanwhile; nothing is kept then.
    Refuses: `ParcelsOnTour` when a parcel came onto another live trip meanwhile.
    """
    row = _row(db, tour_no)
    if row.state is not TourState.PLANNING:
        return False
    values: dict[str, Any] = {
        "cost_fen": plan.totals.cost_fen,
        "bound_fen": plan.lower_bound.cost_fen,
        "gap_bp": plan.gap_bp,
    }
    after = rules.move(row.state, TourEvent.PLAN)
    if not store.move_row(db, tour_id=row.id, version=row.version, state=after, values=values):
        return False
    db.add(TourPlanRow(tour_id=row.id, plan=write_plan(plan)))
    for each in plan.unserved:
        db.add(TourLeftOutRow(tour_id=row.id, parcel_no=each.parcel, reason=LeftOut(each.reason.value)))
    db.flush()
    try:
        with db.begin_nested():
            _write_trips(db, row.id, plan)
    except IntegrityError:
        raise ParcelsOnTour() from None
    actor = Actor.system(f"job:{PLAN_JOB}")
    _record(db, "planned", tour_no, actor, now, cost_fen=plan.totals.cost_fen, gap_bp=plan.gap_bp)
    return True


def _write_trips(db: Session, tour_id: UUID, plan: Plan) -> None:
    vehicles: dict[str, UUID] = {}
    for trip in plan.trips:
        if trip.vehicle not in vehicles:
            vehicles[trip.vehicle] = ids.new_id()
            db.add(
                TourVehicleRow(
                    id=vehicles[trip.vehicle],
                    tour_id=tour_id,
                    vehicle=trip.vehicle,
                    vehicle_type=trip.vehicle_type,
                )
            )
    db.flush()
    lines: list[TourLineRow] = []
    for trip in plan.trips:
        trip_id = ids.new_id()
        db.add(
            TourTripRow(
                id=trip_id,
                tour_id=tour_id,
                vehicle_id=vehicles[trip.vehicle],
                trip=trip.trip,
                state=TripState.WAITING,
                departs_s=trip.departs_s,
                returns_s=trip.returns_s,
                distance_m=trip.distance_m,
                version=1,
            )
        )
        db.flush()
        for position, stop in enumerate(trip.stops, 1):
            stop_id = ids.new_id()
            db.add(
                TourStopRow(
                    id=stop_id,
                    trip_id=trip_id,
                    position=position,
                    station=stop.station,
                    arrives_s=stop.arrives_s,
                    departs_s=stop.departs_s,
                )
            )
            lines += _lines(tour_id, stop_id, stop.deliver, Direction.IN)
            lines += _lines(tour_id, stop_id, stop.collect, Direction.OUT, after=len(stop.deliver))
    db.flush()
    # In the order of their numbers, as every writer of these unique keys: no two can wait for each other.
    lines.sort(key=lambda line: line.parcel_no)
    db.add_all(lines)
    db.flush()


def _lines(
    tour_id: UUID, stop_id: UUID, parcel_nos: Iterable[str], direction: Direction, *, after: int = 0
) -> list[TourLineRow]:
    return [
        TourLineRow(
            tour_id=tour_id,
            parcel_no=number,
            stop_id=stop_id,
            position=position,
            direction=direction,
            state=LineState.WAITING,
            live_parcel_no=number,
        )
        for position, number in enumerate(parcel_nos, after + 1)
    ]


def fail_plan(db: Session, *, tour_no: str, why: str, now: datetime) -> None:
    """Say that no plan came out and why; after the tour was taken back this changes nothing."""
    row = _row(db, tour_no)
    if row.state is not TourState.PLANNING:
        return
    after = rules.move(row.state, TourEvent.FAIL)
    if store.move_row(db, tour_id=row.id, version=row.version, state=after, values={"failed_why": why[:400]}):
        _record(db, "failed", tour_no, Actor.system(f"job:{PLAN_JOB}"), now, why=why[:400])


def withdraw(db: Session, *, tour: Tour, actor: Actor, now: datetime) -> None:
    """Take a tour back and free its parcels; who may and when is decided by the caller."""
    after = rules.move(tour.state, TourEvent.WITHDRAW)
    if not store.move_row(db, tour_id=tour.id, version=tour.version, state=after):
        raise Stale(what=tour.tour_no)
    store.drop_lines(db, tour_id=tour.id)
    _record(db, "withdrawn", tour.tour_no, actor, now, before=tour.state.value)


def _row(db: Session, tour_no: str) -> TourRow:
    row = store.find_row(db, tour_no=tour_no)
    if row is None:
        raise NotFound(what="tour")
    return row


def _record(db: Session, what: str, tour_no: str, actor: Actor, now: datetime, **after: object) -> None:
    audit.record(db, actor=actor, action=f"tour.{what}", object=("tour", tour_no), after=after, now=now)
