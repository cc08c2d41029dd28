"""Claims on a real database: opened to the fen or refused; nothing changes on a refusal."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from county.errors import NotFound
from county.ids import new_id
from shop.aftersales import service
from shop.aftersales.types import (
    Asked,
    BadClaim,
    ClaimIsOpen,
    ClaimKind,
    ClaimLate,
    ClaimReason,
    ClaimState,
    NoReturnForFresh,
    NotClaimable,
)
from shop.orders import service as orders
from shop.orders.types import OrderState
from shop.payouts import service as payouts
from tests.makers.aftersales import (
    DAY,
    DELIVERED_AT,
    HOUR,
    SEEN_AT,
    asked,
    claim,
    finish_refund,
    make_delivered,
    make_fruit,
    make_packed,
    make_paid,
    spoiled,
)
from tests.makers.people import ROBOT, make_buyer
from tests.makers.shop import make_card, make_grower
from tests.services.shop_aftersales.acting import (
    NOT_ARRIVED,
    UNWANTED,
    approve,
    codes,
    sums,
)


def test_three_of_ten_spoiled_is_refunded_to_the_fen(db, order):
    found = claim(db, order)
    assert (found.state, found.goods_fen, found.freight_fen) == (ClaimState.OPEN, 2055, 0)
    assert found.due_at == SEEN_AT + DAY
    assert "claim_opened" in codes(db, found.grower_id)

    after = approve(db, found)

    assert after.state is ClaimState.REFUNDING
    assert sums(db, order) == [2055]
    assert "claim_approved" in codes(db, found.buyer_id)
    done = finish_refund(db, after)
    assert (done.state, done.closed_at) == (ClaimState.DONE, SEEN_AT)
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.DELIVERED


def test_second_claim_of_the_line_is_cumulative_and_ends_at_the_line(db, order):
    first = finish_refund(db, approve(db, claim(db, order)))
    second = finish_refund(db, approve(db, claim(db, order, spoiled(db, order, of=(7, 10)))))

    assert (first.goods_fen, second.goods_fen, second.freight_fen) == (2055, 4795, 800)
    assert orders.get_order(db, order_no=order.order_no).state is OrderState.REFUNDED
    with pytest.raises(NotClaimable):
        claim(db, order)


BAD = {
    "none spoiled": (ClaimKind.SPOILED, ClaimReason.SPOILED, 0, 10, 1, "烂", "spoiled"),
    "more than received": (ClaimKind.SPOILED, ClaimReason.SPOILED, 11, 10, 1, "烂", "spoiled"),
    "no pieces": (ClaimKind.SPOILED, ClaimReason.SPOILED, 1, 0, 1, "烂", "pieces"),
    "no photo": (ClaimKind.SPOILED, ClaimReason.SPOILED, 1, 10, 0, "烂", "picture"),
    "seven photos": (ClaimKind.SPOILED, ClaimReason.SPOILED, 1, 10, 7, "烂", "picture"),
    "too many words": (ClaimKind.SPOILED, ClaimReason.SPOILED, 1, 10, 1, "烂" * 501, "says"),
    "wrong reason": (ClaimKind.SPOILED, ClaimReason.OTHER, 1, 10, 1, "烂", "reason"),
    "pieces without spoiled": (ClaimKind.REFUND_ONLY, ClaimReason.NOT_ARRIVED, 1, 1, 0, "烂", "spoiled"),
    "other without words": (ClaimKind.REFUND_ONLY, ClaimReason.OTHER, 0, 0, 0, "", "says"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_claim_says_where_and_changes_nothing(db, order, case):
    kind, reason, count, pieces, pictures, says, field = BAD[case]
    ids = tuple(spoiled(db, order).picture_ids[0] for _ in range(pictures))

    with pytest.raises(BadClaim) as refusal:
        claim(db, order, Asked(0, kind, reason, count, pieces, says, ids))

    assert refusal.value.facts["field"] == field
    assert service.list_claims(db, order_no=order.order_no) == []


def test_more_pieces_than_remain_after_an_earlier_claim_are_refused(db, order):
    finish_refund(db, approve(db, claim(db, order)))

    for of in ((8, 10), (1, 5)):
        with pytest.raises(BadClaim):
            claim(db, order, spoiled(db, order, of=of))

    assert len(service.list_claims(db, order_no=order.order_no)) == 1


def test_others_order_line_and_pictures_are_not_taken(db, order):
    wanted = spoiled(db, order)
    stranger = make_buyer(db)

    with pytest.raises(NotFound):
        service.open_claim(
            db, order_no=order.order_no, buyer_id=stranger.id, asked=wanted, actor=ROBOT, now=SEEN_AT
        )
    with pytest.raises(NotFound):
        claim(db, order, spoiled(db, order, position=1))
    with pytest.raises(BadClaim):
        claim(db, order, Asked(0, wanted.kind, wanted.reason, 1, 10, "", (new_id(),)))

    assert service.list_claims(db, order_no=order.order_no) == []


def test_line_has_one_open_claim(db, order):
    first = claim(db, order)

    with pytest.raises(ClaimIsOpen) as refusal:
        claim(db, order)

    assert refusal.value.facts["claim_no"] == first.claim_no
    assert len(service.list_claims(db, order_no=order.order_no)) == 1


def test_database_itself_refuses_a_second_open_claim(db, order):
    claim(db, order)

    with pytest.raises(DBAPIError), db.begin_nested():
        _copy_claim(db)

    assert len(service.list_claims(db, order_no=order.order_no)) == 1


def _copy_claim(db):
    """Write the claim once more under another id and number, past the service."""
    row = dict(db.execute(text("SELECT * FROM shop_claim")).mappings().one())
    row |= {"id": new_id().hex, "number": "SQ0"}
    names = ", ".join(row)
    db.execute(text(f"INSERT INTO shop_claim ({names}) VALUES ({', '.join(':' + n for n in row)})"), row)


def test_claim_window_ends_to_the_second(db, order):
    until_at = DELIVERED_AT + timedelta(hours=48)
    assert order.claim_until == until_at

    with pytest.raises(ClaimLate):
        claim(db, order, now=until_at)
    assert service.list_claims(db, order_no=order.order_no) == []

    assert claim(db, order, now=until_at - timedelta(seconds=1)).state is ClaimState.OPEN


def test_released_order_takes_no_claim_of_spoiled_goods(db, order):
    until_at = order.claim_until
    assert payouts.release_order(db, order_no=order.order_no, now=until_at)

    with pytest.raises(ClaimLate):
        claim(db, order, now=until_at - HOUR)

    assert service.list_claims(db, order_no=order.order_no) == []


def test_release_waits_for_the_claim_and_comes_after_it(db, order):
    found = claim(db, order)
    late_at = order.claim_until + HOUR
    assert service.has_open_claim(db, order_no=order.order_no)
    assert not payouts.release_order(db, order_no=order.order_no, now=late_at)

    finish_refund(db, approve(db, found))

    assert not service.has_open_claim(db, order_no=order.order_no)
    assert payouts.release_order(db, order_no=order.order_no, now=late_at)


def test_undelivered_order_can_be_refunded_but_not_claimed_as_spoiled(db):
    make_card(db)
    order = make_packed(db, make_fruit(db))

    for wanted in (spoiled(db, order), asked(*UNWANTED)):
        with pytest.raises(NotClaimable):
            claim(db, order, wanted)

    found = claim(db, order, asked(*NOT_ARRIVED))
    assert (found.goods_fen, found.freight_fen) == (6850, 800)


def test_unpaid_order_cannot_be_claimed(db):
    make_card(db)
    order = make_paid(db, make_fruit(db))
    db.execute(text("UPDATE shop_order SET state = 'cancelled'"))
    db.expire_all()

    with pytest.raises(NotClaimable):
        claim(db, order, asked(*NOT_ARRIVED))

    assert service.list_claims(db, order_no=order.order_no) == []


def test_fresh_goods_are_not_returned_and_the_law_is_named(db, order):
    with pytest.raises(NoReturnForFresh) as refusal:
        claim(db, order, asked(*UNWANTED))

    assert "article 25" in str(refusal.value)
    assert service.list_claims(db, order_no=order.order_no) == []


def test_freight_goes_back_with_the_last_goods_of_the_order(db):
    make_card(db)
    grower = make_grower(db)
    order = make_delivered(db, make_fruit(db, grower=grower), make_fruit(db, grower=grower, title="柿饼"))

    first = approve(db, claim(db, order, asked(*NOT_ARRIVED)))
    second = claim(db, order, asked(*NOT_ARRIVED, position=1))

    assert (first.goods_fen, first.freight_fen) == (6850, 0)
    assert (second.goods_fen, second.freight_fen) == (6850, order.freight_fen)
