"""Queries on tours; every change of a state is one guarded statement."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from county.database import changed_rows
from logistics.routes.types import BaselineName
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
    LeftOutParcel,
    LineState,
    Tour,
    TourId,
    TourLine,
    TourProgress,
    TourState,
    TourStop,
    TourTrip,
    TourVehicle,
    TripState,
)


def find_row(db: Session, *, tour_no: str) -> TourRow | None:
    """Find a tour by its number."""
    query = select(TourRow).where(TourRow.number == tour_no)
    return db.scalar(query.execution_options(populate_existing=True))


def list_rows(
    db: Session,
    *,
    states: Sequence[TourState] = (),
    from_on: date | None = None,
    to_on: date | None = None,
    limit: int | None = None,
) -> list[TourRow]:
    """List tour rows, the latest day first; `to_on` is the first day that does not count."""
    query = select(TourRow).order_by(TourRow.runs_on.desc(), TourRow.planned_at.desc(), TourRow.id)
    if states:
        query = query.where(TourRow.state.in_(states))
    if from_on is not None:
        query = query.where(TourRow.runs_on >= from_on)
    if to_on is not None:
        query = query.where(TourRow.runs_on < to_on)
    query = query.execution_options(populate_existing=True)
    return list(db.scalars(query if limit is None else query.limit(limit)))


def move_row(
    db: Session, *, tour_id: UUID, version: int, state: TourState, values: dict[str, Any] | None = None
) -> bool:
    """Set a tour's state if nobody moved it since `version`; its mark follows."""
    mark = 1 if state in (TourState.PLANNING, TourState.DRAFT) else None
    moved = db.execute(
        update(TourRow)
        .where(TourRow.id == tour_id, TourRow.version == version)
        .values(state=state, open_mark=mark, version=version + 1, **(values or {}))
    )
    return changed_rows(moved) == 1


def write_progress(db: Session, *, tour_id: UUID, progress: TourProgress) -> None:
    """Write how far the planning has come, while it goes on."""
    db.execute(
        update(TourRow)
        .where(TourRow.id == tour_id, TourRow.state == TourState.PLANNING)
        .values(
            progress_step=progress.step[:80],
            progress_cost_fen=progress.cost_fen,
            progress_bound_fen=progress.bound_fen,
            progress_gap_bp=progress.gap_bp,
            progress_s=progress.seconds,
        )
    )


def instance_text(db: Session, *, tour_id: UUID) -> str:
    """Give what a tour was planned from, as text."""
    return db.scalars(select(TourInputRow.instance).where(TourInputRow.tour_id == tour_id)).one()


def plan_text(db: Session, *, tour_id: UUID) -> str | None:
    """Give a tour's plan as text; None while there is none."""
    return db.scalar(select(TourPlanRow.plan).where(TourPlanRow.tour_id == tour_id))


def live_parcels(db: Session) -> set[str]:
    """Give the parcels that wait on a live trip line."""
    query = select(TourLineRow.live_parcel_no).where(TourLineRow.live_parcel_no.is_not(None))
    return {number for number in db.scalars(query) if number is not None}


def drop_lines(db: Session, *, tour_id: UUID) -> None:
    """Free the parcels that still wait on a tour."""
    db.execute(
        update(TourLineRow)
        .where(TourLineRow.tour_id == tour_id, TourLineRow.state == LineState.WAITING)
        .values(state=LineState.DROPPED, live_parcel_no=None)
    )


def end_lines(db: Session, *, tour_id: UUID, parcel_nos: Collection[str], state: LineState) -> None:
    """Say what became of parcels that wait on a tour."""
    if parcel_nos:
        db.execute(
            update(TourLineRow)
            .where(
                TourLineRow.tour_id == tour_id,
                TourLineRow.parcel_no.in_(parcel_nos),
                TourLineRow.state == LineState.WAITING,
            )
            .values(state=state, live_parcel_no=None)
        )


def close_stop(db: Session, *, stop_id: UUID, done_at: datetime) -> bool:
    """Mark a stop as done, once."""
    closed = db.execute(
        update(TourStopRow)
        .where(TourStopRow.id == stop_id, TourStopRow.done_at.is_(None))
        .values(done_at=done_at)
    )
    return changed_rows(closed) == 1


def move_trip_row(db: Session, *, trip_id: UUID, version: int, state: TripState) -> bool:
    """Set a trip's state if nobody moved it since `version`."""
    moved = db.execute(
        update(TourTripRow)
        .where(TourTripRow.id == trip_id, TourTripRow.version == version)
        .values(state=state, version=version + 1)
    )
    return changed_rows(moved) == 1


def set_driver(db: Session, *, vehicle_id: UUID, driver_id: UUID | None) -> None:
    """Name who drives a van, or nobody."""
    db.execute(update(TourVehicleRow).where(TourVehicleRow.id == vehicle_id).values(driver_id=driver_id))


def list_vehicles(db: Session, *, tour_id: UUID) -> list[TourVehicle]:
    """List a tour's vans by name."""
    query = select(TourVehicleRow).where(TourVehicleRow.tour_id == tour_id)
    rows = db.scalars(query.execution_options(populate_existing=True))
    vehicles = [TourVehicle(row.id, row.vehicle, row.vehicle_type, row.driver_id) for row in rows]
    return sorted(vehicles, key=lambda each: (len(each.vehicle), each.vehicle))


def tours_of_driver(db: Session, *, driver_id: UUID, states: Sequence[TourState]) -> list[TourRow]:
    """List the tours in these states of which a person drives a van, the earliest first."""
    query = (
        select(TourRow)
        .join(TourVehicleRow, TourVehicleRow.tour_id == TourRow.id)
        .where(TourVehicleRow.driver_id == driver_id, TourRow.state.in_(states))
        .order_by(TourRow.departs_at, TourRow.number)
        .execution_options(populate_existing=True)
    )
    return list(db.scalars(query))


def find_stop(db: Session, *, stop_id: UUID) -> tuple[UUID, UUID] | None:
    """Find the trip and the tour of a stop."""
    query = select(TourStopRow.trip_id, TourTripRow.tour_id).join(
        TourTripRow, TourTripRow.id == TourStopRow.trip_id
    )
    found = db.execute(query.where(TourStopRow.id == stop_id)).first()
    return None if found is None else (found[0], found[1])


def find_trip(db: Session, *, trip_id: UUID) -> UUID | None:
    """Find the tour of a trip."""
    return db.scalar(select(TourTripRow.tour_id).where(TourTripRow.id == trip_id))


def count_trips_not(db: Session, *, tour_id: UUID, state: TripState) -> int:
    """Count the trips of a tour that are not in this state."""
    query = select(func.count()).where(TourTripRow.tour_id == tour_id, TourTripRow.state != state)
    return db.scalar(query) or 0


def list_trips(db: Session, *, tour_id: UUID, vehicle_id: UUID | None = None) -> list[TourTrip]:
    """List a tour's trips, or one van's, with their stops and parcels."""
    fresh = {"populate_existing": True}
    query = select(TourTripRow).where(TourTripRow.tour_id == tour_id)
    if vehicle_id is not None:
        query = query.where(TourTripRow.vehicle_id == vehicle_id)
    rows = list(db.scalars(query.order_by(TourTripRow.departs_s, TourTripRow.trip), execution_options=fresh))
    stops: dict[UUID, list[TourStopRow]] = defaultdict(list)
    mine = select(TourStopRow).where(TourStopRow.trip_id.in_([row.id for row in rows]))
    for stop in db.scalars(mine.order_by(TourStopRow.position), execution_options=fresh):
        stops[stop.trip_id].append(stop)
    lines: dict[UUID, list[TourLine]] = defaultdict(list)
    on_tour = select(TourLineRow).where(TourLineRow.tour_id == tour_id).order_by(TourLineRow.position)
    for line in db.scalars(on_tour, execution_options=fresh):
        lines[line.stop_id].append(TourLine(line.parcel_no, line.direction, line.state))
    return [
        TourTrip(
            id=row.id,
            vehicle_id=row.vehicle_id,
            trip=row.trip,
            state=row.state,
            departs_s=row.departs_s,
            returns_s=row.returns_s,
            distance_m=row.distance_m,
            stops=tuple(_stop(stop, lines[stop.id]) for stop in stops[row.id]),
            version=row.version,
        )
        for row in rows
    ]


def _stop(row: TourStopRow, lines: list[TourLine]) -> TourStop:
    return TourStop(
        id=row.id,
        position=row.position,
        station=row.station,
        arrives_s=row.arrives_s,
        departs_s=row.departs_s,
        done_at=row.done_at,
        lines=tuple(lines),
    )


def list_left_out(db: Session, *, tour_id: UUID) -> list[LeftOutParcel]:
    """List the parcels in no trip of a tour."""
    query = select(TourLeftOutRow).where(TourLeftOutRow.tour_id == tour_id)
    rows = db.scalars(query.order_by(TourLeftOutRow.reason, TourLeftOutRow.parcel_no))
    return [LeftOutParcel(row.parcel_no, row.reason) for row in rows]


def to_tour(row: TourRow) -> Tour:
    """Give a tour row as a value."""
    return Tour(
        id=TourId(row.id),
        tour_no=row.number,
        on=row.runs_on,
        departs_at=row.departs_at,
        state=row.state,
        time_limit_s=row.time_limit_s,
        seed=row.seed,
        baselines=tuple(BaselineName(name) for name in row.baselines.split()),
        parcels=row.parcels,
        cost_fen=row.cost_fen,
        bound_fen=row.bound_fen,
        gap_bp=row.gap_bp,
        progress=TourProgress(
            step=row.progress_step,
            cost_fen=row.progress_cost_fen,
            bound_fen=row.progress_bound_fen,
            gap_bp=row.progress_gap_bp,
            seconds=row.progress_s,
        ),
        failed_why=row.failed_why,
        planned_at=row.planned_at,
        published_at=row.published_at,
        version=row.version,
    )
