"""Bank answers and tables of papers as they come: good rows are used, each bad one is named with its row."""

from datetime import date

import pytest

from county.errors import BadInput
from county.ids import check_digit
from county.sheets import write_workbook
from shop.papers.parsers import read_day, read_papers
from shop.papers.types import PaperKind
from shop.papers.types import RowFault as PaperFault
from shop.payruns.parsers import read_answer
from shop.payruns.types import AnswerFault, BadAnswer

GOOD = "FK12345678901" + check_digit("12345678901")
HEAD = "流水号,处理结果,失败原因,金额(元)\r\n"


def kept(tmp_path, text, name="回盘.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("1.39E+10,成功,,1.00", AnswerFault.SPOILT),
        ("FK123456789012,成功,,1.00", AnswerFault.UNKNOWN),
        ("13900000000,成功,,1.00", AnswerFault.UNKNOWN),
        (f"{GOOD},处理中,,1.00", AnswerFault.RESULT),
        (f"{GOOD},,,1.00", AnswerFault.RESULT),
        (f"{GOOD},成功,,1.005", AnswerFault.AMOUNT),
        (f"{GOOD},成功,,-1.00", AnswerFault.AMOUNT),
        (f"{GOOD},成功,,1.39E+10", AnswerFault.AMOUNT),
    ],
)
def test_row_that_cannot_be_used_is_named(tmp_path, row, fault):
    read = read_answer(kept(tmp_path, f"某银行\r\n{HEAD}{GOOD},成功,,65.07\r\n{row}\r\n"), name="回盘.csv")

    assert [(each.row, each.item_no, each.is_paid, each.fen) for each in read.rows] == [(3, GOOD, True, 6507)]
    assert [(each.row, each.fault) for each in read.faults] == [(4, fault)]


def test_answer_without_amounts_and_in_gb18030_is_read(tmp_path):
    path = tmp_path / "回盘.csv"
    path.write_bytes(f"企业流水号,交易状态,退票原因\r\n{GOOD},退票,户名不符\r\n".encode("gb18030"))

    read = read_answer(path, name="回盘.csv")

    (row,) = read.rows
    assert (row.is_paid, row.reason, row.fen) == (False, "户名不符", None)


def test_answer_from_excel_is_read(tmp_path):
    path = tmp_path / "回盘.xlsx"
    write_workbook(
        path, [("结果", [("流水号", "处理结果", "金额"), (GOOD, "成功", 65.07), (13900000000, "成功", 1)])]
    )

    read = read_answer(path, name="回盘.xlsx")

    assert [(row.item_no, row.fen) for row in read.rows] == [(GOOD, 6507)]
    assert [(fault.row, fault.fault) for fault in read.faults] == [(3, AnswerFault.UNKNOWN)]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", BadInput), ("a,b\r\n1,2\r\n", BadAnswer), ("流水号,金额\r\nFK1,1.00\r\n", BadAnswer)],
)
def test_file_that_is_no_answer_is_refused(tmp_path, text, refusal):
    with pytest.raises(refusal):
        read_answer(kept(tmp_path, text), name="回盘.csv")


PAPERS = "单据类型,农户手机号,发票代码,号码,开具日期,起始日期,截止日期,金额(元)\r\n"
INVOICE = "收购发票,13900000011,,24612000000012345678,2026-10-31,2026/10/1,2026年10月31日,65.07\r\n"


def test_table_of_papers_is_read_row_by_row(tmp_path):
    text = (
        PAPERS
        + INVOICE
        + "自产证明,13900000012,,木竹村-12,2026-01-05,2026-01-01,2026-12-31,\r\n"
        + "白条,13900000011,,1,2026-10-31,2026-10-01,2026-10-31,1\r\n"
        + "收购发票,1.39E+10,,12345678,2026-10-31,2026-10-01,2026-10-31,1\r\n"
        + "收购发票,13900000011,,12345678,2026-02-30,2026-10-01,2026-10-31,1\r\n"
        + "收购发票,13900000011,,12345678,2026-10-31,2026-10-31,2026-10-01,1\r\n"
        + "收购发票,13900000011,,12345678,2026-10-31,2026-10-01,2026-10-31,1.234\r\n"
        + INVOICE
    )

    read = read_papers(kept(tmp_path, text, "票据.csv"), name="票据.csv")

    assert [(row.row, row.kind, row.to_on, row.fen) for row in read.rows] == [
        (2, PaperKind.INVOICE, date(2026, 11, 1), 6507),
        (3, PaperKind.OWN_PRODUCE, date(2027, 1, 1), None),
    ]
    assert [(fault.row, fault.fault) for fault in read.faults] == [
        (4, PaperFault.KIND),
        (5, PaperFault.SPOILT),
        (6, PaperFault.DAY),
        (7, PaperFault.SPAN),
        (8, PaperFault.AMOUNT),
        (9, PaperFault.TWICE),
    ]


@pytest.mark.parametrize("text", ["a,b,c\r\n1,2,3\r\n", "单据类型,农户手机号,号码\r\n1,2,3\r\n"])
def test_table_without_the_templates_headings_is_refused(tmp_path, text):
    with pytest.raises(BadInput):
        read_papers(kept(tmp_path, text, "票据.csv"), name="票据.csv")


@pytest.mark.parametrize("text", ["", "2026-13-01", "20261001", "2026-10", "十月一日", "2026-10-01 12:00:00"])
def test_text_that_is_no_day_is_none(text):
    assert read_day(text) is None
