"""Prices, gaps, totals, hopeless parcels, lots, bins and the feasibility check, by exact values."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.routes.network import UNREACHABLE, build_network
from logistics.routes.rules import gap_bp, refuse_hopeless, require_feasible, total_up, trip_cost_fen
from logistics.routes.solver.baselines import shares_of, town_stations
from logistics.routes.solver.lots import group_parcels
from logistics.routes.solver.packing import fill_bins
from logistics.routes.types import (
    BaselineName,
    Direction,
    Instance,
    Parcel,
    PlanInfeasible,
    Road,
    Station,
    StationKind,
    Stop,
    Trip,
    Unserved,
    UnservedReason,
    VehicleType,
)

HUB = Station("H", "分拨中心", "T0", StationKind.HUB, 32.30, 108.90)
A = Station("A", "A站", "T1", StationKind.STATION, 32.31, 108.95)
B = Station("B", "B站", "T1", StationKind.STATION, 32.35, 108.97)
VAN = VehicleType("van", 2, 10, 20_000, 10_000, 27_500, 104, 134, 248, 5, 900)
ROADS = (Road("H", "J", 1_000, 100), Road("J", "A", 500, 60), Road("J", "B", 2_000, 300))
P1 = Parcel("P1", "c1", Direction.IN, "A", 2, 500)
P2 = Parcel("P2", "c1", Direction.OUT, "B", 3, 900, ready_s=700, due_s=5_000)
DAY = Instance((HUB, A, B), ROADS, (P1, P2), (VAN,), HUB)
NETWORK = build_network(DAY)
ROUND = Trip(
    "van-1",
    "van",
    1,
    0,
    1_441,
    6_000 + 1_000,
    (Stop("A", 160, 418, ("P1",), ()), Stop("B", 778, 1_041, (), ("P2",))),
)


def test_kilometres_are_rounded_up_per_trip_and_stops_are_added() -> None:
    assert trip_cost_fen(1_000, 0, VAN) == 104
    assert trip_cost_fen(1_001, 2, VAN) == 105 + 268


@pytest.mark.parametrize(
    ("cost", "bound", "gap"),
    [(100, 100, 0), (0, 0, 0), (10_001, 10_000, 1), (20_001, 20_000, 1), (3, 2, 5_000)],
)
def test_gap_is_rounded_half_up(cost: int, bound: int, gap: int) -> None:
    assert gap_bp(cost, bound) == gap


def test_least_distance_counts_and_duration_breaks_ties() -> None:
    roads = (Road("H", "A", 100, 50), Road("H", "J", 60, 1), Road("J", "A", 40, 2), Road("A", "B", 10, 9))
    network = build_network(replace(DAY, roads=roads))

    assert network.distance_m.tolist() == [[0, 100, 110], [100, 0, 10], [110, 10, 0]]
    assert network.duration_s.tolist() == [[0, 3, 12], [3, 0, 9], [12, 9, 0]]


def test_roads_of_no_length_and_of_enormous_length_are_exact() -> None:
    roads = (Road("H", "J", 0, 0), Road("J", "A", 0, 7), Road("A", "B", 9_999_999, 9_999_999))
    network = build_network(replace(DAY, roads=roads))

    assert network.distance_m[0].tolist() == [0, 0, 9_999_999]
    assert network.duration_s[0].tolist() == [0, 7, 10_000_006]


def test_the_better_of_two_roads_between_the_same_places_is_taken() -> None:
    roads = (Road("H", "A", 900, 10), Road("A", "H", 800, 90), Road("A", "B", 5, 5), Road("B", "A", 5, 4))
    network = build_network(replace(DAY, roads=roads))

    assert network.edges == [(0, 1, 800, 90), (1, 2, 5, 4)]
    assert network.duration_s[0].tolist() == [0, 90, 94]


def test_station_without_road_is_unreachable() -> None:
    network = build_network(replace(DAY, roads=ROADS[:2]))

    assert network.distance_m[0, 2] == UNREACHABLE
    assert not network.is_reachable(2)


def test_great_circles_are_stretched_and_rounded() -> None:
    network = build_network(replace(DAY, roads=None))

    # 0.01 and 0.05 degrees: 4,829 m as the crow flies, times 1.45, at 30 km/h.
    assert (int(network.distance_m[0, 1]), int(network.duration_s[0, 1])) == (7_002, 840)
    assert network.edges is None


def hopeless(parcel: Parcel, *, fleet: tuple[VehicleType, ...] = (VAN,)) -> list[UnservedReason]:
    roads = (*ROADS[:2], Road("X", "B", 5, 5)) if parcel.courier == "islander" else ROADS
    instance = replace(DAY, parcels=(parcel,), fleet=fleet, roads=roads)
    return [item.reason for item in refuse_hopeless(instance, build_network(instance))[1]]


def test_each_hopeless_parcel_gets_the_first_reason_that_fits() -> None:
    none_left = replace(VAN, available=0)

    assert hopeless(P1) == []
    assert hopeless(replace(P1, units=11)) == [UnservedReason.OVER_CAPACITY]
    assert hopeless(replace(P1, weight_g=20_001)) == [UnservedReason.OVER_CAPACITY]
    assert hopeless(replace(P2, courier="islander")) == [UnservedReason.UNREACHABLE]
    assert hopeless(replace(P1, due_s=159)) == [UnservedReason.DUE_IMPOSSIBLE]
    assert hopeless(replace(P1, due_s=160)) == []
    assert hopeless(replace(P1, ready_s=9_422)) == []
    assert hopeless(replace(P1, ready_s=9_423)) == [UnservedReason.DUE_IMPOSSIBLE]
    assert hopeless(replace(P2, due_s=1_362)) == [UnservedReason.DUE_IMPOSSIBLE]
    assert hopeless(replace(P2, due_s=1_363)) == []
    assert hopeless(P1, fleet=(none_left,)) == [UnservedReason.NO_VEHICLE_LEFT]
    assert hopeless(replace(P1, units=11), fleet=(none_left,)) == [UnservedReason.OVER_CAPACITY]


def test_a_sound_plan_passes_and_its_totals_are_right() -> None:
    trips = (ROUND,)

    require_feasible(trips, (), instance=DAY, network=NETWORK)

    totals = total_up(trips, DAY.fleet)
    assert (totals.cost_fen, totals.vehicles, totals.trips, totals.stops, totals.parcels) == (
        28_496,
        1,
        1,
        2,
        2,
    )
    assert (totals.distance_m, totals.duration_s) == (7_000, 1_441)


STOP_A, STOP_B = ROUND.stops
SECOND = replace(ROUND, vehicle="van-2")
SPOILT: dict[str, tuple[tuple[Trip, ...], tuple[Unserved, ...]]] = {
    "parcel forgotten": ((replace(ROUND, stops=(STOP_A,), returns_s=578, distance_m=3_000),), ()),
    "parcel served twice": ((ROUND, SECOND), ()),
    "served and unserved": ((ROUND,), (Unserved("P1", UnservedReason.NO_VEHICLE_LEFT),)),
    "unknown parcel": ((ROUND,), (Unserved("P9", UnservedReason.NO_VEHICLE_LEFT),)),
    "arrives too early": ((replace(ROUND, stops=(replace(STOP_A, arrives_s=159), STOP_B)),), ()),
    "leaves too early": ((replace(ROUND, stops=(replace(STOP_A, departs_s=417), STOP_B)),), ()),
    "returns too early": ((replace(ROUND, returns_s=1_440),), ()),
    "wrong distance": ((replace(ROUND, distance_m=6_999),), ()),
    "wrong direction": (
        (replace(ROUND, stops=(replace(STOP_A, deliver=(), collect=("P1",)), STOP_B)),),
        (),
    ),
    "before its shift": ((replace(ROUND, departs_s=-1),), ()),
    "unknown type": ((replace(ROUND, vehicle_type="lorry"),), ()),
    "second trip without a first": ((replace(ROUND, trip=2),), ()),
    "no stop": ((ROUND, replace(SECOND, stops=(), returns_s=0, distance_m=0)), ()),
}


@pytest.mark.parametrize("name", SPOILT)
def test_every_broken_rule_is_refused(name: str) -> None:
    trips, unserved = SPOILT[name]

    with pytest.raises(PlanInfeasible):
        require_feasible(trips, unserved, instance=DAY, network=NETWORK)


@pytest.mark.parametrize(
    "changed",
    [
        replace(VAN, capacity_units=2),
        replace(VAN, capacity_units=1),
        replace(VAN, capacity_g=899),
        replace(VAN, available=0),
        replace(VAN, shift_s=1_440),
        replace(VAN, stop_s=249),
        replace(VAN, unit_s=6),
    ],
)
def test_a_smaller_vehicle_cannot_keep_the_plan(changed: VehicleType) -> None:
    with pytest.raises(PlanInfeasible):
        require_feasible((ROUND,), (), instance=replace(DAY, fleet=(changed,)), network=NETWORK)


@pytest.mark.parametrize(
    "changed",
    [replace(P1, ready_s=1), replace(P1, due_s=159), replace(P2, ready_s=779), replace(P2, due_s=1_440)],
)
def test_times_of_parcels_bind_the_plan(changed: Parcel) -> None:
    parcels = tuple(changed if parcel.parcel == changed.parcel else parcel for parcel in DAY.parcels)

    with pytest.raises(PlanInfeasible):
        require_feasible((ROUND,), (), instance=replace(DAY, parcels=parcels), network=NETWORK)


@given(
    st.lists(
        st.builds(
            lambda number, station, units, out, ready, due: Parcel(
                f"Q{number}",
                "c1",
                Direction.OUT if out else Direction.IN,
                station,
                units,
                units * 300,
                ready_s=ready,
                due_s=None if due is None else ready + 2_500 + due,
            ),
            st.integers(0, 10**9),
            st.sampled_from(["A", "B"]),
            st.integers(1, 10),
            st.booleans(),
            st.sampled_from([0, 0, 500, 4_000]),
            st.none() | st.integers(0, 2_000),
        ),
        max_size=60,
        unique_by=lambda parcel: parcel.parcel,
    )
)
def test_lots_hold_every_parcel_once_and_fit_a_vehicle(parcels: list[Parcel]) -> None:
    lots = group_parcels(parcels, NETWORK, (VAN,)).lots

    assert sorted(p.parcel for lot in lots for p in lot.parcels) == sorted(p.parcel for p in parcels)
    for lot in lots:
        assert max(lot.units_in, lot.units_out) <= VAN.capacity_units
        assert {NETWORK.index[p.station] for p in lot.parcels} == {lot.station}
        assert lot.units_in == sum(p.units for p in lot.parcels if p.direction is Direction.IN)
        assert lot.units_out == sum(p.units for p in lot.parcels if p.direction is Direction.OUT)


@given(st.lists(st.integers(1, 1_000), max_size=25), st.integers(1, 6), st.integers(100, 2_000))
def test_bins_hold_every_item_once(sizes: list[int], bins: int, room: int) -> None:
    held = fill_bins(sizes, bins, room)

    assert len(held) == bins
    assert sorted(place for places in held for place in places) == list(range(len(sizes)))


def test_bins_are_filled_exactly_where_swaps_can_do_it() -> None:
    held = fill_bins([60, 50, 40, 35, 10, 5], 2, 100)

    assert [sum([60, 50, 40, 35, 10, 5][place] for place in places) for places in held] == [100, 100]


def test_villages_wait_at_the_station_named_after_their_town_else_at_the_nearest() -> None:
    places = (
        HUB,
        Station("U1", "城区", "T0", StationKind.STATION),
        Station("V1", "村", "T1", StationKind.STATION),
        Station("T1", "镇", "T1", StationKind.STATION),
        Station("V2", "村", "T2", StationKind.STATION),
        Station("V3", "村", "T2", StationKind.STATION),
        Station("V4", "村", "", StationKind.STATION),
    )
    roads = tuple(Road("H", place.station, 900 - 10 * k, 9) for k, place in enumerate(places) if k)
    day = replace(DAY, stations=places, roads=roads)

    served = town_stations(day, build_network(day))

    assert served == {
        "H": "H", "U1": "U1", "V1": "T1", "T1": "T1", "V2": "V3", "V3": "V3", "V4": "V4",
    }  # fmt: skip


def test_third_day_carries_three_days_of_village_goods() -> None:
    parcels = [replace(P1, parcel=f"P{k}", station=station) for k, station in enumerate("AABB")]

    shares = shares_of(BaselineName.THIRD_DAY, parcels, DAY, NETWORK)

    assert [sorted(p.station for p in share.parcels) for share in shares] == [
        ["A", "A", "B", "B", "B", "B", "B", "B"],
        ["A", "A"],
        ["A", "A"],
    ]
    assert all(share.days == 3 for share in shares)


def test_alone_parts_by_courier_and_separate_collection_by_direction() -> None:
    parcels = [P1, P2, replace(P1, parcel="P3", courier="c2")]

    alone = shares_of(BaselineName.ALONE, parcels, DAY, NETWORK)
    apart = shares_of(BaselineName.SEPARATE_COLLECTION, parcels, DAY, NETWORK)

    assert [[p.parcel for p in share.parcels] for share in alone] == [["P1", "P2"], ["P3"]]
    assert [[p.parcel for p in share.parcels] for share in apart] == [["P1", "P3"], ["P2"]]
