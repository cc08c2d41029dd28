"""Makers of a small network, its parcels, and tours in each of their states."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from county.audit.types import Actor
from county.people.types import Person, Role
from logistics.parcels import service as parcels
from logistics.parcels.types import Consignee, Direction, Parcel
from logistics.routes.types import (
    Baseline,
    BaselineName,
    Bound,
    Plan,
    Road,
    Solver,
    Station,
    StationKind,
    Stop,
    Totals,
    Trip,
    VehicleType,
)
from logistics.stations import service as stations
from logistics.tours import service as tours
from logistics.tours.types import Tour, TourWish
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, Source
from tests.makers.people import NOW, ROBOT, make_person

ON = date(2026, 10, 6)
DEPARTS_AT = datetime(2026, 10, 6, 0, 0, tzinfo=UTC)
WISH = TourWish(on=ON, departs_at=DEPARTS_AT, time_limit_s=2)
VAN = VehicleType("面包车", 2, 100, 500_000, 32_400, 20_000, 100, 100, 240, 6, 900)
CONSIGNEE = Consignee("李明", "13900001234", "陕西", "安康市", "岚皋县", "竹园村8号")


def make_network(db: Session) -> None:
    """Make a hub, two stations in a row ten and twenty minutes away, and two vans."""
    for code, name, kind, lat in (
        ("hub", "县分拨中心", StationKind.HUB, 32.3),
        ("S1", "竹园", StationKind.STATION, 32.4),
        ("S2", "四坪", StationKind.STATION, 32.5),
    ):
        station = Station(code, name, "城关镇", kind, lat, 108.9)
        stations.add_station(db, station=station, is_synthetic=True)
    stations.add_road(db, road=Road("hub", "S1", 6_000, 600))
    stations.add_road(db, road=Road("S1", "S2", 6_000, 600))
    stations.add_vehicle_type(db, vehicle=VAN)
    db.flush()


def make_parcel(
    db: Session,
    *,
    waybill: str,
    station: str = "S1",
    direction: Direction = Direction.IN,
    carrier: str = "中通",
    at_hub: bool = True,
    actor: Actor = ROBOT,
) -> Parcel:
    """Take a parcel in; one for a station is scanned at the hub unless told otherwise."""
    parcel = parcels.take_in(
        db,
        waybill=waybill,
        carrier=carrier,
        direction=direction,
        station=station,
        weight_g=1_000,
        consignee=CONSIGNEE,
        actor=actor,
        now=NOW,
    )
    if direction is Direction.IN and at_hub:
        tracking.record_event(
            db,
            parcel_no=parcel.parcel_no,
            kind=EventKind.HUB_IN,
            at=NOW,
            where="县分拨中心",
            source=Source.SCAN,
            actor=actor,
            now=NOW,
        )
    return parcels.get_parcel(db, parcel_no=parcel.parcel_no)


def make_driver(db: Session, *, name: str = "赵师傅", phone: str | None = None) -> Person:
    """Register a driver."""
    return make_person(db, Role.DRIVER, name=name, phone=phone)


def ask(db: Session, *, wish: TourWish = WISH, now: datetime = NOW) -> Tour:
    """Ask for a plan."""
    return tours.request_plan(db, wish=wish, actor=ROBOT, now=now)


def write_plan_of(*, in_s1: list[str], in_s2: list[str], out_s2: list[str]) -> Plan:
    """Write the one sensible plan of the small network: hub, S1, S2, hub."""
    first = Stop("S1", 600, 600 + 240 + 6 * len(in_s1), tuple(in_s1), ())
    second_s = first.departs_s + 600
    second = Stop(
        "S2", second_s, second_s + 240 + 6 * (len(in_s2) + len(out_s2)), tuple(in_s2), tuple(out_s2)
    )
    returns_s = second.departs_s + 1_200
    trip = Trip("面包车-1", "面包车", 1, 0, returns_s, 24_000, (first, second))
    totals = Totals(22_600, 24_000, returns_s, 1, 1, 2, len(in_s1) + len(in_s2) + len(out_s2))
    return Plan(
        trips=(trip,),
        unserved=(),
        totals=totals,
        lower_bound=Bound(22_000, "tree"),
        gap_bp=273,
        baselines=(Baseline(BaselineName.ALONE, "alone (1 parcels unserved)", 45_200, 48_000, 2, 1.5),),
        solver=Solver("by-hand", "1", 1, 0.0),
    )


def make_draft(db: Session) -> tuple[Tour, list[Parcel], list[Parcel], list[Parcel]]:
    """Make a draft: one parcel to S1, one to S2, one from S2."""
    near = [make_parcel(db, waybill="1001")]
    far = [make_parcel(db, waybill="1002", station="S2", carrier="圆通")]
    back = [make_parcel(db, waybill="1003", station="S2", direction=Direction.OUT)]
    tour = ask(db)
    plan = write_plan_of(
        in_s1=[each.parcel_no for each in near],
        in_s2=[each.parcel_no for each in far],
        out_s2=[each.parcel_no for each in back],
    )
    tours.store_plan(db, tour_no=tour.tour_no, plan=plan, now=NOW + timedelta(seconds=2))
    return tours.get_tour(db, tour_no=tour.tour_no), near, far, back


def make_published(db: Session) -> tuple[Tour, Person, list[Parcel], list[Parcel], list[Parcel]]:
    """Make a published tour with a driver."""
    driver = make_driver(db)
    tour, near, far, back = make_draft(db)
    tours.publish_tour(db, tour_no=tour.tour_no, actor=ROBOT, now=NOW + timedelta(minutes=1))
    return tours.get_tour(db, tour_no=tour.tour_no), driver, near, far, back
