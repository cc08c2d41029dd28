"""Telling of damage and loss: only of parcels that are on their way, and taken back when it was a mistake."""

from datetime import timedelta

import pytest

from county.audit import service as audit
from county.errors import NotFound
from county.outbox import service as outbox
from county.people.types import Role
from logistics.mishaps import service
from logistics.mishaps.types import Desk, NotAtStation, ParcelIsOver, Report
from logistics.parcels import service as parcels
from logistics.parcels.types import ParcelState
from logistics.stations import service as stations
from logistics.tracking import service as tracking
from logistics.tracking.types import (
    Cause,
    EventKind,
    MishapTakenBack,
    MistakeUnexplained,
    NothingToTakeBack,
    Reason,
)
from tests.makers.logistics import CONSIGNEE, make_pool, tell
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.tours import make_parcel

LOST = Report(Reason.LOST, Cause.UNSAID, "")
LATER = NOW + timedelta(hours=2)
WHY = "扫错了一位数字"


@pytest.fixture
def pool(db):
    """Make the small network with two carriers."""
    make_pool(db)


@pytest.fixture
def keeper_id(db, pool):
    """Make the keeper of the station S1."""
    keeper = make_person(db, Role.STATION_KEEPER)
    stations.attach_keeper(db, person_id=keeper.id, station="S1")
    return keeper.id


def tell_at_hub(db, parcel, *, report=LOST, now=LATER):
    service.tell_at_hub(db, parcel_no=parcel.parcel_no, report=report, picture_id=None, actor=ROBOT, now=now)


def tell_at_station(db, parcel, keeper_id):
    service.tell_at_station(
        db,
        parcel_no=parcel.parcel_no,
        keeper_id=keeper_id,
        report=LOST,
        picture_id=None,
        actor=ROBOT,
        now=LATER,
    )


def take_back(db, parcel, *, desk=Desk.HUB, keeper_id=None, why=WHY, event_id=None):
    (report,) = tracking.list_reports(db, parcel_no=parcel.parcel_no) or [None]
    return service.take_back(
        db,
        parcel_no=parcel.parcel_no,
        event_id=event_id or report.id,
        why=why,
        desk=desk,
        keeper_id=keeper_id,
        actor=ROBOT,
        now=LATER,
    )


def state_of(db, parcel):
    return parcels.get_parcel(db, parcel_no=parcel.parcel_no).state


@pytest.mark.parametrize("end", [EventKind.COLLECTED, EventKind.RETURNED])
def test_parcel_that_reached_its_end_cannot_be_damaged_or_lost_any_more(db, keeper_id, end):
    parcel = make_parcel(db, waybill="78001")
    tell(db, parcel.parcel_no, EventKind.ARRIVED_AT_STATION)
    tell(db, parcel.parcel_no, end, at=NOW + timedelta(hours=1))
    before = (state_of(db, parcel), tracking.list_events(db, parcel_no=parcel.parcel_no))

    with pytest.raises(ParcelIsOver) as refusal:
        service.find_at_hub(db, number="78001")
    with pytest.raises(ParcelIsOver):
        tell_at_hub(db, parcel)
    with pytest.raises(ParcelIsOver):
        tell_at_station(db, parcel, keeper_id)

    assert (refusal.value.status, refusal.value.facts) == (
        409,
        {"number": parcel.parcel_no, "at": "2026-10-05 11:00"},
    )
    assert (state_of(db, parcel), tracking.list_events(db, parcel_no=parcel.parcel_no)) == before


def test_keeper_tells_only_of_what_lies_at_the_own_station(db, keeper_id):
    never_came, gone_again = make_parcel(db, waybill="78001"), make_parcel(db, waybill="78002")
    tell(db, gone_again.parcel_no, EventKind.ARRIVED_AT_STATION, at=NOW + timedelta(minutes=10))
    tell(db, gone_again.parcel_no, EventKind.HUB_IN, at=NOW + timedelta(minutes=20))
    tell(db, gone_again.parcel_no, EventKind.ON_HOLD, at=NOW + timedelta(minutes=30))

    for parcel in (never_came, gone_again):
        with pytest.raises(NotAtStation):
            tell_at_station(db, parcel, keeper_id)
        assert tracking.list_reports(db, parcel_no=parcel.parcel_no) == []


def test_what_was_told_by_mistake_is_taken_back_and_the_parcel_is_where_it_was(db, pool):
    parcel = make_parcel(db, waybill="78001")
    tell_at_hub(db, parcel)
    held = state_of(db, parcel)

    take_back(db, parcel)

    assert (held, state_of(db, parcel)) == (ParcelState.ON_HOLD, ParcelState.IN_TRANSIT)
    assert tracking.find_mishap(db, parcel_no=parcel.parcel_no) is None
    newest, first = tracking.list_events(db, parcel_no=parcel.parcel_no)
    assert (newest.reason, newest.mistake, first.mistake) == (Reason.LOST, WHY, "")
    (record,) = audit.list_records(db, action="parcel.mishap_taken_back")
    assert record.before == {"reason": "lost", "cause": "unsaid", "told_at": LATER.isoformat()}


def test_parcel_that_was_delivered_meanwhile_stays_delivered(db, pool):
    parcel = make_parcel(db, waybill="78001")
    tell_at_hub(db, parcel, report=Report(Reason.DAMAGED, Cause.SHIPPER, ""))
    tell(db, parcel.parcel_no, EventKind.COLLECTED, at=LATER + timedelta(hours=1))

    take_back(db, parcel)

    assert state_of(db, parcel) is ParcelState.DELIVERED
    assert tracking.find_mishap(db, parcel_no=parcel.parcel_no) is None


def test_parcel_told_of_again_after_a_mistake_is_lost(db, pool):
    parcel = make_parcel(db, waybill="78001")
    tell_at_hub(db, parcel)
    take_back(db, parcel)

    tell_at_hub(db, parcel, now=LATER + timedelta(seconds=1))

    assert state_of(db, parcel) is ParcelState.ON_HOLD
    assert tracking.find_mishap(db, parcel_no=parcel.parcel_no).reason is Reason.LOST


def test_taking_back_is_announced_for_a_parcel_with_an_order(db, pool):
    parcel = parcels.open_parcel(
        db,
        carrier="中通",
        station="S1",
        weight_g=500,
        consignee=CONSIGNEE,
        order_ref="SO1",
        actor=ROBOT,
        now=NOW,
    )
    tell_at_hub(db, parcel)

    take_back(db, parcel)

    events = [outbox.read_event(db, event_id=each.id) for each in outbox.list_announcements(db)]
    assert [each for each in events if isinstance(each, MishapTakenBack)] == [
        MishapTakenBack(parcel.parcel_no, "SO1", Reason.LOST)
    ]
    assert state_of(db, parcel) is ParcelState.PENDING


def test_each_desk_takes_back_its_own_and_the_association_everybodys(db, keeper_id):
    at_station, at_hub = make_parcel(db, waybill="78001"), make_parcel(db, waybill="78002")
    tell(db, at_station.parcel_no, EventKind.ARRIVED_AT_STATION)
    tell_at_station(db, at_station, keeper_id)
    tell_at_hub(db, at_hub)

    with pytest.raises(NothingToTakeBack):
        take_back(db, at_station, desk=Desk.HUB)
    with pytest.raises(NothingToTakeBack):
        take_back(db, at_hub, desk=Desk.STATION, keeper_id=keeper_id)
    assert [state_of(db, each) for each in (at_station, at_hub)] == [ParcelState.ON_HOLD] * 2

    take_back(db, at_station, desk=Desk.STATION, keeper_id=keeper_id)
    take_back(db, at_hub, desk=Desk.ASSOCIATION)
    assert state_of(db, at_station) is ParcelState.READY_FOR_PICKUP
    assert state_of(db, at_hub) is ParcelState.IN_TRANSIT


def test_keeper_of_another_station_takes_nothing_back(db, keeper_id):
    parcel = make_parcel(db, waybill="78001", station="S2")
    tell_at_hub(db, parcel)

    with pytest.raises(NotFound):
        take_back(db, parcel, desk=Desk.STATION, keeper_id=keeper_id)

    assert state_of(db, parcel) is ParcelState.ON_HOLD


def test_taking_back_twice_or_without_a_reason_is_refused_and_changes_nothing(db, pool):
    parcel = make_parcel(db, waybill="78001")
    tell_at_hub(db, parcel)
    (report,) = tracking.list_reports(db, parcel_no=parcel.parcel_no)
    for why in ("", "长" * 201):
        with pytest.raises(MistakeUnexplained):
            take_back(db, parcel, why=why)
    assert state_of(db, parcel) is ParcelState.ON_HOLD
    take_back(db, parcel)
    before = tracking.list_events(db, parcel_no=parcel.parcel_no)

    with pytest.raises(NothingToTakeBack):
        take_back(db, parcel, event_id=report.id)

    assert tracking.list_events(db, parcel_no=parcel.parcel_no) == before
