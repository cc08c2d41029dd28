"""Writes a statement's rows out as texts, one value after the other: for whatever cannot be taken in bulk."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import compress, islice
from operator import and_, itemgetter, not_
from pathlib import Path
from typing import cast

from county.sheets import CellTrouble, Value, cell_text
from logistics.statements.parsers.cells import (
    MARK_LONG_NUMBER,
    MARK_OTHER_TYPE,
    MARKS,
    TOTAL_LETTER,
    has_total_word,
    is_blank,
)
from logistics.statements.parsers.opened import OpenedStatement, fields_of, find_totals, is_money, own_table
from logistics.statements.types import Column, Layout

_BLOCK = 4096
_MERGED = MARKS[CellTrouble.MERGED]


def write_out(
    rows: Iterable[list[Value]],
    *,
    layout: Layout,
    marks: dict[tuple[int, int], str],
    workspace: Path,
) -> OpenedStatement:
    """Write the columns that count into a CSV of their own, the row number first."""
    first = layout.header_row + 1
    fields = fields_of(layout)
    columns, labels = _take(islice(rows, layout.header_row, None), [column.at for _, column in fields])
    texts = [
        _texts(values, is_exact=name == "waybill") for values, (name, _) in zip(columns, fields, strict=True)
    ]
    numbers = range(first, first + len(texts[0]))
    _mark(texts, fields, marks, rows=numbers)
    plain = workspace / "statement.columns.csv"
    with plain.open("w", encoding="utf-8", newline="", errors="replace") as file:
        csv.writer(file, lineterminator="\n").writerows(zip(numbers, *texts, strict=True))
    table = own_table(plain, fields, separator=",")
    known = {first + at: _row_texts(row, first + at, marks, layout) for at, row in labels.items()}

    def cells_of(wanted: Iterable[int]) -> dict[int, list[str]]:
        found = set(wanted)
        missing = found - known.keys()
        last = max(missing, default=0)
        # Making the rows of a workbook anew takes a while; nearly all that are wanted are known.
        others = {
            number: _row_texts(row, number, marks, layout)
            for number, row in enumerate(islice(rows, last), start=1)
            if number in missing
        }
        return others | {number: known[number] for number in found & known.keys()}

    return OpenedStatement(layout, table, find_totals(known, layout), cells_of)


def _take(
    body: Iterable[list[Value]], places: Sequence[int]
) -> tuple[list[list[Value]], dict[int, list[Value]]]:
    """Take some columns out of rows, the first of them that of the waybills, in one pass.

    Gives: the columns; and in full, by their place from 0, the rows that may be no charges: totals, remarks,
    blank ones, the header again.
    """
    width = max(places) + 1
    take, take_waybill = itemgetter(*places, places[0]), itemgetter(places[0])
    rows = iter(body)
    labels: dict[int, list[Value]] = {}
    taken: list[tuple[Value, ...]] = []
    # Whole blocks go through functions written in C; a step of Python for every row costs three times that.
    while block := list(islice(rows, _BLOCK)):
        if len(min(block, key=len)) < width:
            block = [row + [""] * (width - len(row)) for row in block]
        has_no_total = map(_find_total_texts(block).isdisjoint, block)
        is_number = map(_is_plain_number, map(take_waybill, block))
        doubtful = map(not_, map(and_, has_no_total, is_number))
        labels.update(compress(enumerate(block, start=len(taken)), doubtful))
        taken += map(take, block)
    columns = [list(column) for column in zip(*taken, strict=True)][:-1] if taken else [[] for _ in places]
    return columns, labels


def _find_total_texts(block: Iterable[list[Value]]) -> frozenset[Value]:
    """Find the texts of some rows that may make a row a total; most texts occur often and are read once."""
    texts = set[Value]().union(*block)
    return frozenset(
        text for text in texts if type(text) is str and TOTAL_LETTER in text and has_total_word(text)
    )


def _is_plain_number(waybill: Value) -> bool:
    """Tell whether a cell holds nothing but the number of a waybill, and is therefore no label."""
    return type(waybill) is not str or (waybill.isascii() and waybill.strip(" \t'").isalnum())


def _mark(
    texts: Sequence[list[str]],
    fields: Sequence[tuple[str, Column]],
    marks: dict[tuple[int, int], str],
    *,
    rows: range,
) -> None:
    """Write the marks of troubled cells over their texts.

    A merged waybill number still is one for its first row; an amount in a merged cell is nobody's.
    """
    by_column = {column.at: (name, text) for (name, column), text in zip(fields, texts, strict=True)}
    for (row, at), mark in marks.items():
        name, text = by_column.get(at, ("", []))
        if text and row in rows and (is_money(name) or mark != _MERGED):
            text[row - rows.start] = mark


def _row_texts(
    row: Sequence[Value], number: int, marks: dict[tuple[int, int], str], layout: Layout
) -> list[str]:
    cells = [cell_text(value) for value in row]
    cells += [""] * (layout.width - len(cells))
    for at, cell in enumerate(cells):
        mark = marks.get((number, at))
        # A cell whose content is lost is not blank; one that is merely covered by a merged cell is.
        if mark and mark != _MERGED and is_blank(cell):
            cells[at] = mark
    return cells


def _texts(values: list[Value], *, is_exact: bool) -> list[str]:
    """Write one column as texts, marking values that are no text and no number."""
    known: dict[Value, str] = ExactTexts() if is_exact else Texts()
    kinds = set(map(type, values))
    if kinds == {str}:
        return cast(list[str], values)
    if bool in kinds:
        # True and 1 are the same key.
        return [known[value] if type(value) is not bool else MARK_OTHER_TYPE for value in values]
    if is_exact:
        return [value if type(value) is str else known[value] for value in values]
    # Amounts, weights and provinces are few different values.
    return list(map(known.__getitem__, values))


class Texts(dict[Value, str]):
    """Texts of values, each worked out once."""

    def __missing__(self, value: Value) -> str:
        is_time = isinstance(value, date | datetime | time | timedelta)
        text = MARK_OTHER_TYPE if is_time else cell_text(value)
        self[value] = text
        return text


class ExactTexts(Texts):
    """Texts of waybill numbers: a number cell holds 15 digits, what is longer was cut."""

    def __missing__(self, value: Value) -> str:
        if isinstance(value, float) and abs(value) >= 1e15:
            is_whole = value < 2**53 and int(value) % 10 != 0
            text = str(int(value)) if is_whole else MARK_LONG_NUMBER
            self[value] = text
            return text
        return super().__missing__(value)
