"""Rows of stations, roads and vehicles."""

from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from county.database import Base, EnumText, one_of
from logistics.routes.types import StationKind


class StationRow(Base):
    """The hub or a station; positions in millionths of a degree, synthetic ones marked."""

    __tablename__ = "logistics_station"
    __table_args__ = (one_of("kind", StationKind),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    town: Mapped[str] = mapped_column(String(60))
    kind: Mapped[StationKind] = mapped_column(EnumText(StationKind))
    latitude_e6: Mapped[int] = mapped_column(Integer)
    longitude_e6: Mapped[int] = mapped_column(Integer)
    is_synthetic: Mapped[bool] = mapped_column(Boolean)


class StationKeeperRow(Base):
    """A person keeps one station."""

    __tablename__ = "logistics_station_keeper"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("county_person.id"), primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("logistics_station.code"), index=True)


class RoadRow(Base):
    """A two-way road between two places; a place is a station or a junction."""

    __tablename__ = "logistics_road"
    __table_args__ = (
        CheckConstraint("start_place <> end_place", name="two_places"),
        CheckConstraint("distance_m > 0 AND duration_s > 0", name="positive"),
    )

    start_place: Mapped[str] = mapped_column(String(40), primary_key=True)
    end_place: Mapped[str] = mapped_column(String(40), primary_key=True)
    distance_m: Mapped[int] = mapped_column(Integer)
    duration_s: Mapped[int] = mapped_column(Integer)


class VehicleTypeRow(Base):
    """A kind of vehicle of the pool, how many there are and what they cost."""

    __tablename__ = "logistics_vehicle_type"
    __table_args__ = (
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("capacity_units > 0 AND capacity_g > 0 AND shift_s > 0", name="positive"),
    )

    vehicle_type: Mapped[str] = mapped_column(String(40), primary_key=True)
    available: Mapped[int] = mapped_column(Integer)
    capacity_units: Mapped[int] = mapped_column(Integer)
    capacity_g: Mapped[int] = mapped_column(BigInteger)
    shift_s: Mapped[int] = mapped_column(Integer)
    day_fen: Mapped[int] = mapped_column(BigInteger)
    km_fen: Mapped[int] = mapped_column(BigInteger)
    stop_fen: Mapped[int] = mapped_column(BigInteger)
    stop_s: Mapped[int] = mapped_column(Integer)
    unit_s: Mapped[int] = mapped_column(Integer)
    reload_s: Mapped[int] = mapped_column(Integer)
