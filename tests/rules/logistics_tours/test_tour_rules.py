"""A tour's moves, the planner's input from open parcels, the frozen texts, the drawing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from county.errors import IllegalMove
from logistics.parcels.types import Consignee, Direction, Parcel, ParcelId, ParcelState
from logistics.routes import types as routes
from logistics.routes.documents import write_plan
from logistics.routes.types import Instance, Road, Station, StationKind, VehicleType
from logistics.tours import board, documents, roadmap, rules
from logistics.tours.types import LineState, TourEvent, TourState, TripEvent, TripState
from tests.makers.tours import VAN, write_plan_of

AT = datetime(2026, 10, 6, 0, 0, tzinfo=UTC)
HUB = Station("hub", "县分拨中心", "城关镇", StationKind.HUB, 32.3, 108.9)
S1 = Station("S1", "竹园", "城关镇", StationKind.STATION, 32.4, 108.9)


def parcel(number: str, **changes: object) -> Parcel:
    """Make a parcel that lies at the hub for S1."""
    made = Parcel(
        id=ParcelId(uuid4()),
        parcel_no=number,
        waybill=number,
        carrier="中通",
        direction=Direction.IN,
        station="S1",
        units=1,
        weight_g=500,
        volume_cm3=0,
        cod_fen=0,
        consignee=Consignee("李明", "13900001234", "陕西", "安康市", "岚皋县", "8号"),
        order_ref="",
        state=ParcelState.IN_TRANSIT,
        taken_in_at=AT,
        ready_at=AT,
        due_at=None,
        moved_at=AT,
        version=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def build(*parcels: Parcel) -> tuple[Instance, list[Parcel]]:
    """Build the input of a day with one station."""
    return rules.build_instance(
        stations=[HUB, S1], roads=[Road("hub", "S1", 1, 1)], fleet=[VAN], parcels=parcels, departs_at=AT
    )


def test_tour_moves_only_along_its_table():
    allowed = set(rules.MOVES)
    for state in TourState:
        for event in TourEvent:
            if (state, event) in allowed:
                assert rules.move(state, event) is rules.MOVES[state, event]
            else:
                with pytest.raises(IllegalMove):
                    rules.move(state, event)
    assert rules.WITHDRAWABLE == (TourState.PLANNING, TourState.DRAFT, TourState.PUBLISHED)


def test_trip_leaves_once_and_returns_once():
    assert rules.move_trip(TripState.WAITING, TripEvent.LEAVE) is TripState.ON_ROAD
    assert rules.move_trip(TripState.ON_ROAD, TripEvent.RETURN) is TripState.BACK
    for state, event in ((TripState.BACK, TripEvent.LEAVE), (TripState.WAITING, TripEvent.RETURN)):
        with pytest.raises(IllegalMove):
            rules.move_trip(state, event)


def test_input_does_not_depend_on_the_order_of_rows():
    one, two = parcel("WB1"), parcel("WB2")

    assert build(one, two) == build(two, one)


def test_parcel_of_an_unknown_station_is_left_out():
    instance, unknown = build(parcel("WB1"), parcel("WB2", station="S9"), parcel("WB3", station="hub"))

    assert [each.parcel for each in instance.parcels] == ["WB1"]
    assert [each.parcel_no for each in unknown] == ["WB2", "WB3"]


def test_times_count_from_when_the_vans_leave():
    early, late = AT - timedelta(hours=1), AT + timedelta(hours=2)

    instance, _ = build(
        parcel("WB1", ready_at=early, due_at=late),
        parcel("WB2", ready_at=late),
        parcel("WB3", due_at=early),
    )

    assert [(each.ready_s, each.due_s) for each in instance.parcels] == [(0, 7200), (7200, None), (0, None)]


def test_what_is_not_ticked_at_a_stop_was_not_there():
    assert rules.line_done(Direction.IN, is_done=True) is LineState.DELIVERED
    assert rules.line_done(Direction.OUT, is_done=True) is LineState.COLLECTED
    assert rules.line_done(Direction.OUT, is_done=False) is LineState.NOT_THERE


names = some.text(min_size=1, max_size=8)
numbers = some.integers(0, 10**9)
parcels_of_any_kind = some.builds(
    routes.Parcel,
    parcel=names,
    courier=names,
    direction=some.sampled_from(routes.Direction),
    station=some.just("S1"),
    units=numbers,
    weight_g=numbers,
    ready_s=numbers,
    due_s=some.none() | numbers,
)
instances = some.builds(
    Instance,
    stations=some.just((HUB, S1)),
    roads=some.none() | some.lists(some.builds(Road, names, names, numbers, numbers), max_size=3).map(tuple),
    parcels=some.lists(parcels_of_any_kind, max_size=4).map(tuple),
    fleet=some.lists(some.builds(VehicleType, names, *[numbers] * 10), min_size=1, max_size=2).map(tuple),
    hub=some.just(HUB),
)


@given(instances)
def test_frozen_input_reads_back_the_same(instance: Instance):
    assert documents.read_instance(documents.write_instance(instance)) == instance


def test_frozen_plan_reads_back_the_same():
    plan = write_plan_of(in_s1=["WB1"], in_s2=["WB2"], out_s2=["WB3"])

    assert documents.read_plan(write_plan(plan)) == plan


def test_only_served_parcels_are_shared_out():
    instance, _ = build(parcel("WB1"), parcel("WB2"))

    assert [each.parcel for each in rules.only_served(instance, {"WB2"}).parcels] == ["WB2"]


def test_saving_is_measured_against_the_other_way_of_working():
    (alone,) = board.compare(write_plan_of(in_s1=["WB1"], in_s2=["WB2"], out_s2=["WB3"]))

    assert (alone.cost_fen, alone.saving_bp, alone.vehicles, alone.unserved) == (45_200, 5_000, 2, 1)


def test_ways_follow_the_roads_through_junctions_drawn_between_their_neighbours():
    far = replace(S1, station="S2", lat=32.5, lon=108.9)
    roads = (Road("hub", "J", 5, 5), Road("J", "S1", 5, 5), Road("J", "S2", 9, 9), Road("hub", "S2", 90, 1))
    laid = roadmap.lay_out(Instance((HUB, S1, far), roads, (), (VAN,), HUB))

    assert laid.way(["hub", "S2", "S1", "hub"]) == ["hub", "J", "S2", "J", "S1", "J", "hub"]
    assert laid.at["J"][1] == pytest.approx(-(32.3 + 32.4 + 32.5) / 3)


def test_stations_without_position_or_road_are_left_off_the_map():
    nowhere = replace(S1, station="S2", lat=0.0, lon=0.0)
    laid = roadmap.lay_out(Instance((HUB, S1, nowhere), None, (), (VAN,), HUB))

    assert laid.way(["hub", "S2", "S1", "hub"]) == ["hub", "S1", "hub"]
