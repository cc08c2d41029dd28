"""Claims: the table of moves, amounts to the fen, who is liable by what tracking knows."""

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from county.errors import IllegalMove
from logistics.tracking.types import Cause, Mishap, Reason
from shop.aftersales import rules
from shop.aftersales.types import (
    ClaimEvent,
    ClaimKind,
    ClaimReason,
    ClaimState,
    LiableParty,
    LiableWhy,
    Party,
    Way,
)
from shop.catalogue.types import Category

AT = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GROWER, COURIER, ASSOCIATION = LiableParty


def way(**facts):
    """Give a way on which everybody kept their promise; say only what differs."""
    usual = {
        "packed": True,
        "collected_at": AT,
        "departed_at": AT + DAY,
        "arrived_at": AT + 3 * DAY,
        "delivered_at": AT + 4 * DAY,
        "held_up": False,
        "refused": False,
        "carrier_known": True,
    }
    return Way(**{**usual, **facts})


def test_three_of_ten_oranges_is_three_tenths_of_the_line():
    assert rules.spoiled_fen(6850, spoiled=3, pieces=10) == 2055
    assert rules.spoiled_fen(2990, spoiled=3, pieces=10) == 897


def test_share_is_rounded_half_up():
    assert rules.spoiled_fen(1001, spoiled=1, pieces=2) == 501
    assert rules.spoiled_fen(1000, spoiled=1, pieces=3) == 333
    assert rules.spoiled_fen(1000, spoiled=2, pieces=3) == 667


def test_many_claims_bring_what_one_would():
    # A seeded loop: no health check that a busy machine can fail.
    chance = Random(20261128)
    for _ in range(5_000):
        line_fen, more = chance.randint(1, 10_000_000), chance.choice((0, 0, 1, 7, 50))
        parts = [chance.randint(1, 50) for _ in range(chance.randint(1, 8))]
        pieces, before, paid = sum(parts) + more, 0, []
        for part in parts:
            paid.append(rules.spoiled_fen(line_fen, spoiled=part, pieces=pieces, before=before))
            before += part

        assert sum(paid) == rules.spoiled_fen(line_fen, spoiled=before, pieces=pieces)
        assert min(paid) >= 0
        assert sum(paid) <= line_fen
        assert more or sum(paid) == line_fen


def mishap(reason=Reason.DAMAGED, cause=Cause.UNSAID, at=AT + 2 * DAY):
    return {"mishap": Mishap(reason, cause, at)}


LOST = mishap(Reason.LOST)
BEFORE = AT + timedelta(hours=1)
LIABLE = [
    # what the buyer says, how the parcel travelled, who bears it, why
    ("spoiled", "spoiled", {}, GROWER, LiableWhy.WITHIN_PROMISE),
    ("spoiled", "spoiled", {"departed_at": AT + 2 * DAY}, GROWER, LiableWhy.WITHIN_PROMISE),
    (
        "spoiled",
        "spoiled",
        {"departed_at": AT + 2 * DAY + timedelta(seconds=1)},
        ASSOCIATION,
        LiableWhy.LAY_AT_HUB,
    ),
    ("spoiled", "spoiled", {"arrived_at": AT + 4 * DAY}, GROWER, LiableWhy.WITHIN_PROMISE),
    (
        "spoiled",
        "spoiled",
        {"arrived_at": AT + 4 * DAY + timedelta(seconds=1)},
        COURIER,
        LiableWhy.LATE,
    ),
    ("spoiled", "spoiled", {"held_up": True}, COURIER, LiableWhy.HELD_UP),
    ("spoiled", "spoiled", {"delivered_at": AT + 6 * DAY}, ASSOCIATION, LiableWhy.GOODWILL),
    ("spoiled", "spoiled", {"opened_at": AT + 7 * DAY}, ASSOCIATION, LiableWhy.GOODWILL),
    (
        "spoiled",
        "spoiled",
        {"arrived_at": AT + 5 * DAY, "carrier_known": False},
        ASSOCIATION,
        LiableWhy.CARRIER_UNKNOWN,
    ),
    ("refund_only", "not_arrived", {"packed": False}, GROWER, LiableWhy.NOT_SENT),
    ("refund_only", "not_arrived", {"departed_at": None}, ASSOCIATION, LiableWhy.NOT_HANDED_OVER),
    ("refund_only", "not_arrived", {"delivered_at": None}, COURIER, LiableWhy.LOST),
    ("refund_only", "not_arrived", {"refused": True}, ASSOCIATION, LiableWhy.GOODWILL),
    ("refund_only", "wrong_goods", {}, GROWER, LiableWhy.WRONG_GOODS),
    ("refund_only", "other", {}, ASSOCIATION, LiableWhy.GOODWILL),
    ("refund_only", "other", {"packed": False}, GROWER, LiableWhy.NOT_SENT),
    # damaged or lost, and on whose side; where nobody says, who had the parcel then
    ("spoiled", "spoiled", mishap(), COURIER, LiableWhy.DAMAGED),
    ("spoiled", "spoiled", mishap(at=AT + DAY), COURIER, LiableWhy.DAMAGED),
    ("spoiled", "spoiled", mishap(at=BEFORE), ASSOCIATION, LiableWhy.BEFORE_HAND_OVER),
    ("spoiled", "spoiled", mishap(cause=Cause.CARRIER, at=BEFORE), COURIER, LiableWhy.DAMAGED),
    ("spoiled", "spoiled", mishap(cause=Cause.SHIPPER), GROWER, LiableWhy.BAD_PACKING),
    ("spoiled", "spoiled", mishap(cause=Cause.WEATHER), ASSOCIATION, LiableWhy.GOODWILL),
    ("spoiled", "spoiled", mishap(cause=Cause.CONSIGNEE), ASSOCIATION, LiableWhy.GOODWILL),
    (
        "spoiled",
        "spoiled",
        {**mishap(), "carrier_known": False},
        ASSOCIATION,
        LiableWhy.CARRIER_UNKNOWN,
    ),
    ("refund_only", "not_arrived", {**LOST, "delivered_at": None}, COURIER, LiableWhy.LOST),
    (
        "refund_only",
        "not_arrived",
        {**mishap(Reason.LOST, at=BEFORE), "departed_at": None},
        ASSOCIATION,
        LiableWhy.BEFORE_HAND_OVER,
    ),
    ("refund_only", "not_arrived", {**mishap(), "refused": True}, COURIER, LiableWhy.DAMAGED),
    ("refund_only", "other", mishap(), COURIER, LiableWhy.DAMAGED),
    ("refund_only", "other", {**mishap(), "packed": False}, GROWER, LiableWhy.NOT_SENT),
    ("refund_only", "wrong_goods", mishap(), GROWER, LiableWhy.WRONG_GOODS),
    ("return", "unwanted", mishap(), GROWER, LiableWhy.GOODS_BACK),
    # late, because sender, consignee or weather held it
    (
        "spoiled",
        "spoiled",
        {"arrived_at": AT + 5 * DAY, "excused": True},
        ASSOCIATION,
        LiableWhy.GOODWILL,
    ),
    ("spoiled", "spoiled", {"held_up": True, "excused": True}, COURIER, LiableWhy.HELD_UP),
    ("return", "unwanted", {}, GROWER, LiableWhy.GOODS_BACK),
    ("return", "wrong_goods", {}, GROWER, LiableWhy.WRONG_GOODS),
]


@pytest.mark.parametrize(("kind", "reason", "facts", "party", "why"), LIABLE)
def test_liability_follows_the_parcels_way(kind, reason, facts, party, why):
    facts = dict(facts)
    opened_at = facts.pop("opened_at", AT + 4 * DAY + timedelta(hours=1))

    found = rules.liable(
        ClaimKind(kind), ClaimReason(reason), way(**facts), keeps_days=2, opened_at=opened_at
    )

    assert (found.party, found.why) == (party, why)


def test_fresh_goods_are_known_by_kind_and_title():
    assert rules.is_fresh(Category.FRUIT, "狮头柑")
    assert rules.is_fresh(Category.MUSHROOM, "鲜香菇")
    assert not rules.is_fresh(Category.MUSHROOM, "干香菇")
    assert not rules.is_fresh(Category.TEA, "明前绿茶")


def test_every_move_that_is_not_in_the_table_is_refused():
    tried = 0
    for state, event, party in product(ClaimState, ClaimEvent, Party):
        move = rules.MOVES.get((state, event))
        if move is not None and party in move.who:
            assert rules.move(state, event, by=party) is move.to
            continue
        tried += 1
        with pytest.raises(IllegalMove):
            rules.move(state, event, by=party)
    assert tried == len(ClaimState) * len(ClaimEvent) * len(Party) - sum(
        len(move.who) for move in rules.MOVES.values()
    )


def test_settled_claims_move_no_more_and_waiting_ones_have_a_time():
    settled = set(ClaimState) - set(rules.UNSETTLED)

    assert settled == {ClaimState.DONE, ClaimState.CLOSED, ClaimState.WITHDRAWN}
    assert {state for state, _event in rules.MOVES} == set(rules.UNSETTLED)
    assert set(rules.WAITS) == set(rules.UNSETTLED) - {ClaimState.REFUNDING, ClaimState.STUCK}


def test_refund_key_names_its_claim():
    assert rules.parse_refund_key("claim:SQ1:2") == ("claim", "SQ1")
    assert rules.parse_refund_key("again:TK1") == ("again", "TK1")
    for other in ("cancel:SH1", "claim:", "claim", ""):
        assert rules.parse_refund_key(other) == ("", "")
