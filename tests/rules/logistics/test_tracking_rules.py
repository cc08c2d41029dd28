"""A parcel's state after its events, in whatever order and however often they are told."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.parcels.types import ParcelState
from logistics.tracking.rules import STATES, state_after
from logistics.tracking.types import EventKind as E

BEGIN = datetime(2026, 10, 5, tzinfo=UTC)
events = st.lists(
    st.tuples(st.integers(0, 4).map(lambda hours: BEGIN + timedelta(hours=hours)), st.sampled_from(E)),
    max_size=8,
)


def at(hours: int) -> datetime:
    return BEGIN + timedelta(hours=hours)


@given(events, st.randoms(use_true_random=False))
def test_any_order_and_repetition_ends_as_the_sorted_replay(told, chance):
    again = [*told, *chance.choices(told, k=3)] if told else []
    chance.shuffle(again)

    assert state_after(again) == state_after(sorted(told))


@given(events)
def test_state_is_that_of_one_of_the_events_at_its_time(told):
    state, since_at = state_after(told)

    if told:
        assert since_at is not None
        assert (since_at, state) in {(when, STATES[kind]) for when, kind in told}
    else:
        assert (state, since_at) == (ParcelState.PENDING, None)


def test_every_kind_of_event_has_a_state():
    assert set(STATES) == set(E)


@pytest.mark.parametrize(
    ("way", "state", "since"),
    [
        ([], ParcelState.PENDING, None),
        ([(0, E.HUB_IN), (1, E.LOADED)], ParcelState.OUT_FOR_DELIVERY, 1),
        ([(0, E.HUB_IN), (1, E.LINEHAUL_DEPARTED)], ParcelState.IN_TRANSIT, 0),
        ([(0, E.LOADED), (1, E.ARRIVED_AT_STATION)], ParcelState.READY_FOR_PICKUP, 1),
        ([(0, E.ARRIVED_AT_STATION), (1, E.COLLECTED)], ParcelState.DELIVERED, 1),
        ([(0, E.COLLECTED), (1, E.HUB_IN), (2, E.COLLECTED)], ParcelState.DELIVERED, 0),
        ([(0, E.COLLECTED), (1, E.RETURNED)], ParcelState.RETURN_TO_SENDER, 1),
        ([(0, E.RETURNED), (1, E.COLLECTED)], ParcelState.RETURN_TO_SENDER, 0),
        ([(0, E.DELIVERY_FAILED), (1, E.LOADED)], ParcelState.OUT_FOR_DELIVERY, 1),
    ],
)
def test_known_ways_end_as_expected(way, state, since):
    expected = (state, None if since is None else at(since))

    for told in permutations([(at(hours), kind) for hours, kind in way]):
        assert state_after(told) == expected


def test_arriving_at_the_station_is_not_being_collected():
    assert STATES[E.ARRIVED_AT_STATION] is ParcelState.READY_FOR_PICKUP
    assert STATES[E.COLLECTED] is ParcelState.DELIVERED
