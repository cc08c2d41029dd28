"""Rows of tours; the database refuses that a parcel is on two live trip lines."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, UtcDateTime, one_of
from county.guards import append_only
from logistics.parcels.types import Direction
from logistics.tours.types import LeftOut, LineState, TourState, TripState


class TourRow(Base):
    """A day's joint tour; `open_mark` is 1 while it is in the making, so that only one is."""

    __tablename__ = "logistics_tour"
    __table_args__ = (
        one_of("state", TourState),
        UniqueConstraint("open_mark"),
        CheckConstraint(
            "(state IN ('planning', 'draft')) = (open_mark IS NOT NULL)", name="marked_while_open"
        ),
        CheckConstraint("open_mark IS NULL OR open_mark = 1", name="one_mark"),
        CheckConstraint("cost_fen >= bound_fen AND bound_fen >= 0", name="cost_above_bound"),
        CheckConstraint("time_limit_s > 0", name="time_limit_positive"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    runs_on: Mapped[date] = mapped_column(Date, index=True)
    departs_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[TourState] = mapped_column(EnumText(TourState))
    open_mark: Mapped[int | None] = mapped_column(Integer)
    time_limit_s: Mapped[int] = mapped_column(Integer)
    seed: Mapped[int] = mapped_column(Integer)
    baselines: Mapped[str] = mapped_column(String(100))
    parcels: Mapped[int] = mapped_column(Integer)
    cost_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    bound_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    gap_bp: Mapped[int] = mapped_column(BigInteger, default=0)
    failed_why: Mapped[str] = mapped_column(String(400), default="")
    progress_step: Mapped[str] = mapped_column(String(80), default="")
    progress_cost_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    progress_bound_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    progress_gap_bp: Mapped[int] = mapped_column(BigInteger, default=0)
    progress_s: Mapped[int] = mapped_column(Integer, default=0)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)


class TourInputRow(Base):
    """What a tour is planned from: stations, roads, parcels and fleet of that moment, never changed."""

    __tablename__ = "logistics_tour_input"

    tour_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour.id"), primary_key=True)
    instance: Mapped[str] = mapped_column(Text)


class TourPlanRow(Base):
    """The plan of a tour as it was found, never changed."""

    __tablename__ = "logistics_tour_plan"

    tour_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour.id"), primary_key=True)
    plan: Mapped[str] = mapped_column(Text)


class TourLeftOutRow(Base):
    """A parcel that is in no trip of a tour, and why."""

    __tablename__ = "logistics_tour_left_out"
    __table_args__ = (one_of("reason", LeftOut),)

    tour_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour.id"), primary_key=True)
    parcel_no: Mapped[str] = mapped_column(ForeignKey("logistics_parcel.parcel_no"), primary_key=True)
    reason: Mapped[LeftOut] = mapped_column(EnumText(LeftOut))


class TourVehicleRow(Base):
    """A van of a tour; one driver drives at most one van of it."""

    __tablename__ = "logistics_tour_vehicle"
    __table_args__ = (UniqueConstraint("tour_id", "vehicle"), UniqueConstraint("tour_id", "driver_id"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tour_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour.id"))
    vehicle: Mapped[str] = mapped_column(String(60))
    vehicle_type: Mapped[str] = mapped_column(String(40))
    driver_id: Mapped[UUID | None] = mapped_column(ForeignKey("county_person.id"), index=True)


class TourTripRow(Base):
    """A trip of a van from the hub to the hub."""

    __tablename__ = "logistics_tour_trip"
    __table_args__ = (
        one_of("state", TripState),
        UniqueConstraint("vehicle_id", "trip"),
        CheckConstraint("departs_s <= returns_s", name="span"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tour_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour.id"), index=True)
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour_vehicle.id"))
    trip: Mapped[int] = mapped_column(Integer)
    state: Mapped[TripState] = mapped_column(EnumText(TripState))
    departs_s: Mapped[int] = mapped_column(Integer)
    returns_s: Mapped[int] = mapped_column(Integer)
    distance_m: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)


class TourStopRow(Base):
    """A halt of a trip."""

    __tablename__ = "logistics_tour_stop"
    __table_args__ = (UniqueConstraint("trip_id", "position"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    trip_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour_trip.id"))
    position: Mapped[int] = mapped_column(Integer)
    station: Mapped[str] = mapped_column(String(40))
    arrives_s: Mapped[int] = mapped_column(Integer)
    departs_s: Mapped[int] = mapped_column(Integer)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TourLineRow(Base):
    """One parcel at one stop; `live_parcel_no` is set while it waits, and unique: no parcel rides twice."""

    __tablename__ = "logistics_tour_line"
    __table_args__ = (
        one_of("direction", Direction),
        one_of("state", LineState),
        UniqueConstraint("live_parcel_no"),
        CheckConstraint("(state = 'waiting') = (live_parcel_no IS NOT NULL)", name="live_while_waiting"),
        CheckConstraint("live_parcel_no IS NULL OR live_parcel_no = parcel_no", name="live_is_own"),
    )

    tour_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour.id"), primary_key=True)
    parcel_no: Mapped[str] = mapped_column(ForeignKey("logistics_parcel.parcel_no"), primary_key=True)
    stop_id: Mapped[UUID] = mapped_column(ForeignKey("logistics_tour_stop.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    direction: Mapped[Direction] = mapped_column(EnumText(Direction))
    state: Mapped[LineState] = mapped_column(EnumText(LineState))
    live_parcel_no: Mapped[str | None] = mapped_column(String(20))


append_only(TourInputRow, "logistics_tour_input")
append_only(TourPlanRow, "logistics_tour_plan")
append_only(TourLeftOutRow, "logistics_tour_left_out")
