"""Amounts: parts add up, shares round half up, what is written can be read."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.money import (
    fill,
    format_yuan,
    parse_grouped_yuan,
    parse_yuan,
    say_money,
    say_yuan,
    share,
    split,
)

FEN = st.integers(-(10**13), 10**13)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


@given(FEN, WEIGHTS)
def test_parts_add_up_and_stay_within_one_fen_of_their_weight(total_fen, weights):
    parts = split(total_fen, weights)

    assert sum(parts) == total_fen
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total_fen * weight, sum(weights))) < 1


@given(FEN, WEIGHTS)
def test_weight_of_nothing_gets_nothing_and_less_weight_never_gets_more(total_fen, weights):
    pairs = sorted(zip(weights, (abs(part) for part in split(total_fen, weights)), strict=True))

    assert all(part == 0 for weight, part in pairs if weight == 0)
    for (light, less), (heavy, more) in zip(pairs, pairs[1:], strict=False):
        assert light == heavy or less <= more


@given(FEN, WEIGHTS)
def test_splitting_a_refund_mirrors_splitting_the_payment(total_fen, weights):
    assert split(-total_fen, weights) == [-part for part in split(total_fen, weights)]


def test_split_by_nothing_is_refused():
    for weights in ([], [0, 0], [1, -1], [2, -1]):
        with pytest.raises(ValueError):
            split(100, weights)


@given(st.integers(0, 10**13), st.integers(0, 10_000))
def test_share_is_rounded_half_up_and_within_the_whole(total_fen, part_bp):
    part = share(total_fen, part_bp)

    assert Fraction(-1, 2) < part - Fraction(total_fen * part_bp, 10_000) <= Fraction(1, 2)
    assert 0 <= part <= total_fen


def test_share_of_half_a_fen_goes_up_and_debts_are_refused():
    assert [share(1, 4_999), share(1, 5_000), share(3, 5_000), share(6850, 500)] == [0, 1, 2, 343]
    for total_fen, part_bp in ((-1, 1), (1, -1)):
        with pytest.raises(ValueError):
            share(total_fen, part_bp)


@given(st.integers(0, 10**15 - 1))
def test_what_is_written_is_read_again(fen):
    assert parse_yuan(format_yuan(fen)) == fen
    assert format_yuan(-fen) == ("-" if fen else "") + format_yuan(fen)
    assert say_yuan(fen).replace(",", "") == format_yuan(fen)


def test_amounts_are_read_exactly_or_not_at_all():
    assert [parse_yuan(text) for text in ("12", "12.3", " 12.30 ", "0.01", "007")] == [
        1200, 1230, 1230, 1, 700,
    ]  # fmt: skip
    for text in (
        "",
        ".5",
        "5.",
        "1.234",
        "-1",
        "+1",
        "1,000",
        "1e3",
        "NaN",
        "٣",
        "１",
        "¥1",
        "1 2",
        "9" * 14,
    ):
        with pytest.raises(ValueError):
            parse_yuan(text)


@given(st.integers(0, 10**14))
def test_amounts_are_read_as_they_are_said(fen):
    assert parse_grouped_yuan(say_yuan(fen)) == parse_grouped_yuan(format_yuan(fen)) == fen


@pytest.mark.parametrize(
    "text", ["12,50", "12,5", "1,2345.00", "1234,567", ",123", "1,,234", "0,123", "1,234,", ""]
)
def test_comma_that_parts_no_thousands_is_no_amount(text):
    with pytest.raises(ValueError, match="is not an amount"):
        parse_grouped_yuan(text)


def test_amounts_in_a_sentence_are_said_with_commas_and_nothing_else_is_touched() -> None:
    facts = {"yuan": "1234567.80", "small": "999.99", "reference": "20261128.01", "count": 10_000}
    says = "{reference} says ¥{yuan} and ¥{small}, {count} times"

    assert fill(says, facts) == "20261128.01 says ¥1,234,567.80 and ¥999.99, 10000 times"


@pytest.mark.parametrize(
    ("fen", "said"),
    [(0, "¥0.00"), (5, "¥0.05"), (-5, "−¥0.05"), (123456, "¥1,234.56"), (-14867, "−¥148.67")],
)
def test_sign_of_an_amount_stands_before_the_unit(fen: int, said: str) -> None:
    assert say_money(fen) == said


def test_sentence_puts_the_sign_before_the_unit_too() -> None:
    facts = {"there": "-2021.00", "yuan": "10.00"}

    assert fill("¥{there} lie there, ¥{yuan} are needed", facts) == "−¥2,021.00 lie there, ¥10.00 are needed"
