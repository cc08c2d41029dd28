"""Which days a settlement period has, and what the reasons cost."""

from datetime import date

import pytest

from county.errors import BadInput
from logistics.statements.rules import is_header_again, is_in_period, is_remark, read_period, sum_by_reason
from logistics.statements.types import Item, Reason, ReasonTotals


def test_period_is_a_month_of_whole_days() -> None:
    period = read_period("2026-12")

    assert (period.starts_on, period.ends_on) == (date(2026, 12, 1), date(2027, 1, 1))
    assert is_in_period(date(2026, 12, 31), period)
    assert not is_in_period(date(2027, 1, 1), period)
    assert not is_in_period(date(2026, 11, 30), period)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-1", "2026-00", "2026-13", "26-10", "2026-10-01", "２０２６-10"]
)
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(BadInput):
        read_period(text)


def test_over_and_under_are_kept_apart_and_turn_round_for_remittances() -> None:
    items = [
        Item("1", Reason.RATE, 900, 800, [1]),
        Item("2", Reason.RATE, 700, 800, [2]),
        Item("3", Reason.COD, 900, 1_000, [3]),
        Item("4", Reason.COD, 1_000, 900, [4]),
        Item("5", Reason.NOT_BILLED, 0, 500, []),
    ]

    assert sum_by_reason(items) == {
        Reason.RATE: ReasonTotals(2, 100, 100),
        Reason.NOT_BILLED: ReasonTotals(1, 0, 500),
        Reason.COD: ReasonTotals(2, 100, 100),
    }


def test_remarks_and_repeated_headers_are_no_charges() -> None:
    assert is_remark(["", "制表人：王芳", ""], waybill="")
    assert not is_remark(["", "八元", "广东", "1.2"], waybill="")
    assert not is_remark(["7800000119152", "八元"], waybill="7800000119152")
    assert is_header_again(["运单号 ", "运费", ""], ["运单号", "运费"])
    assert not is_header_again(["7800000119152", "运费"], ["运单号", "运费"])
