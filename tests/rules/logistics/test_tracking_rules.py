"""A parcel's state after its events, in whatever order and however often they are told."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.parcels.types import ParcelState
from logistics.tracking.rules import STATES, last_sign, mishap_of, mishaps_of, state_after
from logistics.tracking.types import Cause, Mishap, Reason, Source, TrackingEvent
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


DAMAGED, LOST, NOBODY = Reason.DAMAGED, Reason.LOST, Cause.UNSAID
told_reports = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(E), st.sampled_from(Reason), st.sampled_from(Cause)),
    max_size=8,
)


def event(hours, kind, reason=Reason.UNSAID, cause=NOBODY, mistake=""):
    held = kind is E.ON_HOLD
    return TrackingEvent(
        "WB1",
        kind,
        at(hours),
        "",
        Source.FEED,
        BEGIN,
        reason if held else Reason.UNSAID,
        cause if held else NOBODY,
        mistake=mistake,
    )


@given(told_reports, st.randoms(use_true_random=False))
def test_damage_and_loss_end_alike_in_any_order_and_however_often_they_are_told(told, chance):
    once = [event(*each) for each in told]
    again = [*once, *chance.choices(once, k=3)] if once else []
    chance.shuffle(again)

    assert mishap_of(again) == mishap_of(sorted(once, key=repr))


@given(told_reports)
def test_damage_is_never_forgotten_on_the_way_and_loss_only_by_a_later_sign(told):
    events = [event(*each) for each in told if each[1] not in (E.COLLECTED, E.RETURNED)]
    found = mishap_of(events)

    lost = [each.at for each in events if each.reason is LOST]
    signs = [each.at for each in events if each.kind not in (E.ON_HOLD, E.TAKEN_IN)]
    if lost and (not signs or max(lost) >= max(signs)):
        assert found is not None
        assert found.reason is LOST
    elif any(each.reason is DAMAGED for each in events):
        assert found is not None
        assert found.reason is DAMAGED
    else:
        assert found is None


@pytest.mark.parametrize(
    ("way", "mishap"),
    [
        ([], None),
        ([(1, E.ON_HOLD)], None),
        ([(1, E.ON_HOLD, Reason.UNSAID, Cause.WEATHER)], None),
        ([(1, E.ON_HOLD, DAMAGED)], Mishap(DAMAGED, NOBODY, at(1))),
        ([(1, E.ON_HOLD, DAMAGED), (2, E.COLLECTED)], Mishap(DAMAGED, NOBODY, at(1))),
        ([(1, E.ON_HOLD, LOST), (2, E.HUB_IN)], None),
        ([(2, E.ON_HOLD, LOST), (1, E.HUB_IN)], Mishap(LOST, NOBODY, at(2))),
        ([(1, E.ON_HOLD, LOST), (1, E.HUB_IN)], Mishap(LOST, NOBODY, at(1))),
        ([(1, E.ON_HOLD, LOST), (2, E.HUB_IN), (3, E.ON_HOLD, LOST)], Mishap(LOST, NOBODY, at(3))),
        ([(1, E.ON_HOLD, DAMAGED), (2, E.ON_HOLD, LOST)], Mishap(LOST, NOBODY, at(2))),
        (
            [(1, E.ON_HOLD, DAMAGED), (2, E.ON_HOLD, DAMAGED, Cause.SHIPPER)],
            Mishap(DAMAGED, Cause.SHIPPER, at(1)),
        ),
        (
            [(1, E.ON_HOLD, DAMAGED, Cause.WEATHER), (2, E.ON_HOLD, DAMAGED, Cause.CARRIER)],
            Mishap(DAMAGED, Cause.WEATHER, at(1)),
        ),
        ([(1, E.COLLECTED), (2, E.ON_HOLD, DAMAGED)], None),
        ([(1, E.COLLECTED), (2, E.ON_HOLD, LOST)], None),
        ([(1, E.RETURNED), (2, E.ON_HOLD, LOST)], None),
        ([(1, E.COLLECTED), (1, E.ON_HOLD, LOST)], None),
        ([(1, E.COLLECTED), (1, E.ON_HOLD, DAMAGED)], Mishap(DAMAGED, NOBODY, at(1))),
        ([(1, E.ON_HOLD, LOST, NOBODY, "手误")], None),
        (
            [(1, E.ON_HOLD, DAMAGED, Cause.SHIPPER, "手误"), (2, E.ON_HOLD, DAMAGED)],
            Mishap(DAMAGED, NOBODY, at(2)),
        ),
    ],
)
def test_known_mishaps_end_as_expected(way, mishap):
    for told in permutations([event(*each) for each in way]):
        assert mishap_of(told) == mishap


def test_a_parcel_may_be_lost_and_damaged():
    events = [event(1, E.ON_HOLD, DAMAGED), event(2, E.ON_HOLD, LOST)]

    assert mishaps_of(events) == [Mishap(LOST, NOBODY, at(2)), Mishap(DAMAGED, NOBODY, at(1))]


@pytest.mark.parametrize(
    ("way", "sign"),
    [
        ([], None),
        ([(1, E.TAKEN_IN), (2, E.ON_HOLD)], None),
        ([(1, E.ARRIVED_AT_STATION), (2, E.ON_HOLD)], E.ARRIVED_AT_STATION),
        ([(1, E.ARRIVED_AT_STATION), (2, E.HUB_IN), (3, E.ON_HOLD)], E.HUB_IN),
    ],
)
def test_last_sign_says_where_a_parcel_is(way, sign):
    for told in permutations([(at(hours), kind) for hours, kind in way]):
        assert last_sign(told) is sign
