"""What single cells of a statement say, as spreadsheets spoil them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.statements.parsers.cells import (
    is_freight_kind,
    read_amount,
    read_waybill,
    read_weight,
    says_total,
)


@pytest.mark.parametrize(
    "text",
    [
        "7800000119152",
        "'7800000119152",
        "7800000119152\t",
        " 7800000119152",
        "\u30007800000119152\u200b",
        "７８０００００１１９１５２",
        "7800000119152.0",
        "7800000119152.00",
        '="7800000119152"',
        "7,800,000,119,152",
        "7800 0001 1915 2",
    ],
)
def test_waybill_number_is_read_through_a_spreadsheets_mess(text: str) -> None:
    assert read_waybill(text).number == "7800000119152"


@pytest.mark.parametrize("text", ["7.8E+13", "7.80000E+12", "7.8e13", "7E13", "78E+12", "７.８Ｅ+13"])
def test_number_in_exponents_is_spoilt(text: str) -> None:
    cell = read_waybill(text)

    assert cell.number is None
    assert cell.why is not None and cell.why.endswith("was spoilt by a spreadsheet; expected all its digits")


def test_letters_within_a_number_are_no_exponent() -> None:
    assert read_waybill("780012E34567").number == "780012E34567"
    assert read_waybill("SF0000001067095").number == "SF0000001067095"
    assert read_waybill("JD-0001_2").number == "JD-0001_2"


@pytest.mark.parametrize("text", ["", "  ", "-", "nan", "None", "NULL"])
def test_missing_number_is_said(text: str) -> None:
    assert read_waybill(text) == (None, "there is no waybill number; expected one for each charge")


@pytest.mark.parametrize("text", ["无单号", "#N/A", "12.5", "1 票 / 2"])
def test_other_text_is_no_number(text: str) -> None:
    assert read_waybill(text) == (None, f"{text!r} is not a waybill number; expected letters and digits")


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("8.55", 855),
        ("￥8.55", 855),
        ("¥1,234.50", 123450),
        ("1，234.5", 123450),
        ("8.55元", 855),
        ("RMB 8.55", 855),
        ("７.５", 750),
        ("7.500", 750),
        (".5", 50),
        ("5.", 500),
        ("+5", 500),
        ("-0.30", -30),
        ("−0.3", -30),
        ("¥-0.30", -30),
        ("-¥0.30", -30),
        ("(0.30)", -30),
        ("（0.30）", -30),
        ("17.059999999999999", 1706),
        ("103.26000000000001", 10326),
        ("8.549999999999999", 855),
        ("8.2485", 825),
        ("8.555", 856),
        ("-8.555", -856),
        ("'8.55", 855),
        ("0.00", 0),
    ],
)
def test_amount_is_read_in_fen(text: str, fen: int) -> None:
    assert read_amount(text, unit_fen=100) == (fen, None)


@pytest.mark.parametrize("text", ["", "  ", "-", "--", "—", "——", "/", "无"])
def test_blank_amount_is_none(text: str) -> None:
    assert read_amount(text, unit_fen=100) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "八元",
        "#REF!",
        "#N/A",
        "nan",
        "inf",
        "-inf",
        "1e3",
        "1E+2",
        "1,23",
        "1.2.3",
        "8元5",
        "1_000",
        "10000000000",
    ],
)
def test_unreadable_amount_says_why(text: str) -> None:
    assert read_amount(text, unit_fen=100) == (
        None,
        f"{text!r} is not an amount; expected yuan such as 12.30",
    )


def test_amount_in_another_unit() -> None:
    assert read_amount("855", unit_fen=1) == (855, None)
    assert read_amount("8.5", unit_fen=10) == (85, None)


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_every_amount_written_in_yuan_is_read_back(fen: int) -> None:
    sign = "-" if fen < 0 else ""

    assert read_amount(f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}", unit_fen=100) == (fen, None)
    assert read_amount(f"{sign}￥{abs(fen) // 100:,}.{abs(fen) % 100:02d}0", unit_fen=100) == (fen, None)


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("1.600", 1600),
        ("3.81", 3810),
        ("3.8100000000000001", 3810),
        ("0.30000000000000004", 300),
        ("1.0000000001", 1001),
        ("1.0001", 1001),
        ("2kg", 2000),
        ("2公斤", 2000),
        ("500g", 500),
        ("1,200.5", 1_200_500),
        ("0", 0),
        ("约2", None),
        ("", None),
        ("-1", None),
        ("nan", None),
        ("1e3", None),
    ],
)
def test_weight_is_read_in_whole_grams_rounded_up(text: str, grams: int | None) -> None:
    assert read_weight(text, unit_g=1000) == grams


@given(
    st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=6), st.integers(1, 5_000)
)
def test_rounding_up_to_grams_first_changes_no_step(digits: int, decimals: int, step_g: int) -> None:
    kilograms = Fraction(digits, 10**decimals)
    whole, part = divmod(digits, 10**decimals)
    text = f"{whole}.{part:0{decimals}d}" if decimals else str(whole)

    grams = read_weight(text, unit_g=1000)

    if kilograms < 10**7:
        assert grams is not None
        assert -(-grams // step_g) == -int(-kilograms * 1000 // step_g)


@pytest.mark.parametrize(
    ("cells", "waybill", "is_total"),
    [
        (["合计", "", "12.00"], "合计", True),
        (["", "总 计", "12.00"], "", True),
        (["", "小计：", "12.00"], "", True),
        (["10月合计（元）", "", "12.00"], "10月合计（元）", True),
        (["本页小计", "5", "12.00"], "", True),
        (["7800000119152", "合计", "12.00"], "7800000119152", True),
        (["7800000119152", "合计商贸有限公司", "12.00"], "7800000119152", False),
        (["7800000119152", "计费", "12.00"], "7800000119152", False),
        (["7800000119152", "", "12.00"], "7800000119152", False),
        (["", "计件", "12.00"], "", False),
    ],
)
def test_rows_that_say_total(cells: list[str], waybill: str, is_total: bool) -> None:
    assert says_total(cells, waybill=waybill) is is_total


def test_kinds_of_freight() -> None:
    assert [is_freight_kind(kind) for kind in ("运费", "基础运费", "快递费", " 运 费 ", "")] == [True] * 5
    assert [is_freight_kind(kind) for kind in ("包装费", "保价费", "派送费")] == [False] * 3
