"""The bulk reader of columns gives what the reader of values gives, or leaves the workbook to it."""

import csv
import random
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from county.errors import BadInput
from county.sheets import CellTrouble, CloseLook, Limits, Value, cell_text, read_grid
from county.sheets.columns import Cells, ColumnFile, read_columns
from county.sheets.contents import SEPARATOR
from county.sheets.scanning import Wanted
from tests.rules.sheets.books import WRITERS, Book

COLUMNS = (1, 0, 3, 27)
LETTERS = ("A", "B", "C", "D", "E", "AB")
WORDS = ("合计", "总计")
LOOK = CloseLook("计", lambda text: any(word in "".join(text.split()) for word in WORDS))
TEXTS = (
    *("广东", "7800000000001", "SF-1", " x", "x ", "12,5", "a\tb", "&amp;茶", "&quot;", '说"好"', "a\nb"),
    *(
        "_x000D_",
        "a_b",
        "合计",
        "费用合计：",
        "𠮷",
        "",
        "12.30元",
        "&lt;c r=",
        "a&gt;b",
        ">",
        "1e3",
        "\u200b",
        *("合 计", "合\u3000计：", "总_x000A_计"),
    ),
)
NUMBERS = (
    *("0", "5", "10", "12.5", "-3", "-0.5", "0.8070000000000001", "17.059999999999999", "7800000119152"),
    *("780000011915212345", "1E3", "1.5E-5", "7.8E+12", "007", ".5", "5.", "1.20", "+4", ""),
)


def written(value: Value | CellTrouble) -> str:
    if isinstance(value, CellTrouble):
        return f"!{value}"
    return f"?{value}" if isinstance(value, bool | date | datetime) else cell_text(value)


def any_cell(book: Book, place: str, chance: random.Random) -> str:
    match chance.randrange(24):
        case 0:
            return f'<c r="{place}"/>'
        case 1:
            return f'<c r="{place}" s="2"></c>'
        case 2:
            return f'<c r="{place}" t="b"><v>{chance.randrange(2)}</v></c>'
        case 3:
            return f'<c r="{place}" t="e"><v>#REF!</v></c>'
        case 4:
            return f'<c r="{place}"><f>A1+1</f></c>'
        case 5:
            return f'<c r="{place}" s="1"><f>A1&lt;1</f><v>4.5</v></c>'
        case 6:
            return f'<c r="{place}"><f t="shared" si="0"/><v>{chance.choice(NUMBERS[:8])}</v></c>'
        case 7:
            return f'<c r="{place}" t="str"><f aca="false">B1</f><v>{chance.choice(("", " 茶 "))}</v></c>'
        case 8:
            return book.text(place, chance.choice(TEXTS[:9]), rich=True)
        case 9 if chance.random() < 0.5:
            return f'<c r="{place}"><is><t>无类型</t></is></c>'
        case 9:
            return f'<c t="n" r="{place}"><v>8</v></c>' if chance.random() < 0.02 else ""
        case 10 | 11 | 12 | 13 | 14 | 15:
            return book.number(place, chance.choice(NUMBERS))
    return book.text(place, chance.choice(TEXTS))


def any_book(path: Path, *, writer: str, seed: int) -> None:
    chance = random.Random(seed)
    book = Book(writer, chance)
    rows, number = [], 0
    for _ in range(chance.choice((5, 60, 400))):
        number += chance.choice((1, 1, 1, 1, 3))
        cells = [any_cell(book, f"{letters}{number}", chance) for letters in LETTERS if chance.random() < 0.8]
        rows.append(book.row(number, cells, hidden=chance.random() < 0.1))
    book.save(path, rows)


def wanted(below: int) -> Wanted:
    return Wanted(below, COLUMNS, (written,) * len(COLUMNS), frozenset({3}))


def taken(path: Path, *, below: int = 2) -> tuple[ColumnFile, list[Cells]] | None:
    heads: list[list[Cells]] = []

    def choose(head: list[Cells]) -> Wanted:
        heads.append(head)
        return wanted(below)

    file = read_columns(path, look=LOOK, choose=choose, target=path.with_suffix(".columns"), limits=Limits())
    return (file, heads[0]) if file else None


def lines_of(file: ColumnFile) -> dict[int, list[str]]:
    with file.path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=SEPARATOR, strict=True))
    return {int(row[0]): row[1:] for row in rows}


def row_texts(path: Path) -> dict[int, list[str]]:
    grid = read_grid(path, limits=Limits())
    rows = {number: [written(value) for value in row] for number, row in enumerate(grid.values, start=1)}
    for (number, at), trouble in grid.troubles.items():
        row = rows.setdefault(number, [])
        row += [""] * (at + 1 - len(row))
        row[at] = written(trouble)
    return rows


def picked(row: Sequence[str], columns: Sequence[int] = COLUMNS) -> list[str]:
    return [row[at] if at < len(row) else "" for at in columns]


@pytest.mark.parametrize("writer", WRITERS)
def test_columns_are_those_of_the_reader_of_values(tmp_path: Path, writer: str) -> None:
    read = 0
    for seed in range(60):
        path = tmp_path / f"{seed}.xlsx"
        any_book(path, writer=writer, seed=seed)

        found = taken(path)

        if found is None:
            continue
        read += 1
        file, head = found
        rows, lines = row_texts(path), lines_of(file)
        blank = [""] * len(COLUMNS)
        assert lines == {number: picked(rows.get(number, [])) for number in lines}, f"seed {seed}"
        assert all(picked(row) == blank for number, row in rows.items() if number > 2 and number not in lines)
        assert file.hidden_rows == read_grid(path, limits=Limits()).hidden_rows
        for number, cells in [*file.close.items(), *enumerate(head, start=1), *file.find_rows(rows).items()]:
            texts = {at: written(value) for at, value in cells.items() if written(value)}
            assert texts == {at: text for at, text in enumerate(rows.get(number, [])) if text}, f"seed {seed}"
        with_word = {number for number, row in rows.items() if number > 2 and any(map(LOOK.is_due, row))}
        nameless = {number for number, row in lines.items() if not row[0] or not row[0].isascii()}
        assert with_word | nameless <= file.close.keys(), f"seed {seed}"
    assert read > 25


def table(path: Path, *, rows: Sequence[str], writer: str = "excel", behind: str = "") -> None:
    book = Book(writer, random.Random(1))
    head = book.row(1, [book.text(f"{letter}1", "头") for letter in "ABCD"])
    body = [book.row(2, [book.text("B2", "78001"), book.number("D2", "4.5", style=1)])]
    book.save(path, [head, *body, *rows], behind=behind)


def test_plain_workbook_is_taken(tmp_path: Path) -> None:
    table(tmp_path / "plain.xlsx", rows=[])

    found = taken(tmp_path / "plain.xlsx", below=1)

    assert found is not None
    assert lines_of(found[0]) == {2: ["78001", "", "4.5", ""]}


@pytest.mark.parametrize(
    "row",
    [
        '<row r="3"><c r="D3" s="3"><v>46300</v></c></row>',
        '<row r="3"><c r="D3" s="5"><v>46300</v></c></row>',
        '<row r="3"><c r="D3" s="77"><v>46300</v></c></row>',
        '<row r="3"><c r="D3" t="d"><v>2026-10-01</v></c></row>',
        '<row r="3"><c r="D4"><v>1</v></c></row>',
        '<row r="3"><c r="D3"><v> 7 </v></c></row>',
        '<row r="3"><c r="D3"><v>nan</v></c></row>',
        '<row r="3"><c><v>1</v></c></row>',
        '<row r="2"><c r="D2"><v>1</v></c></row>',
        '<row><c r="D3"><v>1</v></c></row>',
        '<row r="3"><!-- <c r="D3"> --></row>',
        '<row r="3"><c r="C3" t="inlineStr"><is><t>&#21512;&#35745;</t></is></c></row>',
        '<row r="3"><c\nr="D3"><v>1</v></c></row>',
        '<row r="3"><c r="D3" t="s"><v>99</v></c></row>',
        '<row r="3"><c r="D3" t="s"><v></v></c></row>',
        '<row r="3"><c r="D3" t="inlineStr"><is><t>\x01</t></is></c></row>',
    ],
)
def test_what_is_not_plain_is_left_to_the_reader_of_values(tmp_path: Path, row: str) -> None:
    table(tmp_path / "odd.xlsx", rows=[row])

    assert taken(tmp_path / "odd.xlsx", below=1) is None


@pytest.mark.parametrize("text", ["合&#35745;", "计费合&#10;计", "&#x5408;计", "合 计", "本月合计"])
def test_shared_text_that_asks_for_a_closer_look_is_found(tmp_path: Path, text: str) -> None:
    book = Book("excel", random.Random(1))
    rows = [book.row(row, [book.text(f"B{row}", "78001"), book.text(f"D{row}", "头")]) for row in (1, 2, 3)]
    rows.append(book.row(4, [book.text("B4", "78001"), book.text("D4", text), book.number("E4", "2")]))
    book.save(tmp_path / "shared.xlsx", rows)

    found = taken(tmp_path / "shared.xlsx", below=1)

    assert found is not None and list(found[0].close) == [4]


def test_second_name_for_the_cells_is_left_to_the_reader_of_values(tmp_path: Path) -> None:
    path = tmp_path / "named.xlsx"
    book = Book("excel", random.Random(1))
    names = ' xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    book.save(path, ['<row r="1"><x:c r="A1"><x:v>1</x:v></x:c></row>'], names=names)

    assert taken(path, below=1) is None


def test_days_in_columns_that_are_not_wanted_do_not_matter(tmp_path: Path) -> None:
    table(
        tmp_path / "days.xlsx",
        rows=['<row r="3"><c r="B3"><v>7</v></c><c r="C3" s="3"><v>46300</v></c></row>'],
    )

    found = taken(tmp_path / "days.xlsx", below=1)

    assert found is not None and lines_of(found[0])[3] == ["7", "", "", ""]


@pytest.mark.parametrize(("merged", "is_taken"), [("A1:D1", True), ("A2:B3", True), ("C2:D2", False)])
def test_only_merged_amounts_are_left_to_the_reader_of_values(
    tmp_path: Path, merged: str, is_taken: bool
) -> None:
    behind = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>'
    table(tmp_path / "merged.xlsx", rows=[], behind=behind)

    assert (taken(tmp_path / "merged.xlsx", below=1) is not None) is is_taken


def test_row_beyond_the_limits_is_refused(tmp_path: Path) -> None:
    table(tmp_path / "long.xlsx", rows=['<row r="9"><c r="D9"><v>1</v></c></row>'])

    with pytest.raises(BadInput) as refusal:
        read_columns(
            tmp_path / "long.xlsx",
            look=LOOK,
            choose=lambda head: wanted(1),
            target=tmp_path / "long.columns",
            limits=Limits(rows=8),
        )

    assert [str(f) for f in refusal.value.faults] == [
        f"{tmp_path / 'long.xlsx'}:8: more than 8 rows; split the file"
    ]
