"""Tables from outside: rows with their numbers, what the eye does not see, and what is refused."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from county.errors import BadInput
from county.sheets import (
    Amount,
    CellTrouble,
    Limits,
    SheetFormat,
    cell_text,
    prepare_csv,
    read_grid,
    read_sheet,
    safe_text,
    stream_rows,
    write_workbook,
)


def csv_file(folder: Path, content: bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_its_encoding_with_row_numbers(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path, '名称,数量\n\n"茶\n叶",3\n,,\n𠮷茶,\n'.encode(encoding))

    sheet = read_sheet(path)

    assert (sheet.format, sheet.encoding) == (
        SheetFormat.CSV,
        "gb18030" if encoding == "gb18030" else "utf-8-sig",
    )
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, ("名称", "数量")),
        (3, ("茶\n叶", "3")),
        (5, ("𠮷茶", "")),
    ]
    assert list(stream_rows(path)) == list(sheet.rows)


def test_workbook_is_read_with_its_troubles(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "单"
    sheet["C3"] = "=1+1"
    sheet["A5"], sheet["B5"], sheet["C5"] = "合并", date(2026, 10, 1), 0.1 + 0.2
    sheet.merge_cells("A5:A6")
    sheet["B6"] = 7800000119152
    sheet.row_dimensions[6].hidden = True
    book.create_sheet("暗").sheet_state = "veryHidden"
    book.save(tmp_path / "table.xlsx")

    read = read_sheet(tmp_path / "table.xlsx")

    assert [(row.number, row.cells, dict(row.troubles), row.hidden) for row in read.rows] == [
        (3, ("", "", ""), {2: CellTrouble.FORMULA_WITHOUT_VALUE}, False),
        (5, ("合并", "2026-10-01", "0.3"), {0: CellTrouble.MERGED}, False),
        (6, ("", "7800000119152", ""), {0: CellTrouble.MERGED}, True),
    ]
    assert (read.hidden_rows, read.hidden_sheets) == ((6,), ("暗",))


def test_row_with_only_a_lost_cell_below_the_last_value_is_there(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["a", "b"])
    book.active["B4"] = "=A1"
    book.save(tmp_path / "table.xlsx")

    assert [row.number for row in read_sheet(tmp_path / "table.xlsx").rows] == [1, 4]


def test_table_that_begins_away_from_the_corner_keeps_its_places(tmp_path: Path) -> None:
    book = Workbook()
    book.active["C2"] = "x"
    book.save(tmp_path / "table.xlsx")

    grid = read_grid(tmp_path / "table.xlsx", limits=Limits())

    assert list(grid.values) == [["", "", ""], ["", "", "x"]] or list(grid.values)[1] == ["", "", "x"]
    assert list(grid.values) == list(grid.values)


def test_values_are_written_as_text_without_exponents() -> None:
    values = [7800000119152.0, 0.00001, 1.5, 17.059999999999999, True, date(2026, 10, 1), "x", -2.0]

    assert [cell_text(value) for value in values] == [
        *("7800000119152", "0.00001", "1.5", "17.06", "TRUE", "2026-10-01", "x", "-2"),
    ]


@pytest.mark.parametrize(
    ("limits", "content", "fault"),
    [
        (Limits(rows=2), "a\nb\nc\n", "3: more than 2 rows; split the file"),
        (Limits(columns=2), "a,b\na,b,c\n", "2: 3 columns; at most 2 are expected"),
        (
            Limits(cell_characters=3),
            "a\nabcd\n",
            "2: a cell of more than 3 characters; expected a table of short cells",
        ),
        (Limits(file_bytes=3), "abcd", "1: the file has 4 bytes; at most 3 are expected"),
    ],
)
def test_csv_beyond_the_limits_is_refused(tmp_path: Path, limits: Limits, content: str, fault: str) -> None:
    path = csv_file(tmp_path, content.encode())

    with pytest.raises(BadInput) as refusal:
        read_sheet(path, limits=limits)

    assert [str(f) for f in refusal.value.faults] == [f"{path}:{fault}"]


def test_workbook_beyond_the_limits_is_refused(tmp_path: Path) -> None:
    write_workbook(tmp_path / "table.xlsx", [("a", [["x"], ["y"], ["z"]])])

    for limits, fault in (
        (Limits(rows=2), "2: more than 2 rows; split the file"),
        (Limits(unpacked_bytes=100), None),
        (Limits(parts=3), None),
    ):
        with pytest.raises(BadInput) as refusal:
            read_sheet(tmp_path / "table.xlsx", limits=limits)
        assert len(refusal.value.faults) == 1
        assert fault is None or str(refusal.value.faults[0]).endswith(fault)


def test_prepared_csv_counts_lines_and_finds_a_text(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "头\n合计,1\n\nx,2\n总计,3".encode("gb18030"))

    prepared = prepare_csv(path, workspace=tmp_path, limits=Limits(), needle="计")

    assert (prepared.encoding, prepared.lines) == ("gb18030", 5)
    assert [(line, text.decode().strip()) for line, text in prepared.found] == [(2, "合计,1"), (5, "总计,3")]
    assert prepared.path.read_text(encoding="utf-8") == "头\n合计,1\n\nx,2\n总计,3"
    assert prepared.tail()[-1] == "总计,3".encode()


def test_large_csv_in_gb18030_is_read_whole(tmp_path: Path) -> None:
    path = csv_file(tmp_path, ("陕西,茶叶\n" * 500_000).encode("gb18030"))

    prepared = prepare_csv(path, workspace=tmp_path, limits=Limits(), needle="合计")

    assert (prepared.encoding, prepared.lines, prepared.found) == ("gb18030", 500_000, ())
    assert prepared.path.stat().st_size == 500_000 * len("陕西,茶叶\n".encode())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_would_execute_is_disarmed(tmp_path: Path, start: str) -> None:
    write_workbook(
        tmp_path / "out.xlsx", [("账", [[f"{start}cmd|' /C calc'!A0", "plain", -3, Amount(-1205)]])]
    )

    row = next(load_workbook(tmp_path / "out.xlsx").active.iter_rows())

    assert safe_text(f"{start}1").startswith("'")
    assert str(row[0].value).startswith("'") and row[0].data_type == "s"
    assert [cell.value for cell in row[1:]] == ["plain", -3, -12.05]
    assert row[3].number_format == "0.00"


def test_control_characters_and_long_texts_do_not_break_a_workbook(tmp_path: Path) -> None:
    write_workbook(tmp_path / "out.xlsx", [("a/b:c*?[]\\" + "x" * 40, [["a\x00\x0bb", "y" * 40_000]])])

    book = load_workbook(tmp_path / "out.xlsx")

    assert len(book.sheetnames[0]) <= 31
    values = [cell.value for cell in next(book.active.iter_rows())]
    assert (values[0], len(values[1])) == ("ab", 32_767)
