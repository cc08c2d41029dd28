"""Damaged and lost parcels: who bears the claim, however late and in whatever order it is told; who hears."""

from itertools import permutations

import pytest

from county.ledger import service as ledger
from county.notices import service as notices
from county.outbox import service as outbox
from logistics.carriers import service as carriers
from logistics.feeds import service as feeds
from logistics.tracking import service as tracking
from logistics.tracking.types import Cause, EventKind, MishapTakenBack, MishapTold, Reason, Source
from shop.accounts.rules import CLAIMS, compensation_account
from shop.aftersales import handlers, service
from shop.aftersales.types import ClaimKind, ClaimReason, LiableParty, LiableWhy
from tests.makers.aftersales import (
    COLLECTED_AT,
    DAY,
    DELIVERED_AT,
    DEPARTED_AT,
    HOUR,
    SEEN_AT,
    asked,
    claim,
    finish_refund,
    make_delivered,
    make_fruit,
    make_packed,
    travel,
)
from tests.makers.logistics import make_carrier, write_csv
from tests.makers.people import ROBOT
from tests.makers.shop import make_card
from tests.services.shop_aftersales.acting import NOT_ARRIVED, approve, codes

HANDED_OVER = (
    (EventKind.COLLECTED_FROM_SENDER, COLLECTED_AT),
    (EventKind.LINEHAUL_DEPARTED, DEPARTED_AT),
)
ON_THE_WAY = DEPARTED_AT + HOUR


@pytest.fixture
def pool(db):
    """Make the courier of the shop's rate card a courier of the pool."""
    make_card(db)
    return make_carrier(db)


def tell(db, order, reason, *, at=ON_THE_WAY, cause=Cause.UNSAID, source=Source.SCAN, recorded_at=None):
    for part in order.consignments:
        travel(
            db, part.parcel_no, EventKind.ON_HOLD, at, reason, cause, source=source, recorded_at=recorded_at
        )


def judged(db, order, found):
    liability = service.judge(db, order=order, claim=found)
    return liability.party, liability.why


def balances(db, found):
    courier = carriers.get_carrier(db, name="中通").id
    return [
        ledger.balance(db, account=account)
        for account in (f"receivable:courier:{courier}", CLAIMS, compensation_account(found.grower_id))
    ]


def test_courier_that_damaged_it_owes_what_the_grower_lost(db, pool):
    order = make_delivered(db, make_fruit(db))
    tell(db, order, Reason.DAMAGED)

    found = finish_refund(db, approve(db, claim(db, order)))

    assert (found.liable, found.liable_why) == (LiableParty.COURIER, LiableWhy.DAMAGED)
    assert found.lost_fen > 0
    assert balances(db, found) == [found.lost_fen, 0, -found.lost_fen]


def test_courier_that_lost_it_owes_although_nothing_was_delivered(db, pool):
    order = make_packed(db, make_fruit(db))
    for part in order.consignments:
        for kind, at in HANDED_OVER:
            travel(db, part.parcel_no, kind, at)
    tell(db, order, Reason.LOST)

    found = finish_refund(db, approve(db, claim(db, order, asked(*NOT_ARRIVED))))

    assert (found.liable, found.liable_why) == (LiableParty.COURIER, LiableWhy.LOST)
    assert balances(db, found) == [found.lost_fen, 0, -found.lost_fen]


def test_parcel_lost_at_the_hub_is_the_associations(db, pool):
    order = make_packed(db, make_fruit(db))
    for part in order.consignments:
        travel(db, part.parcel_no, *HANDED_OVER[0])
    tell(db, order, Reason.LOST, at=COLLECTED_AT + HOUR)

    found = finish_refund(db, approve(db, claim(db, order, asked(*NOT_ARRIVED))))

    assert (found.liable, found.liable_why) == (LiableParty.ASSOCIATION, LiableWhy.BEFORE_HAND_OVER)
    assert balances(db, found) == [0, found.lost_fen, -found.lost_fen]


def test_weak_packing_is_the_growers_and_books_nothing(db, pool):
    order = make_delivered(db, make_fruit(db))
    tell(db, order, Reason.DAMAGED, cause=Cause.SHIPPER)

    found = finish_refund(db, approve(db, claim(db, order)))

    assert (found.liable, found.liable_why) == (LiableParty.GROWER, LiableWhy.BAD_PACKING)
    assert balances(db, found) == [0, 0, 0]


def test_lost_parcel_that_was_found_again_was_held_up_by_the_courier(db, pool):
    order = make_delivered(db, make_fruit(db))
    tell(db, order, Reason.LOST)
    travel(db, order.consignments[0].parcel_no, EventKind.LINEHAUL_ARRIVED, ON_THE_WAY + HOUR)

    liable = judged(db, order, claim(db, order))

    assert liable == (LiableParty.COURIER, LiableWhy.HELD_UP)


def test_weather_that_held_a_parcel_excuses_a_late_courier(db, pool):
    late_at = DEPARTED_AT + 3 * DAY + HOUR
    order = make_delivered(db, make_fruit(db), way=(*HANDED_OVER, (EventKind.COLLECTED, late_at)))
    found = claim(db, order, now=late_at + HOUR)
    assert judged(db, order, found) == (LiableParty.COURIER, LiableWhy.LATE)

    tell(db, order, Reason.UNSAID, cause=Cause.WEATHER)

    assert judged(db, order, found) == (LiableParty.ASSOCIATION, LiableWhy.GOODWILL)


def make_late(db):
    """Have an order delivered an hour too late by the courier, and claimed an hour later."""
    late_at = DEPARTED_AT + 3 * DAY + HOUR
    order = make_delivered(db, make_fruit(db), way=(*HANDED_OVER, (EventKind.COLLECTED, late_at)))
    return order, claim(db, order, now=late_at + HOUR), late_at


@pytest.mark.parametrize(
    ("status", "why", "at"),
    [
        ("问题件", "包装不良", "2026-10-06 09:00"),
        ("问题件", "天气原因", "2026-10-06 09:00"),
        ("问题件", "收件人原因", "2026-10-06 09:00"),
        ("问题件", "包装不良", "2026-10-12 09:00"),
        ("破损", "", "2026-10-05 10:30"),
        ("拒收", "", "2026-10-06 09:00"),
        ("签收", "", "2026-10-06 09:00"),
        ("待取件", "", "2026-10-06 09:00"),
    ],
)
def test_courier_cannot_write_itself_free_after_the_claim(db, pool, tmp_path, status, why, at):
    order, found, late_at = make_late(db)
    number = order.consignments[0].parcel_no
    assert judged(db, order, found) == (LiableParty.COURIER, LiableWhy.LATE)

    path = write_csv(tmp_path, [("运单号", "扫描时间", "状态", "问题原因"), (number, at, status, why)])
    feed = feeds.read_feed(path, name="轨迹")
    told = feeds.record_feed(db, feed=feed, carrier="中通", actor=ROBOT, now=late_at + 10 * DAY)

    assert told == (1, ())
    assert judged(db, order, found) == (LiableParty.COURIER, LiableWhy.LATE)
    (word,) = service.list_couriers_words(db, claim=found)
    assert (word.source, word.recorded_at) == (Source.FEED, late_at + 10 * DAY)


def test_courier_is_heard_that_said_so_before_the_delivery(db, pool):
    order, found, late_at = make_late(db)

    tell(db, order, Reason.UNSAID, cause=Cause.WEATHER, source=Source.FEED, recorded_at=late_at - HOUR)

    assert judged(db, order, found) == (LiableParty.ASSOCIATION, LiableWhy.GOODWILL)
    assert service.list_couriers_words(db, claim=found) == []


def test_courier_that_spoke_between_delivery_and_claim_is_not_heard(db, pool):
    order, found, late_at = make_late(db)

    tell(db, order, Reason.DAMAGED, cause=Cause.SHIPPER, source=Source.FEED, recorded_at=late_at + HOUR / 2)

    assert judged(db, order, found) == (LiableParty.COURIER, LiableWhy.LATE)
    assert len(service.list_couriers_words(db, claim=found)) == 1


def test_couriers_backdated_cause_does_not_beat_the_hubs_report(db, pool):
    order, found, late_at = make_late(db)
    tell(db, order, Reason.DAMAGED, cause=Cause.CARRIER, at=ON_THE_WAY + HOUR)

    tell(db, order, Reason.DAMAGED, cause=Cause.SHIPPER, source=Source.FEED, recorded_at=late_at + 10 * DAY)

    assert judged(db, order, found) == (LiableParty.COURIER, LiableWhy.DAMAGED)


def test_hub_is_heard_on_whose_side_it_lies(db, pool):
    order, found, _late_at = make_late(db)

    tell(db, order, Reason.DAMAGED, cause=Cause.SHIPPER)

    assert judged(db, order, found) == (LiableParty.GROWER, LiableWhy.BAD_PACKING)
    assert service.list_couriers_words(db, claim=found) == []


def test_every_order_of_arrival_gives_the_same_liable_party(db, pool):
    told = [
        (EventKind.LINEHAUL_DEPARTED, DEPARTED_AT, Reason.UNSAID, Cause.UNSAID),
        (EventKind.ON_HOLD, ON_THE_WAY, Reason.LOST, Cause.UNSAID),
        (EventKind.LINEHAUL_ARRIVED, ON_THE_WAY + HOUR, Reason.UNSAID, Cause.UNSAID),
        (EventKind.ON_HOLD, ON_THE_WAY + 2 * HOUR, Reason.DAMAGED, Cause.UNSAID),
    ]
    fruit, ends = make_fruit(db), set()
    for way in permutations(told):
        order = make_packed(db, fruit)
        (part,) = order.consignments
        for event in (*way, way[0]):
            travel(db, part.parcel_no, *event)
        found = claim(db, order, asked(ClaimKind.REFUND_ONLY, ClaimReason.OTHER))
        mishap = tracking.find_mishap(db, parcel_no=part.parcel_no)
        ends.add((mishap, judged(db, order, found)))

    ((mishap, liable),) = ends
    assert (mishap.reason, mishap.at) == (Reason.DAMAGED, ON_THE_WAY + 2 * HOUR)
    assert liable == (LiableParty.COURIER, LiableWhy.DAMAGED)


def test_couriers_file_tells_the_damage_and_reading_it_twice_changes_nothing(db, pool, tmp_path):
    order = make_delivered(db, make_fruit(db))
    (part,) = order.consignments
    found = claim(db, order)
    path = write_csv(
        tmp_path,
        [
            ("运单号", "扫描时间", "状态", "地点", "问题原因"),
            (part.parcel_no, "2026-10-06 09:00", "破损", "西安", ""),
        ],
    )

    for _again in range(2):
        count, faults = feeds.record_feed(
            db, feed=feeds.read_feed(path, name="轨迹"), carrier="中通", actor=ROBOT, now=SEEN_AT
        )
        assert (count, faults) == (1, ())

    held = [
        each for each in tracking.list_events(db, parcel_no=part.parcel_no) if each.reason is Reason.DAMAGED
    ]
    assert len(held) == 1
    assert DEPARTED_AT < held[0].at < DELIVERED_AT
    assert judged(db, order, found) == (LiableParty.COURIER, LiableWhy.DAMAGED)


def announced(db, kind):
    """List the announcements of a kind, the first one first."""
    events = [outbox.read_event(db, event_id=each.id) for each in reversed(outbox.list_announcements(db))]
    return [each for each in events if isinstance(each, kind)]


def hear(db):
    """Let the shop hear twice of everything that befell parcels, and then of what was a mistake."""
    for _twice in range(2):
        for event in announced(db, MishapTold):
            handlers.on_mishap_told(db, event, SEEN_AT)
        for event in announced(db, MishapTakenBack):
            handlers.on_mishap_taken_back(db, event, SEEN_AT)


def take_back(db, order):
    """Take back what was told last of an order's parcel."""
    number = order.consignments[0].parcel_no
    newest = tracking.list_reports(db, parcel_no=number)[0]
    tracking.take_back(db, parcel_no=number, event_id=newest.id, why="看错了单号", actor=ROBOT, now=SEEN_AT)


def news(db, order):
    """Give what buyer and grower heard of the parcel."""
    return [
        sorted(code for code in codes(db, person_id) if code.startswith("parcel_"))
        for person_id in (order.buyer_id, order.lines[0].grower_id)
    ]


def test_file_that_says_it_was_found_again_tells_nobody_that_it_is_lost(db, pool, tmp_path):
    order = make_packed(db, make_fruit(db))
    number = order.consignments[0].parcel_no
    rows = [("丢失", "2026-10-06 09:00"), ("到达", "2026-10-06 11:00"), ("派件", "2026-10-07 08:00")]
    path = write_csv(
        tmp_path,
        [("运单号", "扫描时间", "状态"), *((number, at, status) for status, at in rows)],
    )
    feeds.record_feed(db, feed=feeds.read_feed(path, name="轨迹"), carrier="中通", actor=ROBOT, now=SEEN_AT)
    assert [each.reason for each in announced(db, MishapTold)] == [Reason.LOST]

    hear(db)

    assert news(db, order) == [[], []]


def test_mistake_is_told_once_to_those_who_heard_and_what_comes_after_is_news_again(db, pool):
    order = make_packed(db, make_fruit(db))
    tell(db, order, Reason.LOST)
    hear(db)
    take_back(db, order)
    hear(db)
    assert news(db, order) == [
        ["parcel_lost", "parcel_lost_mistake"],
        ["parcel_lost_grower", "parcel_lost_grower_mistake"],
    ]

    tell(db, order, Reason.LOST, at=ON_THE_WAY + HOUR)
    hear(db)

    assert news(db, order)[0] == ["parcel_lost", "parcel_lost", "parcel_lost_mistake"]


def test_mistake_before_anybody_heard_tells_nobody_anything(db, pool):
    order = make_packed(db, make_fruit(db))
    tell(db, order, Reason.DAMAGED)
    take_back(db, order)

    hear(db)

    assert news(db, order) == [[], []]


def test_one_of_two_reports_taken_back_is_no_mistake_yet(db, pool):
    order = make_packed(db, make_fruit(db))
    tell(db, order, Reason.DAMAGED)
    tell(db, order, Reason.DAMAGED, at=ON_THE_WAY + HOUR)
    hear(db)
    take_back(db, order)
    hear(db)
    assert news(db, order)[0] == ["parcel_damaged"]

    take_back(db, order)
    hear(db)

    assert news(db, order)[0] == ["parcel_damaged", "parcel_damaged_mistake"]


def test_report_taken_back_bears_no_claim(db, pool):
    order = make_delivered(db, make_fruit(db))
    tell(db, order, Reason.DAMAGED, cause=Cause.SHIPPER)
    found = claim(db, order)
    assert judged(db, order, found) == (LiableParty.GROWER, LiableWhy.BAD_PACKING)

    take_back(db, order)

    assert judged(db, order, found) == (LiableParty.GROWER, LiableWhy.WITHIN_PROMISE)


@pytest.mark.parametrize("source", [Source.SCAN, Source.FEED])
@pytest.mark.parametrize("cause", [Cause.UNSAID, Cause.SHIPPER])
def test_what_is_told_of_the_time_after_delivery_bears_no_claim_and_tells_nobody(db, pool, source, cause):
    order = make_delivered(db, make_fruit(db))
    found = claim(db, order)

    tell(db, order, Reason.DAMAGED, at=SEEN_AT + DAY, cause=cause, source=source)

    assert judged(db, order, found) == (LiableParty.GROWER, LiableWhy.WITHIN_PROMISE)
    hear(db)
    assert news(db, order) == [[], []]


def test_buyer_and_grower_hear_of_it_once(db, pool):
    order = make_delivered(db, make_fruit(db))
    tell(db, order, Reason.DAMAGED)
    tell(db, order, Reason.DAMAGED, at=ON_THE_WAY + HOUR)
    told = announced(db, MishapTold)
    assert len(told) == 2

    for event in (*told, *told):
        handlers.on_mishap_told(db, event, SEEN_AT)

    assert codes(db, order.buyer_id).count("parcel_damaged") == 1
    assert codes(db, order.lines[0].grower_id).count("parcel_damaged_grower") == 1
    heard = [
        each for each in notices.list_notices(db, person_id=order.buyer_id) if each.code == "parcel_damaged"
    ]
    assert [(each.facts, each.link) for each in heard] == [
        ({"order": order.order_no}, f"/orders/{order.order_no}")
    ]
