"""Cost rule bound-v1: valid for every coalition, never falling, frozen to the fen."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from logistics.allocation.solver.bound_v1 import coalition_costs
from logistics.allocation.types import CostsTooLarge
from logistics.routes.types import Direction, Instance, Parcel, Road, Station, StationKind, VehicleType
from tests.solvers.bound.brute_force import cheapest_plan
from tests.solvers.bound.tiny_days import make_tiny_day

VAN = VehicleType("van", 60, 380, 700_000, 32_400, 27_500, 104, 134, 248, 5, 900)


# Computed once by version 1 of the rule; the first was checked by hand: one day, 22,000 m, one stop.
FROZEN_COSTS = [
    0, 29_922, 32_136, 32_270, 32_716, 32_850, 32_716, 32_850,
    30_710, 30_710, 32_850, 32_850, 35_584, 35_584, 35_792, 35_792,
]  # fmt: skip


def days_of(instance: Instance) -> list[list[Parcel]]:
    names = sorted({parcel.courier for parcel in instance.parcels})
    return [[parcel for parcel in instance.parcels if parcel.courier == name] for name in names]


def make_fixed_county() -> Instance:
    """A trunk with two side valleys and one pass between their ends; four couriers."""
    hub = Station("hub", "", "", StationKind.HUB)
    names = ["a", "b", "c", "d", "e"]
    roads = (
        Road("hub", "j", 5_000, 400),
        Road("j", "a", 7_000, 800),
        Road("a", "b", 9_000, 1_100),
        Road("j", "c", 6_000, 700),
        Road("c", "d", 8_000, 1_000),
        Road("b", "d", 12_000, 2_000),
        Road("hub", "e", 1_500, 200),
    )
    amounts = {
        "yunda": [("a", 150, "in"), ("b", 90, "in"), ("e", 260, "in"), ("d", 40, "out")],
        "zto": [("a", 120, "in"), ("c", 200, "in"), ("e", 300, "in")],
        "sto": [("b", 30, "in"), ("d", 10, "in")],
        "post": [("c", 5, "out")],
    }
    parcels = tuple(
        Parcel(f"{courier}-{i}", courier, Direction(way), station, units, units * 1_100)
        for courier, day in sorted(amounts.items())
        for i, (station, units, way) in enumerate(day)
    )
    stations = (hub, *(Station(name, "", "", StationKind.STATION) for name in names))
    return Instance(stations, roads, parcels, (VAN,), hub)


def test_bound_v1_of_a_fixed_county_never_changes() -> None:
    costs = coalition_costs(make_fixed_county(), days_of(make_fixed_county()), [None] * 4)

    assert costs.tolist() == FROZEN_COSTS


def test_subcontracting_is_taken_by_each_courier_whose_price_is_lower() -> None:
    instance = make_fixed_county()
    days = days_of(instance)
    plain = coalition_costs(instance, days, [None] * 4)
    prices = [900, 150, None, 60]

    costs = coalition_costs(instance, days, prices)

    units = [sum(parcel.units for parcel in day) for day in days]
    for mask in range(16):
        members = [i for i in range(4) if mask >> i & 1]
        priced = [i for i in members if prices[i] is not None]
        expected = min(
            int(plain[mask & ~sum(1 << i for i in away)]) + sum((prices[i] or 0) * units[i] for i in away)
            for size in range(len(priced) + 1)
            for away in combinations(priced, size)
        )
        assert costs[mask] == expected


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_no_coalition_of_a_tiny_day_costs_more_than_its_cheapest_plan(first: int) -> None:
    compared = 0
    for seed in range(first, first + 20):
        instance = make_tiny_day(seed)
        days = days_of(instance)
        if any(
            parcel.units > max(kind.capacity_units for kind in instance.fleet) for parcel in instance.parcels
        ):
            continue
        costs = coalition_costs(instance, days, [None] * len(days))
        for mask in range(1, 1 << len(days)):
            parcels = [parcel for i, day in enumerate(days) if mask >> i & 1 for parcel in day]
            cheapest = cheapest_plan(instance, parcels)
            if cheapest is not None:
                assert costs[mask] <= cheapest, f"seed {seed}, coalition {mask}"
                compared += 1
    assert compared >= 20


@pytest.mark.parametrize("seed", range(500, 540))
def test_a_coalition_never_gets_cheaper_by_growing_nor_dearer_by_joining_another(seed: int) -> None:
    instance = make_tiny_day(seed)
    days = days_of(instance)
    costs = coalition_costs(instance, days, [None] * len(days))

    assert costs[0] == 0
    for one in range(len(costs)):
        for other in range(len(costs)):
            assert costs[one | other] >= costs[one]
            if not one & other:
                # Four roundings up to whole fen on one side, two on the other.
                assert costs[one | other] <= costs[one] + costs[other]


def test_on_a_tree_every_road_is_crossed_as_often_as_the_goods_beyond_it_need() -> None:
    county = make_fixed_county()
    instance = replace(county, roads=tuple(road for road in county.roads if road.start != "b"))
    beyond = {"j": "abcd", "a": "ab", "b": "b", "c": "cd", "d": "d", "e": "e"}
    days = days_of(instance)

    costs = coalition_costs(instance, days, [None] * 4)

    for mask in range(1, 16):
        carried = [parcel for i, day in enumerate(days) if mask >> i & 1 for parcel in day]
        metres = seconds = 0
        for road in instance.roads or ():
            trips = _trips([p for p in carried if p.station in beyond[road.end]])
            metres += 2 * trips * road.distance_m
            seconds += 2 * trips * road.duration_s
        stops = sum(_trips([p for p in carried if p.station == station]) for station in "abcde")
        seconds += stops * 248 + sum(p.units for p in carried) * 5 + _trips(carried) * 900
        day_fen = max(27_500, -(-seconds * 27_500 // (32_400 + 900)))
        assert costs[mask] == day_fen + -(-(metres * 104 + stops * 134 * 1000) // 1000)


def _trips(parcels: list[Parcel]) -> int:
    loads = []
    for way in Direction:
        chosen = [parcel for parcel in parcels if parcel.direction is way]
        loads.append(-(-sum(p.units for p in chosen) // 380))
        loads.append(-(-sum(p.weight_g for p in chosen) // 700_000))
    return max(loads)


def test_tables_of_many_couriers_agree_with_those_of_few() -> None:
    instance = make_fixed_county()
    parcels = tuple(
        replace(
            parcel,
            parcel=f"{parcel.parcel}-{i}",
            courier=f"{parcel.courier}-{i}",
            units=parcel.units // 4 + i,
        )
        for parcel in instance.parcels
        for i in range(4)
    )
    large = replace(instance, parcels=parcels)
    days = days_of(large)
    costs = coalition_costs(large, days, [None] * len(days))
    chosen = [0, 3, 5, 14, 15]
    few = coalition_costs(large, [days[i] for i in chosen], [None] * len(chosen))

    assert len(costs) == 2**16
    for mask in range(32):
        assert costs[sum(1 << courier for i, courier in enumerate(chosen) if mask >> i & 1)] == few[mask]


def test_amounts_that_could_overflow_are_refused() -> None:
    instance = make_fixed_county()
    dear = replace(VAN, day_fen=10**8, stop_s=10**7, unit_s=10**7)

    with pytest.raises(CostsTooLarge):
        coalition_costs(replace(instance, fleet=(dear,)), days_of(instance), [None] * 4)


def test_great_circles_are_used_without_roads() -> None:
    hub = Station("hub", "", "", StationKind.HUB, 32.3, 108.9)
    far = Station("far", "", "", StationKind.STATION, 32.4, 108.9)
    instance = Instance((hub, far), None, (Parcel("p", "c", Direction.IN, "far", 1, 10),), (VAN,), hub)

    costs = coalition_costs(instance, [list(instance.parcels)], [None])

    # 0.1° of latitude = 11,119.5 m, × 1.45 = 16,123 m, there and back at 104 fen a kilometre.
    assert costs.dtype == np.int64
    assert costs.tolist() == [0, 27_500 + 3_354 + 134]
