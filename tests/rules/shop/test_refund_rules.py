"""What returns of the splits: any number of partial refunds is the one full refund, to the fen."""

import random
from datetime import UTC, datetime
from uuid import UUID

import pytest

from county.errors import IllegalMove
from shop.orders.rules import plan_splits
from shop.orders.types import Address, Order, OrderId, OrderLine, OrderState, Payee
from shop.refunds import rules
from shop.refunds.types import FREIGHT, RefundEvent, RefundState

SEED, CASES = 20261128, 10_000
NOW = datetime(2026, 10, 5, tzinfo=UTC)
NOBODY = UUID(int=0)


def make_order(lines, splits, freight_fen):
    goods_fen = sum(line.goods_fen for line in lines)
    return Order(
        id=OrderId(NOBODY),
        order_no="SH1",
        checkout_no="SC1",
        buyer_id=NOBODY,
        seller_id=NOBODY,
        seller="合作社",
        state=OrderState.DELIVERED,
        reason="",
        goods_fen=goods_fen,
        freight_fen=freight_fen,
        total_fen=goods_fen + freight_fen,
        carrier="中通",
        address=Address("", "", "", "", "", ""),
        lines=tuple(lines),
        splits=tuple(splits),
        consignments=(),
        payments=(),
        placed_at=NOW,
        expires_at=NOW,
        paid_at=NOW,
        delivered_at=NOW,
        completed_at=None,
        claim_until=NOW,
        version=1,
    )


def drawn_order(chance):
    """Draw an order of 1 or 2 growers, with streamers, freight paid and freight in the price."""
    growers = [UUID(int=number) for number in range(1, chance.randint(1, 2) + 1)]
    lines = [
        OrderLine(NOBODY, UUID(int=100 + n), chance.choice(growers), "茶", "", quantity, price, 500)
        for n in range(chance.randint(1, 3))
        for quantity, price in [(chance.randint(1, 5), chance.choice([1, 7, 99, 2990, 6850, 12_345]))]
    ]
    commissions = {
        line.product_id: (UUID(int=900 + chance.randint(0, 1)), chance.choice([300, 1000, 1999, 3333]))
        for line in lines
        if chance.random() < 0.7
    }
    freight_fen = chance.choice([0, 800, 1201])
    splits = plan_splits(
        lines,
        freight_fen=freight_fen,
        association_bp=chance.choice([0, 500, 777]),
        commissions=commissions,
        included_fen={each: chance.randint(0, 3) for each in growers} if chance.random() < 0.3 else {},
    )
    return make_order(lines, splits, freight_fen)


def refund_by_pieces(chance, order):
    """Refund an order whole in random pieces; give what returned of each split, piece by piece."""
    left = {n: line.goods_fen for n, line in enumerate(order.lines)} | {FREIGHT: order.freight_fen}
    before: dict[int, int] = {}
    while any(left.values()):
        asked = {
            position: chance.choice([1, fen, chance.randint(0, fen)]) for position, fen in left.items() if fen
        }
        if not any(asked.values()):
            continue
        goods = {position: fen for position, fen in asked.items() if position != FREIGHT}
        freight_fen = asked.get(FREIGHT, 0)
        yield (
            sum(asked.values()),
            rules.parts_returned(order, before=before, goods=goods, freight_fen=freight_fen),
        )
        for position, fen in asked.items():
            left[position] -= fen
            before[position] = before.get(position, 0) + fen


def test_any_partial_refunds_together_are_the_full_refund():
    chance = random.Random(SEED)
    for _case in range(CASES):
        order = drawn_order(chance)
        if any(split.fen < 0 for split in order.splits):
            continue
        returned = [0] * len(order.splits)
        for fen, parts in refund_by_pieces(chance, order):
            assert sum(part.fen for part in parts) == fen, f"seed {SEED}"
            for part in parts:
                assert part.fen > 0
                returned[part.position] += part.fen
                assert returned[part.position] <= order.splits[part.position].fen, f"seed {SEED}"
        assert returned == [split.fen for split in order.splits], f"seed {SEED}"


def naive(amounts, fen):
    """D'Hondt from nothing, one fen after the other."""
    given = [0] * len(amounts)
    for _ in range(fen):
        best = max(range(len(amounts)), key=lambda i: (amounts[i] * 10**9 // (given[i] + 1), -i))
        given[best] += 1
    return given


@pytest.mark.parametrize("amounts", [[7, 5, 3], [1, 1, 1], [0, 4, 9], [100, 1], [13], [0, 1]])
def test_short_way_gives_what_the_long_way_gives(amounts):
    for fen in range(sum(amounts) + 1):
        assert rules.drawn(amounts, fen=fen) == naive(amounts, fen)


def test_more_than_there_is_cannot_return():
    with pytest.raises(ValueError):
        rules.drawn([5, 3], fen=9)


def test_half_of_the_worked_example_returns_half_of_each():
    # 34.25 of 68.50: streamer 3.42, association 1.71, the grower the fen that is left over.
    assert rules.drawn([685, 343, 5822], fen=3425) == [342, 171, 2912]


def test_one_fen_comes_from_the_grower_not_from_each():
    assert rules.drawn([685, 343, 5822], fen=1) == [0, 0, 1]
    assert rules.drawn([685, 343, 5822], fen=6849) == [685, 343, 5821]


def test_freight_returns_to_who_was_to_have_it():
    line = OrderLine(NOBODY, UUID(int=100), UUID(int=1), "茶", "", 1, 6850, 500)
    order = make_order(
        [line], plan_splits([line], freight_fen=800, association_bp=500, commissions={}), freight_fen=800
    )

    parts = rules.parts_returned(order, before={}, goods={}, freight_fen=300)

    assert [(part.payee, part.fen) for part in parts] == [(Payee.TRANSPORT, 300)]


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (RefundState.DONE, RefundEvent.FINISH),
        (RefundState.REFUSED, RefundEvent.FINISH),
        (RefundState.WAITING, RefundEvent.FINISH),
        (RefundState.DONE, RefundEvent.REFUSE),
    ],
)
def test_finished_refund_does_not_move(state, event):
    with pytest.raises(IllegalMove):
        rules.move(state, event)
