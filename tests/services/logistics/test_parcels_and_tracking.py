"""Parcels and what happens to them: unique waybills, states that follow events, what is announced."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county import database
from county.audit import service as audit
from county.errors import NotFound, Stale
from county.outbox import service as outbox
from logistics.parcels import service as parcels
from logistics.parcels.types import Direction, ParcelOrder, ParcelQuery, ParcelState, WaybillTaken
from logistics.tracking import rules
from logistics.tracking import service as tracking
from logistics.tracking.types import Cause, Mishap, MishapTold, Reason, Source
from logistics.tracking.types import EventKind as E
from logistics.tracking.views import list_steps
from tests.makers.logistics import CONSIGNEE, make_sent, tell
from tests.makers.people import NOW, ROBOT
from tests.makers.tours import make_parcel


def later(hours):
    return NOW + timedelta(hours=hours)


def waybills_of(db, query):
    return [each.waybill for each in parcels.list_page(db, query=query)]


def test_carriers_number_is_taken_in_once_and_another_carriers_same_number_too(db):
    make_parcel(db, waybill="78001")

    with pytest.raises(WaybillTaken) as refusal:
        make_parcel(db, waybill="78001")
    other = make_parcel(db, waybill="78001", carrier="圆通")

    assert refusal.value.facts == {"waybill": "78001", "carrier": "中通"}
    assert [each.carrier for each in parcels.find_by_number(db, number="78001")] == ["中通", "圆通"]
    assert parcels.known_waybills(db, carrier="圆通", waybills=["78001", "78002"]) == ["78001"]
    assert parcels.get_parcel(db, parcel_no=other.parcel_no) == other


def test_parcel_of_an_order_waits_at_its_station_under_our_own_number(db):
    parcel = open_one(db)

    assert parcel.parcel_no == parcel.waybill
    assert parcel.parcel_no.startswith("WB")
    assert (parcel.state, parcel.direction, parcel.station) == (ParcelState.PENDING, Direction.OUT, "S1")


def test_state_follows_events_and_each_change_is_audited_once(db):
    parcel = make_parcel(db, waybill="78001", at_hub=False)

    for _repeat in range(2):
        tell(db, parcel.parcel_no, E.HUB_IN, at=later(1))
        tell(db, parcel.parcel_no, E.ARRIVED_AT_STATION, at=later(3))
        tell(db, parcel.parcel_no, E.LOADED, at=later(2))

    found = parcels.get_parcel(db, parcel_no=parcel.parcel_no)
    assert (found.state, found.moved_at) == (ParcelState.READY_FOR_PICKUP, later(3))
    assert [event.kind for event in tracking.list_events(db, parcel_no=parcel.parcel_no)] == [
        E.ARRIVED_AT_STATION,
        E.LOADED,
        E.HUB_IN,
    ]
    records = audit.list_records(db, object=("parcel", parcel.parcel_no))
    assert sorted(each.action for each in records) == ["parcel.moved", "parcel.moved", "parcel.taken_in"]


def test_every_order_of_arrival_ends_with_the_same_row(db):
    way = [(E.HUB_IN, 1), (E.LINEHAUL_DEPARTED, 2), (E.COLLECTED, 5), (E.OUT_FOR_DELIVERY, 4)]

    ends = set()
    for number, told in enumerate(permutations(way)):
        parcel = make_parcel(db, waybill=f"78{number:04d}", at_hub=False)
        for kind, hours in told:
            tell(db, parcel.parcel_no, kind, at=later(hours))
        found = parcels.get_parcel(db, parcel_no=parcel.parcel_no)
        ends.add((found.state, found.moved_at))

    assert ends == {(ParcelState.DELIVERED, later(5))}


def tell_held(db, parcel, kind, hours, reason, cause):
    why = {"reason": reason, "cause": cause} if kind is E.ON_HOLD else {}
    tell(db, parcel.parcel_no, kind, at=later(hours), **why)


@given(
    told=st.lists(
        st.tuples(
            # Holds twice, so that damage and loss come up often.
            st.sampled_from([*E, E.ON_HOLD, E.ON_HOLD]),
            st.integers(0, 3),
            st.sampled_from(Reason),
            st.sampled_from(Cause),
        ),
        min_size=1,
        max_size=6,
    ),
    chance=st.randoms(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stored_state_is_the_sorted_replay(db, told, chance):
    with db.begin_nested() as savepoint:
        parcel = make_parcel(db, waybill="78001", at_hub=False)
        again = told + told[:2]
        chance.shuffle(again)
        for event in again:
            tell_held(db, parcel, *event)
        found = parcels.get_parcel(db, parcel_no=parcel.parcel_no)
        mishap = tracking.find_mishap(db, parcel_no=parcel.parcel_no)
        other = make_parcel(db, waybill="78002", at_hub=False)
        for event in sorted(told, key=lambda each: each[1]):
            tell_held(db, other, *event)
        sorted_mishap = tracking.find_mishap(db, parcel_no=other.parcel_no)
        savepoint.rollback()

    replay = rules.state_after(sorted((later(hours), kind) for kind, hours, *_why in told))
    assert mishap == sorted_mishap
    if replay[0] is ParcelState.PENDING:
        assert found.state is ParcelState.PENDING
    else:
        assert (found.state, found.moved_at) == replay


def test_waiting_at_the_station_is_announced_apart_from_being_collected(db):
    parcel = open_one(db)

    tell(db, parcel.parcel_no, E.ARRIVED_AT_STATION, at=later(1))
    before = [each.state for each in moves_of(db, parcel.parcel_no)]
    tell(db, parcel.parcel_no, E.COLLECTED, at=later(2))
    tell(db, parcel.parcel_no, E.COLLECTED, at=later(2))

    assert before == [ParcelState.READY_FOR_PICKUP]
    assert [each.state for each in moves_of(db, parcel.parcel_no)] == [
        ParcelState.READY_FOR_PICKUP,
        ParcelState.DELIVERED,
    ]


def open_one(db):
    return parcels.open_parcel(
        db,
        carrier="中通",
        station="S1",
        weight_g=500,
        consignee=CONSIGNEE,
        order_ref="SO1",
        actor=ROBOT,
        now=NOW,
    )


def moves_of(db, parcel_no):
    db.flush()
    found = [outbox.read_event(db, event_id=each.id) for each in outbox.list_announcements(db)]
    own = [each for each in found if getattr(each, "parcel_no", "") == parcel_no]
    return sorted(own, key=lambda each: each.moved_at)


def test_damage_is_announced_once_although_the_parcel_was_held_before(db):
    parcel = open_one(db)
    tell(db, parcel.parcel_no, E.ON_HOLD, at=later(1))

    for _repeat in range(2):
        tell(db, parcel.parcel_no, E.ON_HOLD, at=later(2), reason=Reason.DAMAGED, cause=Cause.WEATHER)

    found = [outbox.read_event(db, event_id=each.id) for each in outbox.list_announcements(db)]
    assert [each for each in found if isinstance(each, MishapTold)] == [
        MishapTold(parcel.parcel_no, "SO1", Reason.DAMAGED, Cause.WEATHER, later(2))
    ]
    mishap = tracking.find_mishap(db, parcel_no=parcel.parcel_no)
    assert mishap == Mishap(Reason.DAMAGED, Cause.WEATHER, later(2))
    assert parcels.get_parcel(db, parcel_no=parcel.parcel_no).state is ParcelState.ON_HOLD


def test_damage_and_loss_told_at_the_same_minute_are_two_things(db):
    parcel = make_parcel(db, waybill="78001")

    for reason in (Reason.DAMAGED, Reason.LOST, Reason.DAMAGED):
        tell(db, parcel.parcel_no, E.ON_HOLD, at=later(1), reason=reason)

    told = [each.reason for each in tracking.list_events(db, parcel_no=parcel.parcel_no)]
    assert sorted(told) == [Reason.DAMAGED, Reason.LOST, Reason.UNSAID]


def test_reason_without_a_hold_is_refused_by_the_database(db):
    parcel = make_parcel(db, waybill="78001")

    with pytest.raises(DBAPIError), db.begin_nested():
        tell(db, parcel.parcel_no, E.HUB_IN, at=later(1), reason=Reason.DAMAGED)

    assert len(tracking.list_events(db, parcel_no=parcel.parcel_no)) == 1


@pytest.mark.parametrize(
    ("reason", "cause", "says"),
    [
        (Reason.DAMAGED, Cause.UNSAID, "发现破损"),
        (Reason.DAMAGED, Cause.SHIPPER, "发现破损，包装或寄件人的原因"),
        (Reason.LOST, Cause.CARRIER, "找不到了，快递公司的原因"),
        (Reason.UNSAID, Cause.WEATHER, "暂时扣下，天气原因"),
    ],
)
def test_way_says_in_plain_words_what_is_wrong_and_why(web_app, reason, cause, says):
    with database.transaction() as db:
        parcel = make_parcel(db, waybill="78001")
        tell(db, parcel.parcel_no, E.ON_HOLD, at=later(1), reason=reason, cause=cause)

    with web_app.test_request_context("/"), database.reading() as db:
        step = list_steps(db, parcel_no=parcel.parcel_no)[0]

    assert (step.what, step.tone, step.note, step.picture) == (says, "bad", "", "")


def test_parcel_without_an_order_is_not_announced(db):
    parcel = make_parcel(db, waybill="78001")
    tell(db, parcel.parcel_no, E.ON_HOLD, at=later(1), reason=Reason.LOST)

    assert moves_of(db, parcel.parcel_no) == []


def test_event_of_an_unknown_parcel_is_refused(db):
    with pytest.raises(NotFound):
        tell(db, "WB000000000000", E.HUB_IN)


def test_parcel_that_somebody_else_moved_is_stale(db):
    read_before = make_parcel(db, waybill="78001")
    tell(db, read_before.parcel_no, E.LOADED, at=later(1))

    with pytest.raises(Stale):
        parcels.move_parcel(
            db, parcel=read_before, state=ParcelState.DELIVERED, moved_at=later(2), actor=ROBOT, now=NOW
        )

    assert parcels.get_parcel(db, parcel_no=read_before.parcel_no).state is ParcelState.OUT_FOR_DELIVERY


@pytest.mark.parametrize(
    "statement", ["UPDATE logistics_tracking_event SET place = 'x'", "DELETE FROM logistics_tracking_event"]
)
def test_events_are_never_changed(db, statement):
    make_parcel(db, waybill="78001")

    with pytest.raises(DBAPIError), db.begin_nested():
        db.execute(text(statement))

    assert db.execute(text("SELECT place FROM logistics_tracking_event")).scalars().all() == ["县分拨中心"]


def test_way_tells_station_and_consignee_apart_and_begins_with_taking_in(web_app):
    with database.transaction() as db:
        parcel = make_parcel(db, waybill="78001")
        tell(db, parcel.parcel_no, E.ARRIVED_AT_STATION, at=later(1), where="竹园")
        tell(db, parcel.parcel_no, E.COLLECTED, at=later(2), where="竹园")

    with web_app.test_request_context("/", headers={"Accept-Language": "en"}), database.reading() as db:
        steps = list_steps(db, parcel_no=parcel.parcel_no)

    assert [step.where for step in steps] == ["竹园", "竹园", "县分拨中心", ""]
    assert len({step.what for step in steps}) == 4


def test_first_seen_is_the_earliest_of_the_kinds_asked_for(db):
    parcel = make_sent(db, waybill="78001", at=later(5))
    tell(db, parcel.parcel_no, E.HUB_IN, at=later(1))

    seen = tracking.first_seen(
        db, parcel_nos=[parcel.parcel_no, "WB1"], kinds=(E.HUB_IN, E.COLLECTED_FROM_SENDER)
    )

    assert seen == {parcel.parcel_no: later(1)}


def test_list_is_filtered_sorted_and_paged_without_loss(db):
    for number in range(5):
        make_parcel(
            db, waybill=f"78{number:03d}", carrier="中通" if number % 2 else "圆通", at_hub=number > 0
        )

    own = ParcelQuery(carrier="圆通", order=ParcelOrder.WAYBILL, falls=False)
    assert waybills_of(db, own) == ["78000", "78002", "78004"]
    assert waybills_of(db, ParcelQuery(state=ParcelState.PENDING)) == ["78000"]
    assert waybills_of(db, ParcelQuery(number="78003")) == ["78003"]
    assert waybills_of(db, ParcelQuery(number="%")) == []
    assert waybills_of(db, ParcelQuery(direction=Direction.OUT)) == []
    for order in ParcelOrder:
        for falls in (False, True):
            query = ParcelQuery(order=order, falls=falls)
            paged, after = [], None
            while page := parcels.list_page(db, query=query, after=after, limit=2):
                paged += page
                after = (getattr(page[-1], order.value), page[-1].id)
            assert paged == parcels.list_page(db, query=query)
            assert len(paged) == 5


def test_counts_by_state_name_every_state(db):
    make_parcel(db, waybill="78001")
    make_parcel(db, waybill="78002", at_hub=False)

    counts = parcels.count_by_state(db, taken_in_from=NOW)

    assert {state: count for state, count in counts.items() if count} == {
        ParcelState.IN_TRANSIT: 1,
        ParcelState.PENDING: 1,
    }
    assert set(counts) == set(ParcelState)
    assert sum(parcels.count_by_state(db, taken_in_from=later(1)).values()) == 0


def test_scans_are_counted_once_per_parcel_and_only_those_of_the_source(db):
    parcel = make_parcel(db, waybill="78001")
    tell(db, parcel.parcel_no, E.HUB_IN, at=later(1))
    tracking.record_event(
        db,
        parcel_no=parcel.parcel_no,
        kind=E.LOADED,
        at=NOW,
        where="",
        source=Source.FEED,
        actor=ROBOT,
        now=NOW,
    )

    counts = tracking.count_parcels(
        db, kinds=[E.HUB_IN, E.LOADED], source=Source.SCAN, from_at=NOW, to_at=later(2)
    )

    assert counts == {E.HUB_IN: 1, E.LOADED: 0}
