"""Bounds worked out by hand: trees, rings, vehicles by time, bulky parcels, mixed fleets, great circles."""

from dataclasses import replace

from logistics.routes.network import build_network
from logistics.routes.solver.bound import lower_bound
from logistics.routes.types import (
    Bound,
    Direction,
    Instance,
    Parcel,
    Road,
    Station,
    StationKind,
    VehicleType,
)
from tests.solvers.bound.brute_force import cheapest_plan

VAN = VehicleType("van", 9, 10, 100_000, 30_000, 20_000, 1_000, 100, 200, 10, 600)
HUB = Station("hub", "", "", StationKind.HUB, 32.3, 108.9)


def make_day(
    roads: list[tuple[str, str, int, int]], loads: dict[str, list[int]], *fleet: VehicleType
) -> Instance:
    """Make a day of deliveries: one parcel per load."""
    places = sorted({place for road in roads for place in road[:2] if place.startswith("s")} | set(loads))
    parcels = [
        Parcel(f"{station}-{i}", "c", Direction.IN, station, units, 10)
        for station, sizes in loads.items()
        for i, units in enumerate(sizes)
    ]
    stations = [HUB, *(Station(place, "", "", StationKind.STATION) for place in places)]
    return Instance(
        tuple(stations), tuple(Road(*road) for road in roads), tuple(parcels), fleet or (VAN,), HUB
    )


def bound_of(instance: Instance, *, time_limit_s: float | None = None) -> Bound:
    return lower_bound(instance, build_network(instance), instance.parcels, time_limit_s=time_limit_s)


def test_a_tree_is_crossed_twice_for_each_load_beyond() -> None:
    day = make_day([("hub", "j", 3_000, 300), ("j", "s1", 2_000, 200), ("j", "s2", 1_000, 100)],
                   {"s1": [7], "s2": [7]})  # fmt: skip

    # 14 units are two loads: 4 × 3 km + 2 × 2 km + 2 × 1 km, two stops, one van.
    assert bound_of(day) == Bound(20_000 + 18_000 + 200, "tree")


def test_work_beyond_a_far_bridge_takes_more_vehicles_than_loads() -> None:
    far = replace(VAN, shift_s=6_000, stop_s=1_500, unit_s=0)
    day = make_day([("hub", "j", 10_000, 2_000), ("j", "s1", 0, 0), ("j", "s2", 0, 0)],
                   {"s1": [1], "s2": [1]}, far)  # fmt: skip

    # 4,000 s of the 6,000 s are the way, so each of the two stops of 1,500 s takes a van of its own.
    assert bound_of(day) == Bound(2 * 20_000 + 40_000 + 200, "tree")
    assert cheapest_plan(day, list(day.parcels)) == 80_200


def test_three_bulky_parcels_take_three_trips() -> None:
    day = make_day([("hub", "s1", 1_000, 100)], {"s1": [6, 6, 6]})

    assert bound_of(day) == Bound(20_000 + 6_000 + 300, "tree")


def test_a_ring_is_driven_round_or_there_and_back() -> None:
    ring = [("hub", "s1", 4_000, 100), ("s1", "s2", 4_000, 100), ("s2", "hub", 4_000, 100)]
    open_ring = [("hub", "s1", 4_000, 100), ("s1", "s2", 9_000, 100), ("s2", "hub", 4_000, 100)]

    assert bound_of(make_day(ring, {"s1": [1], "s2": [1]})) == Bound(20_000 + 12_000 + 200, "tree-and-cuts")
    assert bound_of(make_day(open_ring, {"s1": [1], "s2": [1]})).cost_fen == 20_000 + 16_000 + 200


def test_a_pass_that_is_no_short_cut_changes_nothing() -> None:
    valleys = [("hub", "s1", 5_000, 500), ("s1", "s2", 5_000, 500), ("hub", "s3", 6_000, 600)]
    loads = {"s1": [4], "s2": [6], "s3": [9]}

    plain = bound_of(make_day(valleys, loads))
    passed = bound_of(make_day([*valleys, ("s2", "s3", 40_000, 4_000)], loads))

    assert (plain.method, passed.method) == ("tree", "tree-and-cuts")
    assert plain.cost_fen == passed.cost_fen == 20_000 + 32_000 + 300


def test_a_mixed_fleet_takes_the_cheaper_whole_mix() -> None:
    truck = replace(VAN, vehicle_type="truck", capacity_units=30, day_fen=45_000, km_fen=1_500)
    day = make_day([("hub", "s1", 10_000, 1_000)], {"s1": [8, 8, 8]}, VAN, truck)

    # Three van trips: 20,000 + 3 × 20,000 + 300; one truck trip: 45,000 + 30,000 + 100.
    assert bound_of(day) == Bound(75_100, "tree")
    assert cheapest_plan(day, list(day.parcels)) == 75_100


def test_vehicles_that_do_not_exist_are_not_counted() -> None:
    truck = replace(VAN, vehicle_type="truck", capacity_units=30, day_fen=45_000, km_fen=1_500, available=0)
    day = make_day([("hub", "s1", 10_000, 1_000)], {"s1": [8, 8, 8]}, VAN, truck)

    assert bound_of(day).cost_fen == 20_000 + 60_000 + 300


def test_great_circles_are_bounded_without_a_road() -> None:
    far = Station("far", "", "", StationKind.STATION, 32.4, 108.9)
    parcels = (Parcel("p", "c", Direction.OUT, "far", 1, 10),)

    # 16,123 m each way.
    assert bound_of(Instance((HUB, far), None, parcels, (VAN,), HUB)) == Bound(
        20_000 + 32_246 + 100, "great-circle-cuts"
    )


def test_nothing_served_costs_nothing() -> None:
    day = make_day([("hub", "s1", 1_000, 100)], {"s1": [1]})

    assert lower_bound(day, build_network(day), []) == Bound(0, "nothing-served")


def test_no_time_gives_a_smaller_bound_that_is_still_one() -> None:
    ring = [("hub", "s1", 4_000, 100), ("s1", "s2", 4_000, 100), ("s2", "hub", 4_000, 100)]
    day = make_day(ring, {"s1": [1], "s2": [1]})

    hurried = bound_of(day, time_limit_s=0.0)

    assert 20_000 < hurried.cost_fen <= bound_of(day).cost_fen


def test_the_same_day_has_the_same_bound_whatever_the_order_of_its_parcels() -> None:
    ring = [
        ("hub", "s1", 4_000, 90),
        ("s1", "s2", 5_000, 100),
        ("s2", "hub", 4_500, 70),
        ("s2", "s3", 700, 9),
    ]
    day = make_day(ring, {"s1": [5, 6, 7], "s2": [3, 9], "s3": [2, 2]})
    turned = replace(day, parcels=tuple(reversed(day.parcels)))

    assert bound_of(day) == bound_of(day) == bound_of(turned)
