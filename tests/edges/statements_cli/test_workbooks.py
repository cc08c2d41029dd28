"""What workbooks can hold: spoilt cells are named with their rows, dangerous files are refused unopened."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.edges.statements_cli.month import patched_part, run_reconcile, workbook, write_month

SHEET = "xl/worksheets/sheet1.xml"
HEADER = ["运单号", "目的省份", "计费重量(kg)", "运费(元)", "代收货款", "备注"]
FIRST = ["7800000000001", "广东", 1.8, 10.30, None, None]
SECOND = ["7800000000002", "陕西", 0.9, 4.00, 120, None]


def run_on(folder: Path, rows: list[list[Any]], **settings: Any) -> Any:
    write_month(folder)
    workbook(folder / "statement.xlsx", rows, **settings)
    return run_reconcile(folder, statement="statement.xlsx")


def test_sound_workbook_matches(tmp_path: Path) -> None:
    run = run_on(tmp_path, [["对账单"], HEADER, FIRST, SECOND, ["合计", None, None, 14.30]])

    assert run.code == 0
    assert run.result["statement"] == {"rows": 3, "lines": 2, "waybills": 2, "charged_fen": 1430}
    assert (run.result["matched"], run.result["items"], run.result["unreadable"]) == (2, [], [])


def test_formula_without_stored_value_is_unreadable_not_skipped(tmp_path: Path) -> None:
    run = run_on(tmp_path, [HEADER, FIRST, [*SECOND[:3], "=2+2", None, None]])

    assert run.code == 1
    assert run.result["unreadable"] == [
        {
            "row": 3,
            "why": "an amount is a formula without a stored value; expected an amount in yuan",
        }
    ]
    assert run.result["statement"]["rows"] == 2
    assert [item["reason"] for item in run.result["items"]] == ["cod", "not_billed"][::-1]


def test_total_row_with_formulas_is_skipped(tmp_path: Path) -> None:
    run = run_on(tmp_path, [HEADER, FIRST, SECOND, ["合计", None, None, "=SUM(D2:D3)", "=SUM(E2:E3)"]])

    assert (run.code, run.result["unreadable"], run.result["matched"]) == (0, [], 2)


def test_formula_with_stored_value_counts(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, [*FIRST[:3], "=10+0.3"], SECOND])
    patched_part(
        tmp_path / "statement.xlsx",
        SHEET,
        lambda xml: xml.replace(b"<f>10+0.3</f><v />", b"<f>10+0.3</f><v>10.3</v>"),
    )

    run = run_reconcile(tmp_path, statement="statement.xlsx")

    assert (run.code, run.result["matched"]) == (0, 2)


def test_amounts_in_merged_cells_are_unreadable(tmp_path: Path) -> None:
    run = run_on(tmp_path, [HEADER, FIRST, SECOND], merged="D2:D3")

    assert run.code == 1
    assert [row["row"] for row in run.result["unreadable"]] == [2, 3]
    assert run.result["statement"]["lines"] == 0


def test_merged_title_spoils_nothing(tmp_path: Path) -> None:
    run = run_on(tmp_path, [["对账单"], HEADER, FIRST, SECOND], merged="A1:F1")

    assert (run.code, run.result["matched"]) == (0, 2)


def test_error_values_are_unreadable(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST, SECOND])
    patched_part(
        tmp_path / "statement.xlsx",
        SHEET,
        lambda xml: xml.replace(b'<c r="D3" t="n"><v>4</v></c>', b'<c r="D3" t="e"><v>#REF!</v></c>'),
    )

    run = run_reconcile(tmp_path, statement="statement.xlsx")

    assert run.code == 1
    assert run.result["unreadable"] == [
        {"row": 3, "why": "an amount is a spreadsheet error; expected an amount in yuan"}
    ]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (True, "an amount is a date or a truth value; expected an amount in yuan"),
        ("1e3", "'1e3' is not an amount; expected yuan such as 12.30"),
        ("inf", "'inf' is not an amount; expected yuan such as 12.30"),
        ("八元", "'八元' is not an amount; expected yuan such as 12.30"),
    ],
)
def test_other_values_are_no_amounts(tmp_path: Path, value: Any, why: str) -> None:
    run = run_on(tmp_path, [HEADER, FIRST, [*SECOND[:3], value]])

    assert (run.code, run.result["unreadable"]) == (1, [{"row": 3, "why": why}])


def test_number_cells_hold_waybill_numbers_of_up_to_15_digits(tmp_path: Path) -> None:
    run = run_on(tmp_path, [HEADER, [7800000000001, *FIRST[1:]], [7800000000002000000, *SECOND[1:]]])

    assert run.code == 1
    assert run.result["matched"] == 1
    assert run.result["unreadable"] == [
        {
            "row": 3,
            "why": "the waybill number is a number beyond 15 digits and lost the last ones; "
            "expected a waybill number as text",
        }
    ]


def test_hidden_rows_and_sheets_are_read_and_said(tmp_path: Path) -> None:
    run = run_on(tmp_path, [HEADER, FIRST, SECOND], hidden=3, hidden_sheet="旧账")

    assert (run.code, run.result["matched"]) == (0, 2)
    assert "hidden in the file, but read like the others: 1 row\n" in run.out
    assert "hidden sheets, not read: 旧账" in run.out


def test_unreadable_rows_are_said_with_their_place(tmp_path: Path) -> None:
    run = run_on(tmp_path, [HEADER, FIRST, ["7.8E+12", *SECOND[1:]]])

    assert run.code == 1
    assert "could not be read, needs attention: 1 row\n" in run.out
    assert "statement.xlsx:3: the waybill number '7.8E+12' was spoilt by a spreadsheet" in run.out


def refused(folder: Path) -> list[str]:
    run = run_reconcile(folder, statement="statement.xlsx")
    assert (run.code, run.out, run.written) == (2, "", [])
    return run.err


def test_text_under_a_workbook_name_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    (tmp_path / "statement.xlsx").write_text("运单号,运费\n")

    assert refused(tmp_path) == [
        "statement.xlsx:1: the file is not an XLSX workbook; expected .xlsx as saved by a spreadsheet program"
    ]


def test_zip_without_a_workbook_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    with zipfile.ZipFile(tmp_path / "statement.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert refused(tmp_path) == [
        "statement.xlsx:1: the file is not an XLSX workbook; expected .xlsx as saved by a spreadsheet program"
    ]


def test_workbook_with_a_password_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "statement.xlsx").write_bytes(locked)

    assert refused(tmp_path) == [
        "statement.xlsx:1: the workbook is protected by a password; expected an XLSX that opens without one"
    ]


def test_old_workbook_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    (tmp_path / "statement.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)

    assert refused(tmp_path) == ["statement.xlsx:1: an old .xls workbook; expected .xlsx or CSV"]


def test_truncated_workbook_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST])
    whole = (tmp_path / "statement.xlsx").read_bytes()
    (tmp_path / "statement.xlsx").write_bytes(whole[: len(whole) // 2])

    assert refused(tmp_path) == [
        "statement.xlsx:1: the workbook is damaged; open it in a spreadsheet program and save it again"
    ]


def test_workbook_that_unpacks_beyond_measure_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST])
    with zipfile.ZipFile(tmp_path / "statement.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/media/big.bin", "w", force_zip64=True) as part:
            for _ in range(2_049):
                part.write(b"\0" * (1 << 20))

    assert refused(tmp_path)[0].endswith("; at most 2147483648 are expected")


def test_workbook_with_too_many_parts_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST])
    with zipfile.ZipFile(tmp_path / "statement.xlsx", "a") as archive:
        for number in range(2_000):
            archive.writestr(f"xl/media/{number}.bin", b"")

    assert refused(tmp_path)[0].endswith(" parts; at most 2000 are expected")


def test_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST])
    path = tmp_path / "statement.xlsx"
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (size - 40).to_bytes(4, "little")))

    assert refused(tmp_path) == [
        "statement.xlsx:1: the workbook is damaged; open it in a spreadsheet program and save it again"
    ]


def test_cell_at_the_far_end_of_the_sheet_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST])
    far = b'<row r="1048576"><c r="ZZ1048576" t="n"><v>1</v></c></row></sheetData>'
    patched_part(tmp_path / "statement.xlsx", SHEET, lambda xml: xml.replace(b"</sheetData>", far))

    assert refused(tmp_path) == [
        "statement.xlsx:1: 1048576 rows by 702 columns; delete the empty far cells and save again"
    ]


def test_cell_beyond_all_columns_is_refused(tmp_path: Path) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST])
    far = b'<row r="9"><c r="XFD9" t="n"><v>1</v></c></row></sheetData>'
    patched_part(tmp_path / "statement.xlsx", SHEET, lambda xml: xml.replace(b"</sheetData>", far))

    assert refused(tmp_path) == ["statement.xlsx:1: 16384 columns; at most 702 are expected"]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml"])
def test_entities_are_refused(tmp_path: Path, part: str) -> None:
    write_month(tmp_path)
    workbook(tmp_path / "statement.xlsx", [HEADER, FIRST])
    entity = b'<!DOCTYPE a [<!ENTITY b "b">]>'
    patched_part(tmp_path / "statement.xlsx", part, lambda xml: entity + xml)

    assert refused(tmp_path) == [
        "statement.xlsx:1: the workbook declares a document type or entities; expected plain XLSX"
    ]
