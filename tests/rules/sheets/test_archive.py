"""No part of a workbook declares entities, wherever in it and in whatever encoding it does so."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from county.errors import BadInput
from county.sheets import Limits, read_sheet, write_workbook
from county.sheets.archive import CHUNK, require_workbook

BOOK, SHEET = "xl/workbook.xml", "xl/worksheets/sheet1.xml"
DECLARED = '<?xml version="1.0" encoding="{}"?>'
ENTITY = '<!DOCTYPE x [<!ENTITY boss "BOSS">]>'
MARK = b"<!DOCTYPE"


def spoilt(folder: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    write_workbook(folder / "sound.xlsx", [("Sheet", [["x", 1]])])
    with zipfile.ZipFile(folder / "sound.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = parts[part].partition(b"?>")[2] if parts[part].startswith(b"<?xml") else parts[part]
    parts[part] = change(body)
    with zipfile.ZipFile(folder / "spoilt.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return folder / "spoilt.xlsx"


def said(path: Path) -> list[str]:
    with pytest.raises(BadInput) as refusal:
        read_sheet(path)
    return [str(fault) for fault in refusal.value.faults]


@pytest.mark.parametrize("part", [BOOK, SHEET])
@pytest.mark.parametrize("before", range(len(MARK) + 1))
def test_declaration_across_the_end_of_a_piece_is_refused(tmp_path: Path, part: str, before: int) -> None:
    head = DECLARED.format("UTF-8").encode()

    def declare(body: bytes) -> bytes:
        begun = head.ljust(CHUNK - before) + b"<!DOCTYPE x ["
        return begun.ljust(2 * CHUNK - before) + b'<!ENTITY boss "BOSS">]>' + body

    path = spoilt(tmp_path, part, declare)

    assert said(path) == [f"{path}:1: the workbook declares a document type or entities; expected plain XLSX"]


@pytest.mark.parametrize("part", [BOOK, SHEET])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_part_in_utf_16_is_refused(tmp_path: Path, part: str, encoding: str) -> None:
    text = DECLARED.format("UTF-16") + ENTITY

    path = spoilt(tmp_path, part, lambda body: (text + body.decode()).encode(encoding))

    assert said(path) == [
        f"{path}:1: a part of the workbook is not UTF-8 text; expected UTF-8 as spreadsheets write it"
    ]


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("cp037", "cp037"), ("UTF-16", "utf-16-le"), ("gb2312", "gb2312"), ("iso-8859-1", "iso-8859-1")],
)
def test_part_that_says_another_encoding_is_refused(tmp_path: Path, encoding: str, written: str) -> None:
    head = DECLARED.format(encoding).encode()

    path = spoilt(tmp_path, BOOK, lambda body: head + (ENTITY + body.decode()).encode(written))

    assert said(path) == [
        f"{path}:1: a part of the workbook is not UTF-8 text; expected UTF-8 as spreadsheets write it"
    ]


def test_declared_encoding_cannot_hide_behind_the_first_piece(tmp_path: Path) -> None:
    head = b'<?xml version="1.0"' + b" " * CHUNK + b'encoding="cp037"?>'

    path = spoilt(tmp_path, BOOK, lambda body: head + body)

    assert said(path) == [
        f"{path}:1: a part of the workbook is not UTF-8 text; expected UTF-8 as spreadsheets write it"
    ]


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-8", "us-ascii"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_plain_parts_are_read(tmp_path: Path, encoding: str, mark: bytes) -> None:
    head = mark + DECLARED.format(encoding).encode()

    path = spoilt(tmp_path, BOOK, lambda body: head + body)

    require_workbook(path, limits=Limits())
    assert [row.cells for row in read_sheet(path).rows] == [("x", "1")]
