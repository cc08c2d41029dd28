"""What a rate card charges, and which card counts; the bulk comparison charges the same."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logistics.rates import rules
from logistics.rates.types import RateCard
from logistics.statements.matching.parcels import CARD_TYPE, CHARGE_MACROS, card_values

CARD = RateCard(
    courier="中通",
    zone="近区",
    provinces=frozenset({"陕西", "四川"}),
    is_for_others=False,
    first_g=1000,
    first_fen=400,
    step_g=500,
    step_fen=110,
    volumetric_divisor=6000,
    round_g=100,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 10, 31),
    line=2,
)

CARDS = st.builds(
    lambda first_g, first_fen, step_g, step_fen, divisor, round_g: replace(
        CARD,
        first_g=first_g,
        first_fen=first_fen,
        step_g=step_g,
        step_fen=step_fen,
        volumetric_divisor=divisor,
        round_g=round_g,
    ),
    st.integers(0, 5_000),
    st.integers(0, 10_000),
    st.integers(1, 2_000),
    st.integers(0, 5_000),
    st.sampled_from((0, 1, 5000, 6000, 8000, 12000)),
    st.sampled_from((1, 7, 10, 100, 500, 1000)),
)


@pytest.mark.parametrize(
    ("weight_g", "volume_cm3", "grams", "fen"),
    [
        (0, 0, 0, 400),
        (999, 0, 1000, 400),
        (1000, 0, 1000, 400),
        (1001, 0, 1100, 510),
        (1500, 0, 1500, 510),
        (1501, 0, 1600, 620),
        (100, 6001, 1100, 510),
        (100, 6000, 1000, 400),
    ],
)
def test_charge_rounds_up_once_and_counts_begun_steps(
    weight_g: int, volume_cm3: int, grams: int, fen: int
) -> None:
    assert rules.chargeable_g(CARD, weight_g=weight_g, volume_cm3=volume_cm3) == grams
    assert rules.charge(CARD, weight_g=weight_g, volume_cm3=volume_cm3) == fen


def test_card_without_divisor_ignores_volume() -> None:
    card = replace(CARD, volumetric_divisor=0)

    assert rules.charge(card, weight_g=900, volume_cm3=1_000_000) == 400


def test_billed_weight_is_not_rounded_before_the_step() -> None:
    card = replace(CARD, round_g=1)

    assert rules.charge_of_billed(card, billed_g=Fraction(15_000_001, 10_000)) == 620
    assert rules.charge_of_billed(card, billed_g=Fraction(1500)) == 510


@given(CARDS, st.integers(0, 100_000), st.integers(0, 1_000_000), st.integers(0, 1_000))
def test_more_weight_never_costs_less(card: RateCard, weight_g: int, volume_cm3: int, more_g: int) -> None:
    before = rules.charge(card, weight_g=weight_g, volume_cm3=volume_cm3)

    assert rules.charge(card, weight_g=weight_g + more_g, volume_cm3=volume_cm3) >= before


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(CARDS, st.integers(0, 200_000), st.integers(0, 10**7)), min_size=1, max_size=50))
def test_bulk_charges_are_the_same(parcels: list[tuple[RateCard, int, int]]) -> None:
    with duckdb.connect() as connection:
        connection.execute(CHARGE_MACROS)
        rows = connection.execute(
            f"""
            SELECT charge_fen(own_g(w, v, card), card), charge_fen(w, card) FROM (
                SELECT unnest($w::BIGINT[]) AS w, unnest($v::BIGINT[]) AS v,
                    unnest($cards::{CARD_TYPE}[]) AS card)
            """,
            {
                "w": [weight_g for _, weight_g, _ in parcels],
                "v": [volume_cm3 for _, _, volume_cm3 in parcels],
                "cards": [card_values(card) for card, _, _ in parcels],
            },
        ).fetchall()

    assert rows == [
        (
            rules.charge(card, weight_g=weight_g, volume_cm3=volume_cm3),
            rules.charge_of_billed(card, billed_g=weight_g),
        )
        for card, weight_g, volume_cm3 in parcels
    ]


def test_named_province_goes_before_all_others_and_both_ends_are_valid() -> None:
    others = replace(CARD, provinces=frozenset(), is_for_others=True, line=3)
    cards = [others, CARD]

    def line(province: str, on: date) -> int | None:
        card = rules.find_card(cards, courier="中通", province=province, on=on)
        return card.line if card else None

    assert line("陕西", date(2026, 1, 1)) == 2
    assert line("陕西", date(2026, 10, 31)) == 2
    assert line("广东", date(2026, 10, 31)) == 3
    assert line("陕西", date(2026, 11, 1)) is None
    assert rules.find_card(cards, courier="圆通", province="陕西", on=date(2026, 5, 1)) is None


def test_overlaps_need_a_common_day_and_province() -> None:
    later = replace(CARD, provinces=frozenset({"四川"}), valid_from=date(2026, 10, 31), line=3)
    apart = replace(CARD, valid_from=date(2026, 11, 1), valid_to=date(2027, 1, 1), line=4)
    elsewhere = replace(CARD, provinces=frozenset({"广东"}), line=5)
    for_others = replace(CARD, provinces=frozenset(), is_for_others=True, line=6)
    another_courier = replace(CARD, courier="圆通", line=7)

    overlaps = rules.list_overlaps([CARD, later, elsewhere, for_others, another_courier])

    assert [(a.line, b.line) for a, b in overlaps] == [(2, 3)]
    assert rules.list_overlaps([CARD, apart]) == []
    assert rules.list_overlaps([for_others, replace(for_others, line=8)]) != []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("新疆维吾尔自治区", "新疆"),
        ("广西壮族自治区", "广西"),
        ("宁夏回族自治区", "宁夏"),
        ("内蒙古自治区", "内蒙古"),
        ("西藏自治区", "西藏"),
        ("陕西省", "陕西"),
        (" 陕 西 省 ", "陕西"),
        ("北京市", "北京"),
        ("香港特别行政区", "香港"),
        ("陕西", "陕西"),
        ("广东省深圳市", "广东"),
        ("广东 深圳", "广东"),
        ("内蒙古自治区呼和浩特市", "内蒙古"),
        ("海南藏族自治州", "海南藏族自治州"),
        ("外星", "外星"),
        ("", ""),
    ],
)
def test_provinces_are_compared_without_their_endings(text: str, plain: str) -> None:
    assert rules.plain_province(text) == plain
