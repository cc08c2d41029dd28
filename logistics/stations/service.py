"""Use cases of stations: adding stations, roads and vans; giving the planner its network."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from county.errors import NotFound
from logistics.routes.types import Road, Station, StationKind, VehicleType
from logistics.stations.tables import RoadRow, StationKeeperRow, StationRow, VehicleTypeRow

E6 = 1_000_000


def add_station(db: Session, *, station: Station, is_synthetic: bool) -> None:
    """Add the hub or a station with its position."""
    db.add(
        StationRow(
            code=station.station,
            name=station.name,
            town=station.town,
            kind=station.kind,
            latitude_e6=round((station.lat or 0) * E6),
            longitude_e6=round((station.lon or 0) * E6),
            is_synthetic=is_synthetic,
        )
    )
    db.flush()


def add_road(db: Session, *, road: Road) -> None:
    """Add a two-way road."""
    db.add(
        RoadRow(
            start_place=road.start,
            end_place=road.end,
            distance_m=road.distance_m,
            duration_s=road.duration_s,
        )
    )


def add_vehicle_type(db: Session, *, vehicle: VehicleType) -> None:
    """Add a kind of vehicle."""
    db.add(
        VehicleTypeRow(
            vehicle_type=vehicle.vehicle_type,
            available=vehicle.available,
            capacity_units=vehicle.capacity_units,
            capacity_g=vehicle.capacity_g,
            shift_s=vehicle.shift_s,
            day_fen=vehicle.day_fen,
            km_fen=vehicle.km_fen,
            stop_fen=vehicle.stop_fen,
            stop_s=vehicle.stop_s,
            unit_s=vehicle.unit_s,
            reload_s=vehicle.reload_s,
        )
    )


def attach_keeper(db: Session, *, person_id: UUID, station: str) -> None:
    """Make a person the keeper of a station."""
    get_station(db, code=station)
    db.add(StationKeeperRow(person_id=person_id, station=station))
    db.flush()


def station_of_keeper(db: Session, *, person_id: UUID) -> Station:
    """Give the station that a person keeps."""
    row = db.get(StationKeeperRow, person_id)
    if row is None:
        raise NotFound(what="station")
    return get_station(db, code=row.station)


def get_station(db: Session, *, code: str) -> Station:
    """Give a station by its code."""
    row = db.get(StationRow, code)
    if row is None:
        raise NotFound(what="station")
    return _station(row)


def list_stations(db: Session) -> list[Station]:
    """List all stations by code, the hub first."""
    rows = db.scalars(select(StationRow).order_by(StationRow.kind != StationKind.HUB, StationRow.code))
    return [_station(row) for row in rows]


def list_roads(db: Session) -> list[Road]:
    """List all roads."""
    rows = db.scalars(select(RoadRow).order_by(RoadRow.start_place, RoadRow.end_place))
    return [Road(row.start_place, row.end_place, row.distance_m, row.duration_s) for row in rows]


def list_fleet(db: Session) -> list[VehicleType]:
    """List the kinds of vehicles."""
    rows = db.scalars(select(VehicleTypeRow).order_by(VehicleTypeRow.vehicle_type))
    return [
        VehicleType(
            vehicle_type=row.vehicle_type,
            available=row.available,
            capacity_units=row.capacity_units,
            capacity_g=row.capacity_g,
            shift_s=row.shift_s,
            day_fen=row.day_fen,
            km_fen=row.km_fen,
            stop_fen=row.stop_fen,
            stop_s=row.stop_s,
            unit_s=row.unit_s,
            reload_s=row.reload_s,
        )
        for row in rows
    ]


def _station(row: StationRow) -> Station:
    return Station(
        station=row.code,
        name=row.name,
        town=row.town,
        kind=row.kind,
        lat=row.latitude_e6 / E6,
        lon=row.longitude_e6 / E6,
    )
