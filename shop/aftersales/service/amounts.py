"""How much of a line and of the freight a claim brings, by what went back already."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from shop.aftersales import rules
from shop.aftersales.types import Claim, ClaimKind, ClaimReason, ClaimState
from shop.orders.types import Order
from shop.refunds import service as refunds
from shop.refunds.types import RefundState

# Claims of spoiled pieces whose money went back or is on its way.
PAID = (ClaimState.REFUNDING, ClaimState.STUCK, ClaimState.DONE)


@dataclass(frozen=True)
class Amount:
    """The money of a claim."""

    goods_fen: int
    freight_fen: int


def refunded(db: Session, *, order: Order) -> tuple[dict[int, int], int]:
    """Give what went back of each line so far, planned or done, and of the freight."""
    goods: dict[int, int] = {}
    freight_fen = 0
    for refund in refunds.list_refunds(db, order_no=order.order_no):
        if refund.state is RefundState.REFUSED:
            continue
        freight_fen += refund.freight_fen
        for position, fen in refund.goods:
            goods[position] = goods.get(position, 0) + fen
    return goods, freight_fen


def paid_spoiled(claims: Sequence[Claim]) -> list[Claim]:
    """Pick the claims of spoiled pieces that were or are being paid."""
    return [claim for claim in claims if claim.kind is ClaimKind.SPOILED and claim.state in PAID]


def amount(
    db: Session,
    *,
    order: Order,
    position: int,
    kind: ClaimKind,
    reason: ClaimReason,
    spoiled: int,
    pieces: int,
    before: int,
) -> Amount:
    """Say what a claim brings: never more than is left of the line; freight when nothing is kept.

    Takes: `before`, how many pieces of the line were paid for as spoiled already.
    """
    goods_back, freight_back = refunded(db, order=order)
    line = order.lines[position]
    left_fen = line.goods_fen - goods_back.get(position, 0)
    goods_fen = left_fen
    if kind is ClaimKind.SPOILED:
        wanted = rules.spoiled_fen(line.goods_fen, spoiled=spoiled, pieces=pieces, before=before)
        goods_fen = min(wanted, left_fen)
    kept_fen = order.goods_fen - sum(goods_back.values()) - goods_fen
    freight_fen = rules.freight_back(
        reason, goods_left_fen=kept_fen, freight_left_fen=order.freight_fen - freight_back
    )
    return Amount(goods_fen, freight_fen)
