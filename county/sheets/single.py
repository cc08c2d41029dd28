"""Reads single cells, rows and shared texts out of a sheet's XML, for what is too rare to read in bulk."""

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree  # nosec B405 - document types and entities are refused before

from county.sheets.types import CellTrouble, Value

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_BLANKS = " \t\r\n"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# Built-in number formats that cannot be dates or times (ECMA-376 part 1, 18.8.30).
_NUMBER_FORMATS = frozenset([*range(14), *range(37, 45), 48, 49])
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]')
_OF_DATES = re.compile("[ymdhsegbnYMDHSEGBN年月日时分秒]")


class NotPlain(Exception):
    """The workbook is written in a way that the bulk reader does not know; another reader has to take it."""


class SingleCells:
    """Reads cells and rows given as XML.

    Takes: `opening`, the start tag of the sheet with its name spaces; `shared`, the shared texts that occur.
    """

    def __init__(self, *, opening: bytes, shared: "SharedTexts", number_styles: frozenset[str]) -> None:
        self._opening = opening
        self._shared = shared
        self._number_styles = number_styles

    def read_cell(self, xml: bytes) -> Value | CellTrouble:
        """Read one cell's value, `""` for a blank one; refuses (`NotPlain`) dates, which need more care."""
        cell = self._parse(xml)
        value = self._value(cell)
        is_dated = isinstance(value, float) and cell.get("s", "") not in {"", *self._number_styles}
        if is_dated or cell.get("t") == "d":
            raise NotPlain
        return value

    def read_row(self, xml: bytes) -> dict[int, Value | CellTrouble]:
        """Read the values of one row by their columns from 0; dates are given as they are stored."""
        return {column_of(cell.get("r", "")): self._value(cell) for cell in self._parse(xml)}

    def _parse(self, xml: bytes) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(b"%s%s</worksheet>" % (self._opening, xml))[0]  # nosec B314
        except (ElementTree.ParseError, IndexError, LookupError) as error:
            raise NotPlain from error

    def _value(self, cell: ElementTree.Element) -> Value | CellTrouble:
        parts = {_name(part): part for part in cell}
        kind = cell.get("t", "n")
        stored = parts["v"].text or "" if "v" in parts else ""
        if kind == "e":
            return CellTrouble.ERROR_VALUE
        if "f" in parts and not stored and not (kind == "str" and "v" in parts):
            return CellTrouble.FORMULA_WITHOUT_VALUE
        # Other readers take a text for one, whatever its type says.
        if "is" in parts and "v" not in parts:
            return rich_text(parts["is"])
        match kind:
            case "inlineStr":
                return ""
            case "str":
                return _unescaped(stored)
            case "s" if stored.isdecimal():
                return self._shared.read(int(stored))
            case "b":
                return stored != "0"
            case "d":
                return stored
            case "n" if not stored or is_number(stored):
                return float(stored) if stored else ""
        raise NotPlain


class SharedTexts:
    """The shared texts of a workbook, read one by one.

    Takes: `xml`, all of them, and the places `at` which each begins.
    """

    def __init__(self, xml: bytes, at: Sequence[int]) -> None:
        self._xml = xml
        self._at = at
        self._known: dict[int, str] = {}

    def read(self, number: int) -> str:
        """Read the text of a number; refuses one that does not exist."""
        if number not in self._known:
            if number >= len(self._at):
                raise NotPlain
            start = int(self._at[number])
            end = self._xml.find(b"</si>", start)
            self._known[number] = "" if self._xml.startswith(b"<si/>", start) else self._read(start, end + 5)
        return self._known[number]

    def _read(self, start: int, end: int) -> str:
        try:
            return rich_text(ElementTree.fromstring(self._xml[start:end]))  # nosec B314
        except ElementTree.ParseError as error:
            raise NotPlain from error


def rich_text(element: ElementTree.Element) -> str:
    """Read a text that may be made of runs; what tells its pronunciation is left out."""
    texts = [part for part in element if _name(part) == "t"]
    texts += [part for run in element if _name(run) == "r" for part in run if _name(part) == "t"]
    return "".join(_unescaped(_trimmed(text)) for text in texts)


def _trimmed(text: ElementTree.Element) -> str:
    return (text.text or "") if text.get(_SPACE) == "preserve" else (text.text or "").strip(_BLANKS)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def is_number(text: str) -> bool:
    """Tell whether a stored text is a number as workbooks write them."""
    return bool(re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII))


def column_of(reference: str) -> int:
    """Tell the column, from 0, that a reference such as `AB12` names."""
    letters = reference.rstrip("0123456789")
    if not letters or not letters.isascii() or not letters.isupper() or len(letters) > 3:
        raise NotPlain
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def find_number_styles(styles: bytes | None) -> frozenset[str]:
    """Find the cell styles, by their numbers as cells name them, under which a number is surely no date."""
    if styles is None:
        return frozenset()
    try:
        sheet = ElementTree.fromstring(styles)  # nosec B314
    except ElementTree.ParseError as error:
        raise NotPlain from error
    codes: dict[str, str] = {}
    for element in sheet.iter():
        if _name(element) == "numFmt" and "numFmtId" in element.attrib:
            codes[element.attrib["numFmtId"]] = element.get("formatCode", "d")
    formats = next((list(element) for element in sheet if _name(element) == "cellXfs"), [])
    return frozenset(
        str(at) for at, style in enumerate(formats) if _is_of_numbers(style.get("numFmtId", "0"), codes)
    )


def _is_of_numbers(identifier: str, codes: Mapping[str, str]) -> bool:
    if identifier in codes:
        code = codes[identifier]
        return code.casefold() == "general" or not _OF_DATES.search(_NOT_SHOWN.sub("", code))
    return identifier.isdecimal() and int(identifier) in _NUMBER_FORMATS
