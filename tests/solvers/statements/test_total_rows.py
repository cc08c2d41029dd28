"""Rows that say that they are totals are the same rows, whatever kind of file the statement is."""

import csv
import io
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logistics.statements.parsers import workbook
from logistics.statements.result import result_json
from logistics.statements.service import reconcile
from tests.edges.statements_cli.month import RATES, WAYBILLS
from tests.rules.sheets.books import WRITERS, Book

Table = list[list[str]]
HEADER = ["序号", "运单号", "快递费", "备注"]
CHARGES = [["1", "7800000000001", "10.3", ""], ["2", "7800000000002", "4", "计费重量 0.9"]]
BLANKS = st.sampled_from(("", "", " ", "\u3000", "\u200b", "\xa0", "\n", " \ufeff"))
WORDS = st.sampled_from(
    ("合计", "总计", "小计", "合计", "共计", "Total", "计费", "本月合计", "合计金额", "计")
)
AROUND = st.sampled_from(
    (("", ""), ("(", ")"), ("（", "）"), ("【", "】"), ("", ":"), ("", "："), ("", "元"))
)


@st.composite
def says(draw: st.DrawFn) -> str:
    before, behind = draw(AROUND)
    text = draw(BLANKS) + before + draw(BLANKS).join(draw(WORDS)) + behind + draw(BLANKS)
    # Some programs lose plain blanks around a text when they write a workbook.
    return text.strip(" \n")


@st.composite
def lasts(draw: st.DrawFn) -> list[str]:
    waybill = draw(st.sampled_from(("", "17", "7800000000003", "-", "7800000000001", "1E5")))
    row = ["9", waybill, draw(st.sampled_from(("17.5", "0", "", "3.456"))), ""]
    row[draw(st.sampled_from((0, 0, 1, 3, 3)))] = draw(says())
    return row


def rich_text(place: str, text: str) -> str:
    """Cut a text into runs of one letter each."""
    runs = "".join(f'<r><t xml:space="preserve">{escape(letter)}</t></r>' for letter in text)
    return f'<c r="{place}" t="inlineStr"><is>{runs}</is></c>'


def write_book(path: Path, table: Table, *, writer: str, is_rich: bool = False) -> None:
    book = Book(writer, random.Random(1))
    rows = []
    for number, cells in enumerate(table, start=1):
        written = []
        for letter, cell in zip("ABCD", cells, strict=True):
            place = f"{letter}{number}"
            if number > 1 and letter in "AC" and cell.replace(".", "", 1).isdigit():
                written.append(book.number(place, cell, style=0))
            elif is_rich and "计" in cell and number > 1:
                written.append(rich_text(place, cell))
            elif cell:
                written.append(book.text(place, escape(cell)))
        rows.append(book.row(number, written))
    book.save(path, rows)


def write_csv(path: Path, table: Table, *, encoding: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    path.write_bytes(text.getvalue().encode(encoding))


def result_of(folder: Path, statement: Path) -> str:
    return result_json(
        reconcile(
            waybills=folder / "waybills.csv",
            rates=folder / "rates.csv",
            statement=statement,
            courier="中通",
            period="2026-10",
        )
    )


def results(folder: Path, table: Table) -> Iterator[tuple[str, str]]:
    """Reconcile one table in every kind of file and by every reader."""
    (folder / "waybills.csv").write_text(WAYBILLS, encoding="utf-8")
    (folder / "rates.csv").write_text(RATES, encoding="utf-8")
    for encoding in ("utf-8", "gb18030"):
        write_csv(folder / "statement.csv", table, encoding=encoding)
        yield encoding, result_of(folder, folder / "statement.csv")
    for writer in (*WRITERS, "rich"):
        is_rich = writer == "rich"
        path = folder / f"{writer}.xlsx"
        write_book(path, table, writer="openpyxl" if is_rich else writer, is_rich=is_rich)
        yield writer, result_of(folder, path)
        if writer in ("excel", "rich"):
            with mock.patch.object(workbook, "read_columns", return_value=None):
                yield f"{writer}, by value", result_of(folder, path)


@given(st.lists(lasts(), min_size=4, max_size=12))
@settings(max_examples=10, deadline=None)
@example([["合 计", "17", "3.5", ""]])
@example([["(合计)", "17", "3.5", ""], ["", "-", "3", "本月\u3000总计：3元"]])
def test_total_rows_are_the_same_rows_in_every_kind_of_file(rows: Table) -> None:
    table = [HEADER, *CHARGES, *rows]

    with tempfile.TemporaryDirectory() as folder:
        found = dict(results(Path(folder), table))

    assert found == dict.fromkeys(found, found["utf-8"])


@pytest.mark.parametrize("says", ["合 计", "（合计）", "总计：", "小\u200b计", "【合计】:"])
@pytest.mark.parametrize("at", [0, 3])
def test_row_of_a_number_that_says_total_is_charged_in_no_kind_of_file(
    tmp_path: Path, says: str, at: int
) -> None:
    total = ["3", "17", "14.3", ""]
    total[at] = says

    found = dict(results(tmp_path, [HEADER, *CHARGES, total]))

    assert set(found.values()) == {found["utf-8"]}
    assert '"rows": 3, "lines": 2, "waybills": 2, "charged_fen": 1430' in " ".join(found["utf-8"].split())
    assert "unknown_waybill" not in found["utf-8"]
