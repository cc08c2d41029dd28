"""The split plan: the worked example, and parts that always add up."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from shop.orders import rules
from shop.orders.types import OrderLine, Payee, Split

GROWER, STREAMER = uuid4(), uuid4()


def line(*, price_fen: int, quantity: int = 1, grower_id: UUID = GROWER) -> OrderLine:
    return OrderLine(uuid4(), uuid4(), grower_id, "茶", "250 g", quantity, price_fen, 500)


def test_worked_example_of_payments():
    tea = line(price_fen=6850)

    splits = rules.plan_splits(
        [tea], freight_fen=800, association_bp=500, commissions={tea.product_id: (STREAMER, 1000)}
    )

    assert splits == (
        Split(Payee.STREAMER, STREAMER, GROWER, 685),
        Split(Payee.ASSOCIATION, None, GROWER, 343),
        Split(Payee.GROWER, GROWER, GROWER, 5822),
        Split(Payee.TRANSPORT, None, None, 800),
    )
    assert rules.split_off_fen(splits) == 1828
    assert not rules.is_over_cap(splits, cap_bp=3000)


def test_freight_included_price_of_cheap_fruit_is_over_the_cap():
    fruit = line(price_fen=2090)

    splits = rules.plan_splits(
        [fruit], freight_fen=900, association_bp=500, commissions={fruit.product_id: (STREAMER, 1000)}
    )

    assert rules.is_over_cap(splits, cap_bp=3000)


@given(
    prices=st.lists(
        st.tuples(st.integers(1, 10**7), st.integers(1, 99), st.integers(0, 2)), min_size=1, max_size=8
    ),
    freight_fen=st.integers(0, 10**6),
    association_bp=st.integers(0, 5000),
    part_bp=st.integers(0, 5000),
)
def test_parts_add_up_to_goods_and_freight(prices, freight_fen, association_bp, part_bp):
    growers = sorted(uuid4() for _ in range(3))
    lines = [line(price_fen=fen, quantity=count, grower_id=growers[who]) for fen, count, who in prices]
    commissions = {each.product_id: (STREAMER, part_bp) for each in lines[::2]}

    splits = rules.plan_splits(
        lines, freight_fen=freight_fen, association_bp=association_bp, commissions=commissions
    )

    assert sum(split.fen for split in splits) == sum(each.goods_fen for each in lines) + freight_fen
    assert all(split.fen >= 0 for split in splits)
    for grower_id in {each.grower_id for each in lines}:
        own = sum(split.fen for split in splits if split.grower_id == grower_id)
        assert own == sum(each.goods_fen for each in lines if each.grower_id == grower_id)


def test_order_is_as_far_as_its_least_advanced_consignment():
    state = rules.OrderState

    assert rules.least_advanced([state.DELIVERED, state.PACKED, state.SHIPPED]) is state.PACKED
