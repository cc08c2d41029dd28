"""Who bears a claim: by tracking, booked once to the fen, changed with a reason, netted with the month."""

import pytest

from county.errors import IllegalMove, NotFound
from county.ledger import service as ledger
from county.notices import service as notices
from county.payments import service as payments
from county.payments.gateway import CallRefused
from logistics.carriers import service as carriers
from logistics.netting import service as netting
from logistics.netting.types import PeriodState
from logistics.tracking.types import EventKind
from shop.accounts.rules import CLAIMS, compensation_account
from shop.aftersales import handlers, service
from shop.aftersales.types import BadDecision, ClaimState, LiableParty, LiableWhy, Party
from shop.refunds import service as refunds
from shop.refunds.types import RefundDone, RefundRefused
from tests.makers.aftersales import (
    COLLECTED_AT,
    DAY,
    DEPARTED_AT,
    HOUR,
    claim,
    finish_refund,
    make_delivered,
    make_fruit,
)
from tests.makers.logistics import MONTH_OVER, PERIOD, close_month, compute_month, make_carrier, make_month
from tests.makers.people import NOW, ROBOT
from tests.makers.shop import make_card

LATE_AT = DEPARTED_AT + 3 * DAY + HOUR
LATE = (
    (EventKind.COLLECTED_FROM_SENDER, COLLECTED_AT),
    (EventKind.LINEHAUL_DEPARTED, DEPARTED_AT),
    (EventKind.COLLECTED, LATE_AT),
)
AT_HUB = (
    (EventKind.COLLECTED_FROM_SENDER, COLLECTED_AT),
    (EventKind.LINEHAUL_DEPARTED, COLLECTED_AT + 2 * DAY + HOUR),
    (EventKind.COLLECTED, LATE_AT),
)
SEEN_AT = LATE_AT + HOUR


@pytest.fixture
def late(db):
    """Make an order that the courier of the pool delivered too late."""
    make_card(db)
    make_carrier(db)
    return make_delivered(db, make_fruit(db), way=LATE)


def settle(db, order, wanted=None, *, now=SEEN_AT):
    """Claim, accept, and let the money go back."""
    found = claim(db, order, wanted, now=now)
    found = service.approve(
        db, claim_no=found.claim_no, version=found.version, by=Party.GROWER, actor=ROBOT, now=now
    )
    return finish_refund(db, found, now=now)


def owed_by_courier(db):
    return ledger.balance(db, account=f"receivable:courier:{carriers.get_carrier(db, name='中通').id}")


def decide(db, found, party, says="包装完好"):
    return service.decide_liability(
        db, claim_no=found.claim_no, version=found.version, party=party, says=says, actor=ROBOT, now=SEEN_AT
    )


def compensation(db, found):
    return ledger.balance(db, account=compensation_account(found.grower_id))


def test_late_courier_owes_what_the_grower_lost(db, late):
    found = settle(db, late)

    # 20.55 of goods: 1.02 return from the association's part (3.43), 19.53 from the grower's (65.07).
    assert (found.state, found.liable, found.liable_why) == (
        ClaimState.DONE,
        LiableParty.COURIER,
        LiableWhy.LATE,
    )
    assert found.lost_fen == 1953
    assert owed_by_courier(db) == 1953
    assert compensation(db, found) == -1953
    assert ledger.balance(db, account=CLAIMS) == 0
    told = [notice.code for notice in notices.list_notices(db, person_id=found.grower_id)]
    assert "claim_compensated" in told


def test_lost_parts_are_what_the_refund_took_from_the_grower(db, late):
    found = settle(db, late)

    (refund,) = refunds.list_refunds(db, order_no=late.order_no)
    assert sum(part.fen for part in refund.parts if part.payee == "grower") == found.lost_fen
    assert refund.fen == 2055


def test_grower_who_is_liable_gets_nothing(db):
    make_card(db)
    make_carrier(db)
    order = make_delivered(db, make_fruit(db))

    found = settle(db, order, now=order.delivered_at + HOUR)

    assert (found.liable, found.lost_fen, found.booked) == (LiableParty.GROWER, 1953, 0)
    assert compensation(db, found) == 0
    assert owed_by_courier(db) == 0


def test_association_bears_what_lay_at_the_hub(db):
    make_card(db)
    make_carrier(db)
    order = make_delivered(db, make_fruit(db), way=AT_HUB)

    found = settle(db, order)

    assert (found.liable, found.liable_why) == (LiableParty.ASSOCIATION, LiableWhy.LAY_AT_HUB)
    assert ledger.balance(db, account=CLAIMS) == 1953
    assert compensation(db, found) == -1953
    assert owed_by_courier(db) == 0


def test_courier_outside_the_pool_is_borne_by_the_association(db):
    make_card(db)
    order = make_delivered(db, make_fruit(db), way=LATE)

    found = settle(db, order)

    assert (found.liable, found.liable_why) == (LiableParty.ASSOCIATION, LiableWhy.CARRIER_UNKNOWN)
    assert ledger.balance(db, account=CLAIMS) == 1953
    with pytest.raises(BadDecision):
        decide(db, found, LiableParty.COURIER)


def test_refund_done_told_twice_is_booked_once(db, late):
    found = settle(db, late)
    (refund,) = refunds.list_refunds(db, order_no=late.order_no)

    handlers.on_refund_done(
        db, RefundDone(late.order_no, refund.refund_no, refund.key, refund.fen), SEEN_AT + DAY
    )

    assert owed_by_courier(db) == 1953
    assert service.get_file(db, claim_no=found.claim_no).claim == found


def test_refund_that_belongs_to_no_claim_changes_nothing(db, late):
    found = claim(db, late, now=SEEN_AT)

    handlers.on_refund_done(db, RefundDone(late.order_no, "TK1", "cancel:1", 1), SEEN_AT)
    handlers.on_refund_refused(db, RefundRefused(late.order_no, "TK1", "cancel:1", 1), SEEN_AT)

    assert service.get_file(db, claim_no=found.claim_no).claim == found


def test_association_overrides_and_the_books_follow(db, late):
    found = settle(db, late)

    moved = decide(db, found, LiableParty.ASSOCIATION)
    assert (moved.liable, moved.liable_why, moved.booked) == (
        LiableParty.ASSOCIATION,
        LiableWhy.DECIDED,
        2,
    )
    assert (owed_by_courier(db), ledger.balance(db, account=CLAIMS), compensation(db, found)) == (
        0,
        1953,
        -1953,
    )

    again = decide(db, moved, LiableParty.GROWER)
    assert (owed_by_courier(db), ledger.balance(db, account=CLAIMS), compensation(db, found)) == (0, 0, 0)

    last = decide(db, again, LiableParty.COURIER)
    assert (owed_by_courier(db), compensation(db, last)) == (1953, -1953)


def test_liability_is_decided_after_the_claim_is_accepted(db, late):
    found = claim(db, late, now=SEEN_AT)
    with pytest.raises(IllegalMove):
        decide(db, found, LiableParty.GROWER)

    assert service.get_file(db, claim_no=found.claim_no).claim == found


def test_override_without_words_changes_nothing(db, late):
    found = settle(db, late)

    with pytest.raises(BadDecision):
        decide(db, found, LiableParty.GROWER, says=" ")

    assert owed_by_courier(db) == 1953
    assert service.get_file(db, claim_no=found.claim_no).claim == found


def test_refused_refund_is_seen_and_paid_again(db, late):
    found = claim(db, late, now=SEEN_AT)
    found = service.approve(
        db, claim_no=found.claim_no, version=found.version, by=Party.GROWER, actor=ROBOT, now=SEEN_AT
    )
    refuse_refund(db, found)
    stuck = service.get_file(db, claim_no=found.claim_no).claim
    assert stuck.state is ClaimState.STUCK
    assert service.has_open_claim(db, order_no=late.order_no)

    again = service.retry(db, claim_no=found.claim_no, version=stuck.version, actor=ROBOT, now=SEEN_AT)

    assert (again.state, again.refund_key) == (ClaimState.REFUNDING, f"claim:{found.claim_no}:2")
    assert finish_refund(db, again, now=SEEN_AT).lost_fen == 1953
    assert owed_by_courier(db) == 1953


def test_refund_tried_again_by_others_closes_the_claim_too(db, late):
    found = claim(db, late, now=SEEN_AT)
    found = service.approve(
        db, claim_no=found.claim_no, version=found.version, by=Party.GROWER, actor=ROBOT, now=SEEN_AT
    )
    refused = refuse_refund(db, found)

    again = refunds.retry_refund(db, refund_no=refused.refund_no, actor=ROBOT, now=SEEN_AT)
    handlers.on_refund_done(db, RefundDone(late.order_no, again.refund_no, again.key, again.fen), SEEN_AT)

    assert service.get_file(db, claim_no=found.claim_no).claim.state is ClaimState.DONE
    assert owed_by_courier(db) == 1953


def refuse_refund(db, found):
    """Let Alipay refuse a claim's refund for good, and the shop hear of it."""
    (refund,) = refunds.list_refunds(db, order_no=found.order_no)
    instruction = payments.find_instruction(db, key=f"refund:{refund.refund_no}")
    payments.begin_instruction(db, instruction_id=instruction.id, now=SEEN_AT)
    outcome = CallRefused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "余额不足")
    payments.close_instruction(db, instruction_id=instruction.id, outcome=outcome, now=SEEN_AT)
    event = RefundRefused(refund.order_no, refund.refund_no, refund.key, refund.fen)
    handlers.on_refund_refused(db, event, SEEN_AT)
    return refund


def record(db, ref, fen, *, now=NOW):
    """Put a claim into what 中通 owes, without booking it."""
    return netting.record_courier_claim(
        db, ref=ref, carrier="中通", parcel_no="WB1", fen=fen, actor=ROBOT, now=now
    )


def test_months_line_shows_the_claims_and_clears_them(db):
    first, second = make_month(db)
    account = record(db, "SQ1:1", 1952)
    assert record(db, "SQ1:1", 1952) == account
    record(db, "SQ2:1", 1_000)
    record(db, "SQ2:-1", -1_000)

    compute_month(db, person_id=first.id)
    period = netting.get_period(db, period=PERIOD)
    line = next(line for line in period.lines if line.carrier == "中通")
    assert line.claims_fen == 1952
    assert line.net_fen == line.share_fen + 1952 - line.agreed_fen
    assert [claim.ref for claim in netting.list_courier_claims(db, period=PERIOD)] == [
        "SQ1:1",
        "SQ2:-1",
        "SQ2:1",
    ]
    close_month(db, person_id=second.id)

    closed = netting.get_period(db, period=PERIOD)
    assert closed.state is PeriodState.CLOSED
    entry = ledger.get_entry(db, key=f"net:{PERIOD}")
    assert sum(posting.fen for posting in entry.postings) == 0
    # What the claims' own entries put on the account is cleared: with them it owes its net.
    posted = sum(posting.fen for posting in entry.postings if posting.account == account)
    assert posted == max(line.net_fen, 0) - 1952
    assert {claim.period for claim in netting.list_courier_claims(db, period=PERIOD)} == {PERIOD}


def test_claim_of_the_next_month_waits_for_it(db):
    first, second = make_month(db)
    record(db, "SQ1:1", 1952, now=MONTH_OVER)
    compute_month(db, person_id=first.id)
    close_month(db, person_id=second.id)

    assert netting.list_courier_claims(db, period=PERIOD) == []
    assert [claim.ref for claim in netting.list_courier_claims(db, period="2026-11")] == ["SQ1:1"]


def test_claim_against_an_unknown_carrier_is_refused(db):
    with pytest.raises(NotFound):
        netting.record_courier_claim(
            db, ref="SQ1:1", carrier="无名", parcel_no="", fen=1, actor=ROBOT, now=NOW
        )
    assert netting.list_courier_claims(db, period=PERIOD) == []
