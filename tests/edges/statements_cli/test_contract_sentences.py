"""One case by hand for sentences of the contract that are easily read past, as CSV and as workbook."""

from pathlib import Path
from typing import Any

import pytest

from tests.edges.statements_cli.month import RATES, WAYBILLS, Run, run_reconcile, workbook, write_month

HEADER = ["运单号", "目的省份", "计费重量(kg)", "运费(元)", "代收货款"]
FIRST = ["7800000000001", "广东", "1.8", "10.30", ""]
SECOND = ["7800000000002", "陕西", "0.9", "4.00", "120.00"]
SOUND = {"rows": 2, "lines": 2, "waybills": 2, "charged_fen": 1430}


def reconcile(folder: Path, kind: str, rows: list[list[Any]], **changed: str | bytes) -> Run:
    """Write the rows as a statement of this kind and reconcile it."""
    text = "".join(",".join(map(str, row)) + "\n" for row in rows)
    write_month(folder, statement=text, **changed)
    if kind == "xlsx":
        workbook(folder / "statement.xlsx", [[cell or None for cell in row] for row in rows])
    return run_reconcile(folder, statement=f"statement.{kind}", report="")


def found(run: Run) -> list[tuple[Any, ...]]:
    """Give the items without their names, in order."""
    keys = ("waybill", "reason", "charged_fen", "expected_fen", "rows")
    return [tuple(item[key] for key in keys) for item in run.result["items"]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "total",
    [
        ["本页小计", "", "", "10.30", ""],
        ["合计：", "", "", "14.30", "120.00"],
        ["", "", "总计 2 票", "14.30", ""],
        ["", "小计", "", "", "120.00"],
    ],
)
def test_rows_that_say_total_are_skipped_wherever_they_say_it(
    tmp_path: Path, kind: str, total: list[Any]
) -> None:
    run = reconcile(tmp_path, kind, [["十月", "", "", "", ""], HEADER, FIRST, total, SECOND])

    assert (run.code, run.result["unreadable"], run.result["matched"]) == (0, [], 2)
    assert run.result["statement"] == {**SOUND, "rows": 3}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_full_width_signs_units_and_long_province_names_change_nothing(tmp_path: Path, kind: str) -> None:
    header = ["运单号（必填）", "目的省份", "计费重量（ＫＧ）", "运费（元）", "代收货款（元）"]
    first = ["７８００００００００００１", "广东省", "１.８", "￥１０．３０", "－"]
    second = ["'7800000000002", "陕西省", "0.9公斤", "4元", "¥120.00"]

    run = reconcile(tmp_path, kind, [header, first, second])

    assert (run.code, found(run), run.result["statement"]) == (0, [], SOUND)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_negative_lines_in_any_writing_are_added(tmp_path: Path, kind: str) -> None:
    rows = [HEADER, FIRST, [*FIRST[:3], "－1.00", ""], SECOND, [*SECOND[:3], "（0.50）", ""]]

    run = reconcile(tmp_path, kind, rows)

    assert found(run) == [
        ("7800000000001", "rate", 930, 1030, [2, 3]),
        ("7800000000002", "rate", 350, 400, [4, 5]),
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_same_amount_twice_is_no_duplicate_where_the_total_is_right(tmp_path: Path, kind: str) -> None:
    rows = [HEADER, [*FIRST[:3], "5.15", ""], [*FIRST[:3], "5.15", ""], SECOND, [*SECOND[:3], "4.00", ""]]

    run = reconcile(tmp_path, kind, rows)

    assert found(run) == [("7800000000002", "duplicate", 800, 400, [4, 5])]
    assert run.result["matched"] == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_unreadable_row_of_an_otherwise_absent_waybill(tmp_path: Path, kind: str) -> None:
    run = reconcile(tmp_path, kind, [HEADER, FIRST, [*SECOND[:3], "四元", "120.00"]])

    assert run.code == 1
    assert found(run) == [
        ("7800000000002", "not_billed", 0, 400, []),
        ("7800000000002", "cod", 0, 12_000, []),
    ]
    assert [row["row"] for row in run.result["unreadable"]] == [3]
    assert run.result["statement"] == {"rows": 2, "lines": 1, "waybills": 1, "charged_fen": 1030}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_their_weight_counts_before_rounding_and_their_zone_with_our_weight(
    tmp_path: Path, kind: str
) -> None:
    # 2,000.1 g are begun steps of 100 g: 2,100 g, two steps of 3.30 above the first 7.00.
    rows = [HEADER, [*FIRST[:2], "2.0001", "13.60", ""], ["7800000000002", "广东", "0.9", "7.00", "120"]]

    run = reconcile(tmp_path, kind, rows)

    assert found(run) == [
        ("7800000000001", "weight", 1360, 1030, [2]),
        ("7800000000002", "zone", 700, 400, [3]),
    ]


def test_returned_and_lost_parcels_and_the_way_back(tmp_path: Path) -> None:
    ours = WAYBILLS.replace("广东,1800,900,0,delivered", "广东,1800,900,0,returned")
    ours += "7800000000004,中通,2026-10-06,广东,900,0,5000,lost\n"
    back = [*FIRST[:3], "10.30", ""]
    rows = [HEADER, FIRST, back, SECOND, ["7800000000004", "广东", "0.9", "7.00", ""]]

    run = reconcile(tmp_path, "csv", rows, waybills=ours)

    # The way back is free, a lost parcel owes nothing, and neither remits what it would have collected.
    assert found(run) == [
        ("7800000000001", "returned", 2060, 1030, [2, 3]),
        ("7800000000004", "lost", 700, 0, [5]),
    ]
    assert run.result["expected_fen"] == 1430


def test_kinds_decide_what_is_freight_and_other_charges_expect_nothing(tmp_path: Path) -> None:
    header = ["运单号", "费用类型", "计费重量", "金额"]
    rows = [
        header,
        ["7800000000001", "应收运费", "2.8", "13.60"],
        ["7800000000001", "保价费", "", "1.00"],
        ["7800000000002", "快递费", "0.9", "4.00"],
        ["7800000000002", "包装费", "", "0.50"],
    ]
    ours = WAYBILLS.replace("12000", "0")

    run = reconcile(tmp_path, "csv", rows, waybills=ours)

    # Their weight gives their freight although an insurance stands beside it; packing is priced by no card.
    assert found(run) == [
        ("7800000000001", "weight", 1460, 1030, [2, 3]),
        ("7800000000002", "rate", 450, 400, [4, 5]),
    ]


def test_first_and_last_day_of_a_card_both_count(tmp_path: Path) -> None:
    head, near, others = RATES.splitlines()
    early = others.replace("2026-12-31", "2026-10-03")
    late = others.replace("700,1000,330", "800,1000,330").replace("2026-01-01", "2026-10-04")
    ours = WAYBILLS + "7800000000004,中通,2026-10-04,广东,1800,900,0,delivered\n"
    rows = [HEADER, FIRST, SECOND, ["7800000000004", "广东", "1.8", "11.30", ""]]

    run = reconcile(tmp_path, "csv", rows, waybills=ours, rates="\n".join([head, near, early, late]) + "\n")

    assert (run.code, found(run), run.result["expected_fen"]) == (0, [], 2560)


def test_month_decides_by_the_day_we_recorded(tmp_path: Path) -> None:
    ours = WAYBILLS.replace("2026-10-03", "2026-09-30").replace(
        "2026-10-05,陕西,900,100,12000", "2026-10-31,陕西,900,100,0"
    )
    rows = [HEADER, FIRST, [*SECOND[:4], ""]]

    run = reconcile(tmp_path, "csv", rows, waybills=ours)

    assert found(run) == [("7800000000001", "out_of_period", 1030, 0, [2])]
    assert (run.result["expected_fen"], run.result["matched"]) == (400, 1)
