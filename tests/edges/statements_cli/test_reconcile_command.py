"""The command: what it writes, what it says, and how it reads statements that are not quite tables."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.edges.statements_cli.month import (
    RATES,
    STATEMENT,
    WAYBILLS,
    failing,
    run_reconcile,
    workbook,
    write_month,
)

ROOT = Path(__file__).parents[3]
TITLES = STATEMENT.splitlines()[0] + "\n" + STATEMENT.splitlines()[1] + "\n"
LINES = STATEMENT.splitlines()[2:4]


def run_on(folder: Path, statement: str | bytes, **changed: str | bytes) -> Any:
    write_month(folder, statement=statement, **changed)
    return run_reconcile(folder)


def test_sound_month_matches_and_says_so(tmp_path: Path) -> None:
    write_month(tmp_path)

    run = run_reconcile(tmp_path)

    assert (run.code, run.written) == (0, ["report.xlsx", "result.json"])
    assert run.result == {
        "courier": "中通",
        "period": "2026-10",
        "statement": {"rows": 3, "lines": 2, "waybills": 2, "charged_fen": 1430},
        "expected_fen": 1430,
        "matched": 2,
        "by_reason": {},
        "items": [],
        "unreadable": [],
    }
    assert run.out.splitlines() == [
        "2 lines, 2 waybills, charged 14.30 yuan, expected 14.30, 2 waybills as expected",
        "read on row 2: '运单号' as waybill, '目的省份' as province, '计费重量(kg)' as billed_weight_kg, "
        "'运费(元)' as freight_yuan, '代收货款' as cod_yuan",
    ]


def test_without_report_only_the_result_is_written(tmp_path: Path) -> None:
    write_month(tmp_path)

    run = run_reconcile(tmp_path, report="")

    assert (run.code, run.written) == (0, ["result.json"])


def test_discrepancies_alone_exit_0(tmp_path: Path) -> None:
    run = run_on(tmp_path, TITLES + LINES[0].replace("10.30", "13.60") + "\n")

    assert run.code == 0
    assert run.result["items"] == [
        {
            "waybill": "7800000000001",
            "reason": "rate",
            "charged_fen": 1360,
            "expected_fen": 1030,
            "rows": [3],
        },
        {
            "waybill": "7800000000002",
            "reason": "not_billed",
            "charged_fen": 0,
            "expected_fen": 400,
            "rows": [],
        },
        {"waybill": "7800000000002", "reason": "cod", "charged_fen": 0, "expected_fen": 12000, "rows": []},
    ]
    assert run.result["by_reason"] == {
        "rate": {"waybills": 1, "over_fen": 330, "under_fen": 0},
        "not_billed": {"waybills": 1, "over_fen": 0, "under_fen": 400},
        "cod": {"waybills": 1, "over_fen": 12000, "under_fen": 0},
    }


def test_another_couriers_waybill_is_unknown(tmp_path: Path) -> None:
    run = run_on(tmp_path, STATEMENT.replace("7800000000001", "7800000000003"))

    assert [item["reason"] for item in run.result["items"]] == ["not_billed", "unknown_waybill"]


ODDITIES: dict[str, str] = {
    "blank lines between rows": TITLES + LINES[0] + "\n\n\n" + LINES[1] + "\n",
    "rows of commas": TITLES + ",,,,\n" + LINES[0] + "\n,,,,\n" + LINES[1] + "\n",
    "line ends inside cells": TITLES + LINES[0].replace("广东", '"广\n东"') + "\n" + LINES[1] + "\n",
    "a line end in the header": TITLES.replace("计费重量(kg)", '"计费重量\n(kg)"') + "\n".join(LINES) + "\n",
    "windows line ends": (TITLES + "\n".join(LINES) + "\n").replace("\n", "\r\n"),
    "no line end at the end": TITLES + "\n".join(LINES),
    "ragged title and remark": "对账单\n" + TITLES + "\n".join(LINES) + "\n制表人：王芳\n\n",
    "numbers in full width": TITLES
    + LINES[0].replace("7800000000001", "７８００００００００００１")
    + "\n"
    + LINES[1],
    "the header again": TITLES + LINES[0] + "\n" + TITLES.splitlines()[1] + "\n" + LINES[1] + "\n",
    "zeros as amounts of nothing": TITLES + LINES[0] + "0.00\n" + LINES[1] + "\n,,,-,\n",
    "two lines for one freight": TITLES
    + LINES[0].replace("10.30", "10.00")
    + "\n"
    + LINES[0].replace("10.30", "0.30")
    + "\n"
    + LINES[1],
    "small letters": TITLES + "\n".join(LINES),
}


@pytest.mark.parametrize("name", ODDITIES)
def test_odd_files_are_read_all_the_same(tmp_path: Path, name: str) -> None:
    run = run_on(tmp_path, ODDITIES[name])

    assert (run.code, run.result["matched"], run.result["items"]) == (0, 2, [])


def test_rows_of_blanks_are_blank_rows(tmp_path: Path) -> None:
    run = run_on(tmp_path, TITLES + LINES[0] + "\n  , ,\t,\u3000,\n" + LINES[1] + "\n备注,,,,\n")

    assert run.result["statement"] == {"rows": 3, "lines": 2, "waybills": 2, "charged_fen": 1430}


def test_row_numbers_count_blank_rows(tmp_path: Path) -> None:
    run = run_on(tmp_path, TITLES + "\n\n" + LINES[0].replace("10.30", "9.99") + "\n" + LINES[1] + "\n")

    assert run.result["items"][0]["rows"] == [5]
    assert run.result["statement"]["rows"] == 2


def test_row_with_more_cells_than_the_header_is_unreadable(tmp_path: Path) -> None:
    shifted = LINES[0].replace("10.30", "1,010.30")
    run = run_on(tmp_path, TITLES + shifted + "\n" + LINES[1] + "\n")

    assert run.code == 1
    assert run.result["unreadable"] == [
        {
            "row": 3,
            "why": "an amount is in doubt, the row has more cells than the header; "
            "expected an amount in yuan below it",
        }
    ]


def test_leading_zeros_are_part_of_the_number(tmp_path: Path) -> None:
    ours = WAYBILLS.replace("7800000000001", "0010000000035").replace(
        "7800000000003,圆通", "10000000035,中通"
    )
    run = run_on(tmp_path, STATEMENT.replace("7800000000001", "10000000035"), waybills=ours)

    assert {(item["waybill"], item["reason"]) for item in run.result["items"]} == {
        ("0010000000035", "not_billed"),
        ("10000000035", "rate"),
    }


def test_small_letters_are_the_same_waybill(tmp_path: Path) -> None:
    ours = WAYBILLS.replace("7800000000001", "SF00000000001")
    run = run_on(tmp_path, STATEMENT.replace("7800000000001", "sf00000000001"), waybills=ours)

    assert (run.result["matched"], run.result["items"]) == (2, [])


def test_waybills_in_gb18030_with_extra_columns_and_blank_lines(tmp_path: Path) -> None:
    lines = [f"备注,{line}" for line in WAYBILLS.splitlines()]
    run = run_on(tmp_path, STATEMENT, waybills=("\n".join(lines) + "\n\n").encode("gb18030"))

    assert (run.code, run.result["matched"]) == (0, 2)


def test_short_numbers_and_leading_zeros_in_our_records_are_fine(tmp_path: Path) -> None:
    ours = WAYBILLS.replace("7800000000001", "A1").replace(",1800,", ",0001800,")
    run = run_on(tmp_path, STATEMENT.replace("7800000000001", "A1"), waybills=ours)

    assert (run.code, run.result["matched"]) == (0, 2)


def test_total_column_alone_is_the_charge(tmp_path: Path) -> None:
    run = run_on(tmp_path, STATEMENT.replace("运费(元)", "费用合计"))

    assert (run.code, run.result["matched"]) == (0, 2)


def test_parts_are_not_added_to_their_total(tmp_path: Path) -> None:
    header = "运单号,包装费,费用合计,代收货款,运费\n"
    rows = "7800000000001,1.00,11.30,,10.30\n7800000000002,,4.00,120.00,4.00\n"
    run = run_on(tmp_path, header + rows)

    assert run.result["statement"]["charged_fen"] == 1530
    assert [(item["reason"], item["charged_fen"]) for item in run.result["items"]] == [("rate", 1130)]


def test_total_without_freight_column_leaves_freight_to_be_told_by_weight(tmp_path: Path) -> None:
    header = "运单号,计费重量,包装费,费用合计,代收货款\n"
    rows = "7800000000001,2.5,1.00,14.60,\n7800000000002,,,4.00,120.00\n"
    run = run_on(tmp_path, header + rows)

    assert [(item["reason"], item["charged_fen"]) for item in run.result["items"]] == [("weight", 1460)]


def test_weights_in_grams_and_money_in_fen_are_understood(tmp_path: Path) -> None:
    text = STATEMENT.replace("计费重量(kg)", "计费重量(g)").replace("运费(元)", "运费(分)")
    text = text.replace("1.8,10.30", "2500,1360").replace("0.9,4.00", "900,400")
    run = run_on(tmp_path, text)

    assert [(item["reason"], item["charged_fen"]) for item in run.result["items"]] == [("weight", 1360)]


def test_report_keeps_the_couriers_layout_and_adds_our_findings(tmp_path: Path) -> None:
    text = TITLES + LINES[0].replace("10.30", "13.60") + "\n7.8E+12,广东,1,5.00,\n=1+1,广东,1,5.00,\n"
    write_month(tmp_path, statement=text)

    run = run_reconcile(tmp_path)

    book = load_workbook(tmp_path / "report.xlsx")
    detail = [[cell.value for cell in row] for row in book["核对明细"].iter_rows()]
    assert run.code == 1
    assert detail[0][0] == "中通快递 2026年10月 对账单"
    assert detail[1] == [
        *("运单号", "目的省份", "计费重量(kg)", "运费(元)", "代收货款"),
        *("核对结果", "对方合计(元)", "我方应付(元)", "差额(元)", "代收差额(元)", "说明"),
    ]
    assert detail[2] == [
        "7800000000001",
        "广东",
        "1.8",
        "13.60",
        None,
        "费用不符",
        13.6,
        10.3,
        3.3,
        None,
        None,
    ]
    assert detail[3][5] == "无法读取"
    assert detail[3][10].startswith("the waybill number '7.8E+12' was spoilt")
    assert detail[4][0] == "'=1+1"
    absent = [[cell.value for cell in row] for row in book["未计费运单"].iter_rows()]
    assert absent[1:] == [["7800000000002", "漏计费、代收货款不符", 4, 120]]
    summary = {row[0].value: [cell.value for cell in row[1:]] for row in book["差异汇总"].iter_rows()}
    assert summary["费用不符"] == [1, 3.3, 0]


def test_report_of_a_workbook_keeps_numbers_as_numbers(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(
        tmp_path / "statement.xlsx",
        [["运单号", "运费", "目的省份"], ["7800000000001", 10.3, "广东"], ["7800000000001", 10.3, "广东"]],
    )

    run = run_reconcile(tmp_path, statement="statement.xlsx")

    book = load_workbook(tmp_path / "report.xlsx")
    rows = [[cell.value for cell in row] for row in book["核对明细"].iter_rows()]
    assert run.code == 0
    assert rows[1] == ["7800000000001", 10.3, "广东", "重复计费", 20.6, 10.3, 10.3, None, None]
    assert rows[2] == ["7800000000001", 10.3, "广东", "重复计费", None, None, None, None, "见第2行"]


def test_existing_files_survive_a_failing_report(tmp_path: Path) -> None:
    write_month(tmp_path)
    (tmp_path / "result.json").write_text("old")

    with failing("logistics.statements.report.write_report"):
        run = run_reconcile(tmp_path)

    what = "cannot be written (No space left on device); expected a place with room for the file"
    assert (run.code, run.err) == (2, [f"report.xlsx:1: {what}"])
    assert (tmp_path / "result.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "rates.csv",
        "result.json",
        "statement.csv",
        "waybills.csv",
    ]


@pytest.mark.parametrize(
    ("statement", "rates", "code"),
    [(STATEMENT, RATES, 0), (STATEMENT.replace("10.30", "十元"), RATES, 1), (STATEMENT, "courier\n", 2)],
)
def test_front_door_exits_by_the_contract(tmp_path: Path, statement: str, rates: str, code: int) -> None:
    write_month(tmp_path, statement=statement, rates=rates)
    words = "logistics reconcile --waybills waybills.csv --rates rates.csv --statement statement.csv"
    options = [*words.split(), "--courier", "中通", "--period", "2026-10", "--out", "result.json"]

    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == code
    assert (tmp_path / "result.json").exists() is (code < 2)
    assert (done.stderr == "") is (code < 2)
    if code == 2:
        assert done.stderr.startswith("rates.csv:1: no column zone, provinces")
        assert done.stdout == ""
