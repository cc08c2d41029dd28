"""Writes workbooks byte by byte, as different programs write them, to see that every way is read."""

import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="{office}/{kind}" Target="{target}"/></Relationships>'
)
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="单" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
# Style 0 is general, 1 an amount, 2 a text, 3 a day, 4 money of one's own, 5 a day of one's own.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="[$￥-804]0.00_ "/>'
    '<numFmt numFmtId="165" formatCode="yyyy/mm/dd"/></numFmts><cellXfs count="6">'
    + "".join(f'<xf numFmtId="{number}"/>' for number in (0, 2, 49, 14, 164, 165))
    + "</cellXfs></styleSheet>"
)
WRITERS = ("openpyxl", "excel", "poi", "libreoffice")


class Book:
    """One sheet in the manner of one program."""

    def __init__(self, writer: str, chance: random.Random) -> None:
        self._writer = writer
        self._chance = chance
        self._shared: dict[str, int] = {}

    def text(self, place: str, content: str, *, rich: bool = False) -> str:
        """Write a text cell; `content` is XML already."""
        keep = ' xml:space="preserve"' if content != content.strip() and self._chance.random() < 0.8 else ""
        inner = f"<t{keep}>{content}</t>"
        if rich:
            inner = f"<r><t>{content}</t></r><r><rPr><b/></rPr><t{keep}> 粗</t></r>"
        match self._writer:
            case "openpyxl":
                return f'<c r="{place}" t="inlineStr"><is>{inner}</is></c>'
            case "poi":
                return f'<c r="{place}" s="2" t="inlineStr"><is>{inner}</is></c>'
        number = self._shared.setdefault(f"<si>{inner}</si>", len(self._shared))
        style = self._chance.choice(("", ' s="2"'))
        return f'<c r="{place}"{style} t="s"><v>{number}</v></c>'

    def number(self, place: str, stored: str, *, style: int | None = None) -> str:
        """Write a number cell."""
        if style is None:
            style = self._chance.choice((0, 1, 4))
        match self._writer:
            case "openpyxl":
                return f'<c r="{place}" t="n"><v>{stored}</v></c>'
            case "libreoffice":
                return f'<c r="{place}" s="{style}" t="n"><v>{stored}</v></c>'
        styled = f' s="{style}"' if style else ""
        return f'<c r="{place}"{styled}><v>{stored}</v></c>'

    def row(self, number: int, cells: Sequence[str], *, hidden: bool = False) -> str:
        """Write a row."""
        match self._writer:
            case "excel":
                more = ' spans="1:9" ht="14.4" x14ac:dyDescent="0.25"'
            case "libreoffice":
                more = f' customFormat="false" ht="12.8" hidden="{str(hidden).lower()}"'
                return f'<row r="{number}"{more}>{"".join(cells)}</row>'
            case _:
                more = ""
        more += ' hidden="1"' if hidden else ""
        return f'<row r="{number}"{more}>{"".join(cells)}</row>'

    def save(self, path: Path, rows: Sequence[str], *, behind: str = "", names: str = "") -> None:
        """Write the workbook with these rows, other parts `behind` them, and more `names` of spaces."""
        sheet = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="{_MAIN}"'
            f' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"{names}>'
            f'<cols><col min="1" max="1" width="9"/></cols><sheetData>{"".join(rows)}</sheetData>'
            f"{behind}</worksheet>"
        )
        shared = "".join(self._shared)
        parts = {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _RELATIONS.format(office=_OFFICE, kind="officeDocument", target="xl/workbook.xml"),
            "xl/workbook.xml": _BOOK,
            "xl/_rels/workbook.xml.rels": _RELATIONS.format(
                office=_OFFICE, kind="worksheet", target="worksheets/sheet1.xml"
            ),
            "xl/styles.xml": _STYLES,
            "xl/worksheets/sheet1.xml": sheet,
        }
        if shared:
            parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{shared}</sst>'
            parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
                "</Relationships>",
                f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
                f'<Relationship Id="rId3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
            )
        else:
            parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
                "</Relationships>",
                f'<Relationship Id="rId3" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
            )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
