"""Decisions: accepted, refused, appealed, timed out; one wins, and nothing changes on a refusal."""

from datetime import timedelta

import pytest

from county.errors import IllegalMove, NotFound, Stale
from county.tasks.types import TaskGone
from shop.aftersales import service
from shop.aftersales.types import (
    BadDecision,
    ClaimDecided,
    ClaimLate,
    ClaimState,
    DecisionLate,
    NothingLeft,
    Party,
)
from shop.catalogue.types import Category
from shop.orders import service as orders
from shop.payouts import service as payouts
from shop.refunds import service as refunds
from tests.makers.aftersales import (
    DAY,
    DELIVERED_AT,
    HOUR,
    SEEN_AT,
    asked,
    claim,
    make_delivered,
    make_fruit,
    spoiled,
)
from tests.makers.people import ROBOT
from tests.makers.shop import make_card, make_grower, make_seller
from tests.services.shop_aftersales.acting import (
    UNWANTED,
    appeal,
    approve,
    read,
    refuse,
    sums,
)


def test_seller_who_does_not_decide_in_time_has_accepted(db, order):
    found = claim(db, order)
    due_at = found.due_at

    assert service.list_due(db, now=due_at - timedelta(seconds=1)) == []
    assert service.run_due(db, claim_no=found.claim_no, now=due_at - timedelta(seconds=1)) is None
    assert read(db, found) == found
    assert service.list_due(db, now=due_at) == [found.claim_no]

    after = service.run_due(db, claim_no=found.claim_no, now=due_at)

    assert (after.state, sums(db, order)) == (ClaimState.REFUNDING, [2055])
    assert service.run_due(db, claim_no=found.claim_no, now=due_at) is None
    assert service.get_file(db, claim_no=found.claim_no).steps[0].party is Party.CLOCK


def test_decision_after_its_time_is_refused(db, order):
    found = claim(db, order)

    for decide in (approve, refuse):
        with pytest.raises(DecisionLate):
            decide(db, found, now=found.due_at)

    assert read(db, found) == found
    assert sums(db, order) == []


def test_two_who_decide_at_once_one_wins(db, order):
    found = claim(db, order)
    approve(db, found)

    with pytest.raises(Stale):
        refuse(db, found)
    with pytest.raises(Stale):
        approve(db, found, by=Party.ASSOCIATION)

    assert sums(db, order) == [2055]


def test_refusal_needs_a_reason_and_can_be_appealed_once(db, order):
    found = claim(db, order)
    with pytest.raises(BadDecision):
        refuse(db, found, says=" ")
    assert read(db, found) == found

    refused = refuse(db, found)
    assert (refused.state, refused.due_at) == (ClaimState.REFUSED, SEEN_AT + 2 * DAY)
    appealed = appeal(db, refused)
    with pytest.raises(IllegalMove):
        approve(db, appealed, by=Party.GROWER)
    closed = refuse(db, appealed, by=Party.ASSOCIATION)

    assert closed.state is ClaimState.CLOSED
    with pytest.raises(IllegalMove):
        appeal(db, closed)
    with pytest.raises(ClaimDecided):
        claim(db, order)
    assert sums(db, order) == []


def test_appeal_after_48_hours_is_too_late_and_closes_by_itself(db, order):
    refused = refuse(db, claim(db, order))

    with pytest.raises(DecisionLate):
        appeal(db, refused, now=refused.due_at)
    assert read(db, refused) == refused

    assert service.run_due(db, claim_no=refused.claim_no, now=refused.due_at).state is ClaimState.CLOSED
    assert sums(db, order) == []


def test_appeal_that_nobody_decides_goes_the_buyers_way(db, order):
    appealed = appeal(db, refuse(db, claim(db, order)))

    after = service.run_due(db, claim_no=appealed.claim_no, now=appealed.due_at)

    assert (after.state, sums(db, order)) == (ClaimState.REFUNDING, [2055])


def test_association_accepts_an_appeal(db, order):
    appealed = appeal(db, refuse(db, claim(db, order)))

    assert approve(db, appealed, by=Party.ASSOCIATION).state is ClaimState.REFUNDING
    assert sums(db, order) == [2055]


def test_decider_may_give_more_but_not_less(db, order):
    found = claim(db, order)
    for pieces in (2, 11):
        with pytest.raises(BadDecision):
            approve(db, found, spoiled=pieces)
    assert read(db, found) == found

    after = approve(db, found, spoiled=5)

    assert (after.spoiled, after.goods_fen, sums(db, order)) == (5, 3425, [3425])


def test_withdrawn_claim_can_be_made_anew(db, order):
    found = claim(db, order)
    gone = service.withdraw(
        db, claim_no=found.claim_no, version=found.version, buyer_id=found.buyer_id, actor=ROBOT, now=SEEN_AT
    )

    assert gone.state is ClaimState.WITHDRAWN
    assert not service.has_open_claim(db, order_no=order.order_no)
    assert claim(db, order).state is ClaimState.OPEN


def test_others_claims_are_not_found(db, order):
    found = claim(db, order)
    stranger = make_grower(db)

    with pytest.raises(NotFound):
        approve(db, found, grower_id=stranger.id)
    with pytest.raises(NotFound):
        service.get_file(db, claim_no=found.claim_no, buyer_id=stranger.id)
    with pytest.raises(NotFound):
        service.get_file(db, claim_no=found.claim_no, grower_id=stranger.id)

    assert read(db, found) == found


def test_claim_of_an_order_that_was_paid_back_otherwise_closes_by_itself(db, order):
    found = claim(db, order)
    locked = orders.get_order_locked(db, order_no=order.order_no)
    refunds.open_refund(
        db, order=locked, key="other", goods={0: 6850}, freight_fen=800, reason="退", actor=ROBOT, now=SEEN_AT
    )

    with pytest.raises(NothingLeft):
        approve(db, found)
    assert read(db, found) == found

    assert service.run_due(db, claim_no=found.claim_no, now=found.due_at).state is ClaimState.CLOSED


def test_claim_never_brings_more_than_is_left_of_the_line(db, order):
    locked = orders.get_order_locked(db, order_no=order.order_no)
    refunds.open_refund(db, order=locked, key="other", goods={0: 6000}, reason="退", actor=ROBOT, now=SEEN_AT)

    assert claim(db, order).goods_fen == 850


def test_claims_of_two_growers_are_decided_by_each(db):
    make_card(db)
    seller = make_seller(db)
    one, two = make_grower(db, seller=seller), make_grower(db, seller=seller)
    order = make_delivered(db, make_fruit(db, grower=one), make_fruit(db, grower=two, title="柿饼"))
    line = next(number for number, line in enumerate(order.lines) if line.grower_id == two.id)

    found = claim(db, order, spoiled(db, order, position=line))

    assert found.grower_id == two.id
    assert [each.claim_no for each in service.list_claims(db, grower_id=two.id)] == [found.claim_no]
    assert service.list_claims(db, grower_id=one.id) == []
    with pytest.raises(NotFound):
        approve(db, found, grower_id=one.id)
    assert approve(db, found, grower_id=two.id).state is ClaimState.REFUNDING


def test_tea_is_returned_within_seven_days_even_after_the_release(db):
    make_card(db)
    order = make_delivered(db, make_fruit(db, title="明前绿茶", category=Category.TEA))
    payouts.release_order(db, order_no=order.order_no, now=order.claim_until)

    with pytest.raises(ClaimLate):
        claim(db, order, asked(*UNWANTED), now=DELIVERED_AT + 7 * DAY)
    found = claim(db, order, asked(*UNWANTED), now=DELIVERED_AT + 7 * DAY - HOUR)

    assert (found.state, found.fen) == (ClaimState.OPEN, 6850)


def test_appeals_wait_as_tasks_of_the_association(db, order):
    tasks = service.ClaimTasks()
    assert (tasks.list_tasks(db, now=SEEN_AT, limit=9), tasks.count_tasks(db, now=SEEN_AT)) == ([], 0)

    found = appeal(db, refuse(db, claim(db, order)))

    (task,) = tasks.list_tasks(db, now=SEEN_AT, limit=9)
    assert (task.fen, task.link) == (2055, f"/aftersales/{found.claim_no}")
    assert tasks.count_tasks(db, now=SEEN_AT) == 1
    with pytest.raises(TaskGone):
        tasks.act(db, key=task.key, act="x", note="", actor=ROBOT, now=SEEN_AT)
