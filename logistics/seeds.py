"""The logistics room's demo data: 21 carriers, a station in every village, roads, vans, rates, some parcels.

Place names and codes are Langao's real ones; only the county seat's position is true (GeoNames), all other
positions and all roads are synthetic and marked so. Parcels and people are invented.
"""

import math
import random
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from county import clock, config, database
from county.audit.types import Actor
from county.people import service as people
from county.places import service as places
from county.places.types import Place, PlaceKind
from logistics.carriers import service as carriers
from logistics.carriers.types import CarrierKind
from logistics.parcels import service as parcels
from logistics.parcels.types import Consignee, Direction
from logistics.rates import service as rates
from logistics.rates.types import RateCard
from logistics.routes.types import Road, Station, StationKind, VehicleType
from logistics.stations import service as stations
from logistics.tracking import service as tracking
from logistics.tracking.types import EventKind, Source

ROBOT = Actor.system("seed")
HUB = "hub"
SEAT = (32.30028, 108.89306)
CARRIERS: tuple[tuple[str, CarrierKind], ...] = (
    *(
        (name, CarrierKind.EXPRESS)
        for name in (
            "中通",
            "圆通",
            "申通",
            "韵达",
            "极兔",
            "顺丰",
            "京东",
            "德邦",
            "丰网",
            "百世",
            "优速",
            "天天",
        )
    ),
    ("邮政", CarrierKind.POST),
    *((name, CarrierKind.FREIGHT) for name in ("安能", "壹米滴答", "巴山零担", "汉江物流")),
    *((name, CarrierKind.BUS) for name in ("岚皋客运", "城乡公交带货")),
    *((name, CarrierKind.COOPERATIVE) for name in ("供销便民", "电商服务站")),
)
NEAR = frozenset(["陕西", "四川", "重庆", "湖北", "河南", "甘肃", "山西"])
REMOTE = frozenset(["新疆", "西藏", "青海", "内蒙古", "宁夏", "海南"])
FAMILIES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何罗高林"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超秀兰霞平刚桂英"
DAYS = 2
PARCELS_A_DAY = 45


def seed(settings: config.Settings, *, now: datetime) -> None:
    """Load carriers, stations, roads, vans, rates and parcels of the last days."""
    chance = random.Random(20261005)
    with database.transaction() as db:
        villages = places.list_places(db, kind=PlaceKind.VILLAGE)
        _carriers(db, now)
        _network(db, villages, chance)
        _rates(db)
        _people(db, villages, now)
    for day in range(DAYS, -1, -1):
        with database.transaction() as db:
            _parcels(db, villages, chance, at=now - timedelta(days=day, hours=3), age=day, now=now)


def _carriers(db: Session, now: datetime) -> None:
    for name, kind in CARRIERS:
        carriers.add_carrier(db, name=name, kind=kind, actor=ROBOT, now=now)


def _network(db: Session, villages: list[Place], chance: random.Random) -> None:
    towns = places.list_places(db, kind=PlaceKind.TOWN)
    hub = Station(HUB, "县分拨中心", "城关镇", StationKind.HUB, *SEAT)
    stations.add_station(db, station=hub, is_synthetic=False)
    for number, town in enumerate(towns):
        # Towns lie along valleys that run out from the seat; villages along the brooks behind each town.
        angle = 2 * math.pi * number / len(towns)
        far = 0.02 if number == 0 else 0.08 + 0.05 * chance.random()
        centre = (SEAT[0] + far * math.sin(angle), SEAT[1] + far * math.cos(angle) * 1.18)
        junction = f"J-{town.code}"
        _road(db, HUB, junction, SEAT, centre, chance)
        before, before_at = junction, centre
        own = [village for village in villages if village.parent == town.code]
        for position, village in enumerate(own):
            if position % 4 == 0:
                before, before_at = junction, centre
            step = 0.012 + 0.01 * chance.random()
            turn = angle + chance.uniform(-1.2, 1.2)
            at = (before_at[0] + step * math.sin(turn), before_at[1] + step * math.cos(turn))
            station = Station(village.code, _station_name(village), town.name, StationKind.STATION, *at)
            stations.add_station(db, station=station, is_synthetic=True)
            _road(db, before, village.code, before_at, at, chance)
            before, before_at = village.code, at
    stations.add_vehicle_type(
        db,
        vehicle=VehicleType(
            vehicle_type="面包车",
            available=12,
            capacity_units=380,
            capacity_g=700_000,
            shift_s=9 * 3600,
            day_fen=27_500,
            km_fen=104,
            stop_fen=134,
            stop_s=240,
            unit_s=6,
            reload_s=900,
        ),
    )


def _station_name(village: Place) -> str:
    for ending in ("居委会", "委会"):
        if village.name.endswith(ending):
            return village.name.removesuffix(ending)
    return village.name


def _road(
    db: Session,
    start: str,
    end: str,
    start_at: tuple[float, float],
    end_at: tuple[float, float],
    chance: random.Random,
) -> None:
    north = (end_at[0] - start_at[0]) * 111_000
    east = (end_at[1] - start_at[1]) * 94_000
    distance_m = max(300, round(math.hypot(north, east) * chance.uniform(1.3, 1.7)))
    duration_s = round(distance_m / chance.uniform(6.5, 10.0))
    stations.add_road(db, road=Road(start, end, distance_m, duration_s))


def _rates(db: Session) -> None:
    for courier, first_fen in (("中通", 800), ("圆通", 820), ("极兔", 840)):
        for zone, names, others, first, step in (
            ("近区", NEAR, False, first_fen, 200),
            ("偏远", REMOTE, False, 2_000, 1_500),
            ("其他", frozenset[str](), True, 1_200, 600),
        ):
            card = RateCard(
                courier=courier,
                zone=zone,
                provinces=names,
                is_for_others=others,
                first_g=1_000,
                first_fen=first,
                step_g=1_000,
                step_fen=step,
                volumetric_divisor=8_000,
                round_g=100,
                valid_from=date(2026, 1, 1),
                valid_to=date(2027, 12, 31),
            )
            rates.add_card(db, card=card, is_for_shop=True)


def _people(db: Session, villages: list[Place], now: datetime) -> None:
    clerk = people.find_person_by_phone(db, phone="13900000041")
    keeper = people.find_person_by_phone(db, phone="13900000061")
    assert clerk is not None and keeper is not None
    carrier = carriers.get_carrier(db, name="中通")
    carriers.attach_clerk(db, person_id=clerk.id, carrier_id=carrier.id, actor=ROBOT, now=now)
    stations.attach_keeper(db, person_id=keeper.id, station=villages[0].code)


def _parcels(
    db: Session, villages: list[Place], chance: random.Random, *, at: datetime, age: int, now: datetime
) -> None:
    """Take in a day's parcels; those of earlier days went all their way, today's lie at the hub."""
    names = [name for name, _kind in CARRIERS]
    weights = [60 // (place + 3) for place in range(len(names))]
    for number in range(PARCELS_A_DAY):
        village = villages[0] if number < 3 else chance.choice(villages)
        carrier = chance.choices(names, weights)[0]
        parcel = parcels.take_in(
            db,
            waybill=f"78{clock.county_day(at):%y%m%d}{number:05d}",
            carrier=carrier,
            direction=Direction.IN,
            station=village.code,
            units=1,
            weight_g=chance.randrange(200, 6_000, 50),
            consignee=Consignee(
                name=chance.choice(FAMILIES) + chance.choice(GIVEN),
                phone=f"139{chance.randrange(10**8):08d}",
                province="陕西",
                city="安康市",
                county="岚皋县",
                detail=_station_name(village) + f"{chance.randrange(1, 60)}号",
            ),
            actor=ROBOT,
            now=at,
        )
        way = [(EventKind.HUB_IN, 1, "县分拨中心")]
        if age:
            way += [
                (EventKind.LOADED, 2, "县分拨中心"),
                (EventKind.ARRIVED_AT_STATION, 5, _station_name(village)),
                (EventKind.COLLECTED, 9, _station_name(village)),
            ]
        for kind, hours, where in way:
            tracking.record_event(
                db,
                parcel_no=parcel.parcel_no,
                kind=kind,
                at=min(now, at + timedelta(hours=hours)),
                where=where,
                source=Source.SCAN,
                actor=ROBOT,
                now=now,
            )
