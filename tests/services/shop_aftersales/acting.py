"""Acts on claims that the tests of this folder share, and what is read back."""

from county.notices import service as notices
from shop.aftersales import service
from shop.aftersales.types import ClaimKind, ClaimReason, Party
from shop.refunds import service as refunds
from tests.makers.aftersales import SEEN_AT
from tests.makers.people import ROBOT

NOT_ARRIVED = (ClaimKind.REFUND_ONLY, ClaimReason.NOT_ARRIVED)
UNWANTED = (ClaimKind.RETURN, ClaimReason.UNWANTED)


def read(db, found):
    """Give a claim as it is now."""
    return service.get_file(db, claim_no=found.claim_no).claim


def approve(db, found, *, by=Party.GROWER, now=SEEN_AT, **more):
    """Accept a claim."""
    return service.approve(
        db, claim_no=found.claim_no, version=found.version, by=by, actor=ROBOT, now=now, **more
    )


def refuse(db, found, *, by=Party.GROWER, now=SEEN_AT, says="照片不清楚"):
    """Refuse a claim with a reason."""
    return service.refuse(
        db, claim_no=found.claim_no, version=found.version, by=by, says=says, actor=ROBOT, now=now
    )


def appeal(db, found, *, now=SEEN_AT):
    """Ask the association about a refused claim."""
    return service.appeal(
        db,
        claim_no=found.claim_no,
        version=found.version,
        buyer_id=found.buyer_id,
        says="请看照片",
        actor=ROBOT,
        now=now,
    )


def sums(db, order):
    """Give an order's refunds in fen."""
    return [refund.fen for refund in refunds.list_refunds(db, order_no=order.order_no)]


def codes(db, person_id):
    """Give the codes of what a person was told."""
    return [notice.code for notice in notices.list_notices(db, person_id=person_id)]
