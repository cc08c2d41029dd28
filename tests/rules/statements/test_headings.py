"""Headings as couriers write them, and which of several columns counts."""

import csv
from pathlib import Path

import pytest

import logistics.statements
from county.errors import BadInput
from logistics.statements.parsers.headings import find_layout, guess_heading
from logistics.statements.types import Field

SEEN = Path(logistics.statements.__file__).parent / "headings.csv"


def test_every_heading_seen_is_known_however_it_is_decorated() -> None:
    known = {field.value for field in Field}
    with SEEN.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    for row in rows:
        expected = row["field"] if row["field"] in known else "ignored"
        heading = row["header"]
        wide = heading.replace("(", "（").replace(")", "）")
        for written in (heading, wide, f" {heading} ", f"*{heading}", f"{heading}：", "\n".join(heading)):
            assert guess_heading(written).field.value == expected, written
    assert len(rows) == 97


@pytest.mark.parametrize(
    ("heading", "field", "unit"),
    [
        ("运单号（必填）", Field.WAYBILL, 1),
        ("快递运单号", Field.WAYBILL, 1),
        ("计费重量 (kg)", Field.BILLED_WEIGHT, 1000),
        ("计费重量\n（ＫＧ）", Field.BILLED_WEIGHT, 1000),
        ("结算重量KG", Field.BILLED_WEIGHT, 1000),
        ("重量(g)", Field.BILLED_WEIGHT, 1),
        ("重量（斤）", Field.BILLED_WEIGHT, 500),
        ("实际计费重量", Field.BILLED_WEIGHT, 1000),
        ("实际重量(kg)", Field.ACTUAL_WEIGHT, 1),
        ("体积重量", Field.ACTUAL_WEIGHT, 1),
        ("重量(实际)", Field.IGNORED, 1),
        ("运 费", Field.FREIGHT, 100),
        ("运费/元", Field.FREIGHT, 100),
        ("金额(分)", Field.FREIGHT, 1),
        ("到付运费", Field.IGNORED, 1),
        ("运费(到付)", Field.IGNORED, 1),
        ("偏远附加费", Field.OTHER_CHARGE, 100),
        ("燃油附加费(元)", Field.OTHER_CHARGE, 100),
        ("代收货款手续费", Field.OTHER_CHARGE, 100),
        ("代收货款（元）", Field.COD, 100),
        ("费用合计", Field.TOTAL, 100),
        ("总费用(元)", Field.TOTAL, 100),
        ("总件数", Field.IGNORED, 1),
        ("费用类型", Field.CHARGE_KIND, 1),
        ("收费名称", Field.CHARGE_KIND, 1),
        ("(派件)省", Field.PROVINCE, 1),
        ("寄件省份", Field.IGNORED, 1),
        ("省份(寄件)", Field.IGNORED, 1),
        ("订单号", Field.IGNORED, 1),
        ("子单号", Field.IGNORED, 1),
        ("声明价值(元)", Field.IGNORED, 1),
        ("保价金额", Field.IGNORED, 1),
        ("收件人", Field.IGNORED, 1),
        ("备注", Field.IGNORED, 1),
    ],
)
def test_heading_is_guessed(heading: str, field: Field, unit: int) -> None:
    guess = guess_heading(heading)

    assert (guess.field, guess.unit) == (field, unit)


def read(header: list[str]) -> dict[str, object]:
    layout = find_layout([["某快递 对账单"], [], header, ["7800000119152", "1.00"]], name="s.csv")
    named = {
        "waybill": layout.waybill,
        "weight": layout.weight,
        "province": layout.province,
        "cod": layout.cod,
    }
    columns = {name: column.heading for name, column in named.items() if column}
    return columns | {"row": layout.header_row, "charges": [column.heading for column in layout.charges]}


def test_billed_weight_goes_before_plain_weight_and_actual_weight_never_counts() -> None:
    assert read(["运单号", "重量", "实际重量", "计费重量", "运费"])["weight"] == "计费重量"
    assert read(["运单号", "实际重量", "重量", "运费"])["weight"] == "重量"
    assert "weight" not in read(["运单号", "实际重量", "称重重量", "运费"])


def test_total_column_is_not_counted_with_its_parts() -> None:
    assert read(["运单号", "费用合计", "包装费", "运费"])["charges"] == ["运费", "包装费"]
    assert read(["运单号", "应收金额", "运费", "保价费", "附加费"])["charges"] == ["运费", "保价费", "附加费"]


def test_total_stands_in_for_missing_freight() -> None:
    assert read(["运单号", "包装费", "费用合计"])["charges"] == ["费用合计", "包装费"]
    assert read(["运单号", "费用合计"])["charges"] == ["费用合计"]


def test_bare_amount_is_the_charge_beside_a_column_of_kinds() -> None:
    assert read(["运单号", "费用类型", "运费", "金额"])["charges"] == ["金额"]


def test_freight_for_the_way_back_is_a_charge_of_its_own() -> None:
    assert read(["运单号", "退件运费", "运费"])["charges"] == ["运费", "退件运费"]


def test_province_of_the_consignee_goes_before_a_plain_one() -> None:
    assert read(["运单号", "省份", "寄件省份", "收件省份", "运费"])["province"] == "收件省份"
    assert read(["运单号", "目的省", "计费省份", "运费"])["province"] == "计费省份"


def test_waybill_goes_before_the_number_of_the_whole_consignment() -> None:
    assert read(["母单号", "运单号", "订单号", "运费"])["waybill"] == "运单号"


def test_remitted_amount_goes_before_the_collected_one() -> None:
    assert read(["运单号", "代收货款", "返款金额", "运费"])["cod"] == "返款金额"


def test_header_is_found_under_titles() -> None:
    assert read(["序号", "运单号", "运费"])["row"] == 3


def test_header_in_two_rows_is_read_together() -> None:
    rows = [["运单号", "费用", "", "备注"], ["", "运费", "包装费", ""], ["7800000119152", "1.00", "", ""]]

    layout = find_layout([["对账单"], *rows], name="s.csv")

    assert (layout.header_row, layout.waybill.at) == (3, 0)
    assert [(column.at, column.heading) for column in layout.charges] == [(1, "运费"), (2, "包装费")]


def test_no_header_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        find_layout([["运单号", "备注"], ["7800000119152", "好"]], name="s.csv")

    assert str(refusal.value.faults[0]).startswith("s.csv:1: no header with a waybill column and an amount")
